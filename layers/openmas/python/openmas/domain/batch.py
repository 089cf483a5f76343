"""A batch: what one client submitted in one request, and what was decided about it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from openmas.domain.contract import Category, ServiceKind
from openmas.domain.ids import PARCEL_RECIPIENTS_MAX, parcel_id
from openmas.domain.parcel import Parcel
from openmas.domain.rules import Sending

# How long a request under the same idempotency key is the same request.
IDEMPOTENT_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One accepted submission.

    Shape: `text` is what goes on the air, with signature; `refused` maps a reason code to the places in the
    request that were refused for it; `lists_clock` is how far the client's lists had moved when they were
    asked.
    Units: `units_each` billed segments a message.
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
    carrier: str
    contract: str
    contract_version: int
    lists_clock: int
    recipients: int
    reference: str | None = None
    refused: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def accepted(self) -> int:
        return self.recipients - sum(len(places) for places in self.refused.values())

    @property
    def sending(self) -> Sending:
        return Sending(self.service, self.category, self.template)

    @property
    def parcels(self) -> int:
        return -(-self.accepted // PARCEL_RECIPIENTS_MAX)


def cut(batch: Batch, numbers: tuple[str, ...]) -> Iterator[Parcel]:
    """The parcels of a batch, always the same ones for the same accepted numbers."""
    for n in range(batch.parcels):
        share = numbers[n * PARCEL_RECIPIENTS_MAX : (n + 1) * PARCEL_RECIPIENTS_MAX]
        yield Parcel(
            client=batch.client,
            id=parcel_id(batch.id, n),
            numbers=share,
            units=(batch.units_each,) * len(share),
            category=batch.category,
            carrier=batch.carrier,
            test=batch.test,
            accepted_at=batch.accepted_at,
            valid_until=batch.valid_until,
        ).queued()


@dataclass(frozen=True, slots=True)
class Intent:
    """What a request under an idempotency key was decided to become; `digest` is the SHA-256 of its body."""

    digest: str
    batch: Batch
