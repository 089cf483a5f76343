import json
from pathlib import Path
from typing import Any

import pytest

from openmas.domain.yunmas import mac

ROWS = json.loads((Path(__file__).parents[2] / "vectors/mac.json").read_text(encoding="utf-8"))
REQUESTS = [row["request"] for row in ROWS]


@pytest.mark.parametrize("row", ROWS)
def test_the_vectors(row: dict[str, Any]) -> None:
    assert mac(row["request"], row["request"]["secretKey"]) == row["mac"]


@pytest.mark.parametrize("row", ROWS)
def test_a_request_may_leave_its_key_out_and_hold_more(row: dict[str, Any]) -> None:
    request = {name: value for name, value in row["request"].items() if name != "secretKey"}

    assert mac(request | {"mac": "x", "more": "y"}, row["request"]["secretKey"]) == row["mac"]


@pytest.mark.parametrize("request_", [REQUESTS[0], next(each for each in REQUESTS if "templateId" in each)])
def test_every_value_and_the_key_are_part_of_it(request_: dict[str, str]) -> None:
    key = request_["secretKey"]
    names = request_.keys() - {"secretKey"}

    others = {mac(request_ | {name: f"{name}={request_[name]}"}, key) for name in names}

    assert len(others | {mac(request_, key), mac(request_, f"key={key}")}) == len(names) + 2


def test_nothing_parts_one_value_from_the_next() -> None:
    request = REQUESTS[0]
    moved = request | {"ecName": request["ecName"] + request["apId"], "apId": ""}

    assert mac(moved, request["secretKey"]) == mac(request, request["secretKey"])
