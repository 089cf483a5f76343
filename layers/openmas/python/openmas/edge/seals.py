"""Seals: an HMAC over what we hand out and want back unchanged.

A cursor says where a listing goes on. It is good only for the client and the listing it was made for, and
hides what it says: the place may be a number that whoever reads the listing is shown masked.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest, digest
from typing import Protocol

from openmas.errors import InvalidInput

SEAL_BYTES = 16
CURSOR_LENGTH_MAX = 512


class Keys(Protocol):
    def key(self, purpose: str) -> bytes:
        """The secret key for one purpose."""
        ...


class Sealing(Protocol):
    """What it takes to hand out cursors."""

    @property
    def seal(self) -> Keys: ...


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing that one client goes through page by page; the key is fetched only for a cursor."""

    keys: Keys
    client: str
    name: str

    def place(self, query: Mapping[str, str]) -> str | None:
        """Where the query's cursor says to go on; None at the start."""
        cursor = query.get("cursor")
        return None if cursor is None else open_cursor(self._key(), self.client, self.name, cursor)

    def page(self, member: str, documents: Sequence[object], end: str | int | None) -> dict[str, object]:
        """The page as it is answered, with the cursor of the next one (null at the end)."""
        cursor = None if end is None else seal_cursor(self._key(), self.client, self.name, str(end))
        return {member: documents, "cursor": cursor}

    def _key(self) -> bytes:
        return self.keys.key("cursor")


def seal_cursor(key: bytes, client: str, listing: str, place: str) -> str:
    """The place as an opaque text for the caller to bring back."""
    body = json.dumps({"place": place}, ensure_ascii=False, separators=(",", ":")).encode()
    seal = _seal(key, client, listing, body)
    return urlsafe_b64encode(seal + _hidden(key, seal, body)).decode().rstrip("=")


def open_cursor(key: bytes, client: str, listing: str, cursor: str) -> str:
    """The place that was sealed for this client and this listing.

    Raises: InvalidInput for every other text.
    """
    sealed = _decoded(cursor)
    seal = sealed[:SEAL_BYTES]
    body = _hidden(key, seal, sealed[SEAL_BYTES:])
    if not compare_digest(seal, _seal(key, client, listing, body)):
        raise _invalid()
    return str(json.loads(body)["place"])


def _decoded(cursor: str) -> bytes:
    if len(cursor) > CURSOR_LENGTH_MAX:
        raise _invalid()
    try:
        return urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except ValueError:
        raise _invalid() from None


def _seal(key: bytes, client: str, listing: str, body: bytes) -> bytes:
    bound = json.dumps([client, listing]).encode()
    return digest(key, bound + b"\n" + body, sha256)[:SEAL_BYTES]


def _hidden(key: bytes, seal: bytes, text: bytes) -> bytes:
    """The text made unreadable, or readable again, by a stream that its seal chooses.

    Source: RFC 5297 (SIV), with HMAC-SHA-256 for both of its halves.
    """
    blocks = range(-(-len(text) // sha256().digest_size))
    stream = b"".join(digest(key, b"hidden" + seal + bytes([n]), sha256) for n in blocks)
    return bytes(a ^ b for a, b in zip(text, stream, strict=False))


def _invalid() -> InvalidInput:
    return InvalidInput("cursor_invalid", "Use a cursor as the answer before gave it, with the same address.")
