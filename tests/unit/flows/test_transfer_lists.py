"""A file goes onto a list whole or not at all, once, and says line by line what is wrong with it."""

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.adapters.files.rows import rows_of
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
from openmas.domain.loading import Loaded, LoadMode
from openmas.domain.sheet import FileForm
from openmas.domain.transfer import FAULTS_MAX, Transfer, TransferState
from openmas.errors import NotFound, Unavailable
from openmas.flows.transfer_lists import HEADER, TELL_EVERY, transfer_list
from tests.fakes import sample
from tests.fakes.world import FakeWorld

CLIENT = sample.CLIENT
ONE, TWO, THREE = sample.numbers(3)
NOTICES = ListName(ListKind.WHITE, "category:notice")
CELLS = st.sampled_from([ONE, TWO, THREE, f"+86 {ONE}", "x", "1.38E+10", "=1+1", ""])


def ordered(world: FakeWorld, content: str | bytes, mode: LoadMode = LoadMode.REPLACE, **more: object) -> str:
    world.uploads.add(CLIENT, "u1", content)
    made = Transfer(
        client=CLIENT, id="t1", name=BLACK, by="key crm", at=sample.NOW, why="file", upload="u1", mode=mode
    )
    wanted = replace(made, **more)  # type: ignore[arg-type]
    world.transfers.save(wanted)
    return wanted.id


def listed(world: FakeWorld) -> set[str]:
    return set(world.lists.entries[CLIENT, BLACK])


def put(world: FakeWorld, *numbers: str, act: Act = Act.ADDED) -> None:
    entries = [ListEntry(number, "key crm", sample.NOW, "before") for number in numbers]
    world.lists.change(CLIENT, BLACK, act, entries)


@given(
    st.lists(CELLS, max_size=12),
    st.sampled_from(LoadMode),
    st.booleans(),
    st.sets(st.sampled_from([ONE, TWO])),
)
def test_a_file_counts_whole_or_not_at_all(
    cells: list[str], mode: LoadMode, strict: bool, before: set[str]
) -> None:
    world = FakeWorld()
    put(world, *before)

    ended = transfer_list(world, CLIENT, ordered(world, "\n".join(["号码", *cells]), mode, strict=strict))

    written = [cell for cell in cells if cell]
    numbers = {cell.removeprefix("+86 ") for cell in written if "138001300" in cell}
    wrong = sum("138001300" not in cell for cell in written)
    bad = wrong > 0 if strict else wrong * 10 > len(written)
    meant = {LoadMode.REPLACE: numbers, LoadMode.ADD: before | numbers, LoadMode.REMOVE: before - numbers}[
        mode
    ]
    assert ended.state == (TransferState.REFUSED if bad or not numbers else TransferState.DONE)
    assert listed(world) == (before if bad or not numbers else meant)
    assert ended.found.errors == wrong
    assert ended.found.rows == len(written)
    assert ended.found.rows == len(numbers) + ended.found.doubles + ended.found.errors
    assert len(ended.found.faults) == wrong + ended.found.doubles
    assert ((CLIENT, ended.id, FileForm.CSV) in world.exports.files) == bool(ended.found.faults)


def test_every_fault_is_told_with_its_line_and_reason() -> None:
    world = FakeWorld()
    content = f"姓名,手机号码\n张,{ONE}\n李,1.38E+10\n\n王,={TWO}\n赵,010\n钱,{ONE}\n" + f"孙,{TWO}\n" * 40

    ended = transfer_list(world, CLIENT, ordered(world, content))

    assert ended.found.faults[:4] == (
        (3, "number_scientific"),
        (5, "cell_formula"),
        (6, "number_malformed"),
        (7, "line_double"),
    )
    assert (ended.found.errors, ended.found.doubles, ended.loaded) == (3, 40, Loaded(2, 0, 0))


def test_of_very_many_faults_the_first_are_told_and_all_are_counted() -> None:
    world = FakeWorld()

    ended = transfer_list(world, CLIENT, ordered(world, "号码\n" + "x\n" * (FAULTS_MAX + 5)))

    assert ended.refusal == ("file_too_faulty", None)
    assert ended.found.errors == FAULTS_MAX + 5
    assert [line for line, _ in ended.found.faults] == list(range(2, FAULTS_MAX + 2))
    told = list(rows_of(BytesIO(world.exports.files[CLIENT, ended.id, FileForm.CSV]), FileForm.CSV))
    assert told[0].cells == ("line", "code", "clause", "detail", "detail_zh")
    assert [row.cells[:2] for row in told[1:]] == [
        (str(line), "number_malformed") for line in range(2, FAULTS_MAX + 7)
    ]


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", ("file_empty", None)),
        ("号码\n".encode(), ("file_empty", None)),
        (b"PK\x03\x04", ("file_not_text", None)),
        (b'number\n"138', ("quotes_wrong", "/lines/2")),
        ("姓名,地址\n张,塔城\n".encode(), ("column_missing", None)),
        (f"number\n{ONE}\n".encode() + b"1" * 70_000, ("line_too_long", "/lines/3")),
    ],
)
def test_a_file_that_cannot_be_read_changes_nothing(content: bytes, refusal: tuple[str, str | None]) -> None:
    world = FakeWorld()
    put(world, ONE)

    ended = transfer_list(world, CLIENT, ordered(world, content))

    assert (ended.state, ended.refusal) == (TransferState.REFUSED, refusal)
    assert listed(world) == {ONE}


def test_a_file_that_is_gone_or_a_list_that_is_frozen_changes_nothing() -> None:
    world = FakeWorld()
    put(world, ONE)
    world.lists.freeze(CLIENT, BLACK, Change("olga", sample.NOW, "audit"))

    frozen = transfer_list(world, CLIENT, ordered(world, f"{TWO}\n"))
    gone = transfer_list(world, CLIENT, ordered(world, f"{TWO}\n", id="t1", upload="u2"))

    assert frozen.refusal == ("list_frozen", None)
    assert gone.refusal == ("upload_unknown", None)
    assert listed(world) == {ONE}


def test_frozen_opt_outs_stay_and_are_counted() -> None:
    world = FakeWorld()
    put(world, ONE, TWO)
    put(world, ONE, act=Act.FROZEN)

    ended = transfer_list(world, CLIENT, ordered(world, f"{THREE}\n"))

    assert ended.loaded == Loaded(added=1, struck=1, spared=1)
    assert listed(world) == {ONE, THREE}


def test_a_record_that_comes_again_changes_nothing_more() -> None:
    world = FakeWorld()
    transfer = ordered(world, f"{ONE}\n")
    first = transfer_list(world, CLIENT, transfer)
    put(world, ONE, act=Act.STRUCK)

    again = transfer_list(world, CLIENT, transfer)
    # As if the worker had died before it wrote down that the file was in.
    world.transfers.save(replace(first, state=TransferState.RUNNING, loaded=None))
    after_death = transfer_list(world, CLIENT, transfer)

    assert again == first == after_death
    assert listed(world) == set()


def test_how_far_it_is_can_be_seen_meanwhile() -> None:
    world = FakeWorld()
    content = "号码\n" + "".join(f"139{n:08d}\n" for n in range(TELL_EVERY + 1))

    transfer_list(world, CLIENT, ordered(world, content))

    assert [(each.state, each.found.rows) for each in world.transfers.saved[1:]] == [
        (TransferState.RUNNING, TELL_EVERY),
        (TransferState.DONE, TELL_EVERY + 1),
    ]


def test_a_busy_table_brings_the_record_back() -> None:
    class Busy(type(FakeWorld().lists)):  # type: ignore[misc]
        def load(self, *_: object) -> Loaded:
            raise Unavailable("aws_busy", "busy")

    world = FakeWorld()
    world.lists = Busy()

    with pytest.raises(Unavailable):
        transfer_list(world, CLIENT, ordered(world, f"{ONE}\n"))


def test_a_transfer_that_nobody_ordered_is_dropped() -> None:
    with pytest.raises(NotFound, match="transfer_unknown"):
        transfer_list(FakeWorld(), CLIENT, "t1")


@pytest.mark.parametrize("form", FileForm)
def test_a_list_is_written_with_all_that_is_known_and_reads_back(form: FileForm) -> None:
    world = FakeWorld()
    dangerous = ListEntry(ONE, "key crm", sample.NOW, '=HYPERLINK("x")', sample.CONSENT)
    world.lists.change(CLIENT, WHITE, Act.ADDED, [dangerous, ListEntry(TWO, "key crm", sample.NOW, "staff")])
    world.lists.change(CLIENT, WHITE, Act.FROZEN, [ListEntry(TWO, "olga", sample.NOW, "no form")])
    export = Transfer(client=CLIENT, id="e1", name=WHITE, by="key crm", at=sample.NOW, form=form)
    world.transfers.save(export)

    ended = transfer_list(world, CLIENT, "e1")

    content = world.exports.files[CLIENT, "e1", form]
    rows: Sequence[tuple[str, ...]] = [row.cells for row in rows_of(BytesIO(content), form)]
    evidence = (sample.CONSENT.basis, sample.CONSENT.evidence)
    assert ended.found.rows == 2
    assert rows == [
        HEADER,
        (ONE, '=HYPERLINK("x")', "key crm", "2025-11-24T01:30:00Z", *evidence),
        (TWO, "staff", "key crm", "2025-11-24T01:30:00Z", "", "", "frozen"),
    ]


WORDS = st.text(st.sampled_from("甲乙=-@'\" ,;_x0041Aé"), min_size=1, max_size=9).map(str.strip).filter(bool)
ENTRIES = st.builds(
    ListEntry,
    st.integers(0, 30).map(lambda n: f"1380013{n:04d}"),
    st.just("key crm"),
    st.just(sample.NOW),
    WORDS,
    st.none() | st.builds(Consent, st.sampled_from(ConsentBasis), WORDS),
)


@pytest.mark.parametrize("form", FileForm)
@given(st.sampled_from([BLACK, WHITE, NOTICES, OPTOUT]), st.lists(ENTRIES, min_size=1, max_size=12))
def test_a_list_that_goes_out_and_in_again_is_the_same_list(
    form: FileForm, name: ListName, entries: list[ListEntry]
) -> None:
    world, other = FakeWorld(), FakeWorld()
    consents = (
        [entry.consent or sample.CONSENT for entry in entries] if name is WHITE else [None] * len(entries)
    )
    kept = [replace(entry, consent=consent) for entry, consent in zip(entries, consents, strict=True)]
    world.lists.change(CLIENT, name, Act.ADDED, kept)
    world.transfers.save(Transfer(client=CLIENT, id="e1", name=name, by="olga", at=sample.NOW, form=form))

    transfer_list(world, CLIENT, "e1")
    other.uploads.add(CLIENT, "u1", world.exports.files[CLIENT, "e1", form], form)
    other.transfers.save(
        Transfer(
            client=CLIENT,
            id="t1",
            name=name,
            by="key crm",
            at=sample.NOW,
            why="file",
            upload="u1",
            mode=LoadMode.ADD,
            strict=True,
        )
    )
    ended = transfer_list(other, CLIENT, "t1")

    assert (ended.state, ended.found.errors) == (TransferState.DONE, 0)
    assert other.lists.page(CLIENT, name, None, 99) == world.lists.page(CLIENT, name, None, 99)


def test_each_line_may_say_why_and_on_what_consent_it_is_listed() -> None:
    world = FakeWorld()
    content = f"号码,同意依据,凭证,原因\n{ONE},书面,第 7 号表,门诊登记\n{TWO},,,\n{THREE},口头,来电,\n"
    consent = Consent(ConsentBasis.CUSTOMER, "member list")

    ended = transfer_list(world, CLIENT, ordered(world, content, name=WHITE, consent=consent))

    assert ended.refusal == ("file_too_faulty", None)
    assert ended.found.faults == ((4, "basis_unknown"),)
    corrected = content.replace("口头,来电", "本人要求,来电")
    assert transfer_list(world, CLIENT, ordered(world, corrected, name=WHITE, consent=consent)).loaded
    assert {
        entry.number: (entry.why, entry.consent) for entry in world.lists.page(CLIENT, WHITE, None, 9)[0]
    } == {
        ONE: ("门诊登记", Consent(ConsentBasis.WRITTEN, "第 7 号表")),
        TWO: ("file", consent),
        THREE: ("file", Consent(ConsentBasis.ASKED, "来电")),
    }


@pytest.mark.parametrize(("name", "asked_for"), [(WHITE, True), (NOTICES, False)])
def test_no_line_goes_onto_a_list_that_marketing_uses_without_its_consent(
    name: ListName, asked_for: bool
) -> None:
    world = FakeWorld()
    numbers = sample.numbers(20)
    lines = [f"{number},书面,表" for number in numbers[1:]]
    content = "\n".join(["号码,同意依据,凭证", f"{ONE},,", *lines])

    ended = transfer_list(world, CLIENT, ordered(world, content, name=name))
    struck = transfer_list(world, CLIENT, ordered(world, TWO, LoadMode.REMOVE, name=name, id="t2"))

    assert ended.found.faults == (((2, "consent_missing"),) if asked_for else ())
    assert struck.loaded == Loaded(0, 1, 0)
    assert set(world.lists.entries[CLIENT, name]) == set(numbers) - {TWO} - ({ONE} if asked_for else set())


def test_a_file_of_numbers_to_be_struck_is_not_asked_for_its_grounds() -> None:
    world = FakeWorld()
    put(world, ONE, TWO)

    ended = transfer_list(
        world, CLIENT, ordered(world, f"number,consent,why\n{ONE},orally,old reason\n", LoadMode.REMOVE)
    )

    assert ended.loaded == Loaded(added=0, struck=1, spared=0)
    assert [change.why for change in world.lists.history[CLIENT]][-1] == "file"


def test_an_empty_list_is_a_file_with_a_header() -> None:
    world = FakeWorld()
    world.transfers.save(
        Transfer(client=CLIENT, id="e1", name=BLACK, by="key crm", at=sample.NOW, form=FileForm.CSV)
    )

    assert transfer_list(world, CLIENT, "e1").found.rows == 0


def test_a_file_does_not_make_one_list_too_many() -> None:
    world = FakeWorld()
    for n in range(SIGNATURE_LISTS_MAX):
        world.lists.freezes[CLIENT, ListName(ListKind.BLACK, f"signature:签名{n}")] = None

    ended = transfer_list(
        world, CLIENT, ordered(world, ONE, name=ListName(ListKind.BLACK, "signature:健康通"))
    )

    assert (ended.state, ended.refusal) == (TransferState.REFUSED, ("lists_too_many", None))
