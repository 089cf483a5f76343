"""The environments, as values: everything in which one deployment of the platform differs from another."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

Ask = Callable[[str], Any]


class Unusable(Exception):
    """What the context asks for cannot be deployed; the message says what to give instead."""


@dataclass(frozen=True, slots=True)
class Partition:
    """What a partition of AWS has.

    Source: docs.amazonaws.cn/en_us/aws/latest/userguide/, pages `cognito` and `lambda`.
    """

    name: str
    user_pools: bool
    function_tracing: bool


ARCHITECTURES = ("arm64", "x86_64")

AWS = Partition("aws", user_pools=True, function_tracing=True)
CHINA = Partition("aws-cn", user_pools=False, function_tracing=False)


@dataclass(frozen=True, slots=True)
class Throttle:
    """What the API lets through, for each route."""

    requests_per_s: int
    burst: int


@dataclass(frozen=True, slots=True)
class Caps:
    """How many workers may take from a queue at a time; AWS allows no less than 2."""

    urgent: int
    bulk: int
    receipts: int
    night: int
    release: int = 2
    cut: int = 2
    transfer: int = 2
    sandbox: int = 2


@dataclass(frozen=True, slots=True)
class Environment:
    """One place in which the platform runs.

    Shape: `issuer` is the OIDC issuer of operators, with `audience`; None means a user pool of our own.
    `platform_url` is the API's address where AWS does not give it. `protected` keeps tables, secrets and
    users through every mistake. `emulated`: nobody has bootstrapped it for the CDK.
    """

    name: str
    region: str
    partition: Partition
    protected: bool
    log_retention_days: int
    throttle: Throttle
    receipts_throttle: Throttle
    caps: Caps
    architecture: str = "arm64"
    operators_show_second_factor: bool = True
    issuer: str | None = None
    audience: tuple[str, ...] = ()
    platform_url: str | None = None
    api_id: str | None = None
    emulated: bool = False
    count_calls: bool = False

    @property
    def layer_target(self) -> str:
        """The machine that the dependencies layer is built for."""
        return "local" if self.name == "local" else f"lambda-{self.architecture}"


_PRODUCTION = Environment(
    name="prod",
    region="ap-southeast-1",
    partition=AWS,
    protected=True,
    # The law asks for five months; the next longer retention that CloudWatch knows.
    log_retention_days=180,
    throttle=Throttle(requests_per_s=200, burst=400),
    receipts_throttle=Throttle(requests_per_s=1_000, burst=2_000),
    caps=Caps(urgent=40, bulk=20, receipts=20, night=10, release=10, cut=10, transfer=10),
)


def _local() -> Environment:
    arm = platform.machine() in ("arm64", "aarch64")
    return Environment(
        name="local",
        region="us-east-1",
        partition=AWS,
        protected=False,
        log_retention_days=1,
        throttle=Throttle(requests_per_s=10_000, burst=20_000),
        receipts_throttle=Throttle(requests_per_s=10_000, burst=20_000),
        caps=Caps(urgent=2, bulk=3, receipts=2, night=2),
        architecture="arm64" if arm else "x86_64",
        operators_show_second_factor=False,
        api_id="openmas",
        emulated=True,
    )


ENVIRONMENTS: dict[str, Environment] = {
    "local": _local(),
    "dev": replace(
        _PRODUCTION,
        name="dev",
        protected=False,
        log_retention_days=14,
        throttle=Throttle(requests_per_s=50, burst=100),
        receipts_throttle=Throttle(requests_per_s=100, burst=200),
        caps=Caps(urgent=5, bulk=2, receipts=2, night=2),
    ),
    "prod": _PRODUCTION,
    "prod-cn": replace(_PRODUCTION, name="prod-cn", region="cn-north-1", partition=CHINA),
}


def environment_from(ask: Ask) -> Environment:
    """The environment that the context names, with what the context adds to it.

    Shape: context `environment`, `region`, `architecture`, `issuer`, `audience` (a comma between several),
    `count_calls` (1: functions log how many AWS calls they made and what these consumed), for local `port`.
    Raises: Unusable.
    """
    name = str(ask("environment") or "local")
    if name not in ENVIRONMENTS:
        raise Unusable(
            f"There is no environment {name}; choose one with -c environment=: {', '.join(ENVIRONMENTS)}."
        )
    environment = ENVIRONMENTS[name]
    if region := ask("region"):
        environment = replace(environment, region=_same_partition(environment, str(region)))
    if architecture := ask("architecture"):
        environment = replace(environment, architecture=_known_architecture(str(architecture)))
    if environment.name == "local":
        port = _port(str(ask("port") or 4566))
        url = f"http://127.0.0.1:{port}/_aws/execute-api/{environment.api_id}/$default"
        environment = replace(environment, platform_url=url)
    environment = replace(environment, count_calls=str(ask("count_calls")) == "1")
    return _with_issuer(environment, ask("issuer"), ask("audience"))


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65_536:
        raise Unusable(f"A port is a number from 1 to 65535, not {text}.")
    return int(text)


def _known_architecture(architecture: str) -> str:
    if architecture not in ARCHITECTURES:
        raise Unusable(
            f"Lambda has no architecture {architecture}; choose one of {', '.join(ARCHITECTURES)}."
        )
    return architecture


def _same_partition(environment: Environment, region: str) -> str:
    if region.startswith("cn-") != (environment.partition is CHINA):
        raise Unusable(
            f"The region {region} is not in the partition {environment.partition.name} of {environment.name}."
        )
    return region


def _with_issuer(environment: Environment, issuer: object, audience: object) -> Environment:
    if issuer and audience:
        return replace(environment, issuer=str(issuer), audience=tuple(str(audience).split(",")))
    if issuer or audience:
        raise Unusable(
            "An issuer of operators' tokens and its audience go together: -c issuer=https://… -c audience=…"
        )
    if not environment.partition.user_pools:
        raise Unusable(
            f"{environment.name} needs an issuer of operators' tokens, as AWS's China regions "
            "have no Cognito user pools: -c issuer=https://… -c audience=…"
        )
    return environment
