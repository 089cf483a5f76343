"""A parcel is offered to its carrier at most once, and what the answer proves is written down."""

from copy import deepcopy
from dataclasses import replace
from datetime import timedelta

import pytest

from openmas.domain.batch import OwnTexts, cut
from openmas.domain.carrier import Accepted, Ambiguous, Capabilities, NotTaken, Refused
from openmas.domain.listing import BLACK, OPTOUT, Act, ListEntry
from openmas.domain.parcel import MessageState, Parcel, State
from openmas.domain.port import Flow, FlowState, Port, Terms
from openmas.domain.profile import Profile
from openmas.domain.signing import SignatureStatus
from openmas.domain.template import TemplateStatus
from openmas.domain.units import Counting
from openmas.errors import Conflict, Unavailable
from openmas.flows.keep_templates import stop_template
from openmas.flows.send_parcels import Sent, send_parcel
from openmas.flows.sweep_parcels import sweep_parcels
from openmas.needs import Carrier
from tests.fakes import sample
from tests.fakes.carrier import FakeCarriers
from tests.fakes.gateway import function
from tests.fakes.messages import FakeMessages
from tests.fakes.registry import FakeRegistry
from tests.fakes.world import FakeWorld

ECHOES = Capabilities(echoes_reference=True)


class BusyForReferences(FakeMessages):
    """A table that takes everything but carriers' names for calls, until it is no longer busy."""

    busy = True

    def keep_reference(self, carrier: str, group: str, client: str, parcel: str) -> None:
        if self.busy:
            raise Unavailable("aws_busy", "AWS is busy.")
        super().keep_reference(carrier, group, client, parcel)


class Overtaken(FakeMessages):
    """A table in which somebody else always was quicker."""

    def save(self, parcel: Parcel) -> None:
        raise Conflict("parcel_moved_on", "The parcel was changed by another in the meantime.")


class ForgetfulCarriers(FakeCarriers):
    """A directory whose secret cannot be read a second time."""

    def named(self, name: str) -> Carrier:
        found = super().named(name)
        self.by_name.clear()
        return found


def waiting(world: FakeWorld, recipients: int = 3, port: str | None = None) -> Parcel:
    batch = sample.batch(recipients)
    batch = replace(batch, port=port) if port else batch
    parcel = sample.parcels(batch)[0]
    world.messages.keep_parcels([parcel])
    world.messages.keep_batch(batch)
    return parcel


def send(world: FakeWorld, parcel: Parcel) -> Sent:
    """The parcel's newest record is worked on."""
    found = world.messages.parcel(parcel.client, parcel.id)
    return send_parcel(world, parcel.client, parcel.id, found.attempt if found else 0)[0]


def stored(world: FakeWorld, parcel: Parcel) -> Parcel:
    found = world.messages.parcel(parcel.client, parcel.id)
    assert found
    return found


def test_a_waiting_parcel_is_called_with_its_text_and_numbers() -> None:
    world = FakeWorld().with_sample()
    parcel = waiting(world)

    assert send(world, parcel) is Sent.CALLED

    call = world.carrier.calls[0]
    assert (call.reference, call.attempt, call.numbers) == (f"{sample.CLIENT}/{parcel.id}", 1, parcel.numbers)
    assert str(call.text).startswith("【塔城市疾控中心宣】")
    assert stored(world, parcel).state is State.SUBMITTED


def test_messages_with_values_of_their_own_are_called_each_with_its_text() -> None:
    world = FakeWorld().with_sample()
    batch = replace(sample.batch(3), text="【甲乙丙】{who}于{day}来", own=OwnTexts(Counting.CHARS_70_67, 3))
    values = (("王", "周一"), ("{day}", "周二"), ("李", "周三"))
    parcel = next(cut(batch, sample.numbers(3), values))
    world.messages.keep_parcels([parcel])
    world.messages.keep_batch(batch)
    entry = ListEntry(parcel.numbers[0], "a test", world.clock.now(), "asked")
    world.lists.change(sample.CLIENT, BLACK, Act.ADDED, [entry])

    send(world, parcel)

    call = world.carrier.calls[0]
    assert call.numbers == parcel.numbers[1:]
    assert call.text == ("【甲乙丙】{day}于周二来", "【甲乙丙】李于周三来")


def test_a_record_that_comes_twice_makes_one_call() -> None:
    world = FakeWorld().with_sample()
    parcel = waiting(world)

    assert [send(world, parcel), send(world, parcel)] == [Sent.CALLED, Sent.NOT_WAITING]

    assert len(world.carrier.calls) == 1


def test_of_two_workers_that_read_the_same_parcel_one_calls() -> None:
    world = FakeWorld().with_sample()
    parcel = waiting(world)
    world.messages.save(parcel.calling(world.clock.now()))

    with pytest.raises(Conflict):
        world.messages.save(parcel.calling(world.clock.now()))


def test_a_parcel_without_its_batch_is_never_sent() -> None:
    world = FakeWorld().with_sample()
    parcel = sample.parcel()
    world.messages.keep_parcels([parcel])

    assert send(world, parcel) is Sent.NOT_COMMITTED
    assert world.carrier.calls == []


def test_a_number_listed_after_acceptance_is_taken_out_before_the_call() -> None:
    world = FakeWorld().with_sample()
    parcel = waiting(world)
    entry = ListEntry(parcel.numbers[1], "a test", world.clock.now(), "asked")
    world.lists.change(sample.CLIENT, BLACK, Act.ADDED, [entry])

    send(world, parcel)

    assert world.carrier.calls[0].numbers == (parcel.numbers[0], parcel.numbers[2])
    assert stored(world, parcel).states() == (
        MessageState.SUBMITTED,
        MessageState.REFUSED,
        MessageState.SUBMITTED,
    )
    assert stored(world, parcel).refused[1].reason == "number_on_black_list"


def test_a_parcel_whose_validity_has_passed_is_not_sent() -> None:
    world = FakeWorld().with_sample()
    parcel = waiting(world)
    world.clock.tick(days=2)

    assert send(world, parcel) is Sent.CLOSED_UNSENT
    assert (stored(world, parcel).state, world.carrier.calls) == (State.EXPIRED, [])


def with_port(world: FakeWorld, port: Port) -> Port:
    world.registry.keep_port(sample.CLIENT, port)
    return port


def flow(port: Port, state: FlowState, rate_per_s: int | None = None) -> Port:
    return port.with_flow(Flow(state, sample.CHANGE, rate_per_s))


def test_what_waits_on_a_closed_port_is_sent_when_the_port_is_open_again() -> None:
    world = FakeWorld().with_sample()
    closed = with_port(world, flow(with_port(world, sample.port()), FlowState.CLOSED))
    parcel = waiting(world, port=closed.number)
    world.queue.put([parcel])

    for _ in range(3):
        world.queue.bulk.deliver(function("send_parcels").build(world))
        world.clock.tick(minutes=3)
        sweep_parcels(world)
    assert (stored(world, parcel).state, stored(world, parcel).attempt) == (State.QUEUED, 0)
    assert (world.carrier.calls, len(world.queue.bulk.bodies)) == ([], 1)

    with_port(world, flow(closed, FlowState.OPEN))
    world.queue.bulk.deliver(function("send_parcels").build(world))

    assert [call.port for call in world.carrier.calls] == [closed.number]
    assert stored(world, parcel).state is State.SUBMITTED


def test_what_waits_on_a_closed_port_expires_with_its_validity() -> None:
    world = FakeWorld().with_sample()
    with_port(world, flow(with_port(world, sample.port()), FlowState.CLOSED))
    parcel = waiting(world, port=sample.PORT)

    assert send(world, parcel) is Sent.PUT_OFF
    world.clock.tick(days=1)
    assert send(world, parcel) is Sent.CLOSED_UNSENT

    assert stored(world, parcel).state is State.EXPIRED
    assert stored(world, parcel).refused == {}


def test_of_two_workers_that_put_a_parcel_off_one_does() -> None:
    world = FakeWorld()
    world.messages = Overtaken()
    world.with_sample()
    with_port(world, flow(with_port(world, sample.port()), FlowState.CLOSED))
    parcel = waiting(world, port=sample.PORT)

    assert send(world, parcel) is Sent.TAKEN_BY_ANOTHER


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("reclaimed", "port_unknown"),
        ("expired", "port_expired"),
        ("signature stopped", "signature_stopped"),
        ("signature not allowed", "signature_not_for_port"),
    ],
)
def test_a_port_or_signature_that_is_gone_refuses_what_waits(change: str, code: str) -> None:
    world = FakeWorld().with_sample()
    port = with_port(world, sample.port())
    parcel = waiting(world, port=port.number)
    match change:
        case "reclaimed":
            with_port(world, port.reclaimed(sample.TODAY, 90, sample.CHANGE))
        case "expired":
            yesterday = sample.TODAY - timedelta(days=1)
            with_port(world, port.changed(Terms(port.terms.category, yesterday), sample.CHANGE))
        case "signature stopped":
            own = sample.signature(sample.contract().signature, SignatureStatus.STOPPED)
            world.registry.keep_signature(sample.CLIENT, own)
        case _:
            terms = Terms(port.terms.category, signatures=("塔城市疾控中心",))
            with_port(world, port.changed(terms, sample.CHANGE))

    assert send(world, parcel) is Sent.CLOSED_UNSENT

    assert stored(world, parcel).state is State.REFUSED
    assert {each.reason for each in stored(world, parcel).refused.values()} == {code}
    assert world.carrier.calls == []


@pytest.mark.parametrize("change", ["suspended", "stopped", "withdrawn", "ended"])
def test_what_is_no_longer_allowed_is_refused_at_the_last_moment(change: str) -> None:
    world = FakeWorld().with_sample()
    parcel = waiting(world)
    if change == "suspended":
        world.registry.keep_client(sample.suspended())
    elif change == "stopped":
        world.registry.keep_template(sample.CLIENT, sample.stopped_template())
    elif change == "withdrawn":
        # A newer version is in use, but not the one by which these messages were accepted.
        world.registry.keep_template(sample.CLIENT, sample.template(version=2))
        stop_template(world, sample.CLIENT, "flu-notice", 1, "an operator", "misread")
    else:
        sample.put_in_force(world.registry, sample.CLIENT, sample.ended_contract())

    assert send(world, parcel) is Sent.CLOSED_UNSENT

    assert (stored(world, parcel).state, world.carrier.calls) == (State.REFUSED, [])


@pytest.mark.parametrize("port", [sample.contract().access_code.code, sample.PORT])
@pytest.mark.parametrize(("days", "sent"), [(0, Sent.CALLED), (29, Sent.CALLED), (30, Sent.CLOSED_UNSENT)])
def test_what_was_accepted_before_an_amendment_is_sent_from_its_code_until_that_goes_back(
    port: str, days: int, sent: Sent
) -> None:
    world = FakeWorld().with_sample()
    with_port(world, sample.port())
    parcel = waiting(world, port=port)
    new = replace(sample.contract(code="1065097332799"), version=2, signature="塔城市疾控中心")
    changed_on = sample.TODAY - timedelta(days=days)
    sample.put_in_force(world.registry, sample.CLIENT, replace(new, effective_on=changed_on))

    assert send(world, parcel) is sent

    assert [call.port for call in world.carrier.calls] == ([port] if sent is Sent.CALLED else [])


def test_what_happens_to_another_version_does_not_touch_a_message() -> None:
    world = FakeWorld().with_sample()
    parcel = waiting(world)
    for version, status in (
        (2, TemplateStatus.PENDING),
        (3, TemplateStatus.REFUSED),
        (4, TemplateStatus.WITHDRAWN),
    ):
        other = replace(sample.template(version=version), status=status)
        world.registry.keep_template(sample.CLIENT, other)

    assert send(world, parcel) is Sent.CALLED


def test_what_surely_was_not_taken_goes_back_to_the_queue_with_a_pause() -> None:
    world = FakeWorld().with_sample()
    parcel = waiting(world)
    world.carrier.then(NotTaken("connection refused"))

    send(world, parcel)

    assert stored(world, parcel).state is State.QUEUED
    assert world.queue.bulk.event() is None
    world.clock.tick(seconds=31)
    assert world.queue.bulk.event() is not None


def test_an_ambiguous_call_is_unknown_and_not_queued_again() -> None:
    world = FakeWorld().with_sample()
    parcel = waiting(world)
    world.carrier.then(Ambiguous("time-out"), took=True)

    send(world, parcel)

    assert stored(world, parcel).state is State.UNKNOWN
    assert world.queue.bulk.bodies == []


def test_a_refusal_keeps_the_carriers_raw_code() -> None:
    world = FakeWorld().with_sample()
    parcel = waiting(world)
    world.carrier.then(Refused("IllegalSignId"))

    send(world, parcel)

    assert {r.raw for r in stored(world, parcel).refused.values()} == {"IllegalSignId"}


@pytest.mark.parametrize(("capabilities", "kept"), [(Capabilities(), True), (ECHOES, False)])
def test_a_carriers_name_for_the_call_is_kept_where_its_receipts_need_it(
    capabilities: Capabilities, kept: bool
) -> None:
    world = FakeWorld().with_sample()
    carrier = world.add_carrier(sample.CARRIER, capabilities)
    parcel = waiting(world)
    carrier.then(Accepted("G77"))

    send(world, parcel)

    assert (world.messages.find_reference(sample.CARRIER, "G77") is not None) is kept


def test_a_doubtful_call_is_not_repeated_once_the_carrier_may_have_forgotten_it() -> None:
    world = FakeWorld().with_sample()
    carrier = world.add_carrier(sample.CARRIER, Capabilities(echoes_reference=True, deduplicates_s=600))
    parcel = waiting(world)
    carrier.then(Ambiguous("time-out"), took=True)
    send(world, parcel)
    world.messages.save(stored(world, parcel).repeat(world.clock.now()))
    world.clock.tick(minutes=9)

    assert send(world, parcel) is Sent.CLOSED_UNSENT

    assert stored(world, parcel).state is State.UNKNOWN
    assert len(carrier.calls) == 1


@pytest.mark.parametrize("change", ["suspended", "opted out"])
def test_what_may_have_been_sent_is_not_refused_afterwards(change: str) -> None:
    world = FakeWorld().with_sample()
    carrier = world.add_carrier(sample.CARRIER, Capabilities(echoes_reference=True, deduplicates_s=86_400))
    parcel = waiting(world)
    carrier.then(Ambiguous("time-out"), took=True)
    send(world, parcel)
    world.messages.save(stored(world, parcel).repeat(world.clock.now()))
    if change == "suspended":
        world.registry.keep_client(sample.suspended())
    else:
        entry = ListEntry(parcel.numbers[0], "recipient", world.clock.now(), "R")
        world.lists.change(sample.CLIENT, OPTOUT, Act.ADDED, [entry])

    assert send(world, parcel) is Sent.CLOSED_UNSENT

    after = stored(world, parcel)
    assert (after.state, after.refused) == (State.UNKNOWN, {})
    assert after.place_of(parcel.numbers[0]) == 0
    assert len(carrier.calls) == 1


def test_a_record_that_was_overtaken_by_an_attempt_is_done() -> None:
    world = FakeWorld().with_sample()
    parcel = waiting(world)
    world.carrier.then(NotTaken("429"))
    send(world, parcel)

    assert send_parcel(world, parcel.client, parcel.id, 0)[0] is Sent.NOT_WAITING

    assert len(world.carrier.calls) == 1
    assert [body["attempt"] for body in world.queue.bulk.bodies] == [1]


def test_what_fails_before_the_call_is_tried_again_in_seconds() -> None:
    world = FakeWorld().with_sample()
    parcel = waiting(world)
    del world.carriers.by_name[sample.CARRIER]

    assert send(world, parcel) is Sent.LATER

    assert stored(world, parcel) == parcel
    world.clock.tick(seconds=10)
    assert world.queue.bulk.event() is not None


def test_an_answer_is_written_down_even_if_the_carriers_name_for_the_call_cannot_be_kept() -> None:
    world = FakeWorld()
    busy = world.messages = BusyForReferences()
    parcel = waiting(world.with_sample())
    world.carrier.then(Accepted("G77"))

    with pytest.raises(Unavailable):
        send(world, parcel)
    assert stored(world, parcel).group == "G77"

    busy.busy = False
    send_parcel(world, parcel.client, parcel.id, 0)

    assert world.messages.find_reference(sample.CARRIER, "G77") == (parcel.client, parcel.id)


def test_a_parcel_that_was_taken_for_a_call_is_called_even_if_its_carrier_cannot_be_found_again() -> None:
    world = FakeWorld().with_sample()
    parcel = waiting(world)
    world.carriers = ForgetfulCarriers(world.clock, world.secrets, world.carriers.by_name)

    with pytest.raises(Unavailable):
        send(world, parcel)

    assert len(world.carrier.calls) == 1
    assert stored(world, parcel).state is State.SUBMITTED


class LaggingRegistry(FakeRegistry):
    """What it tells is some seconds old, unless it is asked for fresh."""

    before: FakeRegistry | None = None

    def profile(self, client: str, *, fresh: bool = False) -> Profile | None:
        return FakeRegistry.profile(self if fresh or self.before is None else self.before, client)


@pytest.mark.parametrize(("suspended", "done"), [(False, Sent.CALLED), (True, Sent.CLOSED_UNSENT)])
def test_nothing_is_refused_for_what_was_so_some_seconds_ago(suspended: bool, done: Sent) -> None:
    world = FakeWorld().with_sample()
    parcel = waiting(world)
    registry = LaggingRegistry(**vars(world.registry))
    registry.before = deepcopy(world.registry)
    registry.before.keep_client(sample.suspended())
    if suspended:
        registry.keep_client(sample.suspended())
    world.registry = registry

    assert send(world, parcel) is done
