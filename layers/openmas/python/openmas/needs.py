"""What the flows need from the world, one protocol per aggregate; adapters and the tests' fakes fulfil them.

A flow's own `Needs` names just those attributes that it uses, so a handler's grants can be read off it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Protocol, TypeVar

from openmas.domain.activation import Activation, Holder
from openmas.domain.batch import Batch, Intent
from openmas.domain.carrier import Answer, Call, Capabilities
from openmas.domain.case import Case, Closing, Look
from openmas.domain.change import Change
from openmas.domain.client_document import ClientDocument
from openmas.domain.complaints import Complaint
from openmas.domain.content import WordList
from openmas.domain.contract import Contract
from openmas.domain.cutting import Cutting, OfDay, Part
from openmas.domain.filing import Faults
from openmas.domain.inbound import Inbound, KeptInbound, Mo
from openmas.domain.journal import Entry, LateNote, Standing
from openmas.domain.listing import Act, ListChange, ListEntry, ListKind, ListName
from openmas.domain.loading import Loaded, Loading
from openmas.domain.measures import Measure
from openmas.domain.message import ParcelTally
from openmas.domain.parcel import Parcel
from openmas.domain.port import Port
from openmas.domain.profile import ApiKey, Client, Profile
from openmas.domain.receipts import Report
from openmas.domain.sheet import FileForm, Row
from openmas.domain.signing import Signature
from openmas.domain.statement import DayStatement
from openmas.domain.template import Template
from openmas.domain.transfer import Transfer, UploadForm
from openmas.domain.webhook import Door
from openmas.domain.words import WordBook, WordChange

Thing = TypeVar("Thing")
Outcome = TypeVar("Outcome")


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, aware and in UTC."""
        ...


class Entropy(Protocol):
    def draw(self, count: int) -> bytes:
        """So many unpredictable bytes."""
        ...


class Crew(Protocol):
    """Hands for things that do not wait for one another."""

    def each(self, act: Callable[[Thing], Outcome], things: Iterable[Thing]) -> Sequence[Outcome]:
        """Every thing has been acted on, several at a time; the outcomes in the order of the things.

        Raises: the first error, once nothing is under way any more.
        """
        ...


class Registry(Protocol):
    """Clients with their keys, contracts, templates, ports and signatures."""

    def profile(self, client: str, *, fresh: bool = False) -> Profile | None:
        """All that is known of a client; may be up to 5 s old, unless it is asked for fresh."""
        ...

    def client_of_port(self, access_code: str) -> str | None: ...

    def clients(self) -> Sequence[str]: ...

    def keep_client(self, client: Client) -> None: ...

    def keep_key(self, client: str, key: ApiKey) -> None: ...

    def drop_key(self, client: str, sha256: str) -> None: ...

    def holder_of(self, access_code: str) -> Holder | None:
        """Whose access code it is, read consistently; it stays so until another client's takes it over."""
        ...

    def keep_contract(self, client: str, contract: Contract) -> None:
        """The version is stored, a draft until it is activated.

        Raises: Conflict if this version is stored with other content.
        """
        ...

    def activate(self, client: str, activation: Activation, code: str, seen: Holder | None) -> None:
        """The version counts from now on, and its access code leads to the client.

        Raises: Conflict if it counts already, or the code has changed hands since its holder was seen.
        """
        ...

    def keep_document(self, client: str, document: ClientDocument) -> None: ...

    def withdraw_document(self, client: str, document: ClientDocument) -> ClientDocument:
        """A document that was kept stands as withdrawn, by this word or by one that was there first."""
        ...

    def keep_template(self, client: str, template: Template, before: Template | None = None) -> None:
        """The version stands as given, in place of what it was before; a new one that stands is left.

        Raises: Conflict if something else than `before` stands there.
        """
        ...

    def keep_measure(self, client: str, measure: Measure, before: Measure | None = None) -> None:
        """The measure stands as given, in place of what it was before; a new one that stands already is left.

        Raises: Conflict if something else than `before` stands there.
        """
        ...

    def keep_port(self, client: str, port: Port, left_by: str | None = None) -> None:
        """The version is stored over the one before and kept for good; its number leads to the client.

        Shape: `left_by` is a client that left the number behind when its access code became this one's.
        Raises: Conflict if what is stored is not the version before, or the number is another client's or in
        quarantine after it.
        """
        ...

    def port_versions(self, client: str, number: str) -> Sequence[Port]:
        """All versions of a port, the first one first."""
        ...

    def keep_signature(self, client: str, signature: Signature) -> None:
        """The version is stored over the one before and kept for good.

        Raises: Conflict if what is stored is not the version before.
        """
        ...

    def signature_versions(self, client: str, text: str) -> Sequence[Signature]:
        """All versions of a signature, the first one first."""
        ...


class Lists(Protocol):
    """Black, white and opt-out lists, whole or limited to a category or signature."""

    def clock(self, client: str) -> int:
        """A number that grows with every acknowledged change of the client's lists; read consistently."""
        ...

    def listed(
        self, client: str, names: Collection[ListName], numbers: Collection[str]
    ) -> Mapping[ListName, frozenset[str]]:
        """Which of the numbers count as standing on which of the lists; read consistently.

        Shape: whatever is frozen counts on a black or opt-out list and does not on a white one.
        """
        ...

    def change(
        self,
        client: str,
        name: ListName,
        act: Act,
        entries: Sequence[ListEntry],
        *,
        by_operator: bool = False,
    ) -> frozenset[str]:
        """The numbers are added, struck, frozen or thawed, the change is on record, and the clock has moved.

        Shape: the numbers that were not struck, because they are frozen and no operator asks.
        Raises: NotAllowed if a client strikes from a black or opt-out list that is frozen; LimitExceeded if
        the list grows too long.
        """
        ...

    def load(self, client: str, name: ListName, loading: Loading) -> Loaded:
        """All of a file counts, from one moment to the next, and the clock has moved.

        Shape: what others change meanwhile counts as if it came after.
        Raises: as `change`.
        """
        ...

    def freeze(self, client: str, name: ListName, change: Change) -> None:
        """The whole list is frozen, that is on record, and the clock has moved."""
        ...

    def thaw(self, client: str, name: ListName, change: Change) -> None:
        """The list is not frozen as a whole any more, that is on record, and the clock has moved."""
        ...

    def frozen(self, client: str) -> Mapping[ListName, Change | None]:
        """Every list that was ever used, and who froze it."""
        ...

    def entry(self, client: str, name: ListName, number: str) -> ListEntry | None: ...

    def page(
        self, client: str, name: ListName, after: str | None, limit: int
    ) -> tuple[Sequence[ListEntry], str | None]:
        """Some entries, by their last digits, and where to go on (None at the end)."""
        ...

    def changes(
        self, client: str, kind: ListKind, month: str, before: str | None, limit: int
    ) -> tuple[Sequence[ListChange], str | None]:
        """Some changes of a month such as 202511, the newest first, and where to go on (None at the end)."""
        ...


class Transfers(Protocol):
    """Lists that go in or out as files."""

    def find(self, client: str, transfer: str) -> Transfer | None: ...

    def save(self, transfer: Transfer) -> None:
        """The transfer is stored as it stands."""
        ...


class TransferQueue(Protocol):
    """Transfers that are to be carried out."""

    def put(self, transfer: Transfer) -> None: ...


class Uploads(Protocol):
    """Files that clients upload."""

    def form(self, client: str, upload: str) -> UploadForm: ...

    def there(self, client: str, upload: str) -> bool: ...

    def rows(self, client: str, upload: str) -> AbstractContextManager[Iterator[Row]]:
        """The rows of a file, read as they are taken.

        Raises: NotFound if the client has no such file; InvalidInput and LimitExceeded for one that cannot be
        read, also while rows are taken.
        """
        ...


class Exports(Protocol):
    """Files that clients may fetch."""

    def keep(self, client: str, export: str, form: FileForm, rows: Iterable[Sequence[str]]) -> int:
        """The rows stand in a file; how many they were. No cell of it can become a formula."""
        ...

    def link(self, client: str, export: str, form: FileForm) -> str:
        """An address under which the file can be fetched for a quarter of an hour."""
        ...


class Messages(Protocol):
    """Batches and parcels."""

    def keep_intent(self, key_sha256: str, intent: Intent) -> Intent:
        """The intent that stands under the key: this one, or one that was there first and is not too old."""
        ...

    def intent(self, client: str, key_sha256: str) -> Intent | None: ...

    def keep_parcels(self, parcels: Iterable[Parcel]) -> None:
        """Every parcel is stored; those that were there already are as they were."""
        ...

    def keep_batch(self, batch: Batch) -> None:
        """The batch is stored, if it was not there already: from now on its parcels may be sent."""
        ...

    def batch(self, client: str, batch: str) -> Batch | None: ...

    def keep_verdict(self, client: str, batch: str, verdict: Closing) -> Closing:
        """The verdict that stands on a held batch: this one, or an earlier one with the same outcome.

        Raises: Conflict if one with another outcome stands.
        """
        ...

    def verdict(self, client: str, batch: str) -> Closing | None:
        """What a person said of a held batch, read consistently."""
        ...

    def keep_cutting(self, cutting: Cutting) -> None:
        """The cutting is stored, if it was not there already."""
        ...

    def cutting(self, client: str, batch: str) -> Cutting | None:
        """The cutting as it is, read consistently."""
        ...

    def save_cutting(self, cutting: Cutting) -> None:
        """The cutting is stored over the version before.

        Raises: Conflict if the stored cutting is not the version before.
        """
        ...

    def note_waiting(self, client: str, batch: str, units: int, *, in_file: bool = False) -> None:
        """So many units of the batch wait: for its time, or in its file."""
        ...

    def waiting(self, client: str, since: date, *, in_files: bool = False) -> Mapping[str, int]:
        """The units that wait by batch, of those that belong to this day or a later one; may lag a little."""
        ...

    def parcel(self, client: str, parcel: str) -> Parcel | None:
        """The parcel as it is, read consistently."""
        ...

    def save(self, parcel: Parcel) -> None:
        """The parcel is stored over the version before.

        Raises: Conflict if the stored parcel is not the version before.
        """
        ...

    def parcels_of_batch(
        self, client: str, batch: str, after: str | None, limit: int
    ) -> tuple[Sequence[Parcel], str | None]:
        """Some parcels in order, and the last one's id if there are more."""
        ...

    def tallies(
        self, client: str, batch: str, parcels: int, *, may_lag: bool = False
    ) -> Iterator[ParcelTally]:
        """How each parcel of a batch stands, in order; of a batch of about so many parcels.

        Shape: with `may_lag` the newest changes may be missing, at half the price.
        """
        ...

    def day(self, client: str, on: date, *, may_lag: bool = False) -> Iterator[OfDay]:
        """All batches and parcels of a day, each batch with its cutting before its own parcels; read once.

        Shape: with `may_lag` the newest changes may be missing, at half the price.
        """
        ...

    def due(self, before: datetime, limit: int) -> Sequence[tuple[str, str]]:
        """Client and id of overdue open parcels, and of batches whose cutting is overdue, the latest last."""
        ...

    def keep_reference(self, carrier: str, group: str, client: str, parcel: str) -> None: ...

    def find_reference(self, carrier: str, group: str) -> tuple[str, str] | None:
        """Client and id of the parcel that the carrier calls so."""
        ...

    def keep_orphan(self, carrier: str, report: Report, at: datetime) -> None:
        """A receipt that belongs to nothing we know is kept, not dropped."""
        ...

    def orphans_of_day(self, carrier: str, on: date, limit: int) -> Sequence[Report]:
        """Some of the receipts of a carrier that were kept so on a day."""
        ...

    def keep_inbound(self, inbound: Inbound, at: datetime) -> KeptInbound:
        """The message is kept, and stands as it was brought first, however often it is brought."""
        ...

    def end_inbound(self, kept: KeptInbound) -> None:
        """It is on record that all has been done which follows from the message."""
        ...

    def keep_orphan_inbound(self, carrier: str, mo: Mo, at: datetime) -> None:
        """A message to nobody's port, or from a carrier that is not the client's, is kept all the same."""
        ...

    def inbound_of_day(
        self, client: str, on: date, after: str | None, limit: int
    ) -> tuple[Sequence[Inbound], str | None]:
        """Some inbound messages in order of their time, and where to go on (None at the end)."""
        ...


class Pace(Protocol):
    """Slots of time, handed out one after the other under each name of a client."""

    def reserve(self, client: str, name: str, cost_s: float, horizon_s: float) -> float | None:
        """The next free slot under the name is the caller's; how many seconds it is away.

        Shape: None, and no slot is taken, if that is more than the horizon; the next slot begins `cost_s`
        after this one.
        """
        ...


class WorkQueue(Protocol):
    """The urgent and the bulk queue."""

    def put(self, parcels: Sequence[Parcel], *, delay_s: int = 0) -> None:
        """Every parcel of one batch has a record in its queue, to be seen after the delay."""
        ...


class Schedule(Protocol):
    """What is to be released at a time of its own."""

    def add(self, batch: Batch) -> None:
        """The batch is released at its `send_at`, which lies ahead; once, however often it is added."""
        ...

    def drop(self, client: str, batch: str) -> None:
        """The batch is not released by the schedule any more, if it ever was to be."""
        ...


class ReleaseQueue(Protocol):
    """Batches whose parcels are to be put into their queues."""

    def put(self, client: str, batch: str, after: str | None = None, *, cancel: bool = False) -> None:
        """The batch has a record; with `after`, its rest behind that parcel.

        Shape: with `cancel` it is to be closed, not released.
        """
        ...


class CutQueue(Protocol):
    """Batches from files that are to be taken a step further."""

    def put(self, cutting: Cutting, *, delay_s: int = 0) -> None:
        """The step that this version of the cutting waits for has a record, to be seen after the delay."""
        ...


class Parts(Protocol):
    """What was read from the files of batches: recipients part by part, and what is wrong with lines."""

    def keep(self, client: str, batch: str, n: int, part: Part) -> None: ...

    def part(self, client: str, batch: str, n: int) -> Part: ...

    def keep_faults(self, client: str, batch: str, page: int, faults: Faults) -> None: ...

    def faults(self, client: str, batch: str, page: int) -> Faults | None:
        """A page of faults; None where there are no more."""
        ...

    def keep_fault_file(self, client: str, batch: str, rows: Iterable[Sequence[str]]) -> None:
        """The rows stand in a CSV file. No cell of it can become a formula."""
        ...

    def fault_file(self, client: str, batch: str) -> str | None:
        """An address under which that file can be fetched for a quarter of an hour, if there is one."""
        ...


class ReceiptQueue(Protocol):
    """What carriers reported and nobody has settled yet."""

    def put(self, carrier: str, reports: Sequence[Report], *, tries: int = 0, delay_s: int = 0) -> None:
        """The reports are in the queue; `tries` counts how often they found no parcel."""
        ...

    def put_inbound(self, carrier: str, messages: Sequence[Mo]) -> None: ...


class Carrier(Protocol):
    @property
    def capabilities(self) -> Capabilities: ...

    def send(self, call: Call) -> Answer:
        """The call is made once, without retries."""
        ...


class Carriers(Protocol):
    def named(self, name: str) -> Carrier:
        """Raises: Unavailable if no such carrier is set up."""
        ...


class Receiver(Protocol):
    """How one carrier hands in what it has to tell."""

    @property
    def door(self) -> Door: ...

    def parse_receipts(self, body: bytes) -> tuple[Sequence[Report], int]:
        """Those that can be read, one or more, and how many cannot.

        Raises: InvalidInput, LimitExceeded.
        """
        ...

    def parse_inbound(self, body: bytes) -> tuple[Sequence[Mo], int]:
        """The same for inbound messages."""
        ...


class Receivers(Protocol):
    def receiver(self, name: str) -> Receiver:
        """Raises: NotFound if no such carrier is set up."""
        ...


class Cases(Protocol):
    def open(self, case: Case) -> None:
        """The case is open, unless it was opened before."""
        ...

    def find(self, client: str, case: str) -> Case | None:
        """The case of this id, open or not."""
        ...

    def page(self, kind: str | None, after: str | None, limit: int) -> tuple[Sequence[Case], str | None]:
        """Some open cases, all or of one kind, by due time, and where to go on (None at the end).

        Shape: a page may hold fewer than its limit, and still not be the last.
        """
        ...

    def note_look(self, client: str, case: str, look: Look) -> None:
        """That a person looked at what the case is about is on record."""
        ...

    def looks(self, client: str, case: str) -> Sequence[Look]:
        """Who has looked, in the order of time."""
        ...

    def close(self, client: str, case: str, closing: Closing) -> Case:
        """The case as it stands closed; with the same outcome again it stays as it was closed first.

        Raises: NotFound if there is no such case; Conflict if it was closed with another outcome.
        """
        ...


class Complaints(Protocol):
    """What recipients complained of."""

    def keep(self, complaint: Complaint, before: Complaint | None = None) -> None:
        """The complaint stands as given, in place of what it was before; a new one that stands is left.

        Raises: Conflict if something else than `before` stands there.
        """
        ...

    def find(self, client: str, complaint: str) -> Complaint | None: ...

    def since(self, client: str, at: datetime) -> Sequence[Complaint]:
        """The complaints that recipients made from this time on, in the order of their times."""
        ...


class Words(Protocol):
    """The operator's words."""

    def current(self) -> WordList:
        """The words as they are looked for; at most 5 s old."""
        ...

    def book(self) -> WordBook:
        """The newest words with who put them there, read consistently."""
        ...

    def keep(self, book: WordBook, change: WordChange) -> None:
        """The book is the newest one, all at once, and the change that led to it is on record.

        Raises: Conflict if the version before it is not the newest any more.
        """
        ...

    def changes(self, after: str | None, limit: int) -> tuple[Sequence[WordChange], str | None]:
        """What led to the newest book and to those before it, the newest first, and where to go on.

        Shape: a page ends once it is full, but a change is never parted; None at the end.
        """
        ...


class LateFacts(Protocol):
    """The part of the ledger that says which closed days have learnt something."""

    def note_late(self, client: str, on: date) -> None:
        """The night will look at this closed day again."""
        ...


class Ledger(Protocol):
    """Statements in revisions, the entries between them, and what the nights remember."""

    def standing(self, client: str, first_on: date, last_on: date) -> Mapping[date, Standing]:
        """The days of a span that have a statement, in rising order."""
        ...

    def keep_revision(self, statement: DayStatement) -> None:
        """The revision is stored beside the earlier ones.

        Raises: Conflict if this revision is stored with other content.
        """
        ...

    def keep_entry(self, entry: Entry) -> None:
        """The entry is stored, if it was not there already."""
        ...

    def flip(self, statement: DayStatement) -> None:
        """The revision is the current one.

        Raises: Conflict if the revision before it is not the current one.
        """
        ...

    def entries(self, client: str, first_on: date, last_on: date) -> Sequence[Entry]: ...

    def late_notes(self, client: str) -> Sequence[LateNote]: ...

    def clear_late(self, client: str, note: LateNote) -> None:
        """The note is gone, unless it was made again."""
        ...

    def last_night(self, client: str) -> date | None:
        """The day of the newest night that came to its end."""
        ...

    def keep_night(self, client: str, as_of: date) -> None: ...


class NightQueue(Protocol):
    """One record for every client that a night is to reconcile."""

    def put(self, clients: Sequence[str], as_of: date) -> None: ...
