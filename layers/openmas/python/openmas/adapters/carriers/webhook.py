"""The platform's own webhook as a carrier calls it; only the sandbox carrier does so from here."""

import json
from collections.abc import Mapping

import urllib3
from urllib3.exceptions import HTTPError

from openmas.errors import Unavailable

CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 10.0


class SandboxWebhook:
    """Posts with the sandbox's key, over a connection that is kept."""

    def __init__(self, platform_url: str, key: str) -> None:
        self._url = f"{platform_url}/carriers/sandbox"
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        timeout = urllib3.Timeout(connect=CONNECT_TIMEOUT_S, read=READ_TIMEOUT_S)
        self._pools = urllib3.PoolManager(timeout=timeout, retries=False)

    def post(self, kind: str, document: Mapping[str, object]) -> None:
        """Raises: Unavailable if the platform has not taken it."""
        body = json.dumps(document).encode()
        try:
            answer = self._pools.urlopen(
                "POST", f"{self._url}/{kind}", body=body, headers=self._headers, redirect=False
            )
        except (HTTPError, OSError) as error:
            raise Unavailable("webhook_unreachable", "The platform's webhook did not answer.") from error
        if not 200 <= answer.status < 300:
            raise Unavailable("webhook_refused", f"The platform's webhook answered {answer.status}.")
