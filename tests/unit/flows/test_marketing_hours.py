"""Marketing goes out within the contract's hours only, whenever it was submitted and whatever held it up."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from openmas.domain.batch import Batch
from openmas.domain.contract import Category
from openmas.domain.limits import OutsideHours
from openmas.domain.parcel import State
from openmas.domain.profile import Mode
from openmas.domain.schedule import AHEAD_MAX
from openmas.domain.submission import Submission
from openmas.domain.template import Template, TemplateStatus, variables_of
from openmas.domain.units import Counting
from openmas.errors import InvalidInput, NotAllowed
from openmas.flows.send_parcels import Sent, send_parcel
from openmas.flows.submit_batch import submit_batch
from openmas.flows.sweep_parcels import sweep_parcels
from tests.fakes import limited, sample
from tests.fakes.world import FakeWorld

EVENING = datetime(2025, 11, 24, 13, 30, tzinfo=UTC)
MORNING = datetime(2025, 11, 25, 0, 0, tzinfo=UTC)
NOON = datetime(2025, 11, 24, 4, 0, tzinfo=UTC)


def world_at(at: datetime, outside: OutsideHours = OutsideHours.HOLD) -> FakeWorld:
    world = FakeWorld(at=at).with_sample()
    sample.put_in_force(world.registry, sample.CLIENT, replace(limited.contract(hours=outside), version=2))
    sale = Template("sale", 1, Category.MARKETING, "秋季体检八折。", (), TemplateStatus.APPROVED)
    world.registry.keep_template(sample.CLIENT, sale)
    return world


def submit(world: FakeWorld, send_at: datetime | None = None, template: str = "sale") -> Batch:
    profile = world.registry.profile(sample.CLIENT)
    assert profile
    parameters = {"place": "塔城"} if template == "flu-notice" else {}
    wanted = Submission(
        recipients=sample.numbers(3),
        template=template,
        parameters=parameters,
        send_at=send_at,
        consent=sample.CONSENT,
    )
    return submit_batch(world, profile, Mode.LIVE, wanted, "k1", "d1")


def sent(world: FakeWorld) -> Sent:
    (parcel,) = world.messages.parcels.values()
    return send_parcel(world, parcel.client, parcel.id, parcel.attempt)[0]


def test_within_the_hours_marketing_goes_at_once() -> None:
    world = world_at(NOON)

    batch = submit(world)

    assert (batch.send_at, batch.warnings) == (None, ())
    assert sent(world) is Sent.CALLED


@pytest.mark.parametrize("asked", [None, EVENING + timedelta(hours=1), MORNING])
def test_outside_them_it_waits_for_the_opening_and_the_answer_says_so(asked: datetime | None) -> None:
    world = world_at(EVENING)

    batch = submit(world, asked)

    assert batch.send_at == MORNING
    assert batch.valid_until == MORNING + timedelta(days=1)
    assert batch.warnings == (() if asked == MORNING else ("waits_for_marketing_hours",))
    assert world.queue.bulk.bodies == []


@pytest.mark.parametrize("late_by", [timedelta(0), timedelta(microseconds=1)])
def test_what_waits_for_the_opening_may_lie_further_ahead_than_a_client_may_ask_for(
    late_by: timedelta,
) -> None:
    world = world_at(EVENING)
    asked = EVENING + AHEAD_MAX + late_by

    if late_by:
        with pytest.raises(InvalidInput) as refused:
            submit(world, asked)
        assert refused.value.code == "send_at_too_far"
    else:
        assert submit(world, asked).send_at == MORNING + AHEAD_MAX


class Counted(Mapping[str, str]):
    """A recipient's own values, and how often they were gone through."""

    def __init__(self, **values: str) -> None:
        self._values, self.times = values, 0

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        self.times += 1
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def submit_own(world: FakeWorld, send_at: datetime | None = None) -> tuple[Batch, list[int]]:
    """The batch, and how often each recipient's own values were gone through for it."""
    text = "{name}，秋季体检八折。"
    mine = Template("mine", 1, Category.MARKETING, text, variables_of(text), TemplateStatus.APPROVED)
    world.registry.keep_template(sample.CLIENT, mine)
    profile = world.registry.profile(sample.CLIENT)
    assert profile
    own = tuple(Counted(name=name) for name in ("王一", "李二", "长" * 500))
    wanted = Submission(
        recipients=sample.numbers(3), template="mine", own=own, send_at=send_at, consent=sample.CONSENT
    )
    batch = submit_batch(world, profile, Mode.LIVE, wanted, "k1", "d1")
    return batch, [each.times for each in own]


def test_what_waits_for_the_opening_is_made_once_like_what_goes_at_once() -> None:
    _, at_once = submit_own(world_at(NOON))

    batch, waiting = submit_own(world_at(EVENING))

    assert batch.send_at == MORNING
    assert waiting == at_once


@pytest.mark.parametrize("tomorrow", [False, True], ids=["the same contract", "another one tomorrow"])
def test_what_waits_for_the_opening_becomes_what_was_meant_for_then(tomorrow: bool) -> None:
    worlds = [world_at(EVENING), world_at(EVENING)]
    for world in worlds if tomorrow else ():
        amended = limited.contract(hours=OutsideHours.HOLD)
        amended = replace(amended, version=3, effective_on=date(2025, 11, 25), counting=Counting.GSM7_UCS2)
        sample.put_in_force(world.registry, sample.CLIENT, amended)

    waits, meant = (submit_own(world, at)[0] for world, at in zip(worlds, (None, MORNING), strict=True))

    assert waits.warnings == ("waits_for_marketing_hours",)
    assert replace(waits, warnings=()) == meant
    assert waits.contract_version == (3 if tomorrow else 2)


def test_where_the_contract_says_so_it_is_refused_instead() -> None:
    world = world_at(EVENING, OutsideHours.REFUSE)

    with pytest.raises(NotAllowed) as refused:
        submit(world)

    assert (refused.value.code, refused.value.clause) == ("outside_marketing_hours", "11.3.17")
    assert world.messages.batches == {}


def test_other_categories_have_no_hours() -> None:
    world = world_at(EVENING)

    assert submit(world, template="flu-notice").send_at is None
    assert sent(world) is Sent.CALLED


@pytest.mark.parametrize("outside", OutsideHours)
def test_what_comes_to_its_turn_at_night_is_not_called_until_the_opening(outside: OutsideHours) -> None:
    world = world_at(NOON, outside)
    submit(world)
    world.clock.at = EVENING

    assert sent(world) is Sent.PUT_OFF
    (parcel,) = world.messages.parcels.values()
    assert (parcel.state, parcel.due_at) == (State.QUEUED, MORNING)
    assert world.carrier.calls == []

    world.clock.at = MORNING - timedelta(seconds=1)
    assert sweep_parcels(world) == {}
    world.clock.at = MORNING
    assert sweep_parcels(world) == {"queued_again": 1}
    assert sent(world) is Sent.CALLED


def test_what_is_not_valid_until_the_opening_expires_in_the_night() -> None:
    world = world_at(NOON)
    batch = submit(world)
    world.clock.at = EVENING
    (key,) = world.messages.parcels
    ends_at = EVENING + timedelta(hours=2)
    world.messages.parcels[key] = replace(world.messages.parcels[key], valid_until=ends_at)

    assert sent(world) is Sent.PUT_OFF
    world.clock.at = ends_at
    sweep_parcels(world)

    assert world.messages.parcels[key].state is State.EXPIRED
    assert batch.accepted == 3


def test_what_must_wait_for_the_opening_takes_no_turn_from_its_port() -> None:
    world = world_at(NOON)
    batch = submit(world)
    (key,) = world.messages.parcels
    world.messages.batches[sample.CLIENT, batch.id] = replace(batch, port=sample.PORT)
    world.registry.keep_port(sample.CLIENT, sample.port(Category.MARKETING, rate_per_s=1))

    world.clock.at = EVENING
    assert sent(world) is Sent.PUT_OFF
    assert sum(world.pace.taken.values()) == 0

    world.clock.at = MORNING
    assert sent(world) is not Sent.PUT_OFF
    assert sum(world.pace.taken.values()) == 1
    assert world.messages.parcels[key].holds == ()
