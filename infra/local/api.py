"""The platform's HTTP API as anybody's program calls it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import urllib3

from infra.local.fault import LocalFault

# Longer than the API takes at most to answer.
ANSWER_WITHIN_S = 35
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and the document that came with it."""

    status: int
    document: Document

    def expect(self, *statuses: int) -> Document:
        """The document. Raises: LocalFault when the status is another than expected."""
        if self.status in statuses:
            return self.document
        told = self.document.get("detail") or json.dumps(self.document, ensure_ascii=False)[:400]
        raise LocalFault(f"The API answered {self.status} {self.document.get('code', '')}: {told}")


@dataclass(frozen=True, slots=True)
class Api:
    """The API for one bearer: a client's key, or an operator's token."""

    url: str
    bearer: str
    http: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(maxsize=8, retries=False, timeout=ANSWER_WITHIN_S)
    )

    def get(self, path: str) -> Answer:
        return self.call("GET", path)

    def put(self, path: str, body: Mapping[str, Any]) -> Answer:
        return self.call("PUT", path, body)

    def post(self, path: str, body: Mapping[str, Any], key: str = "") -> Answer:
        """Shape: `key` is the idempotency key, which only some addresses ask for."""
        return self.call("POST", path, body, {"Idempotency-Key": key} if key else {})

    def upload(self, url: str, fields: Mapping[str, str], content: bytes) -> None:
        """The file is posted by the form that the platform gave out for it. Raises: LocalFault."""
        form: dict[str, Any] = {**fields, "file": ("recipients.csv", content)}
        heard = self.http.request_encode_body("POST", url, fields=form)
        if heard.status not in (200, 201, 204):
            raise LocalFault(f"The upload was answered {heard.status}: {heard.data[:200]!r}")

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """What the API answers. Raises: LocalFault when it does not answer in JSON at all."""
        sent = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        told = {
            "Authorization": f"Bearer {self.bearer}",
            "Content-Type": "application/json",
            **(headers or {}),
        }
        try:
            heard = self.http.request(method, self.url + path, body=sent, headers=told)
        except urllib3.exceptions.HTTPError as error:
            raise LocalFault(f"The API did not answer {method} {path}: {error}") from None
        try:
            return Answer(heard.status, json.loads(heard.data))
        except ValueError:
            raise LocalFault(f"The API answered {method} {path} with {heard.status} and no JSON.") from None

    def pages(self, path: str, name: str) -> Iterator[Document]:
        """Every element of a listing, page after page."""
        cursor = ""
        while True:
            page = self.get(f"{path}?limit=1000{cursor}").expect(200)
            yield from page[name]
            if not page.get("cursor"):
                return
            cursor = f"&cursor={quote(page['cursor'])}"
