"""Ports are registered for one client and one purpose, and every change of them is on record."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from openmas.domain.activation import Holder
from openmas.domain.contract import AccessCode, Category
from openmas.domain.port import FlowState, Port, Terms
from openmas.domain.profile import Client
from openmas.errors import Conflict, InvalidInput, NotAllowed, NotFound, Rejected
from openmas.flows.activate_contracts import activate
from openmas.flows.keep_ports import keep_port, reclaim_port, set_flow, show_port, show_ports
from openmas.flows.send_parcels import send_parcel
from tests.fakes import sample
from tests.fakes.world import FakeWorld

NOTICE = Terms(Category.NOTICE)
SAID = {"by": "p-operator", "why": "as agreed"}
CODE = "1065097332714"


def keep(world: FakeWorld, number: str = sample.PORT, terms: Terms = NOTICE) -> Port:
    return keep_port(world, sample.CLIENT, number, terms, **SAID)


def with_neighbour(world: FakeWorld, code: str) -> FakeWorld:
    world.registry.keep_client(Client("neighbour", "邻居"))
    sample.put_in_force(world.registry, "neighbour", sample.contract(code=code))
    return world


def take_over(world: FakeWorld, code: str) -> None:
    """A neighbour's contract with the number for its access code comes into force, if it may."""
    contract = replace(sample.contract(code=code), documents=frozenset())
    if "neighbour" not in world.registry.clients():
        world.registry.keep_client(Client("neighbour", contract.client_full_name))
    world.registry.keep_contract("neighbour", contract)
    activate(world, "neighbour", contract.number, contract.version, "p-operator", "宣 is usual")


def test_a_port_is_registered_and_leads_to_its_client() -> None:
    world = FakeWorld().with_sample()

    port = keep(world, terms=Terms(Category.NOTICE, date(2026, 1, 1), 50))

    assert (port.version, port.flow.state, port.change.by) == (1, FlowState.OPEN, "p-operator")
    assert show_ports(world, sample.CLIENT) == [port]
    assert world.registry.client_of_port(sample.PORT) == sample.CLIENT


def test_a_port_that_is_kept_as_it_is_makes_no_history() -> None:
    world = FakeWorld().with_sample()

    assert keep(world) == keep(world)

    assert len(show_port(world, sample.CLIENT, sample.PORT)) == 1


@pytest.mark.parametrize(
    ("number", "terms", "kind", "code"),
    [
        (sample.PORT, Terms(Category.MARKETING), NotAllowed, "category_not_allowed"),
        (sample.PORT, Terms(Category.NOTICE, signatures=("别家签名",)), NotAllowed, "signature_unknown"),
        ("1065512345601", NOTICE, InvalidInput, "port_malformed"),
        (CODE + "1" * 8, NOTICE, InvalidInput, "port_malformed"),
    ],
)
def test_what_the_contract_does_not_cover_is_no_port(
    number: str, terms: Terms, kind: type[Rejected], code: str
) -> None:
    world = FakeWorld().with_sample()

    with pytest.raises(kind) as told:
        keep(world, number, terms)

    assert (told.value.code, told.value.clause is None) == (code, False)
    assert show_ports(world, sample.CLIENT) == []


def test_a_port_keeps_its_purpose_until_it_is_reclaimed() -> None:
    world = FakeWorld().with_sample()
    keep(world)

    with pytest.raises(Conflict, match="port_purpose_fixed"):
        keep(world, terms=Terms(Category.VERIFICATION))
    reclaim_port(world, sample.CLIENT, sample.PORT, **SAID)
    world.clock.tick(days=90)

    again = keep(world, terms=Terms(Category.VERIFICATION))
    assert (again.version, again.terms.category) == (3, Category.VERIFICATION)


@pytest.mark.parametrize("code", [sample.PORT, sample.PORT[:-1]])
def test_no_port_is_or_extends_a_number_of_another_client(code: str) -> None:
    world = with_neighbour(FakeWorld().with_sample(), code)

    with pytest.raises(Conflict, match="port_taken"):
        keep(world)


def test_a_port_is_closed_limited_and_restored_with_a_reason_each_time() -> None:
    world = FakeWorld().with_sample()
    keep(world)

    for state, rate in ((FlowState.CLOSED, None), (FlowState.LIMITED, 20), (FlowState.OPEN, None)):
        world.clock.tick(minutes=1)
        set_flow(world, sample.CLIENT, sample.PORT, state, rate, by="p-2", why=f"now {state}")

    history = show_port(world, sample.CLIENT, sample.PORT)
    assert [port.flow.state for port in history] == ["open", "closed", "limited", "open"]
    assert [port.flow.change.why for port in history] == [
        "as agreed",
        "now closed",
        "now limited",
        "now open",
    ]
    assert [port.flow.change.at for port in history] == sorted({port.flow.change.at for port in history})


def test_a_reclaimed_port_rests_and_is_no_access_code_of_another_while_it_extends_a_clients() -> None:
    world = FakeWorld().with_sample()
    keep(world)
    reclaim_port(world, sample.CLIENT, sample.PORT, **SAID)

    assert show_ports(world, sample.CLIENT) == []
    assert world.registry.client_of_port(sample.PORT) == sample.CLIENT
    told = []
    for days in (89, 1):
        world.clock.tick(days=days)
        with pytest.raises(Conflict, match="contract_not_ready") as refused:
            take_over(world, sample.PORT)
        told.append([(fault.detail.split()[0], fault.clause) for fault in refused.value.faults])
    assert told == [[(CODE, "2.1.7"), (sample.PORT, "2.2.11")], [(CODE, "2.1.7")]]


def test_quarantine_lasts_as_long_as_the_contract_says() -> None:
    world = FakeWorld().with_sample()
    code = AccessCode(CODE, quarantine_days=5)
    sample.put_in_force(
        world.registry, sample.CLIENT, replace(sample.contract(), version=2, access_code=code)
    )
    keep(world)

    reclaimed = reclaim_port(world, sample.CLIENT, sample.PORT, **SAID)

    assert reclaimed.free_on == sample.TODAY.replace(day=sample.TODAY.day + 5)


@pytest.mark.parametrize("category", [Category.NOTICE, Category.VERIFICATION])
def test_a_reclaimed_number_rests_for_its_own_client_too(category: Category) -> None:
    world = FakeWorld().with_sample()
    keep(world)
    reclaim_port(world, sample.CLIENT, sample.PORT, **SAID)

    for days in (0, 89):
        world.clock.tick(days=days)
        with pytest.raises(Conflict, match="port_resting") as told:
            keep(world, terms=Terms(category))
        assert told.value.clause == "2.2.11"
    world.clock.tick(days=1)

    assert keep(world, terms=Terms(category)).reclaimed_on is None
    world.clock.tick(days=365)
    with pytest.raises(Conflict, match="contract_not_ready"):
        take_over(world, sample.PORT)


def test_an_access_code_is_closed_and_limited_before_it_is_registered_and_keeps_every_purpose() -> None:
    world = FakeWorld().with_sample()

    closed = set_flow(world, sample.CLIENT, CODE, FlowState.CLOSED, None, **SAID)
    limited = set_flow(world, sample.CLIENT, CODE, FlowState.LIMITED, 5, **SAID)

    assert (closed.closed, closed.version, closed.terms) == (True, 1, Terms(None))
    assert (limited.rate_per_s, limited.version) == (5, 2)
    assert world.release_queue.queue.bodies == [{"client": sample.CLIENT, "port": CODE}]
    noticing = keep(world, CODE)
    assert (noticing.version, noticing.terms, noticing.rate_per_s) == (3, NOTICE, 5)
    with pytest.raises(Conflict, match="port_purpose_fixed"):
        keep(world, CODE, Terms(Category.VERIFICATION))


@pytest.mark.parametrize("change", [{"version": 2}, {"number": "another contract"}])
def test_an_access_code_that_was_followed_by_another_is_closed_for_what_still_waits_on_it(
    change: dict[str, Any],
) -> None:
    world, batch = FakeWorld().with_sample(), sample.batch(3)
    (waiting,) = sample.parcels(batch)
    world.messages.keep_parcels([waiting])
    world.messages.keep_batch(batch)
    following = replace(sample.contract(code="1065097332799"), effective_on=sample.TODAY, **change)
    sample.put_in_force(world.registry, sample.CLIENT, following)

    assert set_flow(world, sample.CLIENT, CODE, FlowState.CLOSED, None, **SAID).closed
    send_parcel(world, sample.CLIENT, waiting.id, 0)
    kept_back = len(world.carrier.calls)
    set_flow(world, sample.CLIENT, CODE, FlowState.LIMITED, 3, **SAID)
    send_parcel(world, sample.CLIENT, waiting.id, 0)

    assert (kept_back, [call.port for call in world.carrier.calls]) == (0, [CODE])
    world.registry.ports["1065097332799"] = Holder("another-client", "theirs", 1)
    with pytest.raises(Conflict, match="port_taken"):
        set_flow(world, sample.CLIENT, "1065097332799", FlowState.CLOSED, None, **SAID)


def test_an_access_code_that_was_followed_by_another_is_given_no_purpose() -> None:
    world = FakeWorld().with_sample()
    following = replace(sample.contract(code="1065097332799"), effective_on=sample.TODAY, version=2)
    sample.put_in_force(world.registry, sample.CLIENT, following)
    limited = set_flow(world, sample.CLIENT, CODE, FlowState.LIMITED, 3, **SAID)

    with pytest.raises(NotFound, match="port_unknown"):
        keep(world, CODE)

    assert show_port(world, sample.CLIENT, CODE) == [limited]


def test_an_access_code_is_not_reclaimed_while_its_contract_has_it() -> None:
    world = FakeWorld().with_sample()
    keep(world, CODE)
    set_flow(world, sample.CLIENT, CODE, FlowState.CLOSED, None, **SAID)

    with pytest.raises(Conflict, match="access_code_stays") as told:
        reclaim_port(world, sample.CLIENT, CODE, **SAID)

    assert told.value.clause == "2.2.11"
    assert [(port.number, port.closed) for port in show_ports(world, sample.CLIENT)] == [(CODE, True)]


def test_no_port_begins_or_is_changed_to_be_over_already() -> None:
    world = FakeWorld().with_sample()
    yesterday = sample.TODAY - timedelta(days=1)

    for number in (sample.PORT, sample.PORT, CODE):
        with pytest.raises(NotAllowed, match="port_expired"):
            keep(world, number, Terms(Category.NOTICE, yesterday))
        keep(world, terms=Terms(Category.NOTICE, sample.TODAY))

    world.clock.tick(days=1)
    assert keep(world, terms=Terms(Category.NOTICE, sample.TODAY)).version == 1


NEW_CODE = "1065097332799"


def with_coming_code(world: FakeWorld) -> FakeWorld:
    """From tomorrow on the client's contract has another access code, and another signature."""
    tomorrow = sample.TODAY + timedelta(days=1)
    second = replace(
        sample.contract(code=NEW_CODE), version=2, effective_on=tomorrow, signature="塔城市疾控中心"
    )
    sample.put_in_force(world.registry, sample.CLIENT, second)
    return world


def test_a_port_of_a_coming_access_code_is_registered_before_and_serves_from_its_day_on() -> None:
    world = with_coming_code(FakeWorld().with_sample())

    port = keep(world, f"{NEW_CODE}01", Terms(Category.NOTICE, signatures=("塔城市疾控中心",)))
    closed = set_flow(world, sample.CLIENT, NEW_CODE, FlowState.CLOSED, None, **SAID)

    assert (port.access_code, closed.access_code) == (NEW_CODE, NEW_CODE)
    assert keep(world).access_code == CODE
    with pytest.raises(NotAllowed, match="signature_unknown"):
        keep(world, f"{CODE}02", Terms(Category.NOTICE, signatures=("塔城市疾控中心",)))
    with pytest.raises(InvalidInput, match="port_malformed"):
        keep(world, "1065512345601")


def handed_on() -> FakeWorld:
    """Our contract is over since today, and its access code is a neighbour's already."""
    over = replace(sample.contract().term, end_on=sample.TODAY, renew_months=0)
    code = AccessCode(CODE, reclaim_after_days=0, quarantine_days=0)
    ended = replace(sample.contract(), version=2, term=over, access_code=code)
    world = FakeWorld().with_sample()
    sample.put_in_force(world.registry, sample.CLIENT, ended)
    keep(world)
    world.clock.tick(days=1)
    take_over(world, CODE)
    return world


def test_who_gave_its_access_code_back_registers_no_port_of_it_and_may_close_and_reclaim_its_own() -> None:
    world = handed_on()

    for number in (f"{CODE}55", sample.PORT):
        with pytest.raises(Conflict, match="port_taken"):
            keep(world, number, Terms(Category.NOTICE, rate_per_s=5))
    with pytest.raises(Conflict, match="port_taken"):
        set_flow(world, sample.CLIENT, CODE, FlowState.CLOSED, None, **SAID)

    assert world.registry.client_of_port(f"{CODE}55") is None
    assert set_flow(world, sample.CLIENT, sample.PORT, FlowState.CLOSED, None, **SAID).closed
    assert reclaim_port(world, sample.CLIENT, sample.PORT, **SAID).free_on is not None


def test_a_number_rests_after_its_client_though_the_access_code_has_passed_on() -> None:
    world = handed_on()
    (port,) = show_ports(world, sample.CLIENT)
    today, shorter = sample.TODAY + timedelta(days=1), sample.PORT[:-1]
    world.registry.keep_port(sample.CLIENT, port.reclaimed(today, 20, sample.CHANGE))

    def keep_theirs(number: str) -> Port:
        return keep_port(world, "neighbour", number, NOTICE, **SAID)

    for number in (sample.PORT, f"{sample.PORT}9"):
        with pytest.raises(Conflict, match="port_resting") as told:
            keep_theirs(number)
        assert told.value.clause == "2.2.11"
    assert keep_theirs(shorter).number == shorter
    world.clock.tick(days=20)
    assert keep_theirs(sample.PORT).number == sample.PORT
    assert world.registry.client_of_port(sample.PORT) == "neighbour"


def test_a_port_that_was_widened_wakes_those_who_wait_also_if_that_is_said_again() -> None:
    world = FakeWorld().with_sample()
    keep(world, terms=Terms(Category.NOTICE, rate_per_s=1))
    wide = Terms(Category.NOTICE, rate_per_s=1_000)

    for _ in range(2):
        keep(world, terms=wide)

    assert world.release_queue.queue.bodies == [{"client": sample.CLIENT, "port": sample.PORT}] * 2


def test_what_is_not_there_is_not_found() -> None:
    world = FakeWorld().with_sample()

    for ask in (
        lambda: show_port(world, sample.CLIENT, sample.PORT),
        lambda: set_flow(world, sample.CLIENT, sample.PORT, FlowState.CLOSED, None, **SAID),
        lambda: reclaim_port(world, sample.CLIENT, sample.PORT, **SAID),
        lambda: show_ports(world, "nobody-here"),
    ):
        with pytest.raises(NotFound):
            ask()


def test_what_the_last_holder_of_an_access_code_left_behind_is_the_next_ones_to_use() -> None:
    world = FakeWorld().with_sample()
    world.registry.keep_client(Client("before-us", "从前的单位"))
    world.registry.keep_port("before-us", sample.port())
    left = sample.port(number=sample.PORT[:-1])
    world.registry.keep_port("before-us", left)

    port = keep(world)

    assert port.version == 1
    assert world.registry.client_of_port(sample.PORT) == sample.CLIENT
    assert world.registry.client_of_port(left.number) == "before-us"


def test_an_access_code_of_another_contract_of_the_client_is_no_port_of_this_one() -> None:
    world = FakeWorld().with_sample()
    world.registry.ports[sample.PORT] = Holder(sample.CLIENT, "another contract", 1)

    with pytest.raises(Conflict, match="port_taken"):
        keep(world)
