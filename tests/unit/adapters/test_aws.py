"""The way to AWS, as far as it can be walked without AWS."""

from collections.abc import Callable
from threading import Barrier

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from hypothesis import given
from hypothesis import strategies as st

from openmas.adapters import aws, calls
from openmas.adapters.crew import AwsCrew
from openmas.adapters.queues import shares
from openmas.errors import Conflict, Unavailable
from openmas.settings import SettingMissing, Settings


def client_error(code: str, status: int = 400) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "PutItem")  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    ("error", "means", "code"),
    [
        (client_error("ConditionalCheckFailedException"), Conflict, "stored_otherwise"),
        (client_error("TransactionCanceledException"), Unavailable, "aws_busy"),
        (client_error("RequestLimitExceeded"), Unavailable, "aws_busy"),
        (client_error("SomethingNew", 502), Unavailable, "aws_busy"),
        (client_error("AccessDeniedException"), Unavailable, "aws_refused"),
        (client_error("AWS.SimpleQueueService.NonExistentQueue"), Unavailable, "aws_refused"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1"), Unavailable, "aws_unreachable"),
        (NoCredentialsError(), Unavailable, "aws_unreachable"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_no_error_of_awss_leaves_as_it_is(
    error: Exception, means: type[Conflict | Unavailable], code: str
) -> None:
    with pytest.raises(means) as told, aws.our_errors():
        raise error

    assert told.value.code == code


def test_errors_of_our_own_pass_as_they_are() -> None:
    with pytest.raises(KeyError), aws.our_errors():
        raise KeyError("ours")


@pytest.mark.parametrize("count", [0, 1, 2, 3, 100])
def test_outcomes_come_in_the_order_of_the_things(count: int) -> None:
    assert aws.each(lambda n: n * n, range(count)) == [n * n for n in range(count)]


def failing_at(place: int, done: list[int]) -> Callable[[int], None]:
    def act(n: int) -> None:
        if n == place:
            raise Unavailable("aws_busy", "AWS is busy.")
        done.append(n)

    return act


def test_when_one_of_many_fails_the_others_have_come_to_their_end() -> None:
    done: list[int] = []

    with pytest.raises(Unavailable):
        aws.each(failing_at(3, done), range(40))

    assert sorted(done) == [n for n in range(40) if n != 3]


def test_a_crew_works_side_by_side_and_tells_in_order() -> None:
    meeting = Barrier(4, timeout=10)

    def act(n: int) -> int:
        meeting.wait()
        return n * n

    assert AwsCrew().each(act, range(8)) == [n * n for n in range(8)]


def test_hands_of_a_crew_may_make_many_calls_each() -> None:
    crew = AwsCrew()

    found = crew.each(lambda n: sum(aws.each(lambda m: m, range(n))), range(40))

    assert found == [sum(range(n)) for n in range(40)]


def test_what_is_left_over_is_tried_again_until_nothing_is() -> None:
    seen: list[list[int]] = []

    def act(todo: list[int]) -> list[int]:
        seen.append(todo)
        return todo[1:]

    aws.until_done(act, [1, 2, 3])

    assert seen == [[1, 2, 3], [2, 3], [3]]


def test_what_is_always_left_over_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="aws_busy"):
        aws.until_done(lambda todo: todo, [1], pause=lambda _: None)


@given(st.lists(st.integers(1, 300)), st.integers(1, 400))
def test_shares_hold_everything_in_order_and_stay_small(sizes: list[int], bytes_max: int) -> None:
    found = list(shares(sizes, lambda size: size, bytes_max))

    assert [size for share in found for size in share] == sizes
    assert all(sum(share) <= bytes_max or len(share) == 1 for share in found)
    assert all(found)


def test_nothing_is_counted_unless_asked_for() -> None:
    assert calls.take() == {}
    assert not Settings({}).count_calls
    assert not Settings({"OPENMAS_COUNT_CALLS": "0"}).count_calls
    assert Settings({"OPENMAS_COUNT_CALLS": "1"}).count_calls


@pytest.mark.parametrize("environ", [{}, {"REGISTRY_TABLE": ""}])
def test_a_missing_setting_is_one_clear_sentence(environ: dict[str, str]) -> None:
    with pytest.raises(SettingMissing, match="REGISTRY_TABLE is not set"):
        _ = Settings(environ).registry_table


def test_settings_are_read_when_they_are_asked_for() -> None:
    environ: dict[str, str] = {}
    settings = Settings(environ)

    environ["PLATFORM_URL"] = "http://127.0.0.1:4566/"

    assert settings.platform_url == "http://127.0.0.1:4566"
    assert settings.aws_endpoint_url is None
