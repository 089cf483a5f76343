"""A file is weighed before it is cut: what stands in lines waits for a person, and a rehearsal tells all."""

import json
from collections import Counter
from collections.abc import Collection
from copy import copy, deepcopy
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.batch import Batch
from openmas.domain.cancellation import Cancellation
from openmas.domain.content import Action, Word
from openmas.domain.content_kinds import ContentKind
from openmas.domain.contract import Category, Contract
from openmas.domain.cutting import CutStage
from openmas.domain.limits import Level
from openmas.domain.listing import BLACK, OPTOUT, Act, ListEntry, ListName
from openmas.domain.parcel import MessageState
from openmas.domain.profile import Mode, Profile
from openmas.domain.records import release_record
from openmas.domain.submission import Submission
from openmas.domain.tally import tally_day
from openmas.domain.tariff import ChargedOn
from openmas.edge.wire import progress_document, reason_document
from openmas.flows.cancel_batches import cancel_batch
from openmas.flows.cut_files import cut_file
from openmas.flows.dry_run import rehearse_file
from openmas.flows.read_messages import read_progress
from openmas.flows.release_batches import release_batch
from openmas.flows.review_content import give_verdict, show_held
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
    step,
    submit,
    world_with,
)
from tests.fakes.world import FakeWorld

BAD = Word("赌博网站", ContentKind.VIOLENCE_SEX_GAMBLING, Action.REFUSE)
ODD = Word("内部消息", ContentKind.RUMOURS, Action.HOLD)
ODDER = Word("绝密文件", ContentKind.SECRETS, Action.HOLD)
DAILY = {Category.NOTICE: [(1, 86_400)]}


def profile(world: FakeWorld) -> Profile:
    found = world.registry.profile(sample.CLIENT)
    assert found
    return found


def under(world: FakeWorld, contract: Contract) -> FakeWorld:
    sample.put_in_force(world.registry, sample.CLIENT, replace(contract, version=2))
    return world


def rehearse(world: FakeWorld, mode: Mode = Mode.LIVE, **more: Any) -> Batch:
    submission = Submission(recipients=(), file=UPLOAD, template="flu-notice", dry_run=True, **more)
    return rehearse_file(world, profile(world), mode, submission)


def told(world: FakeWorld, batch: Batch) -> dict[str, Any]:
    """What its client is told of it, as JSON."""
    document = progress_document(*read_progress(world, profile(world), batch.id))
    answer: dict[str, Any] = json.loads(json.dumps(document))
    return answer


def kept(world: FakeWorld) -> object:
    """Everything that a sending could leave behind."""
    parts = (world.units, world.recent, world.cases, world.ledger, world.lists)
    # A fake that was merely asked about a number may have made room for it.
    filled = [
        {key: each for key, each in held.items() if each}
        for part in parts
        for held in vars(part).values()
        if isinstance(held, dict)
    ]
    queued = (world.queue.urgent.bodies, world.queue.bulk.bodies, world.release_queue.queue.bodies)
    return deepcopy((filled, queued, world.messages.parcels, world.schedule.planned))


def judge(world: FakeWorld, outcome: str) -> None:
    (case,) = [each.id for each in world.cases.cases.values() if each.kind == "review"]
    give_verdict(world, sample.CLIENT, case, "p-1", "read it", outcome)
    for body in world.release_queue.queue.bodies:
        release_batch(world, *release_record(body))


# Lines at which a person must look


@pytest.mark.parametrize(("outcome", "sent"), [("passed", 3), ("refused", 0)])
def test_lines_at_which_a_person_must_look_keep_the_whole_file_until_he_has(outcome: str, sent: int) -> None:
    places = ["塔城", "内部消息", "绝密文件"]
    world = world_with(["号码,place", *(f"{number(n)},{place}" for n, place in enumerate(places))])
    world.words.put(ODD, ODDER)
    batch = submit(world)
    live(world)
    before = (len(world.messages.parcels), told(world, batch)["file"]["held"])

    judge(world, outcome)
    live(world)

    assert before[0] == 0
    assert {each["kind"] for each in before[1]} == {ODD.kind, ODDER.kind}
    assert sum(world.carrier.sent.values()) == sent
    assert told(world, batch)["verdict"]["outcome"] == outcome
    assert [parcel.refused for parcel in parcels(world)] == [{}] * bool(sent)
    assert cutting(world, batch).code == (None if sent else "content_refused")


def test_the_case_says_the_kinds_of_text_and_lines_and_shows_the_doubtful_lines() -> None:
    world = world_with(["号码,place", f"{number(1)},塔城", f"{number(2)},内部消息", f"{number(3)},绝密文件"])
    world.words.put(ODD, ODDER)

    batch = submit(world)
    step(world)
    early = dict(world.cases.cases)
    live(world)

    (case,) = world.cases.cases.values()
    shown = show_held(world, sample.CLIENT, case.id, "p-1")
    assert early == {}
    assert case.detail == "3 messages wait: 11.3.13 虚假信息、谣言; 11.3.20 国家秘密和企业商业秘密"
    assert [text for text, _ in shown.texts] == [
        f"【塔城市疾控中心宣】流感疫苗接种通知：{place}，请携带身份证。" for place in ("内部消息", "绝密文件")
    ]
    assert all(found for _, found in shown.texts)
    assert case.id.endswith(batch.id)


def test_a_held_file_for_later_goes_at_its_time_only_when_it_was_passed() -> None:
    world = world_with(["号码,place", f"{number(1)},内部消息"])
    world.words.put(ODD)
    batch = submit(world, send_at=world.clock.now() + timedelta(hours=3))
    live(world)
    world.clock.tick(hours=3)
    world.schedule.fire()
    release_batch(world, sample.CLIENT, batch.id, None)
    live(world)
    early = len(world.messages.parcels)

    judge(world, "passed")
    live(world)

    assert early == 0
    assert sum(world.carrier.sent.values()) == 1


def test_a_held_file_that_nobody_looked_at_ends_with_its_validity() -> None:
    world = world_with(["号码,place", f"{number(1)},内部消息"])
    world.words.put(ODD)
    batch = submit(world, valid_for_s=3_600)
    live(world)

    world.clock.tick(minutes=70)
    sweep_parcels(world)
    live(world)

    assert (cutting(world, batch).stage, cutting(world, batch).code) == (CutStage.STOPPED, "validity_over")
    assert (world.messages.parcels, world.cut_queue.queue.waiting) == ({}, [])


def test_a_kill_before_or_after_any_call_leaves_nothing_cut_that_nobody_passed() -> None:
    lines = ["号码,place", *(f"{number(n)},{'内部消息' if n == 5 else '塔城'}" for n in range(2_050))]
    for at in range(1, 200):
        world = world_with(lines)
        world.words.put(ODD)
        batch = submit(world)
        killed = [at]
        dying = copy(world)
        for name in ("messages", "parts", "cases", "cut_queue", "uploads"):
            setattr(dying, name, Killing(getattr(world, name), killed))
        try:
            live(world, dying)
        except Killed:
            world.clock.tick(minutes=21)
            sweep_parcels(world)
            live(world)

        assert cutting(world, batch).stage is CutStage.CUTTING
        assert (world.messages.parcels, len(world.cases.cases)) == ({}, 1)
        judge(world, "passed")
        live(world)
        assert sum(world.carrier.sent.values()) == 2_050
        if killed[0] > 0:
            assert at > 15
            return
    raise AssertionError("the steps make more calls than were killed")


# Rehearsals

WRITTEN = st.sampled_from([*sample.numbers(6), "12345", "=1+1"])
PLACES = st.sampled_from(["门诊", "塔城", "城" * 40, "", "赌博网站", "内部消息"])
CONTRACTS = st.sampled_from(
    [limited.contract(), limited.contract(frequency=DAILY), limited.contract(frequency=DAILY, bundle=1_000)]
)


@given(
    st.lists(st.tuples(WRITTEN, PLACES), min_size=1, max_size=12),
    CONTRACTS,
    st.sampled_from(Mode),
    st.booleans(),
)
def test_a_rehearsal_tells_what_then_becomes_of_the_file_and_leaves_nothing_behind(
    lines: list[tuple[str, str]], contract: Contract, mode: Mode, before: bool
) -> None:
    world = world_with(["number,place", *(f"{written},{place}" for written, place in lines)])
    under(world, contract)
    world.words.put(BAD, ODD)
    entry = ListEntry(sample.numbers(6)[0], "a test", world.clock.now(), "asked")
    world.lists.change(sample.CLIENT, BLACK, Act.ADDED, [entry])
    if before:
        early = Submission(recipients=sample.numbers(6)[1:3], template="flu-notice", parameters=SAME)
        submit_batch(world, profile(world), mode, early, "k0", "d0")
    was = kept(world)
    day = list(world.messages.day(sample.CLIENT, sample.TODAY))

    rehearsal = rehearse(world, mode)
    while step(world):
        pass

    assert kept(world) == was
    assert list(world.messages.day(sample.CLIENT, sample.TODAY)) == day
    said = told(world, rehearsal)
    submission = Submission(recipients=(), file=UPLOAD, template="flu-notice")
    batch = submit_batch(world, profile(world), mode, submission, "k1", "d1")
    live(world)
    if said["file"]["held"]:
        judge(world, "passed")
    live(world)
    done = [each for (_, name), each in world.messages.parcels.items() if name.startswith(batch.id)]
    refused = Counter(cutting(world, batch).refused)
    refused.update(refusal.reason for parcel in done for refusal in parcel.refused.values())
    states = Counter(state for parcel in done for state in parcel.states())
    units = sum(units for parcel in done for units in parcel.units) - sum(p.unsent_units for p in done)
    counted = {(each["code"], each["clause"]): each["count"] for each in said["file"]["refused"]}
    by_reason = {code: reason_document(code) for code in refused}
    assert counted == {(by_reason[c]["code"], by_reason[c]["clause"]): n for c, n in refused.items()}
    assert (said["dry_run"], said["file"]["stage"], said["file"]["stopped"]) == (True, "done", None)
    assert (said["accepted"], said["units"]) == (states[MessageState.SUBMITTED], units)
    assert (said["price"] is None) == (mode is Mode.TEST)


def test_a_rehearsal_is_weighed_in_steps_and_tells_how_far_it_is() -> None:
    world = world_with(plain(45_000))
    rehearsal = rehearse(world, parameters=SAME)
    step(world)
    read = told(world, rehearsal)["file"]

    while step(world):
        pass

    done = told(world, rehearsal)
    assert (read["stage"], read["rows"], read["recipients"]) == ("weighing", 45_000, 45_000)
    assert (done["file"]["stage"], done["accepted"], done["units"]) == ("done", 45_000, 45_000)
    assert done["price"]["bundle_left"] == 1_000_000 - 45_000
    assert done["states"] == dict.fromkeys(done["states"], 0)
    assert cutting(world, rehearsal).weighed == cutting(world, rehearsal).parts == 23


def test_a_step_of_a_rehearsal_asks_the_lists_about_each_number_once() -> None:
    world = world_with(plain(45_000))
    rehearse(world, parameters=SAME)
    asked, listed_on = Counter[str](), world.lists.listed

    def counting(client: str, names: Collection[ListName], numbers: Collection[str]) -> object:
        asked.update(numbers)
        return listed_on(client, names, numbers)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.lists, "listed", counting)
        live(world)

    assert (len(asked), set(asked.values())) == (45_000, {1})


@pytest.mark.parametrize(("rows", "stop"), [(5_000, 3_000), (5_000, 4_100), (23_000, 20_500), (2_500, 1)])
def test_a_rehearsal_of_more_than_the_contract_allows_says_where_the_sending_stops(
    rows: int, stop: int
) -> None:
    world = world_with(
        ["号码,place", *(f"{number(n)},塔城" for n in range(rows - 1)), f"{number(rows)},内部消息"]
    )
    under(world, limited.contract(per_day=Level(stop, stop))).words.put(ODD)

    rehearsal = rehearse(world)
    live(world)
    said = told(world, rehearsal)
    accounts = dict(world.units.accounts)
    batch = submit(world)
    live(world)
    judge(world, "passed")
    live(world)

    done = told(world, batch)
    assert accounts == {}
    assert (said["file"]["stage"], done["file"]["stage"]) == ("done", "stopped")
    assert said["file"]["stopped"] == done["file"]["stopped"]
    assert said["file"]["held"] == done["file"]["held"]
    assert said["accepted"] == said["units"] == done["states"]["submitted"] == stop // 2_000 * 2_000
    assert said["price"]["units_from_bundle"] == said["units"]
    assert [each["count"] for each in said["file"]["refused"]] == [rows - said["accepted"]]


def test_a_rehearsal_can_be_cancelled_and_counts_for_nobody() -> None:
    world = world_with(plain(300))
    rehearsal = rehearse(world, parameters=SAME)

    done = cancel_batch(world, sample.CLIENT, rehearsal.id, "key sample")
    live(world)

    tally = tally_day(world.messages.day(sample.CLIENT, sample.TODAY), ChargedOn.ACCEPTED)
    assert done == Cancellation(unread_file=True)
    assert told(world, rehearsal)["file"]["stopped"]["code"] == "cancelled"
    assert (tally.batches, tally.refused, tally.breaks) == (0, {}, ())


def test_a_rehearsal_of_a_file_that_cannot_be_read_says_so() -> None:
    world = world_with(["name,place", "x,y"])

    rehearsal = rehearse(world)
    live(world)

    assert told(world, rehearsal)["file"]["stopped"]["code"] == "column_missing"


def test_a_rehearsal_for_later_is_weighed_at_once() -> None:
    world = world_with(listed(30))

    rehearsal = rehearse(world, send_at=world.clock.now() + timedelta(days=3))
    while step(world):
        pass

    assert told(world, rehearsal)["file"]["stage"] == "done"
    assert world.schedule.planned == {}


def test_a_kill_before_or_after_any_call_of_a_rehearsal_tells_the_same() -> None:
    world = world_with([*plain(21_000), "12345"])
    whole = rehearse(world, parameters=SAME)
    live(world)
    expected = {name: each for name, each in told(world, whole).items() if name != "batch"}
    for at in range(1, 200):
        world = world_with([*plain(21_000), "12345"])
        killed = [at]
        dying = copy(world)
        for name in ("messages", "parts", "lists", "cut_queue", "uploads"):
            setattr(dying, name, Killing(getattr(world, name), killed))
        rehearsal = rehearse(world, parameters=SAME)
        try:
            live(world, dying)
        except Killed:
            for _ in range(2):
                world.clock.tick(minutes=21)
                sweep_parcels(world)
                live(world)

        said = {name: each for name, each in told(world, rehearsal).items() if name in expected}
        assert said == expected
        if killed[0] > 0:
            assert at > 20
            return
    raise AssertionError("the steps make more calls than were killed")


def test_each_record_of_a_rehearsal_weighs_a_part_once() -> None:
    world = world_with(plain(45_000))
    rehearsal = rehearse(world, parameters=SAME)
    while world.cut_queue.queue.waiting:
        bodies = list(world.cut_queue.queue.bodies)
        step(world)
        for body in bodies:
            cut_file(world, body["client"], body["batch"], body["version"])

    assert told(world, rehearsal)["units"] == 45_000


@given(
    st.lists(st.tuples(st.sampled_from(["塔城", "乌苏", BAD.text, "塔城 "]), st.integers(0, 4)), max_size=12),
    st.sampled_from([{}, DAILY]),
    st.sampled_from([None, 86_400]),
    st.integers(1, 13),
)
def test_a_rehearsal_says_what_the_sending_then_does(
    lines: list[tuple[str, int]],
    frequency: dict[Category, list[tuple[int, int]]],
    same_text_within_s: int | None,
    units: int,
) -> None:
    """Of each number: 0 and 1 nothing is known, 2 is on the black list, 3 has opted out, 4 has had one."""
    numbered = [(place, 10 * n + known) for n, (place, known) in enumerate(lines)]
    world = world_with(["号码,place", *(f"{number(n)},{place}" for place, n in numbered)])
    limits = limited.contract(
        Level(units + 1, units + 1), frequency=frequency, same_text_within_s=same_text_within_s
    )
    under(world, limits).words.put(BAD)
    for known, name in ((2, BLACK), (3, OPTOUT)):
        entries = [ListEntry(number(n), "a", sample.NOW, "b") for _, n in numbered if n % 10 == known]
        world.lists.change(sample.CLIENT, name, Act.ADDED, entries)
    had = Submission(
        recipients=tuple([number(n) for _, n in numbered if n % 10 == 4][:1] or ["13800139999"]),
        template="flu-notice",
        parameters={"place": "塔城"},
    )
    submit_batch(world, profile(world), Mode.LIVE, had, "before", "before")

    rehearsal = rehearse(world)
    live(world)
    batch = submit(world)
    live(world)

    said, done = cutting(world, rehearsal), cutting(world, batch)
    refused = Counter(each.reason for parcel in parcels(world) for each in parcel.refused.values())
    assert said.code == done.code
    assert said.accepted == sum(world.carrier.sent.values()) - 1
    if done.code is None:
        assert said.refused == {**done.refused, **refused}
