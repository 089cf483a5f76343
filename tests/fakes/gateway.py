"""The gateway in memory: a function's handler on a world, asked as a caller would ask it."""

import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote

from openmas.domain.profile import ApiKey, Mode, Scope
from tests.fakes import sample
from tests.fakes.world import FakeWorld

FUNCTIONS = Path(__file__).parents[2] / "functions"
OPERATOR = {"sub": "p-operator", "cognito:groups": "[operator]"}
AUDITOR = {"sub": "p-auditor", "cognito:groups": "[auditor]"}


@cache
def function(name: str) -> ModuleType:
    """The handler module of a function, loaded once."""
    path = FUNCTIONS / name / "handler.py"
    spec = importlib.util.spec_from_file_location(f"handler_of_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True)
class Told:
    """What the caller got."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def code(self) -> str | None:
        return self.json.get("code") if self.headers["Content-Type"] == "application/problem+json" else None


@dataclass
class Gateway:
    """One function, on one world."""

    name: str
    world: FakeWorld = field(default_factory=lambda: FakeWorld().with_sample())

    def __post_init__(self) -> None:
        self._handle = function(self.name).build(self.world)

    def key(self, mode: Mode = Mode.TEST, scopes: frozenset[Scope] = frozenset(Scope), **limits: Any) -> str:
        """A key of the sample client, which the world knows from now on."""
        return client_key(self.world, sample.CLIENT, mode, scopes, **limits)

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        claims: Mapping[str, object] | None = None,
        query: Mapping[str, str] | None = None,
        **odd: Any,
    ) -> Told:
        """The answer to a request; a body that is no text is sent as JSON."""
        text = body if body is None or isinstance(body, str) else json.dumps(body)
        sent = {"content-type": "application/json", **(headers or {})}
        if key is not None:
            sent["authorization"] = f"Bearer {key}"
        event = http_event(method, path, text, sent, claims or {}, query or {})
        answer = self._handle({**event, **odd}, None)
        return Told(answer["statusCode"], answer["headers"], answer["body"])


def client_key(world: FakeWorld, client: str, mode: Mode, scopes: frozenset[Scope], **limits: Any) -> str:
    text = f"{client}.{mode}.{'k' * 43}"
    world.registry.keep_key(client, ApiKey(sha256(text.encode()).hexdigest(), mode, scopes, **limits))
    return text


def http_event(
    method: str,
    path: str,
    body: str | None,
    headers: Mapping[str, str],
    claims: Mapping[str, object],
    query: Mapping[str, str],
) -> dict[str, Any]:
    """An event of an HTTP API, payload 2.0."""
    context: dict[str, Any] = {
        "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.7"},
        "requestId": "request-1",
        "stage": "$default",
    }
    if claims:
        context["authorizer"] = {"jwt": {"claims": dict(claims), "scopes": None}}
    event: dict[str, Any] = {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "&".join(f"{name}={quote(value)}" for name, value in query.items()),
        "headers": dict(headers),
        "requestContext": context,
        "isBase64Encoded": False,
    }
    if query:
        event["queryStringParameters"] = dict(query)
    return event if body is None else {**event, "body": body}
