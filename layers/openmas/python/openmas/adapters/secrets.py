"""The two secrets: our seal, with a key derived for every purpose, and the carriers the operator set up."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import digest
from typing import TYPE_CHECKING, Any

from openmas.adapters.aws import our_errors
from openmas.errors import Unavailable
from openmas.needs import Clock
from openmas.settings import Settings

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient

FRESH = timedelta(seconds=60)

Document = Mapping[str, Any]


class AwsSecrets:
    """Shape: a secret is read, and its client made, when it is first asked for; then it is kept for 60 s."""

    def __init__(self, client: Callable[[], SecretsManagerClient], settings: Settings, clock: Clock) -> None:
        self._client = client
        self._settings = settings
        self._clock = clock
        self._read: dict[str, tuple[datetime, Document]] = {}

    def key(self, purpose: str) -> bytes:
        """The key for one purpose: it tells nothing about the master or about other keys."""
        master = self._document(self._settings.seal_secret_arn)["master"]
        return digest(master.encode(), purpose.encode(), sha256)

    def carriers(self) -> Document:
        """The carriers document."""
        return self._document(self._settings.carriers_secret_arn)

    def _document(self, arn: str) -> Document:
        now = self._clock.now()
        if arn in self._read and now - self._read[arn][0] < FRESH:
            return self._read[arn][1]
        with our_errors():
            text = self._client().get_secret_value(SecretId=arn)["SecretString"]
        try:
            document = json.loads(text)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise Unavailable("secret_unreadable", "A secret is not a JSON object.")
        self._read[arn] = (now, document)
        return document
