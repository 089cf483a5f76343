"""Documents are filed, and a version comes into force when nothing is missing, with its access code."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from openmas.domain.activation import Holder
from openmas.domain.change import Change
from openmas.domain.client_document import on_file
from openmas.domain.contract import AccessCode, Amendment, Category, Contract, DocumentKind, ServiceKind
from openmas.domain.lifecycle import LifeStage
from openmas.domain.measures import Cause, Measure
from openmas.domain.profile import Client
from openmas.domain.rules import Sending, objection
from openmas.errors import Conflict, InvalidInput, NotFound, Unavailable
from openmas.flows import keep_contracts as keeping
from openmas.flows.activate_contracts import (
    activate,
    check_contract,
    file_document,
    show_contract,
    withdraw_document,
)
from openmas.flows.keep_contracts import keep_contract, show_client
from tests.fakes import sample
from tests.fakes.registry import FakeRegistry
from tests.fakes.world import FakeWorld

CONTRACT = sample.contract()
NUMBER, CODE = CONTRACT.number, CONTRACT.access_code.code
BECAUSE = "宣 is the department's usual ending"


def keep_client(world: FakeWorld, client: Client) -> None:
    keeping.keep_client(world, client, "p-operator", "as agreed")


def drawn_up(*contracts: Contract, client: str = sample.CLIENT, world: FakeWorld | None = None) -> FakeWorld:
    """A world in which the client has handed in everything, and the contracts are drafts."""
    world = world or FakeWorld()
    keep_client(world, Client(client, CONTRACT.client_full_name))
    for contract in contracts or (CONTRACT,):
        keep_contract(world, client, contract)
    for document in sample.documents():
        file_document(world, client, document)
    return world


def act(world: FakeWorld, because: str | None = BECAUSE, client: str = sample.CLIENT) -> None:
    activate(world, client, NUMBER, 1, "li", because)


def refused(world: FakeWorld, because: str | None = BECAUSE, client: str = sample.CLIENT) -> set[str]:
    with pytest.raises(Conflict) as told:
        act(world, because, client)
    assert told.value.code == "contract_not_ready"
    return {f"{fault.pointer} {fault.clause}" for fault in told.value.faults}


def test_a_contract_that_lacks_nothing_comes_into_force_and_who_did_it_is_kept() -> None:
    world = drawn_up()
    assert show_client(world, sample.CLIENT).contract_on(sample.TODAY) is None

    act(world)

    profile = show_client(world, sample.CLIENT)
    assert profile.contract_on(sample.TODAY) == CONTRACT
    kept = profile.activations[NUMBER, 1]
    assert (kept.by, kept.at, kept.signature_passed_because) == ("li", sample.NOW, BECAUSE)
    assert world.registry.holder_of(CODE) == Holder(sample.CLIENT, NUMBER, 1)


def test_activating_twice_changes_nothing() -> None:
    world = drawn_up()
    act(world)
    world.clock.tick(days=1)

    again = activate(world, sample.CLIENT, NUMBER, 1, "wang", None)

    assert (again.by, again.at) == ("li", sample.NOW)


def test_all_that_is_missing_is_told_and_nothing_comes_into_force() -> None:
    world = FakeWorld()
    keep_client(world, sample.client())
    keep_contract(world, sample.CLIENT, CONTRACT)

    assert refused(world, because=None) == {
        "/documents 2.1.5",
        "/documents A2",
        "/documents A2.2",
        "/documents A3",
        "/documents 11.7",
        "/signature 2.1.9",
    }
    assert not show_client(world, sample.CLIENT).contracts
    assert world.registry.holder_of(CODE) is None


def test_a_document_filed_in_error_is_withdrawn_once_and_stays_on_record() -> None:
    world = drawn_up()
    paper = sample.document(DocumentKind.QUALIFICATION)

    gone = withdraw_document(world, sample.CLIENT, paper.id, "olga", "another client's")
    world.clock.tick(hours=1)
    again = withdraw_document(world, sample.CLIENT, paper.id, "ivan", "again")

    assert gone == again == replace(paper, withdrawn=Change("olga", sample.NOW, "another client's"))
    assert gone in show_client(world, sample.CLIENT).documents
    assert refused(world) == {"/documents A2.2"}
    filed_anew = file_document(
        world, sample.CLIENT, replace(paper, filed=Change("olga", world.clock.now(), "the right one"))
    )
    act(world)
    with pytest.raises(NotFound, match="document_unknown"):
        withdraw_document(world, sample.CLIENT, "qualification-1", "olga", "x")
    assert withdraw_document(world, sample.CLIENT, filed_anew.id, "olga", "x").withdrawn


def test_whose_document_is_withdrawn_sends_until_the_days_to_mend_it_are_over() -> None:
    world = FakeWorld().with_sample()
    contract, paper = sample.contract(), sample.document(DocumentKind.QUALIFICATION)
    world.registry.keep_document(sample.CLIENT, paper)
    sending = Sending(ServiceKind.TEMPLATE_BLACK, Category.NOTICE)

    withdraw_document(world, sample.CLIENT, paper.id, "olga", "forged")

    profile = show_client(world, sample.CLIENT)
    last_on = sample.TODAY + timedelta(days=contract.notices.breach_days)
    assert objection(sending, profile, last_on) is None
    assert objection(sending, profile, last_on + timedelta(days=1)) == "document_expired"


def test_an_expired_document_is_as_good_as_none() -> None:
    world = drawn_up()
    over = sample.document(DocumentKind.QUALIFICATION, sample.TODAY - timedelta(days=1), days_ago=0)
    world.registry.keep_document(sample.CLIENT, over)

    assert refused(world) == {"/documents A2.2"}


def test_a_slip_in_a_renewed_papers_last_day_stops_nobody() -> None:
    world, good = drawn_up(), sample.document(DocumentKind.QUALIFICATION)
    renewed = sample.document(DocumentKind.QUALIFICATION, sample.TODAY, days_ago=0)
    slip = replace(renewed, valid_until=sample.TODAY - timedelta(days=1))

    with pytest.raises(InvalidInput, match="document_over") as told:
        file_document(world, sample.CLIENT, slip)

    assert [(each.pointer, each.clause) for each in told.value.faults] == [("/valid_until", "A2.2")]
    assert on_file(show_client(world, sample.CLIENT).documents)[good.kind] == good
    assert file_document(world, sample.CLIENT, renewed) == renewed
    world.clock.tick(days=1)
    assert file_document(world, sample.CLIENT, renewed) == renewed


def test_a_paper_is_filed_once_and_a_renewed_one_beside_it() -> None:
    world, paper = drawn_up(), sample.document(DocumentKind.QUALIFICATION)
    again = Change("another", sample.NOW, "again")
    renewed = replace(paper, valid_until=sample.TODAY + timedelta(days=90), filed=again)

    first = file_document(world, sample.CLIENT, replace(paper, filed=again))
    second = file_document(world, sample.CLIENT, renewed)

    assert (first, second) == (paper, renewed)
    filed = show_client(world, sample.CLIENT).documents
    assert [each for each in filed if each.kind is DocumentKind.QUALIFICATION] == [paper, renewed]


def test_where_a_version_stands_is_told_before_and_after() -> None:
    world = drawn_up()

    before = show_contract(world, sample.CLIENT, NUMBER, 1)
    act(world)
    after = show_contract(world, sample.CLIENT, NUMBER, 1)

    assert (before.life.stage, [each.clause for each in before.missing]) == (LifeStage.DRAFT, ["2.1.9"])
    assert (after.life.stage, after.missing) == (LifeStage.ACTIVE, ())
    assert after.activation


def test_what_a_measure_stops_is_told_of_the_contract_it_stands_against() -> None:
    world = drawn_up()
    act(world)
    word = Change("li", sample.NOW, "no payment")
    stops = frozenset({Category.NOTICE, Category.MARKETING})
    world.registry.keep_measure(
        sample.CLIENT, Measure(id="m-1", cause=Cause.ARREARS, taken=word, stops=stops), None
    )

    stopped = show_contract(world, sample.CLIENT, NUMBER, 1).life
    keep_client(world, replace(sample.client(), suspended=True))
    suspended = show_contract(world, sample.CLIENT, NUMBER, 1).life

    assert (stopped.stage, sorted(stopped.suspended)) == (LifeStage.SUSPENDED, [Category.NOTICE])
    assert suspended.suspended == CONTRACT.categories


@pytest.mark.parametrize(("number", "version"), [(NUMBER, 2), ("C-1", 1), ("", 0)])
def test_what_is_not_there_cannot_be_activated(number: str, version: int) -> None:
    world = drawn_up()

    with pytest.raises(NotFound, match="contract_unknown"):
        activate(world, sample.CLIENT, number, version, "li", BECAUSE)
    with pytest.raises(NotFound, match="contract_unknown"):
        show_contract(world, sample.CLIENT, number, version)
    with pytest.raises(NotFound, match="client_unknown"):
        activate(world, "nobody", NUMBER, 1, "li", BECAUSE)


def ended(days_ago: int) -> Contract:
    term = replace(CONTRACT.term, end_on=sample.TODAY - timedelta(days=days_ago), renewals_max=0)
    code = AccessCode(CODE, reclaim_after_days=30, quarantine_days=90)
    return replace(CONTRACT, term=term, access_code=code)


@pytest.mark.parametrize(
    ("days_ago", "clauses"),
    [
        (-1, {"/access_code/code 2.1.7"}),
        (1, {"/access_code/code 2.2.11"}),
        (120, {"/access_code/code 2.2.11"}),
        (121, set()),
    ],
)
def test_an_access_code_goes_to_another_client_only_after_its_quarantine(
    days_ago: int, clauses: set[str]
) -> None:
    world = drawn_up(ended(days_ago))
    act(world)
    drawn_up(client="another-one", world=world)

    if clauses:
        assert refused(world, client="another-one") == clauses
    else:
        act(world, client="another-one")

    holder = world.registry.client_of_port(CODE)
    assert holder == (sample.CLIENT if clauses else "another-one")


@pytest.mark.parametrize(
    ("code", "clauses"),
    [
        (f"{CODE}8", {"/access_code/code 2.1.7"}),
        (f"{CODE}888888", {"/access_code/code 2.1.7"}),
        (CODE[:-1], {"/access_code/code 2.1.7"}),
        (CODE[:3], {"/access_code/code 2.1.7"}),
        (f"{CODE[:-1]}5", set()),
    ],
)
def test_no_access_code_begins_with_another_clients(code: str, clauses: set[str]) -> None:
    world = drawn_up()
    act(world)
    drawn_up(replace(CONTRACT, access_code=AccessCode(code)), client="another-one", world=world)

    if clauses:
        assert refused(world, client="another-one") == clauses
    else:
        act(world, client="another-one")

    assert world.registry.client_of_port(CODE) == sample.CLIENT


def test_who_holds_a_code_amends_its_contract_whatever_code_it_begins_with() -> None:
    world = drawn_up(CONTRACT, SECOND)
    act(world)
    # Before longer codes were looked for, a neighbour could get a shorter one.
    world.registry.keep_client(replace(sample.client(), id="another-one"))
    sample.put_in_force(world.registry, "another-one", sample.contract(code=CODE[:9]))

    activate(world, sample.CLIENT, NUMBER, 2, "li", BECAUSE)

    assert [each.version for each in show_client(world, sample.CLIENT).contracts] == [1, 2]


def test_a_code_that_had_been_free_is_no_more_the_clients_where_another_has_taken_a_part_of_it() -> None:
    world = drawn_up(ended(200))
    act(world)
    drawn_up(replace(CONTRACT, access_code=AccessCode(CODE[:9])), client="another-one", world=world)
    act(world, client="another-one")
    keep_contract(world, sample.CLIENT, replace(SECOND, access_code=ended(200).access_code))

    with pytest.raises(Conflict) as told:
        activate(world, sample.CLIENT, NUMBER, 2, "li", BECAUSE)

    assert [fault.detail for fault in told.value.faults] == [f"{CODE[:9]} belongs to another client."]


def test_an_amendment_of_this_term_that_ends_a_renewal_signed_early_is_warned_of_each_time() -> None:
    world, day = FakeWorld().with_sample(), sample.TODAY + timedelta(days=1)
    agreed = Amendment(date(2025, 9, 1), date(2025, 9, 1), "renewed at another price")
    term = replace(CONTRACT.term, start_on=day, end_on=day + timedelta(days=364))
    early = replace(CONTRACT, version=2, effective_on=sample.TODAY, amendment=agreed, term=term)
    sample.put_in_force(world.registry, sample.CLIENT, early)
    amended = replace(CONTRACT, version=3, effective_on=sample.TODAY, amendment=agreed)

    checked = check_contract(world, amended, (), sample.CLIENT).odd
    kept = keep_contract(world, sample.CLIENT, amended)
    sample.put_in_force(world.registry, sample.CLIENT, amended)
    activated = show_contract(world, sample.CLIENT, NUMBER, 3).odd

    for odd in (checked, kept, activated):
        assert [each.path for each in odd if f"activated for a term from {day}" in each.text] == [
            "/term/start_on"
        ]


def test_a_contract_that_runs_beside_another_is_warned_of_while_it_does() -> None:
    other = replace(CONTRACT, number="C-2", access_code=AccessCode("10655000"))
    world = drawn_up(CONTRACT, other)
    act(world)

    def warned(number: str) -> list[str]:
        return [
            each.text for each in show_contract(world, sample.CLIENT, number, 1).odd if each.clause == "9"
        ]

    kept = [each.text for each in keep_contract(world, sample.CLIENT, other) if each.path == "/number"]
    checked = check_contract(world, other, (), sample.CLIENT).odd
    assert warned("C-2") == kept == [each.text for each in checked if each.path == "/number"] != []
    assert warned(NUMBER) == []
    activate(world, sample.CLIENT, "C-2", 1, "li", BECAUSE)

    assert (NUMBER in warned("C-2")[0], "C-2" in warned(NUMBER)[0]) == (True, True)
    sample.put_in_force(world.registry, sample.CLIENT, replace(ended(1), version=2))
    assert warned("C-2") == []


def test_who_amends_its_contract_while_another_takes_over_its_code_keeps_it() -> None:
    world = drawn_up(ended(200))
    act(world)
    drawn_up(client="another-one", world=world)
    seen = world.registry.holder_of(CODE)
    of_another = replace(show_client(world, sample.CLIENT).activations[NUMBER, 1], by="wang")
    sample.put_in_force(world.registry, sample.CLIENT, replace(CONTRACT, version=2))

    with pytest.raises(Conflict, match="access_code_taken"):
        world.registry.activate("another-one", of_another, CODE, seen, 0)

    assert refused(world, client="another-one") == {"/access_code/code 2.1.7"}


AGREED = Amendment(date(2025, 10, 1), date(2025, 10, 1), "补充协议")
SECOND = replace(CONTRACT, version=2, effective_on=date(2025, 12, 10), amendment=AGREED)
THIRD = replace(SECOND, version=3, effective_on=date(2025, 12, 1))


class OvertakenRegistry(FakeRegistry):
    """Somebody else activates another version just before this one is written."""

    overtake: Callable[[], object] | None = None

    def activate(self, *written: Any) -> None:
        act, self.overtake = self.overtake, None
        if act is not None:
            act()
        super().activate(*written)


@pytest.mark.parametrize("code", [CODE, f"{CODE[:-1]}5"])
def test_of_two_versions_that_are_activated_at_once_the_second_is_judged_again(code: str) -> None:
    registry, world = OvertakenRegistry(), FakeWorld()
    world.registry = registry
    drawn_up(CONTRACT, replace(SECOND, access_code=AccessCode(code)), THIRD, world=world)
    act(world)
    registry.overtake = lambda: activate(world, sample.CLIENT, NUMBER, 3, "wang", BECAUSE)

    with pytest.raises(Conflict, match="contract_moved_on"):
        activate(world, sample.CLIENT, NUMBER, 2, "li", BECAUSE)
    with pytest.raises(Conflict) as told:
        activate(world, sample.CLIENT, NUMBER, 2, "li", BECAUSE)

    assert [fault.pointer for fault in told.value.faults] == ["/version"]
    assert [each.version for each in show_client(world, sample.CLIENT).contracts] == [1, 3]
    assert world.registry.holder_of(CODE) == Holder(sample.CLIENT, NUMBER, 3)


@pytest.mark.parametrize(("first", "second"), [(CODE[:8], CODE), (CODE, CODE[:8])])
def test_of_two_clients_whose_codes_begin_alike_and_who_come_at_once_one_is_judged_again(
    first: str, second: str
) -> None:
    registry, world = OvertakenRegistry(), FakeWorld()
    world.registry = registry
    for client, code in ((sample.CLIENT, first), ("another-one", second)):
        drawn_up(sample.contract(code=code), client=client, world=world)
    registry.overtake = lambda: act(world, client="another-one")

    with pytest.raises(Unavailable, match="codes_contended"):
        act(world)

    assert refused(world) == {"/access_code/code 2.1.7"}
    assert registry.holder_of(first) is None
