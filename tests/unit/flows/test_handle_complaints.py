"""A complaint finds its message, and complaints together climb the contract's ladder."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.calendar import shanghai_day
from openmas.domain.carrier import Accepted
from openmas.domain.change import Change
from openmas.domain.complaints import Complaint, Finding, Told
from openmas.domain.ids import message_id
from openmas.domain.limits import ComplaintLadder
from openmas.domain.measures import Rung, slowed_to
from openmas.domain.parcel import Parcel
from openmas.domain.profile import Profile
from openmas.domain.statement import day_statement
from openmas.domain.tally import tally_day
from openmas.errors import InvalidInput, NotFound
from openmas.flows.handle_complaints import file_complaint, find_complaint, rate_of, settle_complaint
from openmas.flows.keep_measures import lift_measure
from openmas.flows.keep_templates import keep_template
from openmas.flows.send_parcels import send_parcel
from tests.fakes import sample
from tests.fakes.world import FakeWorld

LADDER = ComplaintLadder(
    messages_min=10,
    warn_ppm=10_000,
    slow_ppm=20_000,
    stop_marketing_ppm=30_000,
    stop_all_ppm=40_000,
    slowed_to_per_s=5,
)


def world_with_ladder(ladder: ComplaintLadder | None = LADDER) -> FakeWorld:
    world = FakeWorld().with_sample()
    changed = replace(sample.contract(), version=2, complaints=ladder)
    sample.put_in_force(world.registry, sample.CLIENT, changed)
    return world


def profile(world: FakeWorld) -> Profile:
    found = world.registry.profile(sample.CLIENT)
    assert found
    return found


def sent(
    world: FakeWorld, recipients: int = 100, *, n: int = 0, hours_ago: float = 2, template: str = "flu-notice"
) -> Parcel:
    """A batch of one parcel that the carrier took some hours ago."""
    at = sample.NOW - timedelta(hours=hours_ago)
    batch = replace(sample.batch(recipients, n=n, on=shanghai_day(at), accepted_at=at), template=template)
    parcel = sample.parcels(batch)[0].calling(at).answered(Accepted(f"group-{n}"), 1, at)
    world.messages.keep_parcels([parcel])
    world.messages.keep_batch(batch)
    return parcel


def told(place: int = 1, *, minutes: float = 0, text: str = "没有同意过") -> Told:
    return Told(f"1380013{place:04d}", sample.NOW + timedelta(minutes=minutes), "12321", text)


def test_a_complaint_is_tied_to_the_newest_message_that_was_seen() -> None:
    world = world_with_ladder()
    sent(world, n=1, hours_ago=30)
    newest = sent(world, n=2, hours_ago=3)

    complaint, _ = file_complaint(world, profile(world), told(7), "operator")

    assert complaint.message == message_id(newest.id, 7)
    assert (complaint.template, complaint.category) == ("flu-notice", "notice")
    case = world.cases.find(sample.CLIENT, f"complaint#{complaint.id}")
    assert case is not None
    assert case.due_at == sample.NOW + timedelta(hours=24)


def test_a_message_that_came_after_the_complaint_is_not_what_it_means() -> None:
    world = world_with_ladder()
    before = sent(world, n=1, hours_ago=5)
    sent(world, n=2, hours_ago=-1)

    complaint, _ = file_complaint(world, profile(world), told(7), "operator")

    assert complaint.message == message_id(before.id, 7)


def test_a_message_that_never_went_is_not_what_it_means() -> None:
    world = world_with_ladder()
    batch = sample.batch(3, accepted_at=sample.NOW - timedelta(hours=1))
    world.messages.keep_parcels(sample.parcels(batch))
    world.messages.keep_batch(batch)

    complaint, rate = file_complaint(world, profile(world), told(1), "operator")

    assert (complaint.message, complaint.template, rate.messages) == (None, None, 0)


def test_an_operator_may_name_the_message() -> None:
    world = world_with_ladder()
    parcel = sent(world, n=1, hours_ago=30)
    sent(world, n=2)
    named = replace(told(7), message=message_id(parcel.id, 7))

    complaint, _ = file_complaint(world, profile(world), named, "operator")

    assert complaint.message == named.message
    with pytest.raises(NotFound):
        file_complaint(
            world, profile(world), replace(told(7), message=f"{parcel.id[:-4]}0009-00"), "operator"
        )


def test_the_same_complaint_told_twice_is_one() -> None:
    world = world_with_ladder()
    sent(world)

    first, _ = file_complaint(world, profile(world), told(), "operator")
    again, rate = file_complaint(world, profile(world), told(), "another")

    assert first == again
    assert (rate.complaints, rate.messages) == (1, 100)


@pytest.mark.parametrize(
    ("complaints", "rung", "stops", "rate_per_s"),
    [
        (1, Rung.WARN, set(), None),
        (2, Rung.SLOW, set(), 5),
        (3, Rung.STOP_MARKETING, {"marketing"}, 5),
        (4, Rung.STOP_ALL, {"verification", "notice", "marketing"}, 5),
    ],
)
def test_complaints_climb_the_ladder_rung_by_rung(
    complaints: int, rung: Rung, stops: set[str], rate_per_s: int | None
) -> None:
    world = world_with_ladder()
    sent(world)

    for n in range(complaints):
        file_complaint(world, profile(world), told(n), "operator")

    measures = profile(world).measures
    assert {each.rung for each in measures} == set(list(Rung)[:complaints])
    highest = next(each for each in measures if each.rung is rung)
    assert highest.stops == stops
    assert slowed_to(measures) == rate_per_s
    assert "complaints about 100 messages" in highest.taken.why


def test_a_template_about_which_too_many_complain_is_stopped_for_what_waits_too() -> None:
    world = world_with_ladder()
    sent(world)
    waiting = sample.batch(1, n=7)
    world.messages.keep_parcels(sample.parcels(waiting))
    world.messages.keep_batch(waiting)

    for n in range(3):
        file_complaint(world, profile(world), told(n), "operator")

    versions = profile(world).templates["flu-notice"]
    assert [each.status for each in versions] == ["approved", "stopped"]
    assert versions[-1].change is not None
    assert (versions[-1].change.by, versions[-1].change.why) == (
        "the contract's ladder",
        "3 complaints about 100 messages since 2025-10-25",
    )
    _, parcel = send_parcel(world, waiting.client, f"{waiting.id}-0000", 0)
    assert parcel is not None
    assert {refusal.reason for refusal in parcel.refused.values()} == {"template_stopped"}


def slow_template(world: FakeWorld) -> None:
    """So much goes by other templates that the client itself is on no rung."""
    for n in range(1, 6):
        sent(world, n=n, hours_ago=3, template="other")
    sent(world)
    for n in range(2):
        file_complaint(world, profile(world), told(n), "operator")


def test_a_template_about_which_many_complain_is_slowed_and_the_client_is_not() -> None:
    world = world_with_ladder()

    slow_template(world)
    file_complaint(world, profile(world), told(1), "operator")

    (measure,) = profile(world).measures
    assert (measure.id, measure.template, measure.rung) == (
        "complaints-slow-flu-notice-1",
        "flu-notice",
        "slow",
    )
    assert (measure.rate_per_s, measure.stops) == (5, frozenset())
    assert measure.taken.why == "2 complaints about 100 messages since 2025-10-25"
    assert [slowed_to([measure], template) for template in ("flu-notice", "other", None)] == [5, None, None]
    assert profile(world).templates["flu-notice"][-1].sendable


def test_a_template_that_is_slowed_no_more_climbs_anew_and_its_client_goes_on_climbing() -> None:
    world = world_with_ladder()
    slow_template(world)
    world.clock.tick(minutes=30)

    lift_measure(world, profile(world), "complaints-slow-flu-notice-1", "operator", "改了发送名单")

    assert rate_of(world, profile(world), "flu-notice").complaints == 0
    assert rate_of(world, profile(world)).complaints == 2
    assert world.release_queue.queue.bodies == [{"client": sample.CLIENT, "port": None}]


def test_complaints_about_another_template_stop_none() -> None:
    world = world_with_ladder()
    sent(world)
    for n in range(2):
        file_complaint(world, profile(world), told(n), "operator")
    other = replace(world.complaints.since(sample.CLIENT, sample.NOW)[0], id="other", template="other")
    world.complaints.keep(other)

    rate = rate_of(world, profile(world), "flu-notice")

    assert (rate.complaints, rate.messages, rate.rung) == (2, 100, Rung.SLOW)
    assert profile(world).templates["flu-notice"][-1].sendable


def test_a_text_that_was_passed_anew_starts_anew() -> None:
    world = world_with_ladder()
    sent(world)
    for n in range(3):
        file_complaint(world, profile(world), told(n), "operator")
    world.clock.tick(minutes=30)

    again = keep_template(
        world, sample.CLIENT, replace(sample.template(), text="新的{place}通知。"), "operator"
    )

    assert again.version == 3
    assert rate_of(world, profile(world), "flu-notice").complaints == 0


def test_the_same_rung_is_not_taken_twice() -> None:
    world = world_with_ladder(
        replace(LADDER, slow_ppm=900_000, stop_marketing_ppm=900_000, stop_all_ppm=900_000)
    )
    sent(world)

    for n in range(9):
        file_complaint(world, profile(world), told(n), "operator")

    assert [each.rung for each in profile(world).measures] == [Rung.WARN]


def test_without_a_ladder_complaints_are_kept_and_nothing_follows() -> None:
    world = world_with_ladder(None)
    sent(world)

    _, rate = file_complaint(world, profile(world), told(), "operator")

    assert (rate.complaints, rate.rung) == (1, None)
    assert profile(world).measures == ()


def test_an_unfounded_complaint_counts_no_more_and_its_case_is_closed() -> None:
    world = world_with_ladder()
    sent(world)
    complaint, _ = file_complaint(world, profile(world), told(), "operator")

    settled = settle_complaint(
        world, profile(world), complaint.id, Finding.UNFOUNDED, "operator", "他本人登记过"
    )

    assert find_complaint(world, sample.CLIENT, complaint.id) == settled
    assert rate_of(world, profile(world)).complaints == 0
    case = world.cases.find(sample.CLIENT, f"complaint#{complaint.id}")
    assert case is not None
    assert case.closing is not None
    assert case.closing.outcome == "unfounded"


def test_after_a_restoration_the_climb_begins_anew() -> None:
    world = world_with_ladder()
    sent(world)
    file_complaint(world, profile(world), told(1), "operator")
    (warning,) = profile(world).measures
    world.clock.tick(minutes=10)
    lift_measure(world, profile(world), warning.id, "operator", "整改完成")
    assert rate_of(world, profile(world)).rung is None

    world.clock.tick(minutes=10)
    file_complaint(world, profile(world), told(2, minutes=20), "operator")

    in_force = [each for each in profile(world).measures if each.in_force]
    assert [each.rung for each in in_force] == [Rung.WARN]
    assert in_force[0].id != warning.id


def test_a_complaint_reads_the_month_once_for_its_template_and_its_client() -> None:
    world = world_with_ladder()
    parcel = sent(world)
    named = replace(told(7), message=message_id(parcel.id, 7))

    class Counting(type(world.complaints)):  # type: ignore[misc]
        asked = 0

        def since(self, client: str, at: datetime) -> Sequence[Complaint]:
            self.asked += 1
            return super().since(client, at)  # type: ignore[no-any-return]

    world.complaints = Counting()
    reads = world.messages.lagging_reads

    _, rate = file_complaint(world, profile(world), named, "operator")

    assert (rate.complaints, rate.messages) == (1, 100)
    assert world.messages.lagging_reads - reads == 31
    assert world.complaints.asked == 1


@given(
    st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=1, max_size=6),
    st.integers(0, 35),
    st.integers(0, 3),
)
def test_both_rates_are_what_a_look_at_every_message_says(
    batches: list[tuple[int, bool]], approved_ago: int, stated_ago: int
) -> None:
    """Shape: batches by the days since and whether they are of the template; when its text was passed; the
    night that stated all days before it."""
    world, template = world_with_ladder(), sample.template()
    for n, (days, of_it) in enumerate(batches):
        at = sample.NOW - timedelta(days=days, hours=2)
        batch = sample.batch(n + 1, n=n, on=shanghai_day(at), accepted_at=at)
        batch = replace(batch, template=template.id if of_it else "other")
        parcel = sample.parcels(batch)[0].calling(at).answered(Accepted(f"group-{n}"), 1, at)
        world.messages.keep_parcels([parcel])
        world.messages.keep_batch(batch)
    passed_at = sample.NOW - timedelta(days=approved_ago)
    changed = replace(template, version=2, change=Change("olga", passed_at, "better"))
    world.registry.keep_template(sample.CLIENT, changed)
    for on in (sample.TODAY - timedelta(days=n) for n in range(40, stated_ago, -1)):
        state(world, on)
    said = told(0)
    complaint = Complaint(
        id="c1",
        client=sample.CLIENT,
        number=said.number,
        at=said.at,
        source="12321",
        text=said.text,
        filed_by="olga",
        filed_at=sample.NOW,
        template=template.id,
        message="m-1",
    )
    world.complaints.keep(complaint)

    mine, whole = rate_of(world, profile(world), template.id), rate_of(world, profile(world))

    month_ago = sample.NOW - timedelta(days=30)

    def naive(since: datetime, *, only: bool) -> int:
        return sum(
            n + 1
            for n, (days, of_it) in enumerate(batches)
            if shanghai_day(sample.NOW - timedelta(days=days, hours=2)) >= shanghai_day(since)
            and (of_it or not only)
        )

    assert whole.messages == naive(month_ago, only=False)
    assert mine.messages == naive(max(month_ago, passed_at), only=True)


def state(world: FakeWorld, on: date) -> None:
    """The night has stated the day."""
    tally = tally_day(world.messages.day(sample.CLIENT, on), None)
    stated = replace(day_statement(sample.CLIENT, on, tally, None, 0), revision=1)
    world.ledger.keep_revision(stated)
    world.ledger.flip(stated)


def test_a_complaint_that_is_still_to_come_is_refused_and_a_fast_clock_is_not() -> None:
    world = world_with_ladder()
    sent(world)

    with pytest.raises(InvalidInput, match="complaint_ahead"):
        file_complaint(world, profile(world), told(minutes=6), "operator")
    complaint, rate = file_complaint(world, profile(world), told(minutes=5), "operator")

    assert (complaint.at, rate.complaints) == (sample.NOW, 1)


def test_who_was_never_written_to_moves_nobody_until_a_message_is_named() -> None:
    world = world_with_ladder()
    parcel = sent(world, hours_ago=24 * 9)

    strange, before = file_complaint(world, profile(world), told(7), "operator")
    assert (strange.message, before.complaints, profile(world).measures) == (None, 0, ())
    assert world.cases.find(sample.CLIENT, f"complaint#{strange.id}")
    named = replace(told(7), message=message_id(parcel.id, 7))
    tied, after = file_complaint(world, profile(world), named, "another")

    assert tied == replace(strange, message=named.message, template="flu-notice", category=parcel.category)
    assert find_complaint(world, sample.CLIENT, strange.id) == tied
    assert (after.complaints, after.rung) == (1, Rung.WARN)


def test_a_message_that_went_to_another_is_not_what_he_means() -> None:
    world = world_with_ladder()
    named = replace(told(7), message=message_id(sent(world).id, 8))

    with pytest.raises(InvalidInput, match="message_of_another"):
        file_complaint(world, profile(world), named, "operator")

    assert world.complaints.kept == {}


def test_one_recipients_complaint_in_three_places_is_one_for_the_ladder() -> None:
    world = world_with_ladder()
    sent(world)

    for source in ("12321", "10086", "门店"):
        _, rate = file_complaint(world, profile(world), replace(told(), source=source), "operator")

    assert len(world.complaints.kept) == 3
    assert (rate.complaints, rate.rung) == (1, Rung.WARN)


def test_a_template_about_which_many_complain_is_looked_at_once_for_each_text() -> None:
    world = world_with_ladder()
    sent(world)

    for n in range(2):
        file_complaint(world, profile(world), told(n), "operator")

    case = world.cases.find(sample.CLIENT, "template#flu-notice#1")
    assert case is not None
    assert (case.kind, case.detail) == (
        "template",
        "flu-notice: 1 complaints about 100 messages since 2025-10-25",
    )
    assert case.due_at == sample.NOW + timedelta(hours=24)
    assert profile(world).templates["flu-notice"][-1].sendable


def test_a_stated_day_is_not_read_again() -> None:
    world = world_with_ladder()
    sent(world, hours_ago=26)
    sent(world, n=1)
    assert rate_of(world, profile(world)).messages == 0
    file_complaint(world, profile(world), told(), "operator")
    reads = world.messages.lagging_reads

    rate = rate_of(world, profile(world))

    assert rate.messages == 200
    assert world.messages.lagging_reads - reads <= 32
