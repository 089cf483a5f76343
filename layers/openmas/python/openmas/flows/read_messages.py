"""Tell a client what became of what it submitted, and what was written back to it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice
from typing import NamedTuple, Protocol

from openmas.domain.batch import Batch, text_of
from openmas.domain.case import Closing
from openmas.domain.cutting import CutStage, Cutting, parcels_there
from openmas.domain.ids import batch_of, day_of, parcel_id, split_message
from openmas.domain.inbound import Inbound
from openmas.domain.message import Message, messages_of
from openmas.domain.parcel import MessageState, Parcel, charged_states
from openmas.domain.profile import Profile
from openmas.domain.review import kinds_held
from openmas.errors import NotFound
from openmas.flows import usage
from openmas.flows.known_batch import Needs as BatchNeeds
from openmas.flows.known_batch import known_batch
from openmas.flows.usage import Price, price_of
from openmas.needs import Clock

PARCELS_A_READ = 50


class Needs(usage.ReadNeeds, Protocol):
    @property
    def clock(self) -> Clock: ...


class Progress(NamedTuple):
    """A batch and how far it has come.

    Shape: `cutting` of a batch from a file; `price` of a rehearsal that has come to its end.
    Units: `units_charged` billed segments that the contract charges by what is known now; none for a test.
    """

    batch: Batch
    states: Mapping[MessageState, int]
    units_charged: int
    verdict: Closing | None = None
    cutting: Cutting | None = None
    price: Price | None = None


def read_progress(needs: Needs, profile: Profile, batch_id: str) -> Progress:
    """The batch with its messages counted by state.

    Raises: NotFound for a batch that is not this client's.
    """
    batch = known_batch(needs, profile.client.id, batch_id)
    cutting = needs.messages.cutting(batch.client, batch.id) if batch.file else None
    contract = profile.contract_on(day_of(batch.id))
    charged = charged_states(contract.tariff.charged_on) if contract and not batch.test else frozenset()
    states: Counter[MessageState] = Counter()
    units = 0
    for parcel in needs.messages.tallies(batch.client, batch.id, parcels_there(batch, cutting), may_lag=True):
        states.update({state: each.messages for state, each in parcel.tally.items()})
        units += sum(each.units for state, each in parcel.tally.items() if state in charged)
    verdict = needs.messages.verdict(batch.client, batch.id) if kinds_held(batch, cutting) else None
    price = _price(needs, profile, batch, cutting) if cutting and batch.rehearsal else None
    return Progress(batch, states, units, verdict, cutting, price)


def _price(needs: Needs, profile: Profile, batch: Batch, cutting: Cutting) -> Price | None:
    if cutting.stage is not CutStage.DONE:
        return None
    return price_of(needs, profile, batch, cutting.units, needs.clock.now())


def read_batch_messages(
    needs: Needs, client: str, batch_id: str, start: int, limit: int
) -> tuple[Sequence[Message], int | None]:
    """So many messages of the batch from a place on, and the place to go on from (None at the end)."""
    batch = known_batch(needs, client, batch_id)
    first, skipped = divmod(start, batch.parcel_size)
    after = parcel_id(batch.id, first - 1) if first else None
    found = (message for parcel in _parcels(needs, batch, after) for message in messages_of(parcel))
    messages = tuple(islice(found, skipped, skipped + limit))
    end = start + len(messages)
    return messages, end if messages and end < accepted_by(needs, batch) else None


def read_message(needs: Needs, client: str, message_id: str) -> Message:
    """The message with its text as it went, or would have gone, on the air.

    Raises: NotFound for a message that is not this client's.
    """
    parcel_name, place = split_message(message_id)
    parcel = needs.messages.parcel(client, parcel_name)
    # A parcel without its batch was never accepted.
    batch = needs.messages.batch(client, batch_of(parcel_name))
    if parcel is None or place >= len(parcel.numbers) or batch is None:
        raise NotFound("message_unknown", "There is no message of this name.")
    return replace(next(messages_of(parcel, [place])), text=text_of(batch, parcel, place))


def read_inbound(
    needs: Needs, client: str, on: date, after: str | None, limit: int
) -> tuple[Sequence[Inbound], str | None]:
    """So many inbound messages of the day from a place on, and the place to go on from (None at the end)."""
    return needs.messages.inbound_of_day(client, on, after, limit)


def accepted_by(needs: BatchNeeds, batch: Batch) -> int:
    """How many recipients of the batch have become messages, at most; of a file's, as far as it is cut."""
    if batch.file is None:
        return batch.accepted
    cutting = needs.messages.cutting(batch.client, batch.id)
    if cutting is None:
        return 0
    # A step that died just then may have left more parcels than the cutting knows of.
    return cutting.recipients if cutting.stage is CutStage.STOPPED else cutting.messages


def _parcels(needs: Needs, batch: Batch, after: str | None = None) -> Iterator[Parcel]:
    while True:
        parcels, after = needs.messages.parcels_of_batch(batch.client, batch.id, after, PARCELS_A_READ)
        yield from parcels
        if after is None:
            return
