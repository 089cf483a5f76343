"""A message is told as its parcel knows it."""

from datetime import timedelta

from openmas.domain.carrier import Accepted
from openmas.domain.message import messages_of
from openmas.domain.parcel import MessageState, Refusal
from openmas.domain.receipts import Receipt
from tests.fakes import sample


def test_messages_run_in_the_parcels_order_with_their_names() -> None:
    parcel = sample.parcel(3)

    messages = list(messages_of(parcel))

    assert [message.number for message in messages] == list(parcel.numbers)
    assert [message.id for message in messages] == [f"{parcel.id}-0{n}" for n in range(3)]
    assert list(messages_of(parcel, [1])) == messages[1:2]


def test_receipts_are_told_in_the_order_of_their_times() -> None:
    taken = sample.parcel(1).calling(sample.NOW).answered(Accepted("G1"), 1, sample.NOW)
    late = Receipt(0, "DELIVRD", sample.NOW + timedelta(hours=1))
    early = Receipt(0, "UNDELIV", sample.NOW)

    message = next(messages_of(taken.merge([late, early], sample.NOW)))

    assert message.receipts == (early, late)
    assert message.state is MessageState.DELIVERED


def test_a_refusal_is_told_only_while_it_stands() -> None:
    calling = sample.parcel(2).calling(sample.NOW)
    taken = calling.answered(Accepted("G1", {"13800130000": "IllegalMobile"}), 1, sample.NOW)
    refused = next(messages_of(taken))

    delivered = next(messages_of(taken.merge([Receipt(0, "DELIVRD", sample.NOW)], sample.NOW)))

    assert refused.refusal == Refusal("carrier_number_refused", "IllegalMobile")
    assert delivered.refusal is None
