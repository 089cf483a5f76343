"""A dry run says what a submission would become, to the last unit, and leaves nothing behind."""

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.batch import Batch, Said, text_of
from openmas.domain.carrier import Accepted
from openmas.domain.contract import Category, Contract, Trial
from openmas.domain.ids import parcel_id
from openmas.domain.limits import Level
from openmas.domain.listing import BLACK, Act, ListEntry
from openmas.domain.profile import Mode, Profile
from openmas.domain.submission import Submission
from openmas.domain.template import Template, TemplateStatus
from openmas.domain.texts import OPT_OUT_WORDS, compose
from openmas.domain.units import length_utf16
from openmas.domain.variables import Variable
from openmas.errors import LimitExceeded, Rejected
from openmas.flows.dry_run import Rehearsed, dry_run
from openmas.flows.submit_batch import submit_batch
from tests.fakes import limited, sample
from tests.fakes.world import FakeWorld

PIECES = st.lists(st.sampled_from(["好", "拒收", "请回复R", "拒收请回复R", "R"]), min_size=1, max_size=8).map(
    "".join
)
Thing = TypeVar("Thing")

NUMBERS = sample.numbers(12)
DAILY = {Category.NOTICE: [(1, 86_400)]}
# What differs between what would be and what is: the name.
NAMELESS: dict[str, Any] = {"id": "", "holds": (), "noted": None}


def world_under(contract: Contract) -> FakeWorld:
    world = FakeWorld().with_sample()
    sample.put_in_force(world.registry, sample.CLIENT, replace(contract, version=2))
    return world


def profile(world: FakeWorld) -> Profile:
    found = world.registry.profile(sample.CLIENT)
    assert found
    return found


def flu(*recipients: str, place: str = "塔城", **more: Any) -> Submission:
    return Submission(recipients=recipients, template="flu-notice", parameters={"place": place}, **more)


def send(world: FakeWorld, submission: Submission, key: str = "k1", mode: Mode = Mode.LIVE) -> Batch:
    return submit_batch(world, profile(world), mode, submission, key, key)


def rehearse(world: FakeWorld, submission: Submission, mode: Mode = Mode.LIVE) -> Rehearsed:
    return dry_run(world, profile(world), mode, submission)


def kept(world: FakeWorld) -> object:
    """Everything that a submission could leave behind."""
    parts = (world.messages, world.lists, world.units, world.recent, world.cases, world.ledger)
    queues = [queue.bodies for queue in (world.queue.urgent, world.queue.bulk)]
    # A fake that was merely asked about a number may have made room for it.
    filled = [
        {key: each for key, each in held.items() if each}
        for part in parts
        for held in vars(part).values()
        if isinstance(held, dict)
    ]
    return deepcopy((filled, queues, world.schedule.planned))


def taken(world: FakeWorld, batch: Batch) -> None:
    """The carrier has taken all messages of a batch."""
    for (client, name), parcel in list(world.messages.parcels.items()):
        if name.startswith(batch.id):
            accepted = parcel.calling(world.clock.now()).answered(Accepted("G1"), 1, world.clock.now())
            world.messages.parcels[client, name] = accepted


def attempt(act: Callable[..., Thing], *given: Any, **more: Any) -> Thing | str:
    """What came of it, or why it was refused."""
    try:
        return act(*given, **more)
    except Rejected as error:
        return str(error)


PLACES = st.sampled_from(["塔城", "城" * 20, "【银行】", "t.cn/x", "塔" * 33])
RECIPIENTS = st.lists(
    st.tuples(st.sampled_from([*NUMBERS, "12345", "02112345678"]), st.none() | PLACES),
    min_size=1,
    max_size=12,
)
CONTRACTS = st.sampled_from(
    [
        limited.contract(),
        limited.contract(Level(2, 5)),
        limited.contract(bundle=6),
        limited.contract(frequency=DAILY),
        limited.contract(Level(3, 9), frequency=DAILY, same_text_within_s=600),
    ]
)


@given(RECIPIENTS, CONTRACTS, st.integers(0, 3), st.sampled_from(Mode))
def test_what_is_told_is_what_then_becomes_of_it_and_nothing_is_left_behind(
    recipients: list[tuple[str, str | None]], contract: Contract, before: int, mode: Mode
) -> None:
    world = world_under(contract)
    entry = ListEntry(NUMBERS[0], "a test", world.clock.now(), "asked")
    world.lists.change(sample.CLIENT, BLACK, Act.ADDED, [entry])
    send(world, flu(*NUMBERS[:before]), "k0") if before else None
    own = tuple({} if place is None else {"place": place} for _, place in recipients)
    submission = flu(*(number for number, _ in recipients), own=own if any(own) else ())
    was = kept(world)

    told = attempt(rehearse, world, submission, mode)

    assert kept(world) == was
    done = attempt(send, world, submission, mode=mode)
    if isinstance(done, str) or isinstance(told, str):
        assert told == done
        return
    assert replace(told.batch, **NAMELESS) == replace(done, **NAMELESS)
    texts = [
        text_of(done, parcel, place)
        for (_, name), parcel in world.messages.parcels.items()
        if name.startswith(done.id)
        for place in range(len(parcel.numbers))
    ]
    assert Counter({each.length: each.messages for each in told.said}) == Counter(map(length_utf16, texts))
    assert sum(each.units * each.messages for each in told.said) == done.units
    assert (told.price is None) == (mode is Mode.TEST)


@pytest.mark.parametrize(
    ("bundle", "before", "from_bundle", "overage", "hao", "left"),
    [(1_000, 0, 3, 0, 0, 997), (10, 8, 2, 1, 400, 0), (4, 4, 0, 3, 1_200, 0)],
)
def test_the_price_is_split_into_bundle_and_overage(
    bundle: int, before: int, from_bundle: int, overage: int, hao: int, left: int
) -> None:
    kept_contract = sample.contract()
    world = world_under(replace(kept_contract, tariff=replace(kept_contract.tariff, included_units=bundle)))
    if before:
        taken(world, send(world, flu(*NUMBERS[:before]), "k0"))

    price = rehearse(world, flu(*NUMBERS[:3])).price

    assert price is not None
    assert (price.units_from_bundle, price.overage_units, price.overage_hao) == (from_bundle, overage, hao)
    assert price.bundle_left == left


def test_in_a_trial_its_own_units_are_what_is_left() -> None:
    trial = Trial(sample.TODAY, 30, 100)
    world = world_under(replace(sample.contract(), trial=trial))

    price = rehearse(world, flu(*NUMBERS[:3])).price

    assert price is not None
    assert (price.trial, price.units_from_bundle, price.bundle_left) == (True, 3, 97)


def test_messages_of_every_length_are_told_with_their_units() -> None:
    world = FakeWorld().with_sample()
    own = tuple({"place": "塔" * length} for length in (1, 1, 32))

    told = rehearse(world, Submission(recipients=NUMBERS[:3], template="flu-notice", own=own))

    # 11 of signature, 16 of text around the place.
    assert told.said == (Said(28, 1, 2), Said(59, 1, 1))


@given(st.sampled_from(["新品上市，{x}", "新品，{x}。", "{x}拒收请回复R"]), PIECES)
def test_the_same_value_makes_the_same_text_whichever_way_it_is_given(text: str, x: str) -> None:
    world = world_under(limited.contract())
    variables = (Variable("x", length_max=100),)
    reviewed = Template("new", 1, Category.MARKETING, text, variables, TemplateStatus.APPROVED)
    world.registry.keep_template(sample.CLIENT, reviewed)
    to_all = Submission(recipients=NUMBERS[:1], template="new", parameters={"x": x}, consent=sample.CONSENT)

    together, alone = send(world, to_all), send(world, replace(to_all, parameters={}, own=({"x": x},)), "k2")

    on_air = [
        text_of(batch, world.messages.parcels[sample.CLIENT, parcel_id(batch.id, 0)], 0)
        for batch in (together, alone)
    ]
    assert on_air[0] == on_air[1]
    assert together.units == alone.units
    body = text.replace("{x}", x)
    assert on_air[0].endswith(OPT_OUT_WORDS)
    if not text.endswith(OPT_OUT_WORDS):
        assert on_air[0] == compose(body, together.signature, Category.MARKETING)


def test_a_level_that_would_be_passed_is_told_and_nobody_is_warned() -> None:
    world = world_under(limited.contract(Level(2, 5)))

    told = rehearse(world, flu(*NUMBERS[:3]))
    with pytest.raises(LimitExceeded) as refused:
        rehearse(world, flu(*NUMBERS[:6]))

    assert told.batch.warnings == ("units_near_day_stop",)
    assert (refused.value.code, refused.value.left) == ("units_beyond_day", 5)
    assert world.cases.page("limit", None, 10)[0] == []
