"""Lists hold what was put on them, as numbers, with who, when and why; every change moves the clock."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.change import Change
from openmas.domain.listing import (
    BLACK,
    OPTOUT,
    SIGNATURE_LISTS_MAX,
    WHITE,
    Act,
    Consent,
    ConsentBasis,
    ListEntry,
    ListKind,
    ListName,
)
from openmas.errors import InvalidInput, LimitExceeded, NotAllowed, NotFound
from openmas.flows.check_lists import change_entries, change_list
from openmas.flows.keep_lists import (
    Asking,
    find_entry,
    keep_numbers,
    list_asked,
    strike_number,
    strike_numbers,
)
from tests.fakes import sample
from tests.fakes.world import FakeWorld

CLIENT = sample.CLIENT
ONE, TWO = "13800130001", "13800130002"
CRM, HR, SILENT = Asking("key crm", "asked us"), Asking("key hr", "left"), Asking("key crm", None)
OPERATOR = Asking("olga", "complaint 7", operator=True)
WRITTEN = st.sampled_from([ONE, f"+86{ONE}", "138 0013 0002", "13800130003", "x", "", "02112345678"])


@given(st.lists(WRITTEN, max_size=12))
def test_each_written_number_is_either_kept_or_refused_with_its_place(written: list[str]) -> None:
    world = FakeWorld()

    changed = keep_numbers(world, CLIENT, BLACK, written, CRM)

    refused = [place for places in changed.refused.values() for place in places]
    assert changed.numbers + len(refused) == len(written)
    assert len(set(refused)) == len(refused)
    assert len(world.lists.entries[CLIENT, BLACK]) == changed.numbers
    assert world.lists.clock(CLIENT) == (1 if changed.numbers else 0)


@given(st.lists(WRITTEN, max_size=12))
def test_what_was_kept_can_be_struck_in_the_same_words(written: list[str]) -> None:
    world = FakeWorld()
    kept = keep_numbers(world, CLIENT, OPTOUT, written, CRM)

    struck = strike_numbers(world, CLIENT, OPTOUT, written, HR)

    assert struck == kept
    assert not world.lists.entries[CLIENT, OPTOUT]


def test_the_last_who_puts_a_number_there_says_why() -> None:
    world = FakeWorld()
    keep_numbers(world, CLIENT, WHITE, [ONE], replace(CRM, consent=sample.CONSENT))
    later, consent = world.clock.tick(hours=1), Consent(ConsentBasis.EMPLOYEE, "staff list of May")

    keep_numbers(world, CLIENT, WHITE, [f"+86 {ONE}"], replace(HR, why="still staff", consent=consent))

    entry = find_entry(world, CLIENT, WHITE, "138-0013-0001")
    assert entry == ListEntry(ONE, "key hr", later, "still staff", consent)


@pytest.mark.parametrize("name", [BLACK, OPTOUT])
def test_only_a_white_list_carries_consent(name: ListName) -> None:
    consent = Consent(ConsentBasis.ASKED, "form 7")

    with pytest.raises(InvalidInput, match="consent_misplaced"):
        keep_numbers(FakeWorld(), CLIENT, name, [ONE], replace(CRM, consent=consent))


@pytest.mark.parametrize(
    ("scope", "needed"),
    [
        ("", True),
        ("category:marketing", True),
        ("signature:塔城市疾控中心宣", True),
        ("category:notice", False),
        ("category:verification", False),
    ],
)
def test_nobody_is_put_on_a_list_that_marketing_uses_without_his_consent(scope: str, needed: bool) -> None:
    world, name = FakeWorld().with_sample(), ListName(ListKind.WHITE, scope)

    if needed:
        with pytest.raises(InvalidInput, match="consent_missing"):
            keep_numbers(world, CLIENT, name, [ONE], CRM)
        assert not world.lists.entries[CLIENT, name]
    else:
        assert keep_numbers(world, CLIENT, name, [ONE], CRM).numbers == 1
    assert keep_numbers(world, CLIENT, name, [TWO], replace(CRM, consent=sample.CONSENT)).numbers == 1


@pytest.mark.parametrize(("name", "clause"), [(BLACK, "2.1.12"), (WHITE, "2.1.12"), (OPTOUT, "2.1.16")])
def test_no_list_is_changed_without_a_reason(name: ListName, clause: str) -> None:
    world = FakeWorld()
    keep_numbers(world, CLIENT, name, [ONE], replace(CRM, consent=sample.CONSENT if name == WHITE else None))

    changes: tuple[Callable[[], object], ...] = (
        lambda: strike_number(world, CLIENT, name, ONE, SILENT),
        lambda: strike_numbers(world, CLIENT, name, [ONE], SILENT),
        lambda: strike_numbers(world, CLIENT, name, [ONE], replace(OPERATOR, why=None)),
    )
    for change in changes:
        with pytest.raises(InvalidInput, match="why_missing") as refused:
            change()
        assert refused.value.clause == clause
    with pytest.raises(InvalidInput, match="why_missing"):
        keep_numbers(world, CLIENT, name, [TWO], SILENT)
    assert set(world.lists.entries[CLIENT, name]) == {ONE}


@pytest.mark.parametrize(
    "change",
    [
        lambda world, name: keep_numbers(world, CLIENT, name, [ONE], CRM),
        lambda world, name: strike_numbers(world, CLIENT, name, [ONE], CRM),
        lambda world, name: change_entries(
            world, CLIENT, name, Act.FROZEN, [ONE], by="olga", why="complaint 7"
        ),
        lambda world, name: change_list(world, CLIENT, name, Act.FROZEN, by="olga", why="complaint 7"),
    ],
)
def test_a_list_is_limited_to_the_clients_own_signatures_and_there_are_only_so_many(
    change: Callable[[FakeWorld, ListName], object],
) -> None:
    world = FakeWorld().with_sample()
    world.registry.keep_signature(CLIENT, sample.signature("健康通"))
    strange, own, agreed = (
        ListName(ListKind.BLACK, f"signature:{each}")
        for each in ("没有这个签名", "健康通", sample.contract().signature)
    )

    with pytest.raises(InvalidInput, match="scope_unknown"):
        change(world, strange)
    assert world.lists.frozen(CLIENT) == {}
    change(world, own)
    for n in range(SIGNATURE_LISTS_MAX - 1):
        world.lists.freezes[CLIENT, ListName(ListKind.WHITE, f"signature:签名{n}")] = None
    with pytest.raises(LimitExceeded, match="lists_too_many"):
        change(world, agreed)
    for name in (own, BLACK, ListName(ListKind.BLACK, "category:notice")):
        change(world, name)


def test_every_change_is_on_record_with_who_when_and_why() -> None:
    world = FakeWorld()
    times = [world.clock.now() + timedelta(hours=n) for n in range(3)]

    keep_numbers(world, CLIENT, OPTOUT, [ONE, TWO, "x"], CRM)
    world.clock.tick(hours=1)
    strike_numbers(world, CLIENT, OPTOUT, [ONE], HR)
    world.clock.tick(hours=1)
    strike_number(world, CLIENT, OPTOUT, TWO, replace(HR, why="he, too"))

    found, end = world.lists.changes(CLIENT, ListKind.OPTOUT, "202511", None, 10)
    told = [(change.act, change.numbers, change.by, change.at, change.why) for change in found]
    assert end is None
    assert told == [
        (Act.STRUCK, (TWO,), "key hr", times[2], "he, too"),
        (Act.STRUCK, (ONE,), "key hr", times[1], "left"),
        (Act.ADDED, (ONE,), "key crm", times[0], "asked us"),
        (Act.ADDED, (TWO,), "key crm", times[0], "asked us"),
    ]


@pytest.mark.parametrize("name", [BLACK, OPTOUT])
def test_what_an_operator_froze_only_an_operator_strikes(name: ListName) -> None:
    world = FakeWorld()
    keep_numbers(world, CLIENT, name, [ONE, TWO], CRM)
    world.lists.change(CLIENT, name, Act.FROZEN, [ListEntry(ONE, "olga", sample.NOW, "court order")])

    changed = strike_numbers(world, CLIENT, name, ["x", TWO, ONE], HR)

    assert changed.numbers == 1
    assert changed.refused == {"number_malformed": [0], "entry_frozen": [2]}
    assert find_entry(world, CLIENT, name, ONE).frozen
    with pytest.raises(NotAllowed, match="entry_frozen"):
        strike_number(world, CLIENT, name, ONE, HR)
    assert strike_numbers(world, CLIENT, name, [ONE], OPERATOR).numbers == 1


def test_nothing_is_struck_from_a_frozen_list_but_something_may_be_added() -> None:
    world = FakeWorld()
    keep_numbers(world, CLIENT, BLACK, [ONE], CRM)
    world.lists.freeze(CLIENT, BLACK, Change("olga", sample.NOW, "audit"))

    with pytest.raises(NotAllowed, match="list_frozen"):
        strike_numbers(world, CLIENT, BLACK, [ONE], HR)

    assert keep_numbers(world, CLIENT, BLACK, [TWO], CRM).numbers == 1
    assert strike_numbers(world, CLIENT, BLACK, [ONE], OPERATOR).numbers == 1


@pytest.mark.parametrize("name", ["", "Black", "grey", "black ", "black#", "black@category:notice"])
def test_there_are_three_kinds_of_lists_and_no_others(name: str) -> None:
    assert [list_asked(kind) for kind in ListKind] == [BLACK, WHITE, OPTOUT]

    with pytest.raises(NotFound, match="kind_unknown"):
        list_asked(name)


def test_a_list_may_be_limited_to_a_category_or_a_signature() -> None:
    assert list_asked("optout", {"scope": "category:marketing"}) == ListName(
        ListKind.OPTOUT, "category:marketing"
    )
    assert list_asked("black", {"scope": "signature:Tacheng CDC"}).scope == "signature:Tacheng CDC"
    assert list_asked("black", {"scope": "signature:塔城市疾控中心宣"}).scope == "signature:塔城市疾控中心宣"


@pytest.mark.parametrize(
    "scope",
    [
        *("marketing", "category:x", "category:", "x:y", "signature:", "signature:a#b"),
        *("signature: ", "signature: a", "signature:a ", "signature:a\nb"),
    ],
)
def test_a_list_is_limited_to_nothing_else(scope: str) -> None:
    with pytest.raises(InvalidInput, match="scope_malformed"):
        list_asked("black", {"scope": scope})
