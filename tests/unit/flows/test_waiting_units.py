"""What is accepted and not charged yet is known at any time, whatever waits for what."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.batch import Batch
from openmas.domain.calendar import shanghai_day
from openmas.domain.content import Action, Word
from openmas.domain.content_kinds import ContentKind
from openmas.domain.contract import Trial
from openmas.domain.ids import day_of
from openmas.domain.parcel import MessageState
from openmas.domain.profile import Mode
from openmas.domain.records import release_record
from openmas.domain.submission import Submission
from openmas.errors import Conflict
from openmas.flows.cancel_batches import cancel_batch
from openmas.flows.dry_run import dry_run, rehearse_file
from openmas.flows.release_batches import release_batch
from openmas.flows.review_content import give_verdict
from openmas.flows.submit_batch import submit_batch
from openmas.flows.usage import Price, usage
from tests.fakes import sample
from tests.fakes.filed import UPLOAD, live, plain, step
from tests.fakes.world import FakeWorld

OPEN = {MessageState.QUEUED, MessageState.SENDING, MessageState.UNKNOWN}
ODD = Word("内部消息", ContentKind.RUMOURS, Action.HOLD)


def submission(place: str = "塔城", *, file: bool = False, **more: Any) -> Submission:
    recipients = () if file else sample.numbers(3)
    named = UPLOAD if file else None
    return Submission(
        recipients=recipients, file=named, template="flu-notice", parameters={"place": place}, **more
    )


class Client:
    """One who does all that a client may do. Shape: `batches` in the order of submission."""

    def __init__(self) -> None:
        self.world = FakeWorld().with_sample()
        self.world.uploads.add(sample.CLIENT, UPLOAD, "\n".join(plain(2_500)))
        self.world.words.put(ODD)
        self.batches: list[Batch] = []

    def send(self, mode: Mode = Mode.LIVE, place: str = "塔城", *, days: int = 0, file: bool = False) -> None:
        profile = self.world.registry.profile(sample.CLIENT)
        assert profile
        send_at = self.world.clock.now() + timedelta(days=days) if days else None
        asked, key = submission(place, file=file, send_at=send_at), f"k{len(self.batches)}"
        self.batches.append(submit_batch(self.world, profile, mode, asked, key, key))

    def step(self) -> None:
        step(self.world)

    def live(self) -> None:
        live(self.world)

    def cancel(self) -> None:
        if self.batches:
            cancel_batch(self.world, sample.CLIENT, self.batches[-1].id, "key sample", self.batches[-1].mode)

    def judge(self, outcome: str) -> None:
        for case in [each.id for each in self.world.cases.cases.values()]:
            batch = self.world.messages.batch(sample.CLIENT, case.rpartition("#")[2])
            assert batch
            if self.world.messages.verdict(sample.CLIENT, batch.id) is not None:
                continue
            over = batch.valid_until <= self.world.clock.now()
            with pytest.raises(Conflict) if over else nullcontext():
                give_verdict(self.world, sample.CLIENT, case, "p-1", "read it", outcome)
        self.release()

    def next_day(self) -> None:
        self.world.clock.tick(days=1)
        self.world.schedule.fire()
        self.release()

    def release(self) -> None:
        bodies = list(self.world.release_queue.queue.bodies)
        self.world.release_queue.queue.waiting.clear()
        for body in bodies:
            release_batch(self.world, *release_record(body))

    def price(self) -> Price:
        profile = self.world.registry.profile(sample.CLIENT)
        assert profile
        price = dry_run(self.world, profile, Mode.LIVE, submission()).price
        assert price
        return price

    def truth(self) -> int:
        """What waits by all that is stored, of yesterday and later."""
        total, since_on = 0, shanghai_day(self.world.clock.now() - timedelta(days=1))
        for batch in (each for each in self.batches if not each.test):
            cutting = self.world.messages.cutting(sample.CLIENT, batch.id)
            if cutting is not None and not cutting.ended:
                total += cutting.recipients - cutting.messages
            for (_, name), parcel in self.world.messages.parcels.items():
                if name.startswith(batch.id) and day_of(batch.id) >= since_on:
                    total += sum(state in OPEN for state in parcel.states())
        return total


Act = Callable[[Client], None]
ACTS: st.SearchStrategy[Act] = st.sampled_from(
    [
        lambda client: client.send(),
        lambda client: client.send(days=1),
        lambda client: client.send(days=1, place="内部消息"),
        lambda client: client.send(place="内部消息"),
        lambda client: client.send(Mode.TEST, days=2),
        lambda client: client.send(days=2, file=True),
        lambda client: client.send(days=1, file=True, place="内部消息"),
        lambda client: client.send(file=True),
        lambda client: client.send(Mode.TEST, file=True),
        Client.cancel,
        Client.step,
        Client.live,
        Client.next_day,
        lambda client: client.judge("passed"),
        lambda client: client.judge("refused"),
    ]
)


@given(st.lists(ACTS, max_size=8))
def test_what_waits_is_what_is_stored_and_may_yet_be_charged(acts: list[Act]) -> None:
    client = Client()
    for act in acts:
        act(client)

    price = client.price()

    told = usage(client.world, sample.CLIENT, client.world.clock.now())
    assert price.waiting_units == told.waiting_units == client.truth()
    assert price.bundle_left == told.bundle_left - told.waiting_units - 3
    assert told.bundle_left == told.included_units - told.units


def test_what_waits_comes_out_of_the_bundle_before_what_is_asked() -> None:
    client = Client()
    kept = sample.contract()
    small = replace(kept, version=2, tariff=replace(kept.tariff, included_units=5))
    sample.put_in_force(client.world.registry, sample.CLIENT, small)
    client.send(days=3)

    price = client.price()

    assert (price.waiting_units, price.units_from_bundle, price.overage_units) == (3, 2, 1)
    assert price.bundle_left == 0


def test_what_waits_for_the_next_contract_year_leaves_this_ones_bundle_alone() -> None:
    client = Client()
    year = usage(client.world, sample.CLIENT, client.world.clock.now())
    client.world.clock.tick(days=(year.year_end_on - sample.TODAY).days - 2)
    client.send(days=1)
    client.send(days=20)

    told = usage(client.world, sample.CLIENT, client.world.clock.now())

    assert told.year_end_on == year.year_end_on
    assert told.waiting_units == 3


@given(st.lists(st.integers(0, 6), max_size=6), st.integers(1, 5))
def test_what_waits_in_the_trial_and_out_of_it_is_told_apart(days: list[int], length: int) -> None:
    client = Client()
    trial = Trial(sample.TODAY, length, 1_000)
    sample.put_in_force(
        client.world.registry, sample.CLIENT, replace(sample.contract(), version=2, trial=trial)
    )
    for wait in days:
        client.send(days=wait)

    told = usage(client.world, sample.CLIENT, client.world.clock.now())

    assert told.trial
    assert told.trial.waiting_units == 3 * sum(wait < length for wait in days)
    assert told.waiting_units == 3 * sum(wait >= length for wait in days)
    assert client.price().waiting_units == told.trial.waiting_units
    assert client.price().bundle_left == told.trial.units_left - told.trial.waiting_units - 3


def test_a_rehearsal_waits_for_nothing() -> None:
    client = Client()
    profile = client.world.registry.profile(sample.CLIENT)
    assert profile
    rehearse_file(client.world, profile, Mode.LIVE, submission(file=True))
    client.live()

    assert client.price().waiting_units == 0


@pytest.mark.parametrize("days", [1, 35])
def test_a_forecast_reads_no_day_to_come(days: int) -> None:
    client = Client()
    client.send(days=days)
    before = client.world.messages.lagging_reads

    assert client.price().waiting_units == 3
    assert client.world.messages.lagging_reads - before == 2
