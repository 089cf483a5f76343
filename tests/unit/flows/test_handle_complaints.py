"""A complaint finds its message, and complaints together climb the contract's ladder."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.calendar import shanghai_day
from openmas.domain.carrier import Accepted
from openmas.domain.change import Change
from openmas.domain.complaints import Complaint, Finding, Told
from openmas.domain.ids import message_id
from openmas.domain.limits import ComplaintLadder
from openmas.domain.measures import Cause, Measure, Rung, slowed_to
from openmas.domain.parcel import Parcel
from openmas.domain.profile import Profile
from openmas.domain.statement import day_statement
from openmas.domain.tally import tally_day
from openmas.errors import Conflict, InvalidInput, NotFound
from openmas.flows.handle_complaints import file_complaint, find_complaint, rate_of, settle_complaint
from openmas.flows.keep_cases import close_case
from openmas.flows.keep_measures import appeal, lift_measure
from openmas.flows.keep_templates import keep_template
from openmas.flows.send_parcels import Sent, send_parcel
from tests.fakes import sample
from tests.fakes.deadly import dying
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
    world: FakeWorld, recipients: int = 100, *, n: int = 0, hours_ago: float = 2, **changes: Any
) -> Parcel:
    """A batch of one parcel that the carrier took some hours ago."""
    at = sample.NOW - timedelta(hours=hours_ago)
    batch = replace(sample.batch(recipients, n=n, on=shanghai_day(at), accepted_at=at), **changes)
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


def test_a_message_that_was_accepted_before_the_complaint_and_went_after_it_is_not_what_it_means() -> None:
    world = world_with_ladder()
    before = sent(world, n=1, hours_ago=5)
    late = sent(world, n=2, hours_ago=1)
    went_at = sample.NOW + timedelta(hours=3)
    world.messages.save(replace(late, called_at=went_at, version=late.version + 1))
    world.clock.tick(hours=4)

    complaint, _ = file_complaint(world, profile(world), told(7), "operator")

    assert complaint.message == message_id(before.id, 7)


def test_what_may_have_come_with_a_call_whose_answer_was_lost_may_be_meant() -> None:
    world = world_with_ladder()
    parcel = sent(world, hours_ago=1)
    again = sample.NOW + timedelta(minutes=10)
    world.messages.save(
        replace(parcel, ambiguous_since=parcel.called_at, called_at=again, version=parcel.version + 1)
    )

    complaint, _ = file_complaint(world, profile(world), told(7), "operator")

    assert complaint.message == message_id(parcel.id, 7)


@pytest.mark.parametrize("test", [False, True])
def test_a_message_that_went_to_nobody_is_neither_found_nor_named(test: bool) -> None:
    world = world_with_ladder()
    at = sample.NOW - timedelta(hours=1)
    batch = replace(sample.batch(3, n=2, accepted_at=at), test=test)
    (parcel,) = sample.parcels(batch)
    world.messages.keep_parcels([parcel.calling(at).answered(Accepted("t"), 1, at) if test else parcel])
    world.messages.keep_batch(batch)

    complaint, rate = file_complaint(world, profile(world), told(1), "operator")

    assert (complaint.message, complaint.template, rate.messages) == (None, None, 0)
    with pytest.raises(NotFound, match="message_unknown"):
        file_complaint(world, profile(world), replace(told(1), message=message_id(parcel.id, 1)), "operator")
    live = sent(world, n=1, hours_ago=3)
    assert file_complaint(world, profile(world), told(2), "operator")[0].message == message_id(live.id, 2)


def test_a_message_that_is_named_takes_the_place_of_one_that_was_found_and_the_count_goes_with_it() -> None:
    highest = {"slow_ppm": 900_000, "stop_marketing_ppm": 900_000, "stop_all_ppm": 900_000}
    world = world_with_ladder(replace(LADDER, **highest))
    other = replace(sample.template("other"), change=Change("olga", sample.NOW - timedelta(days=9), "fine"))
    world.registry.keep_template(sample.CLIENT, other)
    meant, newest = sent(world, 50, n=1, hours_ago=5), sent(world, 50, n=2, hours_ago=3, template="other")
    found, _ = file_complaint(world, profile(world), told(7), "operator")
    assert found.message == message_id(newest.id, 7)
    before = [rate_of(world, profile(world), name).complaints for name in ("flu-notice", "other")]
    named = replace(told(7), message=message_id(meant.id, 7))

    tied, rate = file_complaint(world, profile(world), named, "another")
    again, _ = file_complaint(world, profile(world), named, "another")
    unnamed, _ = file_complaint(world, profile(world), told(7), "another")

    assert tied == again == unnamed == find_complaint(world, sample.CLIENT, found.id)
    assert (tied.message, tied.template, tied.starts_at) == (named.message, "flu-notice", meant.accepted_at)
    assert (tied.filed_by, tied.filed_at, tied.at) == ("operator", found.filed_at, found.at)
    after = [rate_of(world, profile(world), name).complaints for name in ("flu-notice", "other")]
    assert (before, after, rate.complaints) == ([0, 1], [1, 0], 1)
    assert [each.rung for each in profile(world).measures] == [Rung.WARN]


@pytest.mark.parametrize(("minutes_later", "tied"), [(5, True), (6, False)])
def test_a_message_that_is_named_had_gone_by_the_time_of_the_complaint(
    minutes_later: int, tied: bool
) -> None:
    world = world_with_ladder()
    parcel = sent(world)
    at = sample.NOW - timedelta(hours=2, minutes=minutes_later)
    named = replace(told(7), at=at, message=message_id(parcel.id, 7))

    with nullcontext() if tied else pytest.raises(NotFound, match="message_unknown"):
        file_complaint(world, profile(world), named, "operator")

    assert [each.message for each in world.complaints.kept.values()] == [named.message] * tied


def test_what_was_found_of_one_message_is_not_moved_to_another() -> None:
    world = world_with_ladder()
    other, _ = sent(world, n=1, hours_ago=5), sent(world, n=2, hours_ago=3)
    complaint, _ = file_complaint(world, profile(world), told(7), "operator")
    settle_complaint(world, profile(world), complaint.id, Finding.UPHELD, "operator", "属实")

    named = replace(told(7), message=message_id(other.id, 7))
    with pytest.raises(Conflict, match="case_closed"):
        file_complaint(world, profile(world), named, "operator")

    assert find_complaint(world, sample.CLIENT, complaint.id).message == complaint.message


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

    measures = [each for each in profile(world).measures if each.template is None]
    assert {each.rung for each in measures} == set(list(Rung)[:complaints])
    highest = next(each for each in measures if each.rung is rung)
    assert highest.stops == stops
    assert slowed_to(measures) == rate_per_s
    assert "complaints about 100 messages" in highest.taken.why


def test_a_template_about_which_too_many_complain_goes_no_more_until_an_appeal_restores_it() -> None:
    world = world_with_ladder()
    world.registry.keep_template(sample.CLIENT, sample.template("other"))
    climb_with_template(world, 3)

    stop = next(each for each in profile(world).measures if each.stops)
    assert (stop.id, stop.template) == ("complaints-stop_all-flu-notice-1", "flu-notice")
    assert (stop.taken.by, stop.taken.why) == (
        "the contract's ladder",
        "3 complaints about 100 messages since 2025-10-25",
    )
    assert profile(world).stopped == frozenset()
    assert sent_now(world, n=7) == "stopped_for_complaints"
    assert sent_now(world, n=8, template="other") is None

    world.clock.tick(minutes=30)
    appeal(world, profile(world), stop.id, "key sample", "都登记过")
    lift_measure(world, profile(world), stop.id, "operator", "属实")

    assert sent_now(world, n=9) is None
    assert rate_of(world, profile(world), "flu-notice").complaints == 0


def test_of_two_complaints_that_reach_the_stop_at_once_neither_is_refused_and_the_client_climbs_too() -> None:
    world = world_with_ladder()
    sent(world)
    for n in range(2):
        file_complaint(world, profile(world), told(n), "operator")
    both_see = profile(world)

    rates = [file_complaint(world, both_see, told(n), f"operator {n}")[1] for n in (2, 3)]

    assert [each.rung for each in rates] == [Rung.STOP_MARKETING, Rung.STOP_ALL]
    stops = [(each.template, each.rung) for each in profile(world).measures if each.stops]
    assert sorted(stops, key=str) == [
        ("flu-notice", Rung.STOP_ALL),
        (None, Rung.STOP_ALL),
        (None, Rung.STOP_MARKETING),
    ]


def sent_now(world: FakeWorld, *, n: int, template: str = "flu-notice") -> str | None:
    """Why a message that was waiting did not go now; None if it did."""
    batch = replace(sample.batch(1, n=n), template=template)
    (parcel,) = sample.parcels(batch)
    world.messages.keep_parcels([parcel])
    world.messages.keep_batch(batch)
    done, after = send_parcel(world, batch.client, parcel.id, 0)
    if done is Sent.CALLED:
        return None
    assert after
    (reason,) = {each.reason for each in after.refused.values()}
    return reason


def climb_with_template(world: FakeWorld, complaints: int = 2) -> None:
    """So much goes by other templates that the client itself is on no rung."""
    for n in range(1, 6):
        sent(world, n=n, hours_ago=3, template="other")
    sent(world)
    for n in range(complaints):
        file_complaint(world, profile(world), told(n), "operator")


def test_a_template_about_which_many_complain_is_slowed_and_the_client_is_not() -> None:
    world = world_with_ladder()

    climb_with_template(world)
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
    climb_with_template(world)
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

    assert again.version == 2
    assert rate_of(world, profile(world), "flu-notice").complaints == 0


def test_what_is_said_of_the_text_before_does_not_count_against_the_one_in_use() -> None:
    world = world_with_ladder()
    sent(world, 40)
    passed = Change("olga", sample.NOW - timedelta(hours=1), "better")
    world.registry.keep_template(sample.CLIENT, replace(sample.template(version=2), change=passed))
    sent(world, n=2, hours_ago=0.5, template_version=2)

    for n in range(4):
        file_complaint(world, profile(world), replace(told(n), at=sample.NOW - timedelta(minutes=40)), "o")
    of_old = rate_of(world, profile(world), "flu-notice")
    file_complaint(world, profile(world), told(50), "operator")

    of_new = rate_of(world, profile(world), "flu-notice")
    assert (of_old.complaints, of_new.complaints, of_new.messages) == (0, 1, 100)
    assert rate_of(world, profile(world)).messages == 140
    assert profile(world).template("flu-notice") is not None


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


def test_of_two_findings_the_first_stands() -> None:
    world = world_with_ladder()
    sent(world)
    complaint, _ = file_complaint(world, profile(world), told(), "operator")
    upheld = settle_complaint(world, profile(world), complaint.id, Finding.UPHELD, "operator", "属实")

    again = settle_complaint(world, profile(world), complaint.id, Finding.UPHELD, "another", "属实")
    with pytest.raises(Conflict, match="case_closed"):
        settle_complaint(world, profile(world), complaint.id, Finding.UNFOUNDED, "another", "不属实")

    assert upheld == again == find_complaint(world, sample.CLIENT, complaint.id)


def test_a_complaint_whose_filing_died_before_its_case_was_open_is_settled_all_the_same() -> None:
    world = world_with_ladder()
    sent(world)
    with dying(world, 1, after=False):
        file_complaint(world, profile(world), told(), "operator")
    ((_, name),) = world.complaints.kept

    settle_complaint(world, profile(world), name, Finding.UNFOUNDED, "operator", "不属实")

    case = world.cases.find(sample.CLIENT, f"complaint#{name}")
    assert case is not None
    assert case.closing is not None
    assert rate_of(world, profile(world)).complaints == 0


def test_who_was_written_to_after_a_finding_moves_nothing_by_telling_it_again() -> None:
    world = world_with_ladder()
    strange, _ = file_complaint(world, profile(world), told(), "operator")
    settled = settle_complaint(world, profile(world), strange.id, Finding.UPHELD, "operator", "属实")
    sent(world)

    again, rate = file_complaint(world, profile(world), told(), "operator")

    assert (again, rate.complaints) == (settled, 0)


def test_after_a_restoration_the_climb_begins_anew() -> None:
    world = world_with_ladder()
    sent(world)
    file_complaint(world, profile(world), told(1), "operator")
    (warning,) = profile(world).measures
    world.clock.tick(minutes=10)
    lift_measure(world, profile(world), warning.id, "operator", "整改完成")
    assert rate_of(world, profile(world)).rung is None

    world.clock.tick(minutes=10)
    _, of_before = file_complaint(world, profile(world), told(2, minutes=20), "operator")
    sent(world, n=3, hours_ago=-0.25)
    _, rate = file_complaint(world, profile(world), told(3, minutes=20), "operator")

    assert (of_before.complaints, rate.complaints, rate.messages) == (0, 1, 100)
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
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from([1, 3]), st.booleans()), min_size=1, max_size=6),
    st.integers(0, 35),
    st.one_of(st.none(), st.integers(0, 35)),
    st.integers(0, 3),
)
def test_both_rates_are_what_a_look_at_every_message_says(
    batches: list[tuple[int, int, bool]], passed_ago: int, lifted_ago: int | None, stated_ago: int
) -> None:
    """Shape: batches by the days and hours since and whether they are of the template; when its text was
    passed, and a measure lifted, two hours earlier in the day; the night that stated all days before it."""
    world, template = world_with_ladder(), sample.template()
    passed_at = sample.NOW - timedelta(days=passed_ago, hours=2)
    went = [
        (n + 1, sample.NOW - timedelta(days=days, hours=hours), of_it)
        for n, (days, hours, of_it) in enumerate(batches)
    ]
    for n, at, of_it in went:
        name, version = (template.id if of_it else "other"), (2 if at >= passed_at else 1)
        hours_ago = (sample.NOW - at) / timedelta(hours=1)
        sent(world, n, n=n, hours_ago=hours_ago, template=name, template_version=version)
    changed = replace(template, version=2, change=Change("olga", passed_at, "better"))
    world.registry.keep_template(sample.CLIENT, changed)
    lifted_at = None
    if lifted_ago is not None:
        lifted_at = sample.NOW - timedelta(days=lifted_ago, hours=2)
        taken, lifted = Change("olga", lifted_at, "too many"), Change("olga", lifted_at, "mended")
        measure = Measure(id="one", cause=Cause.COMPLAINTS, taken=taken, lifted=lifted)
        world.registry.keep_measure(sample.CLIENT, measure)
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
        template_version=2,
        message=message_id(sample.parcel().id, 0),
        starts_at=sample.NOW,
    )
    world.complaints.keep(complaint)

    mine, whole = rate_of(world, profile(world), template.id), rate_of(world, profile(world))

    month_ago = sample.NOW - timedelta(days=30)
    in_month = [each for each in went if shanghai_day(each[1]) >= shanghai_day(month_ago)]

    def naive(*begun_at: datetime | None) -> list[tuple[int, datetime, bool]]:
        """The month's first day counts whole; where the count begins later, it does so to the moment."""
        begins = [at for at in begun_at if at is not None and at > month_ago]
        return [each for each in in_month if all(each[1] >= at for at in begins)]

    assert whole.messages == sum(each for each, _, _ in naive(lifted_at))
    assert mine.messages == sum(each for each, _, of_it in naive(lifted_at, passed_at) if of_it)


def test_what_was_said_before_of_a_message_is_known_when_its_month_is_over() -> None:
    world = world_with_ladder()
    parcel = sent(world)
    first, _ = file_complaint(world, profile(world), told(7), "operator")
    world.clock.tick(days=20)
    again = Told(first.number, world.clock.now(), "10086", "又收到", message_id(parcel.id, 7))
    file_complaint(world, profile(world), again, "operator")
    world.clock.tick(days=11)

    assert rate_of(world, profile(world)).complaints == 0


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

    assert (tied.message, tied.template, tied.category) == (named.message, "flu-notice", parcel.category)
    assert (tied.id, tied.filed_by) == (strange.id, "operator")
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


def test_a_template_that_is_stopped_after_the_case_of_its_warning_was_closed_is_looked_at_again() -> None:
    world = world_with_ladder()
    climb_with_template(world, 1)
    close_case(world, sample.CLIENT, "template#flu-notice#1#warn", "operator", "a slip", "settled")

    for n in range(1, 4):
        file_complaint(world, profile(world), told(n), "operator")

    cases = [each for each in world.cases.cases.values() if each.kind == "template" and not each.closing]
    assert [each.id for each in cases] == ["template#flu-notice#1#slow", "template#flu-notice#1#stop_all"]
    assert cases[-1].detail == "flu-notice: 3 complaints about 100 messages since 2025-10-25"


def test_a_template_about_which_many_complain_is_looked_at_once_for_each_text() -> None:
    world = world_with_ladder()
    sent(world)

    for n in range(2):
        file_complaint(world, profile(world), told(n), "operator")

    case = world.cases.find(sample.CLIENT, "template#flu-notice#1#warn")
    assert case is not None
    assert (case.kind, case.detail) == (
        "template",
        "flu-notice: 1 complaints about 100 messages since 2025-10-25",
    )
    assert case.due_at == sample.NOW + timedelta(hours=24)
    assert profile(world).templates["flu-notice"][-1].sendable


@pytest.mark.parametrize("template", [None, "flu-notice"])
def test_a_template_that_climbs_again_after_a_lifting_is_looked_at_again(template: str | None) -> None:
    highest = {"stop_marketing_ppm": 900_000, "stop_all_ppm": 900_000}
    world = world_with_ladder(replace(LADDER, **highest))
    sent(world)
    for n in range(2):
        file_complaint(world, profile(world), told(n), "operator")
    for rung in ("warn", "slow"):
        close_case(world, sample.CLIENT, f"template#flu-notice#1#{rung}", "operator", "改了名单", "settled")
    world.clock.tick(minutes=30)
    lifted = next(each for each in profile(world).measures if each.template == template)
    lift_measure(world, profile(world), lifted.id, "operator", "改了名单")

    sent(world, n=2, hours_ago=-0.5)
    for n in range(2):
        file_complaint(world, profile(world), told(n, minutes=30), "operator")

    open_ones = [each for each in world.cases.cases.values() if each.kind == "template" and not each.closing]
    assert [each.id for each in open_ones] == [f"template#flu-notice#1#{rung}#2" for rung in ("warn", "slow")]


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
