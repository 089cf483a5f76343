"""The way to AWS: how clients are made, what their errors mean, how several calls go side by side."""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from openmas.adapters import calls
from openmas.errors import Conflict, Unavailable
from openmas.settings import Settings

CONNECTIONS = 16
SIDE_BY_SIDE = 8
TRIES = 6
CONFIG = Config(
    # The flows hand over what they have checked; checking it again costs as much as a call's signature.
    parameter_validation=False,
    retries={"mode": "standard", "total_max_attempts": 3},
    connect_timeout=2,
    read_timeout=5,
    max_pool_connections=CONNECTIONS,
    tcp_keepalive=True,
    # The usual one is put together anew for each call, which costs a tenth of it.
    user_agent="OpenMAS",
)
# For what must not be done twice: a call whose answer was lost is not made again.
ONCE = CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))

_BUSY = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "ServiceUnavailable",
        "ThrottlingException",
        "TransactionCanceledException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)

Thing = TypeVar("Thing")
Outcome = TypeVar("Outcome")


def client(
    service: Any,  # noqa: ANN401, one for each service
    settings: Settings,
    session: boto3.Session | None = None,
    config: Config = CONFIG,
) -> Any:  # noqa: ANN401
    """A new client of one service."""
    made = (session or boto3).client(service, config=config, endpoint_url=settings.aws_endpoint_url)
    if settings.count_calls:
        calls.count(made)
    return made


@contextmanager
def our_errors() -> Iterator[None]:
    """Whatever AWS says inside leaves as one of our own errors."""
    try:
        yield
    except ClientError as error:
        raise translated(error) from error
    except BotoCoreError as error:
        raise Unavailable("aws_unreachable", f"AWS did not answer ({type(error).__name__}).") from error


def translated(error: ClientError) -> Conflict | Unavailable:
    """What an answer of AWS means to a flow."""
    code = error.response.get("Error", {}).get("Code", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code == "ConditionalCheckFailedException":
        return Conflict("stored_otherwise", "What is stored has changed in the meantime.")
    if code in _BUSY or status >= 500:
        return Unavailable("aws_busy", f"AWS is busy: {error.operation_name} {code}.")
    return Unavailable("aws_refused", f"AWS refused a call: {error.operation_name} {code}.")


def each(
    act: Callable[[Thing], Outcome],
    things: Iterable[Thing],
    few: int = 2,
    threads: ThreadPoolExecutor | None = None,
) -> list[Outcome]:
    """Every thing has been acted on, several at a time when there are more than a few.

    Shape: the outcomes in the order of the things.
    Raises: the first error, once nothing is under way any more.
    """
    todo = list(things)
    if len(todo) <= few:
        return [act(thing) for thing in todo]
    futures = [(threads or _threads()).submit(act, thing) for thing in todo]
    wait(futures)
    return [future.result() for future in futures]


def until_done(
    act: Callable[[Thing], Thing | None], todo: Thing, pause: Callable[[float], None] = time.sleep
) -> None:
    """The act has been done, and done again on what it left over, with growing pauses.

    Raises: Unavailable if something is still left over.
    """
    left: Thing | None = todo
    for attempt in range(TRIES):
        left = act(todo if left is None else left)
        if not left:
            return
        pause(0.02 * 2**attempt)
    raise Unavailable("aws_busy", "AWS left a part of a batch undone.")


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="aws")
