"""A batch: what one client submitted in one request, and what was decided about it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from openmas.domain.carrier import Call
from openmas.domain.content_kinds import ContentKind
from openmas.domain.contract import Category, ServiceKind
from openmas.domain.ids import PARCEL_RECIPIENTS_MAX, is_rehearsal, parcel_id
from openmas.domain.listing import Consent
from openmas.domain.parcel import QUEUE_GRACE, Law, Parcel
from openmas.domain.profile import Mode
from openmas.domain.rules import Sending
from openmas.domain.units import Counting, count_units, length_utf16
from openmas.domain.wording import gapped

# How long a request under the same idempotency key is the same request.
IDEMPOTENT_FOR = timedelta(hours=24)
# How often it is looked whether a person has passed what is held, should nobody have said so at once.
HELD_LOOK = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class OwnTexts:
    """Each message of a batch has a text of its own: how it is counted, and what all of them come to.

    Units: `units` billed segments of all accepted messages.
    """

    counting: Counting
    units: int


@dataclass(frozen=True, slots=True)
class FileSource:
    """The uploaded file in which the recipients stand; `parameters` are those that all of them have."""

    upload: str
    parameters: Mapping[str, str] = field(default_factory=dict)


# No list has been asked about all recipients at once: they are asked about each part of a file as it is cut.
LISTS_NOT_ASKED = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One accepted submission.

    Shape: `text` is what goes on the air, with signature, and with `own` still has the template's variables,
    which each parcel's own values fill; `refused` maps a reason code to the places in the request that were
    refused for it; `lists_clock` is how far the client's lists had moved when they were asked; `send_at` is
    the time before which nothing of it is sent, None if it goes at once; `holds` names the counters that hold
    its units; `warnings` are codes of what the client should know although it was accepted; `parcel_size` is
    how many messages a parcel of it holds; `consent` is what the client states of all recipients; `held` are
    the kinds of content for which a person must look at it before anything of it is sent; `noted` is under
    what mark its messages were noted, None where no limit asked for that. With a `file` it
    has no `recipients` and no units of its own: its `Cutting` tells them. What is only rehearsed has its name
    from that, and a file.
    Units: `units_each` billed segments a message; with `own`, of the longest one.
    """

    client: str
    id: str
    accepted_at: datetime
    valid_until: datetime
    test: bool
    service: ServiceKind
    category: Category
    template: str | None
    template_version: int | None
    text: str
    units_each: int
    port: str
    signature: str
    carrier: str
    contract: str
    contract_version: int
    lists_clock: int
    recipients: int
    reference: str | None = None
    consent: Consent | None = None
    own: OwnTexts | None = None
    refused: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    send_at: datetime | None = None
    holds: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    parcel_size: int = PARCEL_RECIPIENTS_MAX
    held: tuple[ContentKind, ...] = ()
    file: FileSource | None = None
    noted: bytes | None = None

    def waits(self, now: datetime) -> bool:
        """Whether its time has not come yet."""
        return self.send_at is not None and now < self.send_at

    @property
    def mode(self) -> Mode:
        """That of the key by which it was submitted."""
        return Mode.TEST if self.test else Mode.LIVE

    @property
    def law(self) -> Law:
        """What it was accepted under."""
        return Law(self.contract, self.contract_version)

    @property
    def rehearsal(self) -> bool:
        """Whether it only asks what would become of it."""
        return is_rehearsal(self.id)

    @property
    def units(self) -> int:
        """The billed segments of all accepted messages."""
        return self.own.units if self.own else self.units_each * self.accepted

    @property
    def accepted(self) -> int:
        return self.recipients - sum(len(places) for places in self.refused.values())

    @property
    def sending(self) -> Sending:
        pinned = (self.template, self.port, self.signature, self.template_version)
        return Sending(self.service, self.category, *pinned, self.law)

    @property
    def parcels(self) -> int:
        return -(-self.accepted // self.parcel_size)


@dataclass(frozen=True, slots=True)
class Said:
    """So many messages of one length. Units: `length` in UTF-16 units, `units` billed segments each."""

    length: int
    units: int
    messages: int


def cut(batch: Batch, numbers: Sequence[str], values: Sequence[tuple[str, ...]] = ()) -> Iterator[Parcel]:
    """The parcels of a batch, always the same ones for the same accepted numbers and their own values."""
    for n in range(batch.parcels):
        share = slice(n * batch.parcel_size, (n + 1) * batch.parcel_size)
        yield Parcel(
            client=batch.client,
            id=parcel_id(batch.id, n),
            numbers=tuple(numbers[share]),
            values=tuple(values[share]),
            units=_units(batch, len(numbers[share]), values[share]),
            category=batch.category,
            carrier=batch.carrier,
            holds=batch.holds,
            test=batch.test,
            accepted_at=batch.accepted_at,
            valid_until=batch.valid_until,
            send_at=batch.send_at,
        ).queued(HELD_LOOK if batch.held else QUEUE_GRACE)


def text_of(batch: Batch, parcel: Parcel, place: int) -> str:
    """What goes on the air as the message at a place of a parcel."""
    return gapped(batch.text).fill(parcel.values[place]) if parcel.values else batch.text


def said_by(batch: Batch, values: Sequence[tuple[str, ...]] = ()) -> tuple[Said, ...]:
    """How long the accepted messages are, each length once, the shortest first."""
    if batch.own is None:
        counts = Counter({(length_utf16(batch.text), batch.units_each): batch.accepted})
    else:
        fill, counting = gapped(batch.text).fill, batch.own.counting
        texts = map(fill, values)
        counts = Counter((length_utf16(text), count_units(text, counting)) for text in texts)
    return tuple(Said(*each, messages) for each, messages in sorted(counts.items()) if messages)


def call_for(batch: Batch, parcel: Parcel) -> Call:
    """The call that carries what is to be sent of a parcel now."""
    text: str | tuple[str, ...] = batch.text
    if parcel.values:
        text = tuple(text_of(batch, parcel, place) for place in parcel.places_to_send)
    return Call(parcel.reference, parcel.attempt, batch.port, text, parcel.to_send)


def _units(batch: Batch, count: int, values: Sequence[tuple[str, ...]]) -> tuple[int, ...]:
    if batch.own is None:
        return (batch.units_each,) * count
    fill, counting = gapped(batch.text).fill, batch.own.counting
    return tuple([count_units(fill(each), counting) for each in values])


@dataclass(frozen=True, slots=True)
class Intent:
    """What a request under an idempotency key was decided to become; `digest` is the SHA-256 of its body."""

    digest: str
    batch: Batch
