"""The carriers that the operator has set up, and the sandbox, which is always there.

    {"<carrier>": {"kind": "openmas", "url": "https://…", "key": "<what we show to it>",
                   "receipt_keys_sha256": ["<hex of what it shows to us>"], "addresses": ["192.0.2.0/24"],
                   "recipients_max": 100, "echoes_reference": false, "deduplicates_s": 0}}

All but kind, url and key may be missing. A parcel is one call, so a carrier takes 100 recipients a call.
"""

import re
from collections.abc import Mapping
from hashlib import sha256
from ipaddress import ip_network
from threading import Lock
from typing import Any, Protocol

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

from openmas.adapters.carriers.openmas import OpenMasCarrier, OpenMasReceiver
from openmas.domain.carrier import SANDBOX, Capabilities
from openmas.domain.ids import PARCEL_RECIPIENTS_MAX
from openmas.domain.sandbox import DEDUPLICATES_S, keys_from
from openmas.domain.webhook import Door
from openmas.errors import NotFound, Unavailable
from openmas.needs import Carrier, Clock, Receiver

Entry = Mapping[str, Any]

_KEY = re.compile(r"[!-~]{1,512}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Secrets(Protocol):
    def key(self, purpose: str) -> bytes:
        """The platform's own key for one purpose."""
        ...

    def carriers(self) -> Mapping[str, Any]:
        """The carriers document, up to a minute old."""
        ...


class CarrierDirectory:
    """Finds carriers by name; a carrier keeps its connections until its entry changes."""

    def __init__(self, secrets: Secrets, platform_url: str, clock: Clock) -> None:
        self._secrets = secrets
        self._platform_url = platform_url
        self._clock = clock
        self._lock = Lock()
        self._made: dict[str, tuple[Entry, Carrier]] = {}

    def named(self, name: str) -> Carrier:
        """Raises: Unavailable if no such carrier is set up, or not so that it can be called."""
        entry = self._entry(name)
        if entry is None:
            raise Unavailable("carrier_unknown", f"There is no carrier {name}.")
        with self._lock:
            entry_before, carrier = self._made.get(name, (None, None))
            if carrier is None or entry_before != entry:
                carrier = self._carrier(name, entry)
                self._made[name] = (entry, carrier)
            return carrier

    def receiver(self, name: str) -> Receiver:
        """Raises: NotFound if no such carrier is set up; Unavailable if its entry cannot be used."""
        entry = self._entry(name)
        if entry is None:
            raise NotFound("carrier_unknown", "There is no carrier of this name.")
        try:
            _check_kind(entry)
            return OpenMasReceiver(_door(entry))
        except (ValueError, TypeError) as error:
            raise _unusable(name, error) from error

    def _entry(self, name: str) -> Entry | None:
        if name == SANDBOX:
            return self._sandbox()
        entry = self._secrets.carriers().get(name)
        return entry if isinstance(entry, Mapping) else None

    def _sandbox(self) -> Entry:
        keys = keys_from(self._secrets.key(SANDBOX))
        return {
            "kind": "openmas",
            "url": f"{self._platform_url}/sandbox/messages",
            "key": keys.calls,
            "receipt_keys_sha256": [sha256(keys.receipts.encode()).hexdigest()],
            "echoes_reference": True,
            "deduplicates_s": DEDUPLICATES_S,
        }

    def _carrier(self, name: str, entry: Entry) -> Carrier:
        try:
            _check_kind(entry)
            key = entry.get("key")
            if not isinstance(key, str) or _KEY.fullmatch(key) is None:
                raise ValueError("its key is not 1 to 512 visible characters")
            return OpenMasCarrier(_url(entry), key, _capabilities(entry), self._clock)
        except (ValueError, TypeError) as error:
            raise _unusable(name, error) from error


def _unusable(name: str, error: Exception) -> Unavailable:
    return Unavailable("carrier_unusable", f"The entry of the carrier {name} cannot be used: {error}.")


def _check_kind(entry: Entry) -> None:
    if entry.get("kind") != "openmas":
        raise ValueError("its kind is not known")


def _url(entry: Entry) -> Url:
    try:
        url = parse_url(str(entry.get("url")))
    except LocationParseError:
        raise ValueError("its url cannot be read") from None
    if url.scheme not in ("http", "https") or not url.host or url.auth is not None:
        raise ValueError("its url is not one of http or https with a host")
    return url


def _capabilities(entry: Entry) -> Capabilities:
    echoes = entry.get("echoes_reference", False)
    if not isinstance(echoes, bool):
        raise TypeError("echoes_reference is neither true nor false")
    if _whole(entry, "recipients_max", PARCEL_RECIPIENTS_MAX, at_least=1) < PARCEL_RECIPIENTS_MAX:
        raise ValueError(f"a parcel is one call, and its recipients_max is below {PARCEL_RECIPIENTS_MAX}")
    return Capabilities(
        echoes_reference=echoes,
        deduplicates_s=_whole(entry, "deduplicates_s", 0, at_least=0),
    )


def _whole(entry: Entry, name: str, otherwise: int, at_least: int) -> int:
    value = entry.get(name, otherwise)
    if type(value) is not int or value < at_least:
        raise ValueError(f"{name} is not a whole number from {at_least} on")
    return value


def _door(entry: Entry) -> Door:
    keys = [str(key).lower() for key in entry.get("receipt_keys_sha256", ())]
    if not all(map(_SHA256.fullmatch, keys)):
        raise ValueError("a receipt key is not a SHA-256 in hex")
    return Door(keys, tuple(ip_network(each) for each in entry.get("addresses", ())))
