"""A file becomes a batch: read once, cut as fast as it is sent, the same whoever cuts it, or stopped."""

import csv
import io
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.adapters.files.written import write_table
from openmas.domain.batch import Batch
from openmas.domain.cancellation import Cancellation
from openmas.domain.content import Action, Word
from openmas.domain.content_kinds import ContentKind
from openmas.domain.contract import Category, Contract
from openmas.domain.cutting import CutStage, Cutting
from openmas.domain.filing import LineFault, fault_row
from openmas.domain.holding import Account
from openmas.domain.limits import Level
from openmas.domain.listing import Act, ListEntry, ListKind, ListName
from openmas.domain.parcel import MessageState, State
from openmas.domain.port import Flow, FlowState
from openmas.domain.profile import Mode
from openmas.domain.reasons import REASONS
from openmas.domain.records import cut_record, release_record
from openmas.domain.sheet import FileForm
from openmas.domain.submission import Submission
from openmas.domain.tally import BreakKind, tally_day
from openmas.domain.tariff import ChargedOn
from openmas.domain.template import Template, TemplateStatus
from openmas.domain.variables import Variable, VariableKind
from openmas.errors import InvalidInput, NotFound, Unavailable
from openmas.flows.cancel_batches import cancel_batch
from openmas.flows.cut_files import AHEAD_MESSAGES, Step, cut_file
from openmas.flows.dry_run import rehearse_file
from openmas.flows.hold_units import hold_units
from openmas.flows.keep_contracts import show_client
from openmas.flows.read_decisions import fault_file, read_faults
from openmas.flows.read_messages import read_batch_messages, read_progress
from openmas.flows.release_batches import release_batch
from openmas.flows.review_content import give_verdict
from openmas.flows.send_parcels import send_parcel
from openmas.flows.submit_batch import submit_batch
from openmas.flows.sweep_parcels import sweep_parcels
from tests.fakes import limited, sample
from tests.fakes.filed import (
    SAME,
    UPLOAD,
    Killed,
    Killing,
    cutting,
    listed,
    live,
    number,
    parcels,
    plain,
    send_all,
    step,
    submit,
    world_with,
)
from tests.fakes.messages import FakeMessages
from tests.fakes.world import FakeWorld


def test_every_recipient_of_a_file_gets_its_own_text_once() -> None:
    world = world_with(listed(4_321))

    batch = submit(world)
    live(world)

    assert cutting(world, batch).stage is CutStage.DONE
    assert [parcel.id for parcel in parcels(world)] == [f"{batch.id}-{n:04d}" for n in range(44)]
    texts = {
        told: text for call in world.carrier.calls for told, text in zip(call.numbers, call.text, strict=True)
    }
    assert texts == {
        number(n): f"【塔城市疾控中心宣】流感疫苗接种通知：门诊{n}，请携带身份证。" for n in range(4_321)
    }
    assert set(world.carrier.sent.values()) == {1}


def test_one_text_for_all_needs_no_columns_but_the_numbers() -> None:
    world = world_with([number(n) for n in range(250)])

    submit(world, parameters={"place": "塔城"})
    live(world)

    assert {call.text for call in world.carrier.calls} == {
        "【塔城市疾控中心宣】流感疫苗接种通知：塔城，请携带身份证。"
    }
    assert sum(world.carrier.sent.values()) == 250


def courier() -> Template:
    text = "包裹由{name}派送，联系手机{mobile}。"
    variables = (Variable("name"), Variable("mobile", VariableKind.PHONE))
    return Template("courier", 1, Category.NOTICE, text, variables, TemplateStatus.APPROVED)


def submit_courier(world: FakeWorld, **more: Any) -> Batch:
    world.registry.keep_template(sample.CLIENT, courier())
    profile = world.registry.profile(sample.CLIENT)
    assert profile
    submission = Submission(recipients=(), file=UPLOAD, template="courier", **more)
    return submit_batch(world, profile, Mode.LIVE, submission, "k1", "d1")


@pytest.mark.parametrize("header", ["number,name,mobile", "号码,name,mobile", "手机号,name,Mobile"])
def test_a_message_goes_to_the_recipient_and_never_to_a_number_that_it_tells_him(header: str) -> None:
    world = world_with([header, f"{number(1)},王,{number(7)}", f"{number(2)},李,{number(8)}"])

    submit_courier(world)
    live(world)

    (parcel,) = parcels(world)
    assert parcel.numbers == (number(1), number(2))
    assert parcel.values == (("王", number(7)), ("李", number(8)))


def test_a_value_in_a_column_goes_over_the_one_for_all() -> None:
    world = world_with(["号码,name,mobile", f"{number(1)},王,{number(7)}", f"{number(2)},李,"])

    submit_courier(world, parameters={"mobile": number(9)})
    live(world)

    (parcel,) = parcels(world)
    assert parcel.values == (("王", number(7)), ("李", number(9)))


def test_an_xlsx_file_is_as_good() -> None:
    file = io.BytesIO()
    write_table(file, FileForm.XLSX, [row.split(",") for row in listed(150)])
    world = FakeWorld().with_sample()
    world.uploads.add(sample.CLIENT, UPLOAD, file.getvalue(), FileForm.XLSX)

    submit(world)
    live(world)

    assert sum(world.carrier.sent.values()) == 150


WRITTEN = st.sampled_from(
    [
        *(number(n) for n in range(6)),
        "12345",
        "01088886666",
        "１３８００００００００",
        "=1+1",
        " +86 138 0000 0001 ",
    ]
)
PLACES = st.sampled_from(["门诊", "塔城", "", "x" * 500, "【银行】"])


@given(st.lists(st.tuples(WRITTEN, PLACES), min_size=1, max_size=12))
def test_what_becomes_of_each_line_is_what_a_request_with_these_recipients_would_say(
    lines: list[tuple[str, str]],
) -> None:
    world = world_with(["number,place", *(f"{written},{place}" for written, place in lines)])
    batch = submit(world)
    step(world)
    done = cutting(world, batch)

    good, seen = [], set()
    for written, place in lines:
        if not place:
            continue
        alone = FakeWorld().with_sample()
        profile = alone.registry.profile(sample.CLIENT)
        assert profile
        one = Submission(recipients=(written,), template="flu-notice", own=({"place": place},))
        made = submit_batch(alone, profile, Mode.LIVE, one, "k", "d")
        numbers = [parcel.numbers[0] for parcel in alone.messages.parcels.values()]
        if made.accepted and numbers[0] not in seen:
            seen.add(numbers[0])
            good.append((numbers[0], place))
    parts = [world.parts.parts[key] for key in sorted(world.parts.parts)]
    assert [pair for part in parts for pair in zip(part.numbers, part.values, strict=True)] == [
        (told, (place,)) for told, place in good
    ]
    assert done.rows == len(lines) == done.recipients + sum(done.refused.values())
    assert done.recipients == len(good)


NUMBERED = st.sampled_from([number(1), number(2), "12345"])


@given(st.lists(st.tuples(NUMBERED, PLACES), max_size=8))
def test_lines_become_what_recipients_of_one_request_become(lines: list[tuple[str, str]]) -> None:
    lines = [(number(9), "塔城"), *lines]
    world = world_with(["number,place", *(f"{written},{place}" for written, place in lines)])
    in_file = submit(world)
    step(world)
    own = tuple({"place": place} if place else {} for _, place in lines)
    asked = Submission(recipients=tuple(each for each, _ in lines), template="flu-notice", own=own)

    asked_for = submit_batch(world, show_client(world, sample.CLIENT), Mode.LIVE, asked, "k2", "d2")

    assert {code: len(places) for code, places in asked_for.refused.items()} == cutting(
        world, in_file
    ).refused
    (part,), (parcel,) = world.parts.parts.values(), parcels(world)
    assert list(zip(part.numbers, part.values, strict=True)) == list(
        zip(parcel.numbers, parcel.values, strict=True)
    )


def test_a_line_that_becomes_no_message_is_told_with_its_number_and_reason() -> None:
    lines = [
        "号码,place",
        number(1),
        f"{number(1)},门诊",
        f"{number(1)},门诊",
        "12345,门诊",
        "",
        f"={number(2)},x",
    ]
    world = world_with(lines)

    batch = submit(world)
    step(world)

    law, faults, more = read_faults(world, sample.CLIENT, batch.id, 0)
    assert law == batch.law
    assert list(faults) == [
        LineFault(2, "parameters_wrong"),
        LineFault(4, "number_duplicate"),
        LineFault(5, "number_malformed"),
        LineFault(7, "cell_formula"),
    ]
    assert more is None
    counted = {"parameters_wrong": 1, "number_duplicate": 1, "number_malformed": 1, "cell_formula": 1}
    assert cutting(world, batch).refused == counted


def test_faults_come_in_pages_of_a_thousand_and_all_in_one_file() -> None:
    world = world_with(["号码,place", *("12345,门诊" for _ in range(2_000)), "=1+1,门诊"])

    batch = submit(world)
    before = fault_file(world, sample.CLIENT, batch.id)
    step(world)

    assert before is None
    assert (
        fault_file(world, sample.CLIENT, batch.id)
        == f"https://files.example/faults/{sample.CLIENT}/{batch.id}"
    )
    written = world.parts.fault_files[sample.CLIENT, batch.id].decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(written)))
    law = [sample.contract().number, "1"]
    malformed, formula = REASONS["number_malformed"], REASONS["cell_formula"]
    assert rows[0] == ["line", "code", "clause", "detail", "detail_zh", "contract", "version"]
    assert rows[1:-1] == [
        [str(line), "number_malformed", "", malformed.en, malformed.zh, *law] for line in range(2, 2_002)
    ]
    assert rows[-1] == ["2002", "cell_formula", "", formula.en, formula.zh, *law]

    pages = [read_faults(world, sample.CLIENT, batch.id, page) for page in range(4)]
    assert [(len(faults), more) for _, faults, more in pages] == [
        (1_000, 1),
        (1_000, 2),
        (1, None),
        (0, None),
    ]
    assert cutting(world, batch).stage is CutStage.DONE


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([""], "file_empty"),
        (["name,place", "x,y"], "column_missing"),
        (["number,age", f"{number(1)},7"], "variable_column_missing"),
        ([number(1)], "variable_column_missing"),
        (["number,place,place", f"{number(1)},7,8"], "column_ambiguous"),
        ([f"{number(1)},\x00"], "file_not_text"),
    ],
)
def test_a_file_that_cannot_be_read_to_its_end_is_stopped_with_the_reason_and_nothing_goes(
    lines: list[str], code: str
) -> None:
    world = world_with(lines)

    batch = submit(world)
    live(world)

    assert (cutting(world, batch).stage, cutting(world, batch).code) == (CutStage.STOPPED, code)
    assert world.messages.parcels == {}


@pytest.mark.parametrize("faulty", [10, 1_000, 1_001])
def test_of_a_file_that_breaks_off_the_faults_above_that_place_are_told_in_pages_and_as_one_file(
    faulty: int,
) -> None:
    world = world_with(["号码,place", *(["12345,门诊"] * faulty), f'{number(1)},"门诊'])

    batch = submit(world)
    live(world)

    assert cutting(world, batch).code == "quotes_wrong"
    pages = [read_faults(world, sample.CLIENT, batch.id, page)[1] for page in range(2)]
    assert [fault.line for page in pages for fault in page] == list(range(2, 2 + faulty))
    written = world.parts.fault_files[sample.CLIENT, batch.id].decode("utf-8-sig")
    assert [row[0] for row in csv.reader(io.StringIO(written))] == ["line", *map(str, range(2, 2 + faulty))]


def test_a_file_without_faults_has_no_file_of_them_nor_has_a_batch_without_a_file() -> None:
    world = world_with(listed(3))
    batch = submit(world)
    step(world)
    plain_one = sample.batch()
    world.messages.keep_batch(plain_one)

    assert fault_file(world, sample.CLIENT, batch.id) is None
    assert fault_file(world, sample.CLIENT, plain_one.id) is None
    with pytest.raises(NotFound, match="batch_unknown"):
        fault_file(world, "another-client", batch.id)


@pytest.mark.parametrize("code", sorted(REASONS))
def test_no_cell_of_a_file_of_faults_can_become_a_formula(code: str) -> None:
    file = io.BytesIO()
    write_table(file, FileForm.CSV, [fault_row(LineFault(7, code))])

    (row,) = csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig")))

    assert row[:2] == ["7", code]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


def test_a_file_with_a_column_for_what_has_one_value_for_all_is_stopped() -> None:
    world = world_with(["号码,place", f"{number(1)},城南"])

    batch = submit(world, parameters=SAME)
    live(world)

    assert cutting(world, batch).code == "variable_given_twice"
    assert world.messages.parcels == {}


def test_a_file_that_was_not_uploaded_is_refused_and_nothing_is_kept() -> None:
    world = FakeWorld().with_sample()

    with pytest.raises(NotFound, match="upload_unknown"):
        submit(world)

    assert world.messages.intents == {}


def test_a_file_that_is_gone_before_it_was_read_stops_its_batch() -> None:
    world = world_with(plain(3))
    batch = submit(world, parameters=SAME)
    world.uploads.files.clear()

    live(world)

    assert cutting(world, batch).code == "upload_unknown"


def test_no_more_parcels_are_cut_than_a_little_ahead_of_the_sender() -> None:
    world = world_with(plain(30_000))
    submit(world, parameters=SAME)

    for _ in range(10):
        step(world)
        world.clock.tick(5)
    without_a_sender = len(world.messages.parcels)
    send_all(world)
    step(world)

    assert AHEAD_MESSAGES // 100 < without_a_sender <= AHEAD_MESSAGES // 100 + 20
    assert len(world.messages.parcels) > without_a_sender
    waiting = [parcel for parcel in parcels(world) if parcel.state is State.QUEUED]
    assert len(waiting) <= AHEAD_MESSAGES // 100 + 20


@pytest.mark.parametrize(
    ("rate_per_s", "size", "ahead"), [(10, 1, 2_000), (70, 7, 5_880), (100, 10, 8_000), (1_000, 100, 22_000)]
)
def test_a_slow_port_has_fewer_messages_ahead_in_smaller_parcels(
    rate_per_s: int, size: int, ahead: int
) -> None:
    world = world_with(plain(30_000))
    port = sample.port(rate_per_s=rate_per_s)
    world.registry.keep_port(sample.CLIENT, port)

    batch = submit(world, parameters=SAME)
    for _ in range(10):
        step(world)
        world.clock.tick(5)

    assert (batch.port, batch.parcel_size) == (port.number, size)
    assert sum(len(parcel.numbers) for parcel in parcels(world)) == ahead == cutting(world, batch).messages
    assert {len(parcel.numbers) for parcel in parcels(world)} == {size}


def test_a_closed_port_has_nothing_cut_until_it_opens() -> None:
    world = world_with(plain(250))
    port = sample.port()
    closed = port.with_flow(Flow(FlowState.CLOSED, port.change))
    world.registry.keep_port(sample.CLIENT, port)
    batch = submit(world, parameters=SAME)
    world.registry.keep_port(sample.CLIENT, closed)
    for _ in range(10):
        step(world)
        world.clock.tick(5)
    shut = len(world.messages.parcels)

    world.registry.keep_port(sample.CLIENT, closed.with_flow(Flow(FlowState.OPEN, port.change)))
    live(world)

    assert shut == 0
    assert cutting(world, batch).stage is CutStage.DONE
    assert sum(world.carrier.sent.values()) == 250


def test_each_chain_of_steps_is_one_however_often_its_records_come() -> None:
    world = world_with(plain(30_000))
    batch = submit(world, parameters=SAME)

    for _ in range(30):
        for body in list(world.cut_queue.queue.bodies):
            cut_file(world, *cut_record(body))
        step(world)
        world.clock.tick(5)

    newest = [
        body for body in world.cut_queue.queue.bodies if body["version"] == cutting(world, batch).version
    ]
    assert len(newest) <= 2
    assert len(world.cut_queue.queue.waiting) <= 2


def test_a_record_that_comes_twice_at_once_holds_the_units_of_its_part_once() -> None:
    world = world_with(plain(3_000))
    contract = limited.contract(per_day=Level(3_000, 3_000))
    sample.put_in_force(world.registry, sample.CLIENT, replace(contract, version=2))
    batch = submit(world, parameters=SAME)
    step(world)
    version, keep = cutting(world, batch).version, world.messages.keep_parcels

    def and_again(made: Any) -> None:
        world.messages.keep_parcels = keep  # type: ignore[method-assign]
        cut_file(world, sample.CLIENT, batch.id, version)
        keep(made)

    world.messages.keep_parcels = and_again  # type: ignore[method-assign, assignment]
    live(world)

    assert cutting(world, batch).stage is CutStage.DONE
    assert world.units.account(sample.CLIENT).used == {"d20251124": 3_000}
    assert set(world.carrier.sent.values()) == {1}


def test_whoever_fails_over_a_part_that_another_is_cutting_gives_none_of_its_units_back() -> None:
    world, _ = held_once(10)
    batch = submit(world, parameters=SAME)
    step(world)
    version, note = cutting(world, batch).version, world.recent.note

    def too_late(*_: Any) -> bool:
        world.recent.note = note  # type: ignore[method-assign]
        cut_file(world, sample.CLIENT, batch.id, version)
        raise Unavailable("aws_busy", "AWS is busy.")

    world.recent.note = too_late  # type: ignore[method-assign, assignment]
    with pytest.raises(Unavailable):
        cut_file(world, sample.CLIENT, batch.id, version)

    assert cutting(world, batch).stage is CutStage.DONE
    assert world.units.account(sample.CLIENT) == Account({"d20251124": 10}, frozenset({"d20251124"}))


@pytest.mark.parametrize("meanwhile", ["held by another", "given back", "another contract"])
def test_a_step_that_died_over_its_hold_finds_it_again_whatever_came_between(meanwhile: str) -> None:
    world, contract = held_once(60)
    batch = submit(world, parameters=SAME)
    step(world)
    keep, world.messages.keep_parcels = world.messages.keep_parcels, killed  # type: ignore[method-assign, assignment]
    with pytest.raises(Killed):
        cut_file(world, sample.CLIENT, batch.id, cutting(world, batch).version)
    world.messages.keep_parcels = keep  # type: ignore[method-assign]
    assert world.units.account(sample.CLIENT).parts[batch.id].units == 60

    match meanwhile:
        case "held by another":
            profile = world.registry.profile(sample.CLIENT)
            assert profile
            hold_units(world, profile, contract, sample.TODAY, 1)
        case "given back":
            world.units.give_back(sample.CLIENT, ["d20251124"], 1, epoch=0)
        case _:
            per_month = replace(limited.contract(Level(1, 61), Level(1, 61)), version=3)
            sample.put_in_force(world.registry, sample.CLIENT, per_month)
    live(world)

    account = world.units.account(sample.CLIENT)
    assert cutting(world, batch).stage is CutStage.DONE
    assert set(account.used.values()) == {60 + {"held by another": 1, "given back": -1}.get(meanwhile, 0)}
    assert account.parts == {}


def test_of_a_file_that_is_cancelled_midway_no_part_is_remembered() -> None:
    world, _ = held_once(25_000)
    batch = submit(world, parameters=SAME)
    step(world)
    step(world)
    cut = set(world.units.account(sample.CLIENT).parts)

    cancel_batch(world, sample.CLIENT, batch.id, "key sample")
    world.clock.tick(10)
    step(world)

    assert (cut, set(world.units.account(sample.CLIENT).parts)) == ({batch.id}, set())


def killed(*_: Any) -> None:
    raise Killed


def held_once(units: int) -> tuple[FakeWorld, Contract]:
    """A file of so many, under a contract that has one unit more for it."""
    world = world_with(plain(units))
    once_a_day = {Category.NOTICE: [(1, 86_400)]}
    contract = limited.contract(per_day=Level(1, units + 1), frequency=once_a_day)
    sample.put_in_force(world.registry, sample.CLIENT, replace(contract, version=2))
    return world, contract


def test_a_chain_that_broke_is_taken_up_by_the_sweep() -> None:
    world = world_with(listed(300))
    batch = submit(world)
    world.cut_queue.queue.waiting.clear()

    world.clock.tick(minutes=20)
    swept = sweep_parcels(world)
    live(world)

    assert swept == {"cut_again": 1}
    assert cutting(world, batch).stage is CutStage.DONE
    assert sum(world.carrier.sent.values()) == 300


def test_a_file_whose_batch_was_never_committed_is_left_alone_after_a_day() -> None:
    world = world_with(listed(300))
    batch = submit(world)
    world.cut_queue.queue.waiting.clear()
    del world.messages.batches[sample.CLIENT, batch.id]

    for _ in range(27):
        world.clock.tick(hours=1)
        sweep_parcels(world)

    assert world.cut_queue.queue.waiting == []
    assert cutting(world, batch).due_at is None


def test_the_lists_are_asked_as_a_file_is_cut() -> None:
    world = world_with(listed(150))
    entry = ListEntry(number(7), "a test", world.clock.now(), "asked")
    world.lists.change(sample.CLIENT, ListName(ListKind.BLACK), Act.ADDED, [entry])

    batch = submit(world)
    live(world)

    assert sum(world.carrier.sent.values()) == 149
    refused = [parcel.refused for parcel in parcels(world) if parcel.refused]
    assert [refusal.reason for each in refused for refusal in each.values()] == ["number_on_black_list"]
    assert batch.lists_clock == -1


def test_a_number_that_comes_onto_a_list_after_it_was_cut_gets_nothing() -> None:
    world = world_with(plain(150))
    submit(world, parameters=SAME)
    step(world)
    step(world)
    cut = [parcel.refused for parcel in parcels(world)]

    entry = ListEntry(number(7), "a test", world.clock.now(), "asked")
    world.lists.change(sample.CLIENT, ListName(ListKind.BLACK), Act.ADDED, [entry])
    live(world)

    assert cut == [{}, {}]
    assert sum(world.carrier.sent.values()) == 149
    assert parcels(world)[0].refused[7].reason == "number_on_black_list"


def test_whom_a_list_names_holds_no_unit_and_counts_as_written_to_by_nobody() -> None:
    world = world_with(plain(1_000))
    limits = limited.contract(Level(600, 600), frequency={Category.NOTICE: [(1, 86_400)]})
    sample.put_in_force(world.registry, sample.CLIENT, replace(limits, version=2))
    entries = [ListEntry(number(n), "a test", world.clock.now(), "asked") for n in range(400)]
    world.lists.change(sample.CLIENT, ListName(ListKind.BLACK), Act.ADDED, entries)

    batch = submit(world, parameters=SAME)
    live(world)

    assert cutting(world, batch).stage is CutStage.DONE
    assert world.units.account(sample.CLIENT).used == {"d20251124": 600}
    noted = {told for (_, told), events in world.recent.noted.items() if events}
    assert noted == {number(n) for n in range(400, 1_000)}
    assert sum(world.carrier.sent.values()) == 600


def test_a_file_for_later_is_read_at_once_and_cut_at_its_time() -> None:
    world = world_with(listed(250))
    batch = submit(world, send_at=world.clock.now() + timedelta(days=3))
    step(world)
    step(world)
    read = cutting(world, batch)

    world.clock.tick(days=2)
    early = (step(world), sweep_parcels(world), len(world.messages.parcels))
    world.clock.tick(days=1)
    world.schedule.fire()
    release_batch(world, sample.CLIENT, batch.id, None)
    live(world)

    assert (read.stage, read.recipients) == (CutStage.CUTTING, 250)
    assert early == ([], {}, 0)
    assert sum(world.carrier.sent.values()) == 250


def test_a_file_that_is_released_a_little_early_is_cut_at_its_time() -> None:
    world = world_with(listed(250))
    batch = submit(world, send_at=world.clock.now() + timedelta(hours=1))
    step(world)
    step(world)
    world.clock.tick(timedelta(hours=1).total_seconds() - 0.3)

    release_batch(world, sample.CLIENT, batch.id, None)
    early = (step(world), step(world), cutting(world, batch).parcels)
    world.clock.tick(1)
    live(world)

    assert early == ([Step.WAITS], [], 0)
    assert sum(world.carrier.sent.values()) == 250


def test_a_file_that_is_asked_for_within_a_second_is_cut_as_soon_as_its_schedule_fires() -> None:
    world = world_with(listed(250))
    batch = submit(world, send_at=world.clock.now() + timedelta(hours=1, milliseconds=700), valid_for_s=900)
    step(world)
    step(world)
    world.clock.at = world.schedule.planned[sample.CLIENT, batch.id]

    assert world.schedule.fire() == 1
    release_batch(world, sample.CLIENT, batch.id, None)
    step(world)

    assert len(parcels(world)) == 3


def test_a_file_for_later_whose_schedule_was_lost_is_cut_by_the_sweep() -> None:
    world = world_with(listed(250))
    submit(world, send_at=world.clock.now() + timedelta(days=3))
    step(world)
    step(world)
    world.clock.tick(days=3, minutes=20)

    assert sweep_parcels(world) == {"cut_again": 1}
    live(world)
    assert sum(world.carrier.sent.values()) == 250


def test_the_rest_of_a_file_is_not_sent_when_the_validity_is_over() -> None:
    world = world_with(plain(30_000))
    batch = submit(world, parameters=SAME, valid_for_s=60)
    step(world)
    step(world)

    world.clock.tick(60)
    step(world)

    done = cutting(world, batch)
    assert (done.stage, done.code) == (CutStage.STOPPED, "validity_over")
    assert 0 < done.messages < 30_000


def test_a_cancelled_file_is_cut_no_further_and_what_waits_never_goes() -> None:
    world = world_with(plain(30_000))
    batch = submit(world, parameters=SAME)
    step(world)
    step(world)
    first = parcels(world)[0]
    send_parcel(world, first.client, first.id, 0)

    done = cancel_batch(world, sample.CLIENT, batch.id, "key sample")
    live(world)

    assert done == Cancellation(cancelled=29_900, already_sent=100)
    assert cancel_batch(world, sample.CLIENT, batch.id, "key sample") == done
    assert sum(world.carrier.sent.values()) == 100
    assert cutting(world, batch).code == "cancelled"


def test_a_file_that_is_still_to_be_read_is_cancelled_as_a_whole() -> None:
    world = world_with(listed(250))
    batch = submit(world)

    done = cancel_batch(world, sample.CLIENT, batch.id, "key sample")
    live(world)

    assert done == Cancellation(unread_file=True)
    assert cancel_batch(world, sample.CLIENT, batch.id, "key sample") == done
    assert world.messages.parcels == {}


def test_a_rehearsal_that_is_cancelled_before_its_file_is_read_says_so() -> None:
    world = world_with(plain(250))
    asked = Submission(recipients=(), file=UPLOAD, template="flu-notice", parameters=SAME)
    rehearsal = rehearse_file(world, show_client(world, sample.CLIENT), Mode.LIVE, asked)

    done = cancel_batch(world, sample.CLIENT, rehearsal.id, "key sample")
    live(world)

    assert done == Cancellation(unread_file=True)
    assert cancel_batch(world, sample.CLIENT, rehearsal.id, "key sample") == done


class CancelledWhileCut(FakeMessages):
    """The client cancels just when the nth part's parcels have been stored."""

    cancel: Callable[[], object] | None = None

    def keep_parcels(self, parcels: Any) -> None:
        super().keep_parcels(parcels)
        if self.cancel is not None:
            cancel, self.cancel = self.cancel, None
            cancel()


def test_of_a_cancelled_file_only_what_was_sent_counts_as_written_to() -> None:
    world = world_with(plain(4_500))
    limits = limited.contract(frequency={Category.NOTICE: [(1, 86_400)]})
    sample.put_in_force(world.registry, sample.CLIENT, replace(limits, version=2))
    batch = submit(world, parameters=SAME)
    step(world)
    step(world)
    for parcel in parcels(world)[:7]:
        send_parcel(world, parcel.client, parcel.id, parcel.attempt)

    cancel_batch(world, sample.CLIENT, batch.id, "key sample")

    counting = {told for (_, told), events in world.recent.noted.items() if events}
    assert counting == {number(n) for n in range(700)}


def test_parcels_made_while_the_client_cancels_are_not_sent_either() -> None:
    world = world_with(listed(5_000))
    messages = CancelledWhileCut()
    world.messages = messages
    batch = submit(world)
    step(world)
    step(world)
    # The cancellation has read no parcel yet when the first ones are stored.
    messages.cancel = lambda: messages.save_cutting(
        cutting(world, batch).stopped("cancelled", world.clock.now())
    )

    step(world)
    world.clock.tick(minutes=5)
    sweep_parcels(world)
    send_all(world)

    assert world.carrier.calls == []
    assert {parcel.state for parcel in parcels(world)} == {State.REFUSED}
    assert len(world.messages.parcels) == 20


def test_progress_says_how_far_the_file_has_come() -> None:
    world = world_with(["号码,place", *listed(300)[1:], "12345,x"])
    profile = world.registry.profile(sample.CLIENT)
    assert profile
    batch = submit(world)
    begun = read_progress(world, profile, batch.id)
    live(world)

    ended = read_progress(world, profile, batch.id)

    assert begun.cutting == Cutting(
        client=sample.CLIENT, batch=batch.id, due_at=begun.cutting.due_at if begun.cutting else None
    )
    assert ended.cutting is not None
    assert (ended.cutting.rows, ended.cutting.recipients, ended.cutting.messages) == (301, 300, 300)
    assert ended.states == {MessageState.SUBMITTED: 300}
    told, more = read_batch_messages(world, sample.CLIENT, batch.id, 290, 100)
    assert ([each.number for each in told], more) == ([number(n) for n in range(290, 300)], None)


def night(world: FakeWorld) -> dict[BreakKind, int]:
    tally = tally_day(world.messages.day(sample.CLIENT, sample.TODAY), ChargedOn.ACCEPTED)
    return {finding.kind: finding.count for finding in tally.breaks}


def test_a_file_adds_up_at_every_step_and_a_parcel_that_is_missing_in_the_end_is_found() -> None:
    world = world_with([*listed(5_000), "12345,x"])
    batch = submit(world)
    found = []
    while world.cut_queue.queue.waiting:
        found.append(night(world))
        step(world)
        world.clock.tick(5)
        send_all(world)

    tally = tally_day(world.messages.day(sample.CLIENT, sample.TODAY), ChargedOn.ACCEPTED)
    del world.messages.parcels[sample.CLIENT, f"{batch.id}-0007"]

    assert found == [{}] * len(found)
    assert (tally.units, tally.refused, tally.breaks) == (5_000, {"number_malformed": 1}, ())
    assert night(world) == {BreakKind.PARCELS_MISSING: 1}


def test_a_submission_has_recipients_or_a_file_under_the_same_rules() -> None:
    world = world_with(listed(10))

    with pytest.raises(InvalidInput, match="parameters_wrong"):
        submit(world, parameters={"nothing": "such"})
    world.registry.keep_client(sample.suspended())
    with pytest.raises(Exception, match="client_suspended"):
        submit(world)

    assert world.messages.cuttings == {}


BAD = Word("赌博网站", ContentKind.VIOLENCE_SEX_GAMBLING, Action.REFUSE)
ODD = Word("内部消息", ContentKind.RUMOURS, Action.HOLD)


def test_lines_whose_own_values_hold_what_is_forbidden_get_nothing_and_all_others_their_message() -> None:
    world = world_with(["号码,place", f"{number(1)},赌博网站", f"{number(2)},塔城"])
    world.words.put(BAD, ODD)

    submit(world)
    live(world)

    (parcel,) = parcels(world)
    refused = [(place, refusal.reason) for place, refusal in parcel.refused.items()]
    assert refused == [(0, "content_refused.12")]
    assert [call.numbers for call in world.carrier.calls] == [(number(2),)]


def test_a_word_that_came_after_the_file_was_weighed_still_keeps_its_lines_back() -> None:
    world = world_with(["号码,place", f"{number(1)},内部消息", f"{number(2)},塔城"])
    submit(world)
    step(world)
    step(world)
    world.words.put(ODD)

    live(world)

    (parcel,) = parcels(world)
    refused = [(place, refusal.reason) for place, refusal in parcel.refused.items()]
    assert refused == [(0, "content_needs_review")]


@pytest.mark.parametrize(("outcome", "sent"), [("passed", 250), ("refused", 0)])
def test_a_file_whose_common_text_is_held_is_cut_once_a_person_has_let_it_pass(
    outcome: str, sent: int
) -> None:
    world = world_with(plain(250))
    world.words.put(ODD)
    batch = submit(world, parameters={"place": "内部消息"})
    live(world)
    (case,) = [each.id for each in world.cases.cases.values() if each.kind == "review"]
    before = len(world.messages.parcels)

    give_verdict(world, sample.CLIENT, case, "p-1", "read it", outcome)
    for body in world.release_queue.queue.bodies:
        release_batch(world, *release_record(body))
    live(world)

    assert (before, sum(world.carrier.sent.values())) == (0, sent)
    stopped = (CutStage.STOPPED, "content_refused.13")
    done = cutting(world, batch)
    assert (done.stage, done.code) == ((CutStage.DONE, None) if sent else stopped)


def test_where_the_units_end_the_file_stops() -> None:
    world = world_with(plain(5_000))
    world.registry.contracts[sample.CLIENT].clear()
    world.registry.keep_contract(sample.CLIENT, limited.contract(per_day=Level(4_000, 4_100)))

    batch = submit(world, parameters=SAME)
    live(world)

    done = cutting(world, batch)
    assert (done.stage, done.code) == (CutStage.STOPPED, "units_beyond_day")
    assert sum(world.carrier.sent.values()) == 4_000 == done.messages


@pytest.mark.parametrize("later_s", [0, 10, 40])
def test_all_units_of_a_file_are_held_on_the_day_of_its_batch(later_s: int) -> None:
    world = world_with(plain(6_000))
    world.registry.contracts[sample.CLIENT].clear()
    world.registry.keep_contract(sample.CLIENT, limited.contract(Level(9_000, 9_000), Level(9_000, 9_000)))
    world.clock.at = datetime(2025, 11, 30, 15, 59, 50, tzinfo=UTC)
    batch = submit(world, parameters=SAME)
    step(world)

    world.clock.tick(later_s)
    live(world)

    assert cutting(world, batch).stage is CutStage.DONE
    assert {each.holds for each in parcels(world)} == {("d20251130", "m202511")}
    assert world.units.account(sample.CLIENT).used == {"d20251130": 6_000, "m202511": 6_000}


def test_a_kill_before_or_after_any_call_of_any_step_makes_the_same_batch() -> None:
    lines = [*plain(2_150), "12345"]
    # Not a unit is left for a step that holds twice what it needs.
    level, once_a_day = Level(2_150, 2_150), {Category.NOTICE: [(1, 86_400)]}
    contract = replace(limited.contract(per_day=level, frequency=once_a_day), version=2)
    for at in range(1, 200):
        world = world_with(lines)
        sample.put_in_force(world.registry, sample.CLIENT, contract)
        batch = submit(world, parameters=SAME)
        killed = [at]
        dying = copy(world)
        for name in ("messages", "parts", "queue", "cut_queue", "uploads", "units", "recent"):
            setattr(dying, name, Killing(getattr(world, name), killed))
        try:
            live(world, dying)
        except Killed:
            world.clock.tick(minutes=90)
            sweep_parcels(world)
            live(world)
            world.clock.tick(minutes=6)
            sweep_parcels(world)
            send_all(world)

        assert cutting(world, batch).stage is CutStage.DONE
        assert world.carrier.sent.keys() == {
            (parcel.reference, told) for parcel in parcels(world) for told in parcel.numbers
        }
        assert [told for parcel in parcels(world) for told in parcel.numbers] == [
            number(n) for n in range(2_150)
        ]
        assert set(world.carrier.sent.values()) == {1}
        assert world.units.account(sample.CLIENT).used == {"d20251124": 2_150}
        assert night(world) == {}
        if killed[0] > 0:
            assert at > 20
            return
    raise AssertionError("the steps make more calls than were killed")
