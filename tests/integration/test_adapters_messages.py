"""Batches and parcels: the fake and the real store keep the same promises."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import count

import pytest

from openmas.adapters import calls
from openmas.domain.batch import Batch, Intent
from openmas.domain.carrier import Accepted
from openmas.domain.content_kinds import ContentKind
from openmas.domain.cutting import Cutting, Lines, Weighed
from openmas.domain.ids import SHARDS, parcel_id, rehearsed
from openmas.domain.ids import batch_of as id_of_batch
from openmas.domain.inbound import Inbound, KeptInbound, Mo
from openmas.domain.message import ParcelTally, Tally
from openmas.domain.parcel import Law, MessageState, Parcel, Refusal
from openmas.domain.receipts import Receipt, Report
from openmas.domain.refused_submission import RefusedSubmission
from openmas.errors import Conflict, NotFound
from openmas.needs import Messages
from tests.fakes import sample
from tests.fakes.world import FakeWorld
from tests.integration.conftest import Platform

KEY = "ab" * 32
_names = count()


@pytest.fixture(params=["fake", "aws"])
def messages(request: pytest.FixtureRequest) -> Messages:
    if request.param == "fake":
        return FakeWorld().messages
    platform: Platform = request.getfixturevalue("platform")
    return platform.world().messages


@pytest.fixture
def client() -> str:
    """A client of its own for every test, so that the tests share one emulator in peace."""
    return f"messages-{next(_names)}"


def batch_of(client: str, recipients: int = 3, n: int = 0) -> Batch:
    return replace(sample.batch(recipients, n=n), client=client)


def kept(messages: Messages, client: str, recipients: int = 3, n: int = 0) -> tuple[Batch, list[Parcel]]:
    batch = batch_of(client, recipients, n)
    parcels = list(sample.parcels(batch))
    messages.keep_parcels(parcels)
    messages.keep_batch(batch)
    return batch, parcels


def pages(messages: Messages, client: str, batch: str, limit: int) -> Iterator[list[str]]:
    after = None
    while True:
        found, after = messages.parcels_of_batch(client, batch, after, limit)
        yield [parcel.id for parcel in found]
        if after is None:
            return


def test_an_unknown_batch_or_parcel_is_none(messages: Messages, client: str) -> None:
    batch = batch_of(client)

    assert messages.batch(client, batch.id) is None
    assert messages.parcel(client, f"{batch.id}-0000") is None
    assert messages.intent(client, KEY) is None


@pytest.mark.parametrize(
    "name", ["", "x", "202511240aaaaaaaaaaaa", "202511240aaaaaaaaaaaa-00000", "../../etc"]
)
def test_what_is_no_parcels_name_is_not_found(messages: Messages, client: str, name: str) -> None:
    with pytest.raises(NotFound):
        messages.parcel(client, name)


@pytest.mark.parametrize("name", ["", "x", "202511249aaaaaaaaaaaa", "202511240aaaaaaaaaaaa-0000"])
def test_what_is_no_batchs_name_is_not_found(messages: Messages, client: str, name: str) -> None:
    with pytest.raises(NotFound):
        messages.batch(client, name)
    with pytest.raises(NotFound):
        messages.parcels_of_batch(client, name, None, 10)


def test_what_was_kept_is_read_as_it_was(messages: Messages, client: str) -> None:
    batch, parcels = kept(messages, client, recipients=250)

    assert messages.batch(client, batch.id) == batch
    assert [messages.parcel(client, parcel.id) for parcel in parcels] == parcels


def test_one_client_never_sees_what_another_keeps(messages: Messages, client: str) -> None:
    batch, parcels = kept(messages, client)

    assert messages.batch(f"{client}-other", batch.id) is None
    assert messages.parcel(f"{client}-other", parcels[0].id) is None
    assert messages.parcels_of_batch(f"{client}-other", batch.id, None, 10) == ([], None)
    assert list(messages.day(f"{client}-other", sample.TODAY)) == []


def test_the_first_intent_under_a_key_stands(messages: Messages, client: str) -> None:
    first, second = Intent("one", batch_of(client, n=1)), Intent("two", batch_of(client, n=2))

    assert messages.keep_intent(KEY, first) == first
    assert messages.keep_intent(KEY, second) == first
    assert messages.intent(client, KEY) == first


def test_a_batch_that_is_kept_again_is_as_it_was(messages: Messages, client: str) -> None:
    batch, _ = kept(messages, client)

    messages.keep_batch(replace(batch, text="other"))

    assert messages.batch(client, batch.id) == batch


def test_parcels_that_are_kept_again_are_as_they_have_become(messages: Messages, client: str) -> None:
    _, parcels = kept(messages, client, recipients=450)
    called = parcels[2].calling(sample.NOW)
    messages.save(called)

    messages.keep_parcels(parcels)

    assert messages.parcel(client, called.id) == called


def test_a_parcel_is_saved_over_the_version_before(messages: Messages, client: str) -> None:
    _, (parcel,) = kept(messages, client)
    refused = parcel.refuse({1: Refusal("number_on_black_list"), 2: Refusal("carrier_number_refused", "X:1")})

    called = refused.calling(sample.NOW)
    messages.save(called)
    submitted = called.answered(Accepted("G1"), 1, sample.NOW + timedelta(milliseconds=250))
    messages.save(submitted)
    settled = submitted.merge([Receipt(0, "DELIVRD", sample.NOW)], sample.NOW)
    messages.save(settled)

    assert messages.parcel(client, parcel.id) == settled


def test_of_two_that_change_one_parcel_the_second_is_told(messages: Messages, client: str) -> None:
    _, (parcel,) = kept(messages, client)
    first, second = parcel.calling(sample.NOW), parcel.calling(sample.NOW)
    messages.save(first)

    with pytest.raises(Conflict):
        messages.save(second)

    assert messages.parcel(client, parcel.id) == first


def test_a_parcel_that_is_not_there_cannot_be_changed(messages: Messages, client: str) -> None:
    parcel = replace(sample.parcel(), client=client)

    with pytest.raises(Conflict):
        messages.save(parcel.calling(sample.NOW))

    assert messages.parcel(client, parcel.id) is None


@pytest.mark.parametrize(("limit", "sizes"), [(1, [1, 1, 1]), (2, [2, 1]), (3, [3]), (10, [3])])
def test_a_batch_is_read_page_by_page(messages: Messages, client: str, limit: int, sizes: list[int]) -> None:
    batch, parcels = kept(messages, client, recipients=300)
    kept(messages, client, recipients=300, n=8)

    found = list(pages(messages, client, batch.id, limit))

    assert [len(page) for page in found] == sizes
    assert [name for page in found for name in page] == [parcel.id for parcel in parcels]


@pytest.mark.parametrize("may_lag", [False, True])
def test_a_day_holds_every_batch_and_parcel_of_the_day_and_no_other(
    messages: Messages, client: str, may_lag: bool
) -> None:
    mine = [kept(messages, client, recipients=150, n=n) for n in range(12)]
    other = replace(sample.batch(n=1, on=sample.TODAY - timedelta(days=1)), client=client)
    messages.keep_batch(other)
    messages.keep_parcels(sample.parcels(other))

    day = [
        each for each in messages.day(client, sample.TODAY, may_lag=may_lag) if not isinstance(each, Cutting)
    ]

    expected = {batch.id: batch for batch, _ in mine} | {p.id: p for _, some in mine for p in some}
    assert {each.id: each for each in day} == expected
    assert len(day) == 36


def test_the_tallies_of_a_batch_count_its_messages_and_no_others(messages: Messages, client: str) -> None:
    batch, parcels = kept(messages, client, recipients=250, n=1)
    kept(messages, client, recipients=70, n=2)
    called = parcels[0].calling(sample.NOW)
    messages.save(called)
    messages.save(called.answered(Accepted("G1", {parcels[0].numbers[0]: "IllegalMac"}), 1, sample.NOW))
    out = parcels[2].refuse({0: Refusal("number_on_black_list")})
    messages.save(out.stopped("cancelled", sample.NOW))

    found = list(messages.tallies(client, batch.id, batch.parcels))

    assert found == [
        ParcelTally(
            parcels[0].id, {MessageState.REFUSED: Tally(1, 1), MessageState.SUBMITTED: Tally(99, 99)}, 0
        ),
        ParcelTally(parcels[1].id, {MessageState.QUEUED: Tally(100, 100)}, 0),
        ParcelTally(parcels[2].id, {MessageState.REFUSED: Tally(50, 50)}, 49),
    ]
    assert [each.waiting for each in found] == [0, 100, 0]


@pytest.mark.parametrize("about", [0, 1, 800, 801, 1_700, 9_999])
def test_a_batch_of_many_parcels_stands_in_order_however_many_were_expected(
    messages: Messages, client: str, about: int
) -> None:
    batch, _ = kept(messages, client, recipients=1, n=3)
    (one,) = sample.parcels(batch_of(client, 1, 3))
    places = [*range(795, 805), 1_599, 1_600, 9_999, 10_000, 10_001]
    messages.keep_parcels(replace(one, id=parcel_id(batch.id, n)) for n in places)

    found = [each.parcel for each in messages.tallies(client, batch.id, about, may_lag=True)]

    assert found == [parcel_id(batch.id, n) for n in (0, *places)]


def test_in_a_day_each_batch_comes_before_its_cutting_and_that_before_its_own_parcels(
    messages: Messages, client: str
) -> None:
    for n in range(20):
        batch, _ = kept(messages, client, recipients=150, n=n)
        messages.keep_cutting(Cutting(client=client, batch=batch.id))

    day = list(messages.day(client, sample.TODAY))

    names = [(type(each), each.batch if isinstance(each, Cutting) else each.id) for each in day]
    places = {name: place for place, name in enumerate(names)}
    parcels = [each for each in day if isinstance(each, Parcel)]
    assert len(parcels) == 40
    for parcel in parcels:
        batch_name = id_of_batch(parcel.id)
        assert places[Batch, batch_name] < places[Cutting, batch_name] < places[Parcel, parcel.id]


def test_a_cutting_is_kept_once_and_moved_on_from_the_version_before_only(
    messages: Messages, client: str
) -> None:
    batch, _ = kept(messages, client)
    begun = Cutting(client=client, batch=batch.id, due_at=sample.NOW)
    messages.keep_cutting(begun)
    lines = Lines(rows=300, recipients=250, refused={"number_malformed": 50}, units=251)
    read = begun.read(lines, sample.NOW, weigh=True)
    messages.save_cutting(read)
    messages.keep_cutting(begun)

    with pytest.raises(Conflict):
        messages.save_cutting(begun.stopped("cancelled", sample.NOW))

    assert messages.cutting(client, batch.id) == read
    assert messages.cutting(client, sample.batch(n=77).id) is None
    found = Weighed((ContentKind.RUMOURS,), (3, 240), {"number_on_black_list": 2}, 2)
    weighed = read.weighed_on(found, sample.NOW)
    messages.save_cutting(weighed)
    assert messages.cutting(client, batch.id) == weighed
    stopped = weighed.stopped("units_beyond_day", sample.NOW, Law("[2024]02445号", 2))
    messages.save_cutting(stopped)
    assert messages.cutting(client, batch.id) == stopped


def test_a_parcel_keeps_the_law_that_each_of_its_refusals_was_made_under(
    messages: Messages, client: str
) -> None:
    _, (parcel, *_) = kept(messages, client)
    laws = [Law("[2024]02445号", version) for version in (2, 3)]
    under = parcel.refuse({0: Refusal("number_too_often")}, laws[0])
    under = under.refuse({1: Refusal("number_on_black_list")}, laws[1]).stopped("cancelled", sample.NOW)

    messages.save(under)

    found = messages.parcel(client, parcel.id)
    assert found == under
    assert found is not None
    assert [found.refused[place].under for place in range(3)] == [*laws, None]


def test_what_waits_is_told_by_batch_from_a_day_on_until_nothing_does(
    messages: Messages, client: str
) -> None:
    days = [sample.TODAY + timedelta(days=n) for n in range(-1, 3)]
    names = [sample.batch(n=90, on=on).id for on in days]
    for units, name in enumerate(names, 5):
        messages.note_waiting(client, name, units)
        messages.note_waiting(client, name, units * 10, in_file=True)
    messages.note_waiting(client, names[2], 0)
    messages.note_waiting(f"{client}x", names[3], 7)

    assert messages.waiting(client, sample.TODAY) == {names[1]: 6, names[3]: 8}
    in_files = messages.waiting(client, sample.TODAY, in_files=True)
    assert in_files == dict(zip(names[1:], (60, 70, 80), strict=True))
    assert messages.waiting(client, days[-1] + timedelta(days=1)) == {}


def test_what_is_rehearsed_is_in_no_day_but_the_sweep_sees_it(messages: Messages, client: str) -> None:
    batch = replace(sample.batch(n=78), client=client, id=rehearsed(sample.batch(n=78).id))
    cutting = Cutting(client=client, batch=batch.id, due_at=sample.NOW)
    messages.keep_cutting(cutting)
    messages.keep_batch(batch)

    assert messages.batch(client, batch.id) == batch
    assert list(messages.day(client, sample.TODAY)) == []
    assert list(messages.tallies(client, batch.id, 0)) == []
    assert messages.parcels_of_batch(client, batch.id, parcel_id(batch.id, 0), 10) == ([], None)
    assert (client, batch.id) in messages.due(sample.NOW, 10_000)


def test_the_sweep_sees_a_batch_whose_cutting_is_due(messages: Messages, client: str) -> None:
    batch, _ = kept(messages, client)
    cutting = Cutting(client=client, batch=batch.id, due_at=sample.NOW)
    messages.keep_cutting(cutting)
    before = overdue(messages, client)

    messages.save_cutting(cutting.stopped("cancelled", sample.NOW))

    assert batch.id in before
    assert batch.id not in overdue(messages, client)


def test_a_day_is_read_once(platform: Platform, client: str) -> None:
    messages = platform.world(OPENMAS_COUNT_CALLS="1").messages
    kept(messages, client, recipients=150)
    calls.take()

    assert len(list(messages.day(client, sample.TODAY))) == 3
    assert calls.take()["aws_calls"] == SHARDS


def overdue(messages: Messages, client: str, **after: float) -> list[str]:
    before = sample.batch().accepted_at + timedelta(**after)
    return [name for owner, name in messages.due(before, 10_000) if owner == client]


def test_parcels_are_read_by_their_names_as_they_are(messages: Messages, client: str) -> None:
    _, parcels = kept(messages, client, 250)
    _, other = kept(messages, client, n=1)
    moved = parcels[0].calling(sample.NOW)
    messages.save(moved)
    names = [moved.id, parcels[2].id, other[0].id, f"{parcels[0].id[:-4]}0777"]

    found = messages.parcels_named(client, names)

    assert sorted(found, key=lambda parcel: parcel.id) == [moved, parcels[2], other[0]]
    assert messages.parcels_named(client, []) == []
    assert messages.parcels_named(f"{client}-other", names[:1]) == []


def test_the_sweep_sees_a_parcel_once_it_is_due(messages: Messages, client: str) -> None:
    _, parcels = kept(messages, client, recipients=900)

    assert overdue(messages, client, minutes=4, seconds=59) == []
    assert sorted(overdue(messages, client, minutes=5)) == [parcel.id for parcel in parcels]


def test_the_sweep_no_longer_sees_a_parcel_at_rest(messages: Messages, client: str) -> None:
    _, (resting, moved) = kept(messages, client, recipients=101)

    messages.save(resting.rest(None))
    messages.save(moved.rest(sample.NOW + timedelta(hours=2)))

    assert overdue(messages, client, hours=1) == []
    assert overdue(messages, client, hours=3) == [moved.id]


def test_the_sweep_takes_the_longest_overdue_first(messages: Messages, client: str) -> None:
    # Long ago, so that in the shared index nothing else is as overdue.
    long_ago = sample.NOW - timedelta(days=3_000)
    _, parcels = kept(messages, client, recipients=400)
    for n, parcel in enumerate(parcels):
        messages.save(parcel.rest(long_ago + timedelta(minutes=n)))

    found = messages.due(sample.NOW, 16)

    assert [name for owner, name in found if owner == client] == [parcel.id for parcel in parcels]
    assert len(messages.due(sample.NOW, 2)) == 2


def test_a_carriers_name_for_a_call_leads_to_its_parcel(messages: Messages, client: str) -> None:
    parcel = sample.parcel()

    messages.keep_reference("loopback", client, client, parcel.id)

    assert messages.find_reference("loopback", client) == (client, parcel.id)
    assert messages.find_reference("other", client) is None
    assert messages.find_reference("loopback", f"{client}-other") is None


def test_an_orphan_may_be_kept_twice_and_is_read_by_carrier_and_day(messages: Messages, client: str) -> None:
    by_group = Report("13800130001", "DELIVRD", sample.NOW, group="G1")
    by_reference = Report("13800130001", "MK:0001", sample.NOW, reference="a/b")
    nameless = Report("13800130001", "DELIVRD", sample.NOW)

    for report in (by_group, by_reference, nameless, by_group):
        messages.keep_orphan(client, report, sample.NOW)
    messages.keep_orphan(f"{client}-other", by_group, sample.NOW)

    found = messages.orphans_of_day(client, sample.TODAY, 10)
    assert sorted(map(str, found)) == sorted(map(str, (by_group, by_reference, nameless)))
    assert len(messages.orphans_of_day(client, sample.TODAY, 2)) == 2
    assert not messages.orphans_of_day(client, sample.TODAY + timedelta(days=1), 10)


@pytest.mark.parametrize("limit", [1, 2, 4, 5])
def test_refusals_are_read_by_shanghai_day_the_newest_first_each_once(
    messages: Messages, client: str, limit: int
) -> None:
    midnight = sample.NOW.replace(hour=16, minute=0)
    *of_day, next_day = (
        replace(sample.refused_submission(midnight + timedelta(seconds=after), "k"), client=client, test=test)
        for after, test in [(-7200, False), (-1, False), (-1, True), (-0.5, False), (0, False)]
    )

    for refused in (next_day, *of_day, of_day[0]):
        messages.keep_refusal(refused)

    found, before = list[RefusedSubmission](), None
    for _ in range(-(-len(of_day) // limit)):
        page, before = messages.refusals_of_day(client, sample.TODAY, before, limit)
        found += page
        assert len(page) <= limit
    assert before is None
    assert [each.at for each in found] == [each.at for each in reversed(of_day)]
    assert {str(each) for each in found} == {str(each) for each in of_day}
    assert messages.refusals_of_day(client, sample.TODAY + timedelta(days=1), None, 9) == ([next_day], None)
    assert messages.refusals_of_day(f"{client}-other", sample.TODAY, None, 9) == ([], None)


def inbound_of_day(messages: Messages, client: str, on: date = sample.TODAY) -> list[Inbound]:
    found, end = messages.inbound_of_day(client, on, None, 1_000)
    assert end is None
    return list(found)


def test_nobodys_inbound_message_may_be_kept_twice_and_is_read_by_day_and_carrier(
    messages: Messages, client: str
) -> None:
    mo = Mo("m1", "13800130001", "1065000000000", "R", sample.NOW)
    # Carriers give one name to messages of several numbers.
    another = replace(mo, number="13800130002")
    carriers = (client, f"{client}-b", f"{client}0")

    for each in (mo, another, mo):
        messages.keep_orphan_inbound(client, each, sample.NOW)
    for carrier in carriers[1:]:
        messages.keep_orphan_inbound(carrier, mo, sample.NOW)

    assert inbound_of_day(messages, client) == []
    found = {each.carrier: each.messages for each in messages.orphan_inbound_of_day(sample.TODAY, 10)}
    assert [found[carrier] for carrier in carriers] == [(mo, another), (mo,), (mo,)]
    fewer = {each.carrier: each.messages for each in messages.orphan_inbound_of_day(sample.TODAY, 1)}
    assert [fewer[carrier] for carrier in carriers] == [(mo,)] * 3
    later = messages.orphan_inbound_of_day(sample.TODAY + timedelta(days=1), 10)
    assert not {each.carrier for each in later} & set(carriers)


def test_inbound_messages_are_read_by_shanghai_day_and_in_order(messages: Messages, client: str) -> None:
    midnight = sample.NOW.replace(hour=16, minute=0)
    late, early, next_day = (
        Inbound(name, client, "13800130001", "1065097332714", "R", midnight + timedelta(seconds=after))
        for name, after in [("a", -1), ("b", -7200), ("c", 0)]
    )

    for inbound in (late, early, next_day, late):
        messages.keep_inbound(inbound, sample.NOW)

    assert inbound_of_day(messages, client) == [early, late]
    assert inbound_of_day(messages, client, sample.TODAY + timedelta(days=1)) == [next_day]


def test_an_inbound_message_stands_as_it_was_brought_first(messages: Messages, client: str) -> None:
    inbound = Inbound("m1", client, "13800130001", "1065097332714", "R", sample.NOW)
    first = KeptInbound(inbound, sample.NOW + timedelta(seconds=3))
    later = sample.NOW + timedelta(hours=5)

    assert messages.keep_inbound(inbound, first.kept_at) == first
    assert messages.keep_inbound(inbound, later) == first
    messages.end_inbound(first)

    assert messages.keep_inbound(inbound, later) == replace(first, done=True)
    assert inbound_of_day(messages, client) == [inbound]
    other = replace(inbound, number="13800130002")
    assert messages.keep_inbound(other, later) == KeptInbound(other, later)


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
def test_a_day_of_inbound_messages_comes_in_pages_also_where_a_carrier_gives_one_id_twice(
    messages: Messages, client: str, limit: int
) -> None:
    sent = [
        Inbound("same", client, f"1380013000{n}", "10650", "R", sample.NOW + timedelta(seconds=n))
        for n in range(7)
    ]

    for inbound in reversed(sent):
        messages.keep_inbound(inbound, sample.NOW)

    found, sizes = list[Inbound](), list[int]()
    after: str | None = None
    for _ in range(-(-len(sent) // limit)):
        page, after = messages.inbound_of_day(client, sample.TODAY, after, limit)
        found += page
        sizes.append(len(page))
    assert found == sent
    assert after is None
    assert all(size == limit for size in sizes[:-1])


def test_a_day_that_fills_more_than_one_page_of_the_store_is_read_whole(
    messages: Messages, client: str
) -> None:
    long = "长" * 13_000
    sent = [
        Inbound(f"i{n:02d}", client, "13800130001", "1065097332714", long, sample.NOW + timedelta(seconds=n))
        for n in range(40)
    ]

    for inbound in sent:
        messages.keep_inbound(inbound, sample.NOW)

    assert inbound_of_day(messages, client) == sent
