"""Records of the queues: what goes in and what comes out again, two inverse functions for each kind.

    urgent, bulk   {"client": "tacheng-cdc", "parcel": "202511243…-0000", "attempt": 0}
    receipts       {"carrier": "loopback", "tries": 0, "reports": [
                       {"number": …, "code": …, "at": 1763946000, "group": …, "reference": …}]}
    receipts       {"carrier": "loopback", "inbound": [
                       {"id": …, "number": …, "port": …, "text": …, "at": 1763946000}]}
    release        {"client": "tacheng-cdc", "batch": "202511243…", "after": "202511243…-0999"}
    release        {"client": "tacheng-cdc", "port": "1065…", "parcels": ["202511243…-0000"]}
    cut            {"client": "tacheng-cdc", "batch": "202511243…", "version": 3}
    transfer       {"client": "tacheng-cdc", "transfer": "0f1e…"}
    night          {"client": "tacheng-cdc", "as_of": "2025-11-24"}

Times are whole seconds since 1970: carriers know no finer ones.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from openmas.domain.cutting import Cutting
from openmas.domain.inbound import Brought, Mo
from openmas.domain.parcel import Parcel
from openmas.domain.receipts import Report, Reported
from openmas.errors import InvalidInput

Body = Mapping[str, Any]


def parcel_body(parcel: Parcel) -> Body:
    return {"client": parcel.client, "parcel": parcel.id, "attempt": parcel.attempt}


def parcel_record(body: Body) -> tuple[str, str, int]:
    """Client and id of the parcel that is to be sent, and how many attempts had been made before.

    Raises: InvalidInput for a record that is none of ours.
    """
    client, parcel, attempt = body.get("client"), body.get("parcel"), body.get("attempt")
    if not isinstance(client, str) or not isinstance(parcel, str) or type(attempt) is not int:
        raise _unreadable()
    return client, parcel, attempt


def receipts_body(reported: Reported) -> Body:
    reports = [report_body(report) for report in reported.reports]
    return {"carrier": reported.carrier, "tries": reported.tries, "reports": reports}


def receipts_record(body: Body) -> Reported:
    """The reports in a record.

    Raises: InvalidInput for a record that is none of ours.
    """
    try:
        return Reported(body["carrier"], tuple(map(_report, body["reports"])), body["tries"])
    except (ArithmeticError, KeyError, TypeError, ValueError) as error:
        raise _unreadable() from error


def inbound_body(carrier: str, messages: Sequence[Mo]) -> Body:
    return {"carrier": carrier, "inbound": [mo_body(mo) for mo in messages]}


def inbound_record(body: Body) -> Brought:
    """The inbound messages in a record.

    Raises: InvalidInput for a record that is none of ours.
    """
    try:
        return Brought(body["carrier"], tuple(map(_mo, body["inbound"])))
    except (ArithmeticError, KeyError, TypeError, ValueError) as error:
        raise _unreadable() from error


def release_body(client: str, batch: str, after: str | None = None, *, cancel: bool = False) -> Body:
    more = {**({} if after is None else {"after": after}), **({"cancel": True} if cancel else {})}
    return {"client": client, "batch": batch, **more}


def release_record(body: Body) -> tuple[str, str, str | None, bool]:
    """Client and id of the batch that is to be released, behind which parcel, if not all of it; or cancelled.

    Raises: InvalidInput for a record that is none of ours.
    """
    client, batch, after = body.get("client"), body.get("batch"), body.get("after")
    cancel = body.get("cancel", False)
    if not isinstance(client, str) or not isinstance(batch, str) or not isinstance(after, str | None):
        raise _unreadable()
    if not isinstance(cancel, bool):
        raise _unreadable()
    return client, batch, after, cancel


def port_body(client: str, port: str | None, parcels: Sequence[str] = ()) -> Body:
    return {"client": client, "port": port, **({"parcels": list(parcels)} if parcels else {})}


def port_record(body: Body) -> tuple[str, str | None, tuple[str, ...]]:
    """Client and number of the port on which waiting parcels are to be looked at; which, if it says so.

    Shape: without a number they wait on any port of the client.

    Raises: InvalidInput for a record that is none of ours.
    """
    client, port, parcels = body.get("client"), body.get("port"), body.get("parcels", [])
    if not isinstance(client, str) or not isinstance(port, str | None) or not isinstance(parcels, list):
        raise _unreadable()
    if "port" not in body or not all(isinstance(parcel, str) for parcel in parcels):
        raise _unreadable()
    return client, port, tuple(parcels)


def cut_body(cutting: Cutting) -> Body:
    return {"client": cutting.client, "batch": cutting.batch, "version": cutting.version}


def cut_record(body: Body) -> tuple[str, str, int]:
    """Client and id of the batch whose file is to be taken a step further, and the version it stands at.

    Raises: InvalidInput for a record that is none of ours.
    """
    client, batch, version = body.get("client"), body.get("batch"), body.get("version")
    if not isinstance(client, str) or not isinstance(batch, str) or type(version) is not int:
        raise _unreadable()
    return client, batch, version


def transfer_body(client: str, transfer: str) -> Body:
    return {"client": client, "transfer": transfer}


def transfer_record(body: Body) -> tuple[str, str]:
    """Client and id of the import or export that is to be carried out.

    Raises: InvalidInput for a record that is none of ours.
    """
    client, transfer = body.get("client"), body.get("transfer")
    if not isinstance(client, str) or not isinstance(transfer, str):
        raise _unreadable()
    return client, transfer


def night_body(client: str, as_of: date) -> Body:
    return {"client": client, "as_of": as_of.isoformat()}


def night_record(body: Body) -> tuple[str, date]:
    """The client that is to be reconciled, and the day on which the night falls.

    Raises: InvalidInput for a record that is none of ours.
    """
    try:
        return str(body["client"]), date.fromisoformat(body["as_of"])
    except (ArithmeticError, KeyError, TypeError, ValueError) as error:
        raise _unreadable() from error


def report_body(report: Report) -> Body:
    """One report as it stands in a record; what is not known is left out."""
    body = {"number": report.number, "code": report.code, "at": int(report.at.timestamp())}
    if report.group is not None:
        body["group"] = report.group
    if report.reference is not None:
        body["reference"] = report.reference
    return body


def mo_body(mo: Mo) -> Body:
    """One inbound message as it stands in a record."""
    return {"id": mo.id, "number": mo.number, "port": mo.port, "text": mo.text, "at": int(mo.at.timestamp())}


def _report(body: Body) -> Report:
    return Report(body["number"], body["code"], _at(body), body.get("group"), body.get("reference"))


def _mo(body: Body) -> Mo:
    return Mo(body["id"], body["number"], body["port"], body["text"], _at(body))


def _at(body: Body) -> datetime:
    return datetime.fromtimestamp(body["at"], UTC)


def _unreadable() -> InvalidInput:
    return InvalidInput("record_unreadable", "The record has not the form that this queue holds.")
