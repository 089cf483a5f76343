"""Marketing goes to those who have agreed: by the white list, or by what the submission states (2.1.10)."""

from dataclasses import replace

import pytest

from openmas.domain.batch import Batch
from openmas.domain.contract import Category
from openmas.domain.listing import WHITE, Act, Consent, ListEntry, ListKind, ListName
from openmas.domain.parcel import State
from openmas.domain.profile import Mode
from openmas.domain.submission import Submission
from openmas.domain.template import Template, TemplateStatus
from openmas.flows.send_parcels import Sent, send_parcel
from openmas.flows.submit_batch import submit_batch
from tests.fakes import limited, sample
from tests.fakes.world import FakeWorld

ONE, TWO = sample.numbers(2)
MARKETING_ONLY = ListName(ListKind.WHITE, "category:marketing")
NOTICES_ONLY = ListName(ListKind.WHITE, "category:notice")


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld().with_sample()
    sample.put_in_force(world.registry, sample.CLIENT, replace(limited.contract(), version=2))
    for category in Category:
        text = Template(category, 1, category, "体检套餐八折", (), TemplateStatus.APPROVED)
        world.registry.keep_template(sample.CLIENT, text)
    return world


def submit(world: FakeWorld, category: Category, consent: Consent | None = None) -> Batch:
    profile = world.registry.profile(sample.CLIENT)
    assert profile
    wanted = Submission(recipients=(ONE, TWO), template=category, consent=consent)
    return submit_batch(world, profile, Mode.LIVE, wanted, "k1", "d1")


def agreed(world: FakeWorld, name: ListName, act: Act = Act.ADDED) -> None:
    world.lists.change(
        sample.CLIENT, name, act, [ListEntry(ONE, "key crm", world.clock.now(), "form 7", sample.CONSENT)]
    )


@pytest.mark.parametrize(
    ("category", "refused"),
    [
        (Category.MARKETING, {"consent_missing": (0, 1)}),
        (Category.NOTICE, {}),
        (Category.VERIFICATION, {}),
    ],
)
def test_only_marketing_needs_consent(
    world: FakeWorld, category: Category, refused: dict[str, tuple[int, ...]]
) -> None:
    assert submit(world, category).refused == refused


def test_what_the_submission_states_is_kept_with_it(world: FakeWorld) -> None:
    batch = submit(world, Category.MARKETING, sample.CONSENT)

    assert batch.refused == {}
    kept = world.messages.batch(sample.CLIENT, batch.id)
    assert kept is not None
    assert kept.consent == sample.CONSENT


@pytest.mark.parametrize(("name", "refused"), [(WHITE, (1,)), (MARKETING_ONLY, (1,)), (NOTICES_ONLY, (0, 1))])
def test_who_is_on_the_white_list_has_agreed_as_far_as_it_counts(
    world: FakeWorld, name: ListName, refused: tuple[int, ...]
) -> None:
    agreed(world, name)

    assert submit(world, Category.MARKETING).refused == {"consent_missing": refused}


def test_a_frozen_white_entry_is_no_consent(world: FakeWorld) -> None:
    agreed(world, WHITE)
    agreed(world, WHITE, Act.FROZEN)

    assert submit(world, Category.MARKETING).refused == {"consent_missing": (0, 1)}


@pytest.mark.parametrize(
    ("consent", "sent", "state"),
    [(None, Sent.CLOSED_UNSENT, State.REFUSED), (sample.CONSENT, Sent.CALLED, State.SUBMITTED)],
)
def test_consent_that_was_withdrawn_counts_for_what_is_not_yet_with_the_carrier(
    world: FakeWorld, consent: Consent | None, sent: Sent, state: State
) -> None:
    agreed(world, WHITE)
    batch = submit(world, Category.MARKETING, consent)

    agreed(world, WHITE, Act.STRUCK)
    outcome, _ = send_parcel(world, batch.client, f"{batch.id}-0000", 0)

    parcel = world.messages.parcel(batch.client, f"{batch.id}-0000")
    assert parcel is not None
    assert (outcome, parcel.state) == (sent, state)
