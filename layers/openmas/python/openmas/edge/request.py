"""A request as a plain value, an answer as the gateway takes it; light enough for every function.

Shape: events are those of an API Gateway HTTP API, payload 2.0; whatever an odd caller or an emulator leaves
out reads as empty.
"""

import json
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from openmas.domain.documents import wrong
from openmas.edge.problems import CONTENT_TYPE, Problem, problem
from openmas.edge.telemetry import Line, line
from openmas.errors import LimitExceeded, OpenMasError, Rejected

BODY_BYTES_MAX = 1_000_000

Handler = Callable[[dict[str, Any], object], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Request:
    """What a caller sent; `noted` is the log line that is open for it.

    Shape: `headers` by lower-case name; `claims` are those of a token that the gateway has verified.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    raw_body: str = ""
    base64: bool = False
    address: str = ""
    claims: Mapping[str, object] = field(default_factory=dict)
    id: str = ""
    noted: Line = field(default_factory=Line)

    @property
    def bearer(self) -> str:
        """The key in the header Authorization; empty if there is none."""
        scheme, _, key = self.headers.get("authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" else ""

    def body(self) -> bytes:
        """The body's bytes, at most a million of them."""
        if len(self.raw_body) > BODY_BYTES_MAX * (4 / 3 if self.base64 else 1) + 4:
            raise _too_large()
        try:
            body = b64decode(self.raw_body, validate=True) if self.base64 else self.raw_body.encode()
        except ValueError as error:
            raise wrong("", "The body's encoding cannot be read.") from error
        if len(body) > BODY_BYTES_MAX:
            raise _too_large()
        return body


@dataclass(frozen=True, slots=True)
class Answer:
    """What the caller gets."""

    document: object
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def answering(
    act: Callable[[Request], Answer], counters: Callable[[], Mapping[str, object]] = dict
) -> Handler:
    """A Lambda handler that hands every request to one act, and every failure back as a problem."""

    def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
        with line("request") as noted:
            request = read_request(event, noted)
            noted.update(method=request.method, path=request.path, request=request.id, outcome="done")
            try:
                answer, kind = act(request), "application/json"
            except Exception as error:  # noqa: BLE001, whatever it is, the caller gets an answer
                said, kind = refusal(request, error), CONTENT_TYPE
                answer = Answer(said.document, said.status, said.headers)
            noted.update(status=answer.status, **counters())
        headers = {"Content-Type": kind, "Cache-Control": "no-store", **answer.headers}
        return {"statusCode": answer.status, "headers": headers, "body": written(answer.document)}

    return handle


def read_request(event: Mapping[str, Any], noted: Line | None = None) -> Request:
    """The request that an event tells of."""
    context = _mapping(event.get("requestContext"))
    http = _mapping(context.get("http"))
    authorizer = _mapping(context.get("authorizer"))
    return Request(
        method=str(http.get("method") or "").upper(),
        path=_path(event, context, http),
        query={str(k): str(v) for k, v in _mapping(event.get("queryStringParameters")).items()},
        headers={str(k).lower(): str(v) for k, v in _mapping(event.get("headers")).items()},
        raw_body=body if isinstance(body := event.get("body"), str) else "",
        base64=event.get("isBase64Encoded") is True,
        address=str(http.get("sourceIp") or ""),
        claims=_mapping(_mapping(authorizer.get("jwt")).get("claims")),
        id=str(context.get("requestId") or ""),
        noted=Line() if noted is None else noted,
    )


def _path(event: Mapping[str, Any], context: Mapping[str, Any], http: Mapping[str, Any]) -> str:
    path = str(event.get("rawPath") or http.get("path") or "/")
    stage = context.get("stage")
    return path.removeprefix(f"/{stage}") if stage and stage != "$default" else path


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def refusal(request: Request, error: Exception) -> Problem:
    """What the caller is told of an error, once the log line knows of it."""
    if isinstance(error, Rejected):
        request.noted.update(outcome="refused", code=error.code)
    else:
        request.noted.failed(error)
    if isinstance(error, OpenMasError) and error.clause is not None:
        request.noted["clause"] = error.clause
    return problem(error, request.id)


def written(document: object) -> str:
    """JSON as it can be sent; half a surrogate pair, as a pointer may hold, is written as an escape."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(document, separators=(",", ":"))
    return text


def _too_large() -> Rejected:
    return LimitExceeded("body_too_large", f"A body holds at most {BODY_BYTES_MAX:,} bytes.")
