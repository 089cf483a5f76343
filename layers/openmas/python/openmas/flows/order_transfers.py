"""Order that a list goes in or out as a file; the work itself is done behind the queue."""

from dataclasses import dataclass
from typing import Protocol

from openmas.domain import reasons
from openmas.domain.listing import Consent, ListKind, ListName
from openmas.domain.loading import LoadMode
from openmas.domain.reasons import rejected
from openmas.domain.sheet import FileForm
from openmas.domain.transfer import Transfer, TransferState
from openmas.errors import InvalidInput, NotFound
from openmas.flows.keep_lists import check_signature
from openmas.needs import Clock, Entropy, Exports, Registry, TransferQueue, Transfers, Uploads

ID_BYTES = 10


class Needs(Protocol):
    @property
    def clock(self) -> Clock: ...
    @property
    def registry(self) -> Registry: ...
    @property
    def entropy(self) -> Entropy: ...
    @property
    def transfers(self) -> Transfers: ...
    @property
    def transfer_queue(self) -> TransferQueue: ...
    @property
    def uploads(self) -> Uploads: ...
    @property
    def exports(self) -> Exports: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a client asks to be done with an uploaded file."""

    upload: str
    mode: LoadMode
    why: str
    consent: Consent | None = None
    strict: bool = False


def new_upload(needs: Needs) -> str:
    """A name that no upload has."""
    return needs.entropy.draw(ID_BYTES).hex()


def order_import(needs: Needs, client: str, name: ListName, wanted: Wanted, by: str) -> Transfer:
    """The import is kept and queued.

    Raises: NotFound if the client has not uploaded such a file; InvalidInput for one that would strike
    opt-outs without naming them, and for a list that is limited to a signature that is not the client's.
    """
    check_signature(needs.registry, client, name)
    if wanted.consent is not None and name.kind is not ListKind.WHITE:
        raise rejected(InvalidInput, reasons.CONSENT_MISPLACED)
    if wanted.mode is LoadMode.REPLACE and name.kind is ListKind.OPTOUT:
        raise rejected(InvalidInput, reasons.OPT_OUTS_REPLACED)
    if not needs.uploads.there(client, wanted.upload):
        raise NotFound("upload_unknown", "There is no uploaded file of this name.")
    transfer = Transfer(
        client=client,
        id=new_upload(needs),
        name=name,
        by=by,
        at=needs.clock.now(),
        why=wanted.why,
        consent=wanted.consent,
        upload=wanted.upload,
        mode=wanted.mode,
        strict=wanted.strict,
    )
    return _ordered(needs, transfer)


def order_export(needs: Needs, client: str, name: ListName, form: FileForm, by: str) -> Transfer:
    """The export is kept and queued."""
    at = needs.clock.now()
    return _ordered(needs, Transfer(client=client, id=new_upload(needs), name=name, by=by, at=at, form=form))


def find_transfer(needs: Needs, client: str, name: ListName, transfer: str) -> Transfer:
    """Raises: NotFound if this list of the client has no such import or export."""
    found = needs.transfers.find(client, transfer)
    if found is None or found.name.kind is not name.kind:
        raise NotFound("transfer_unknown", "There is no such import or export of this list.")
    return found


def link_of(needs: Needs, transfer: Transfer) -> str | None:
    """Where an export that is done can be fetched, or the faults of a file whose import is over."""
    if transfer.form is not None and transfer.state is TransferState.DONE:
        return needs.exports.link(transfer.client, transfer.id, transfer.form)
    if transfer.found.faults and transfer.over:
        return needs.exports.link(transfer.client, transfer.id, FileForm.CSV)
    return None


def _ordered(needs: Needs, transfer: Transfer) -> Transfer:
    needs.transfers.save(transfer)
    needs.transfer_queue.put(transfer)
    return transfer
