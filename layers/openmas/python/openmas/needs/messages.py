"""Batches, parcels, what carriers call them, and what is cut out of files."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from openmas.domain.batch import Batch, Intent
from openmas.domain.case import Closing
from openmas.domain.cutting import Cutting, OfDay, Part
from openmas.domain.filing import Faults
from openmas.domain.inbound import Brought, Inbound, KeptInbound, Mo
from openmas.domain.message import ParcelTally
from openmas.domain.parcel import Parcel
from openmas.domain.receipts import Report
from openmas.domain.refused_submission import RefusedSubmission


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

    def parcels_named(self, client: str, parcels: Sequence[str]) -> Sequence[Parcel]:
        """Those of these parcels that there are, no name given twice, in no order; read consistently."""
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

    def keep_refusal(self, refused: RefusedSubmission) -> None:
        """That a submission was refused as a whole is on record."""
        ...

    def refusals_of_day(
        self, client: str, on: date, before: str | None, limit: int
    ) -> tuple[Sequence[RefusedSubmission], str | None]:
        """Some submissions that were refused as a whole, the newest first, and where to go on."""
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

    def orphan_inbound_of_day(self, on: date, limit: int) -> Sequence[Brought]:
        """What was kept so on a day, carrier by carrier, of each at most so many."""
        ...

    def inbound_of_day(
        self, client: str, on: date, after: str | None, limit: int
    ) -> tuple[Sequence[Inbound], str | None]:
        """Some inbound messages in order of their time, and where to go on (None at the end)."""
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
