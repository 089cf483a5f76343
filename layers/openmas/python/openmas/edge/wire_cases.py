"""What operators send and get about cases, as JSON.

Shape: where a case is kept, its name and its client hold #, which no address may hold: it reads as a colon.
"""

from collections.abc import Mapping
from typing import Literal

from openmas.domain.case import Case, Closing
from openmas.edge.wire import Why, Wire, plain


class ClosingBody(Wire):
    """POST /v1/operator/cases/{client}/{case}/closing."""

    outcome: Literal["settled", "unfounded"]
    why: Why


def kept_name(name: str) -> str:
    """The name of a case or of its client as it is kept."""
    return name.replace(":", "#")


def case_document(case: Case) -> Mapping[str, object]:
    return {
        "case": case.id.replace("#", ":"),
        "client": case.client.replace("#", ":"),
        "kind": case.kind,
        "on": plain(case.on),
        "due_at": plain(case.due_at),
        "detail": case.detail,
        "closing": closing_document(case.closing) if case.closing else None,
    }


def closing_document(closing: Closing) -> Mapping[str, object]:
    """How a case came to its end; the kind of content only where one was named."""
    told = {"by": closing.by, "why": closing.why, "at": plain(closing.at), "outcome": closing.outcome}
    return told if closing.kind is None else {**told, "kind": closing.kind.value}
