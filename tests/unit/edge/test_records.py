"""Records of a queue have two fates: done, or tried again."""

import json
from collections.abc import Mapping, Sequence

from openmas.edge.records import SPARE_S, Partly, Record, all_records, each_record, time_to_work_s
from openmas.errors import InvalidInput, Unavailable


def event(*bodies: object) -> dict[str, object]:
    return {
        "Records": [
            {
                "messageId": f"m{n}",
                "body": body if isinstance(body, str) else json.dumps(body),
                "attributes": {"ApproximateReceiveCount": "3"},
            }
            for n, body in enumerate(bodies)
        ]
    }


def failed(answer: Mapping[str, list[dict[str, str]]]) -> list[str]:
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def act(record: Record) -> dict[str, object]:
    match record.body["do"]:
        case "refuse":
            raise InvalidInput("no", "never")
        case "wait":
            raise Unavailable("later", "try again")
        case "break":
            raise KeyError("a fault of ours")
    return {"tried": record.tries}


def test_only_what_may_succeed_later_is_tried_again() -> None:
    answer = each_record(event({"do": "it"}, {"do": "refuse"}, {"do": "wait"}, {"do": "break"}), act)

    assert failed(answer) == ["m2", "m3"]


def test_an_unreadable_record_is_noted_and_done() -> None:
    answer = each_record(event("{", "[1]", "7", {"do": "it"}), act)

    assert failed(answer) == []


def test_a_handler_always_answers_so_that_the_queue_does_not_delete_what_failed() -> None:
    assert each_record({"Records": []}, act) == {"batchItemFailures": []}


def test_a_bad_record_among_good_ones_stops_only_itself() -> None:
    acted: list[int] = []

    def together(records: Sequence[Record]) -> dict[str, object]:
        for record in records:
            act(record)
        acted.append(len(records))
        return {}

    answer = all_records(event({"do": "it"}, {"do": "wait"}, {"do": "it"}), together)

    assert failed(answer) == ["m1"]
    assert acted == [1, 1]


def test_good_records_are_acted_on_together() -> None:
    acted: list[int] = []

    def together(records: Sequence[Record]) -> dict[str, object]:
        acted.append(len(records))
        return {}

    all_records(event({"do": "it"}, {"do": "it"}), together)

    assert acted == [2]


def test_what_there_was_no_time_for_comes_again_and_nothing_else() -> None:
    answer = all_records(event({"n": 0}, {"n": 1}, {"n": 2}), lambda records: Partly({}, records[1:]))

    assert failed(answer) == ["m1", "m2"]


def test_a_record_that_is_left_when_tried_by_itself_comes_again_too() -> None:
    def act_in_part(records: Sequence[Record]) -> Partly:
        if len(records) > 1:
            raise Unavailable("later", "try again")
        return Partly({}, [record for record in records if record.body["n"]])

    answer = all_records(event({"n": 0}, {"n": 1}), act_in_part)

    assert failed(answer) == ["m1"]


class Context:
    """What Lambda tells a function of itself."""

    def get_remaining_time_in_millis(self) -> int:
        return 45_000


def test_work_ends_some_time_before_the_function_does() -> None:
    assert time_to_work_s(Context()) == 45 - SPARE_S
    assert time_to_work_s(None) == 60 - SPARE_S
