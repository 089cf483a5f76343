"""HTTP in, HTTP out: a request becomes a plain value, an answer JSON, and every failure a problem document.

Shape: events are those of an API Gateway HTTP API, payload 2.0; whatever an odd caller or an
emulator leaves out reads as empty.
"""

import gc
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, unquote

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response

from openmas.edge.problems import CONTENT_TYPE
from openmas.edge.request import Answer, Handler, Request, read_request, refusal, written
from openmas.edge.telemetry import line
from openmas.errors import NotFound

__all__ = ["Answer", "Handler", "Request", "serve"]

_NAME = re.compile(r"<\w+>")
# Parts of a path that a log line must not hold.
_PRIVATE = frozenset({"number"})
_AS_IT_IS = "/%!$&'()*+,;=:@"

Act = Callable[..., Answer]
Routes = dict[tuple[str, str], Act]


def serve(routes: Routes, counters: Callable[[], Mapping[str, object]] = dict) -> Handler:
    """A Lambda handler for the routes.

    Shape: routes by method and path, `<name>` in a path is handed to the act by name; `counters` go into the
    log line.
    """
    # Large requests make values by the ten thousand, none of which is garbage before their end.
    gc.set_threshold(20_000)
    app = APIGatewayHttpResolver()
    forms = [(method, re.compile(_NAME.sub("[^/]+", path))) for method, path in routes]
    for (method, path), act in routes.items():
        app.route(path, method=method)(_bound(app, path, act))

    def nowhere(_error: Exception) -> Response[str]:
        request: Request = app.context["request"]
        others = sorted(method for method, path in forms if path.fullmatch(request.path))
        if others:
            error = NotFound("method_not_allowed", f"This address takes {', '.join(others)}.")
            return _refusal(request, error, {"Allow": ", ".join(others)})
        return _refusal(request, NotFound("route_unknown", "There is nothing at this address."))

    def fail(error: Exception) -> Response[str]:
        return _refusal(app.context["request"], error)

    app.not_found(nowhere)
    app.exception_handler(Exception)(fail)

    def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
        with line("request") as noted:
            request = read_request(event, noted)
            noted.update(method=request.method, request=request.id, outcome="done")
            app.append_context(request=request)  # type: ignore[no-untyped-call]
            answer = app.resolve(_plain_event(request), _context)  # type: ignore[arg-type]
            noted.update(status=answer["statusCode"], **counters())
        return answer

    return handle


def _plain_event(request: Request) -> dict[str, Any]:
    """As much of an event as routing needs, complete however incomplete the caller's was.

    Shape: a gateway may decode the path, and the router takes no Han: here it is encoded, whatever came.
    """
    path = quote(request.path, safe=_AS_IT_IS)
    context = {"stage": "$default", "http": {"method": request.method, "path": path}}
    return {"version": "2.0", "rawPath": path, "requestContext": context, "headers": {}}


def _bound(app: APIGatewayHttpResolver, path: str, act: Act) -> Callable[..., Response[str]]:
    def call(**parts: str) -> Response[str]:
        request: Request = app.context["request"]
        names = {name: unquote(part) for name, part in parts.items()}
        ids = {name: each[:64] for name, each in names.items() if name not in _PRIVATE}
        request.noted.update(route=path, **({"ids": ids} if ids else {}))
        answer = act(request, **names)
        return _response(answer.status, answer.document, "application/json", answer.headers)

    return call


def _refusal(request: Request, error: Exception, headers: Mapping[str, str] | None = None) -> Response[str]:
    said = refusal(request, error)
    return _response(said.status, said.document, CONTENT_TYPE, {**said.headers, **(headers or {})})


def _response(status: int, document: object, kind: str, headers: Mapping[str, str]) -> Response[str]:
    return Response(
        status, content_type=kind, body=written(document), headers={"Cache-Control": "no-store", **headers}
    )
