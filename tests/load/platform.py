"""What is put under load: the platform on the emulator, and a carrier on loopback, each its own processes."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import urllib3

from infra.local.api import Api
from infra.local.deploy import Outputs, deploy
from infra.local.emulator import HOST, Emulator, free_port
from infra.local.operators import Operator, sample_contract, sign_in
from infra.local.tools import environment
from tests.load.processors import family_cpu_s, own_cpu_s

CARRIER = "loopback"
TEMPLATES = {
    "notice": ("notice", "{place}定于{day}开展流感疫苗接种服务，请携带身份证按时前往。"),
    "code": ("verification", "您的验证码是{code}，五分钟内有效。"),
}
_BATCH_ID_LENGTH = 21


@dataclass
class LoopbackCarrier:
    """The carrier's process, and what it says of itself."""

    port: int
    pid: int
    http: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(retries=3, timeout=60))

    def summary(self) -> dict[str, int]:
        told: dict[str, int] = self._get("summary")
        return told

    def taken_at_s(self) -> dict[str, float]:
        """When the first call of each batch was taken. Units: seconds since 1970."""
        calls = self._get("truth")["calls"]
        return {
            call["reference"].rpartition("/")[2][:_BATCH_ID_LENGTH]: call["at_s"] for call in reversed(calls)
        }

    def _get(self, what: str) -> Any:
        return self.http.request("GET", f"http://{HOST}:{self.port}/{what}").json()


@dataclass
class Platform:
    """Everything that runs, and the client's way in."""

    emulator: Emulator
    carrier: LoopbackCarrier
    client: Api

    def cpu_s(self) -> float:
        """What all processes have used so far: emulator, function workers, carrier, and this one."""
        return family_cpu_s(self.emulator.pid) + family_cpu_s(self.carrier.pid) + own_cpu_s()


@contextmanager
def platform(emulator: Emulator, knobs: Mapping[str, Any], listed: int) -> Iterator[Platform]:
    """The platform is up, its client has the sample contract, and a black list of so many numbers."""
    outputs = deploy(emulator, count_calls="1")
    key, receipts_key, port = secrets.token_urlsafe(16), secrets.token_urlsafe(16), free_port()
    _tell_of_carrier(
        emulator, outputs, {**_reached(port, key, receipts_key), "echoes_reference": knobs["echo"]}
    )
    settings = {
        "port": port,
        "key": key,
        "receipts_url": f"{outputs['ApiUrl']}/carriers/{CARRIER}/receipts",
        "receipts_key": receipts_key,
        "knobs": dict(knobs),
    }
    command = [sys.executable, "-m", "infra.local.leash", "infra.local.carrier", json.dumps(settings)]
    with subprocess.Popen(command, env=environment(), stdin=subprocess.PIPE) as process:
        try:
            yield Platform(emulator, LoopbackCarrier(port, process.pid), _client(emulator, outputs, listed))
        finally:
            process.terminate()


def _reached(port: int, key: str, receipts_key: str) -> dict[str, object]:
    return {
        "kind": "openmas",
        "url": f"http://{HOST}:{port}/messages",
        "key": key,
        "receipt_keys_sha256": [sha256(receipts_key.encode()).hexdigest()],
        "addresses": [f"{HOST}/32"],
        "recipients_max": 100,
        "deduplicates_s": 0,
    }


def _tell_of_carrier(emulator: Emulator, outputs: Outputs, document: Mapping[str, object]) -> None:
    """The operator writes the carriers' secret by hand, as in AWS."""
    store = emulator.session.client("secretsmanager", endpoint_url=emulator.url)
    store.put_secret_value(
        SecretId=outputs["CarriersSecretArn"], SecretString=json.dumps({CARRIER: document})
    )


def _client(emulator: Emulator, outputs: Outputs, listed: int) -> Api:
    """The sample contract with the loopback carrier is loaded."""
    operator = Operator(Api(outputs["ApiUrl"], sign_in(emulator, outputs)))
    contract = {**sample_contract(), "carrier": CARRIER}
    operator.keep_client(contract["client_full_name"])
    operator.keep_contract(contract)
    operator.activate(contract)
    for name, (category, text) in TEMPLATES.items():
        operator.keep_template(name, category, text)
    client = Api(outputs["ApiUrl"], operator.issue_key("live", "load"))
    if listed:
        numbers = [mobile(9_999 - place) for place in range(listed)]
        client.post("/v1/lists/black/numbers", {"numbers": numbers, "why": "load"}).expect(200)
    return client


def mobile(place: int) -> str:
    """A sample number that is nobody's."""
    return f"1380013{place:04d}"
