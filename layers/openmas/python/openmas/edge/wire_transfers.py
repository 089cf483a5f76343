"""Files of lists on the wire: what clients ask for, and what they are told of it."""

from typing import Annotated, Literal

from pydantic import Field

from openmas.domain.loading import LoadMode
from openmas.domain.sheet import FileForm
from openmas.domain.transfer import Transfer, UploadForm
from openmas.edge.request import Answer, Request
from openmas.edge.wire import Why, Wire, consent_document, plain, reason_document, time_text
from openmas.edge.wire_lists import ConsentBody

_Upload = Annotated[str, Field(pattern=r"^[0-9a-f]{20}$")]


class UploadBody(Wire):
    """POST /v1/uploads."""

    use: Literal["lists", "batches"]


class ImportBody(Wire):
    """POST /v1/lists/{kind}/imports."""

    upload: _Upload
    mode: Literal["replace", "add", "remove"]
    why: Why
    consent: ConsentBody | None = None
    strict: bool = False

    @property
    def load_mode(self) -> LoadMode:
        return LoadMode(self.mode)


class ExportBody(Wire):
    """POST /v1/lists/{kind}/exports."""

    form: Literal["csv", "xlsx"]

    @property
    def file_form(self) -> FileForm:
        return FileForm(self.form)


def upload_document(upload: str, form: UploadForm) -> dict[str, object]:
    """Where to send the file: a form to be posted, with these fields before the file itself."""
    return {"upload": upload, "url": form.url, "fields": dict(form.fields), "bytes_max": form.bytes_max}


def ordered(request: Request, transfer: Transfer) -> Answer:
    """The transfer, which waits; the log line names it, too."""
    request.noted.update(transfer=transfer.id, list=str(transfer.name))
    return Answer(transfer_document(transfer, None), 202)


def transfer_document(transfer: Transfer, link: str | None) -> dict[str, object]:
    """How far a transfer is; of an import also what is wrong in its file, line by line."""
    told = {
        "id": transfer.id,
        "scope": transfer.name.scope or None,
        "state": transfer.state,
        "by": transfer.by,
        "at": time_text(transfer.at),
        "rows": transfer.found.rows,
        "refused": _refusal(transfer),
    }
    if transfer.mode is None:
        return {**told, "form": transfer.form, "url": link}
    faults = [{"line": line, **reason_document(code)} for line, code in transfer.found.faults]
    return {
        **told,
        "mode": transfer.mode,
        "why": transfer.why,
        "consent": consent_document(transfer.consent),
        "strict": transfer.strict,
        "errors": transfer.found.errors,
        "doubles": transfer.found.doubles,
        "faults": faults,
        "faults_url": link,
        "changed": plain(transfer.loaded) if transfer.loaded else None,
    }


def _refusal(transfer: Transfer) -> dict[str, object] | None:
    if transfer.refusal is None:
        return None
    code, pointer = transfer.refusal
    return {**reason_document(code), "pointer": pointer}
