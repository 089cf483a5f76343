"""The parcel's state machine: no order of events loses a message or sends one twice."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.carrier import Accepted, Ambiguous, NotTaken, Refused
from openmas.domain.contract import Category
from openmas.domain.parcel import (
    CALL_LEASE,
    CODES_MAX,
    QUEUE_GRACE,
    REPEATS_MAX,
    MessageState,
    Parcel,
    Refusal,
    State,
)
from openmas.domain.receipts import Receipt
from openmas.domain.tariff import ChargedOn

NOW = datetime(2025, 11, 24, 1, 0, tzinfo=UTC)
NUMBERS = ("13800130001", "13800130002", "13800130003")


def queued(numbers: tuple[str, ...] = NUMBERS) -> Parcel:
    return Parcel(
        client="tacheng-cdc",
        id="202511243abcdefghijkl-0000",
        numbers=numbers,
        units=(2,) * len(numbers),
        category=Category.NOTICE,
        carrier="loopback",
        accepted_at=NOW,
        valid_until=NOW + timedelta(days=1),
    ).queued()


def called() -> Parcel:
    return queued().calling(NOW)


def unknown() -> Parcel:
    return called().answered(Ambiguous("time-out"), 1, NOW)


def receipt(index: int, code: str = "DELIVRD") -> Receipt:
    return Receipt(index, code, NOW)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Accepted("G1"), State.SUBMITTED),
        (Refused("IllegalMac"), State.REFUSED),
        (Refused("RepeatedContent", repeated=True), State.REFUSED),
        (NotTaken("connection refused"), State.QUEUED),
        (Ambiguous("time-out"), State.UNKNOWN),
    ],
)
def test_the_answer_to_a_first_call_decides(answer: object, state: State) -> None:
    assert called().answered(answer, 1, NOW).state is state  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Accepted("G1"), State.SUBMITTED),
        (Refused("RepeatedContent", repeated=True), State.SUBMITTED),
        (Refused("IllegalMac"), State.UNKNOWN),
        (NotTaken("connection refused"), State.UNKNOWN),
        (Ambiguous("time-out"), State.UNKNOWN),
    ],
)
def test_after_an_ambiguous_call_only_proof_ends_the_doubt(answer: object, state: State) -> None:
    again = unknown().repeat(NOW).calling(NOW)

    assert again.answered(answer, 2, NOW).state is state  # type: ignore[arg-type]


def test_a_refusal_of_an_earlier_attempt_says_nothing_about_the_one_under_way() -> None:
    again = unknown().repeat(NOW).calling(NOW)

    assert again.answered(Refused("IllegalMac"), 1, NOW) is again


def test_an_acceptance_is_written_over_a_call_that_was_given_up() -> None:
    late = unknown().answered(Accepted("G1"), 1, NOW)

    assert (late.state, late.group) == (State.SUBMITTED, "G1")


def test_a_receipt_proves_that_an_unknown_call_was_taken() -> None:
    proved = unknown().merge([receipt(1)], NOW)

    assert proved.state is State.SUBMITTED
    assert proved.states() == (MessageState.UNKNOWN, MessageState.DELIVERED, MessageState.UNKNOWN)
    assert proved.billed_places(ChargedOn.ACCEPTED) == (1,)


def test_an_answer_that_came_back_proves_every_message_that_it_did_not_refuse() -> None:
    proved = (
        unknown().repeat(NOW).calling(NOW).answered(Accepted("G1", {NUMBERS[2]: "IllegalMobile"}), 2, NOW)
    )

    assert proved.states() == (MessageState.SUBMITTED, MessageState.SUBMITTED, MessageState.REFUSED)


def test_an_answer_after_a_receipt_adds_the_group_and_keeps_the_receipt() -> None:
    early = called().merge([receipt(0)], NOW)

    late = early.answered(Accepted("G1", {NUMBERS[2]: "IllegalMobile"}), 1, NOW)

    assert late.group == "G1"
    assert late.states() == (MessageState.DELIVERED, MessageState.SUBMITTED, MessageState.REFUSED)


def test_a_carrier_that_holds_what_it_surely_did_not_take_leaves_a_doubt() -> None:
    again = called().answered(NotTaken("429"), 1, NOW).calling(NOW)

    doubtful = again.answered(Refused("RepeatedContent", repeated=True), 2, NOW)

    assert doubtful.state is State.UNKNOWN
    assert doubtful.billed_places(ChargedOn.ACCEPTED) == ()


def test_a_parcel_that_was_never_called_has_no_receipts() -> None:
    assert queued().place_of(NUMBERS[0]) is None


def test_attempts_that_were_not_taken_come_ever_more_rarely() -> None:
    waits = [replace(queued(), attempt=attempt).try_again_s for attempt in range(1, 8)]

    assert waits == [30, 60, 120, 240, 480, 900, 900]


def test_a_carrier_that_repeats_itself_with_new_times_fills_no_parcel() -> None:
    parcel = called()
    for second in range(50):
        parcel = parcel.merge([Receipt(0, "DELIVRD", NOW + timedelta(seconds=50 - second))], NOW)
        parcel = parcel.merge([Receipt(0, f"MK:{second:04d}", NOW)], NOW)

    assert len(parcel.receipts) == CODES_MAX
    assert Receipt(0, "DELIVRD", NOW + timedelta(seconds=1)) in parcel.receipts


def test_a_call_is_repeated_a_few_times_only_and_never_after_its_validity() -> None:
    tired = replace(unknown(), repeats=REPEATS_MAX)

    assert unknown().may_repeat(NOW, 86_400)
    assert not tired.may_repeat(NOW, 86_400)
    assert not unknown().may_repeat(NOW + timedelta(days=1), 10 * 86_400)


def test_what_may_have_been_sent_is_never_closed_as_unsent() -> None:
    waiting = unknown().repeat(NOW)

    assert waiting.closed_unsent(NOW).state is State.UNKNOWN


def test_a_parcel_with_nobody_left_is_refused_and_rests() -> None:
    emptied = queued().refuse({i: Refusal("number_on_black_list") for i in range(3)})

    closed = emptied.closed_unsent(NOW)

    assert (closed.state, closed.due_at) == (State.REFUSED, None)
    assert closed.billed_places(ChargedOn.ACCEPTED) == ()


def test_an_expired_parcel_keeps_the_refusals_it_had() -> None:
    closed = queued().refuse({1: Refusal("number_on_black_list")}).closed_unsent(NOW)

    assert closed.states() == (MessageState.EXPIRED, MessageState.REFUSED, MessageState.EXPIRED)


def test_a_number_taken_out_before_the_call_is_a_stranger_to_receipts() -> None:
    parcel = queued().refuse({1: Refusal("number_on_black_list")}).calling(NOW)

    assert parcel.place_of(NUMBERS[1]) is None
    assert parcel.place_of(NUMBERS[2]) == 2
    assert parcel.to_send == (NUMBERS[0], NUMBERS[2])


def test_the_sweep_looks_again_until_every_message_is_final() -> None:
    submitted = called().answered(Accepted("G1"), 1, NOW)

    partly = submitted.merge([receipt(0), receipt(1, "UNDELIV")], NOW)
    fully = partly.merge([receipt(2)], NOW)

    assert partly.due_at == submitted.due_at
    assert fully.due_at is None


@pytest.mark.parametrize(
    ("deduplicates_s", "after", "may"),
    [
        (0, timedelta(0), False),
        (600, timedelta(minutes=8), True),
        (600, timedelta(minutes=8, seconds=1), False),
    ],
)
def test_a_call_is_repeated_only_while_the_first_copy_is_surely_remembered(
    deduplicates_s: int, after: timedelta, may: bool
) -> None:
    assert unknown().may_repeat(NOW + after, deduplicates_s) is may


def test_the_window_for_repeating_runs_from_the_first_doubtful_call() -> None:
    second = unknown().repeat(NOW).calling(NOW + timedelta(minutes=5))

    lost = second.call_lost(NOW + timedelta(minutes=8))

    assert lost.ambiguous_since == NOW


@given(st.timedeltas(timedelta(0), timedelta(days=2)), st.timedeltas(timedelta(0), timedelta(days=2)))
def test_a_call_is_looked_for_soon_however_late_what_waited_was_to_be(
    waited: timedelta, rests: timedelta
) -> None:
    now = NOW + waited
    parcel = queued().rest(NOW + rests)

    due_at = parcel.calling(now).due_at

    assert due_at is not None
    assert due_at == min(NOW + rests, now + QUEUE_GRACE)


def test_a_call_of_what_was_just_queued_stays_in_its_place_of_the_index() -> None:
    assert queued().calling(NOW + timedelta(seconds=3)).due_at == queued().due_at


def test_a_lease_ends_two_minutes_after_the_call() -> None:
    assert not called().lease_over(NOW + CALL_LEASE - timedelta(seconds=1))
    assert called().lease_over(NOW + CALL_LEASE)


def test_a_new_parcel_is_looked_at_when_its_queue_record_must_have_come() -> None:
    assert queued().due_at == NOW + QUEUE_GRACE


receipts = st.lists(
    st.builds(
        Receipt,
        st.integers(0, 2),
        st.sampled_from(["DELIVRD", "UNDELIV", "MK:0001", "ACCEPTD", "EXPIRED"]),
        st.sampled_from([NOW, NOW + timedelta(seconds=7)]),
    ),
    max_size=12,
)


@given(receipts, st.randoms(use_true_random=False), st.integers(1, 4))
def test_receipts_give_the_same_result_in_any_order_number_and_grouping(
    given_receipts: list[Receipt], order: object, times: int
) -> None:
    start = called().answered(Accepted("G1"), 1, NOW)
    shuffled = given_receipts * times
    order.shuffle(shuffled)  # type: ignore[attr-defined]

    at_once = start.merge(given_receipts, NOW)
    one_by_one = start
    for each in shuffled:
        one_by_one = one_by_one.merge([each], NOW)

    assert replace(one_by_one, version=0) == replace(at_once, version=0)


@given(receipts, receipts)
def test_a_delivered_message_stays_delivered_whatever_comes(
    first: list[Receipt], later: list[Receipt]
) -> None:
    before = called().merge(first, NOW)
    after = before.merge(later, NOW)

    delivered = {i for i, state in enumerate(before.states()) if state is MessageState.DELIVERED}
    final = {i for i, state in enumerate(before.states()) if i not in before.open_places()}

    assert all(after.states()[i] is MessageState.DELIVERED for i in delivered)
    assert final.isdisjoint(after.open_places())


events = st.lists(
    st.one_of(
        st.sampled_from([Accepted("G1"), Refused("X"), Refused("R", True), NotTaken("no"), Ambiguous("?")]),
        st.sampled_from(["sweep", "repeat", "call", "receipt"]),
    ),
    max_size=15,
)


@given(events)
def test_no_history_forgets_that_a_call_may_have_been_taken(history: list[object]) -> None:
    parcel, doubtful, proved = queued(), False, False

    for event in history:
        if event == "call" and parcel.state is State.QUEUED:
            parcel = parcel.calling(NOW)
        elif event == "sweep":
            parcel = parcel.call_lost(NOW)
        elif event == "repeat" and parcel.state is State.UNKNOWN:
            parcel = parcel.repeat(NOW)
        elif event == "receipt" and parcel.attempt:
            parcel = parcel.merge([receipt(0)], NOW)
            proved = True
        elif not isinstance(event, str) and parcel.attempt:
            parcel = parcel.answered(event, parcel.attempt, NOW)  # type: ignore[arg-type]
            proved = proved or isinstance(event, Accepted)
        doubtful = doubtful or parcel.state is State.UNKNOWN

    if doubtful or proved:
        assert parcel.state not in (State.REFUSED, State.EXPIRED)
    if proved:
        assert parcel.state is State.SUBMITTED
