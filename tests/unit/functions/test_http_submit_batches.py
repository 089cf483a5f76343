"""POST /v1/batches, as clients meet it: what is taken, what is refused, and that a refusal stores nothing."""

import base64
import json
import time
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from openmas.domain.limits import Level
from openmas.domain.listing import BLACK, Act, ListEntry
from openmas.domain.profile import Mode, Scope
from tests.fakes import limited, sample
from tests.fakes.gateway import Gateway, Told, client_key
from tests.fakes.world import FakeWorld

GOOD: dict[str, Any] = {
    "template": "flu-notice",
    "parameters": {"place": "塔城"},
    "recipients": ["13800130001", "13800130002"],
}


def submit(
    gateway: Gateway, body: object = None, *, key: str | None = None, idem: str = "k-1", **odd: Any
) -> Told:
    known = gateway.key() if key is None else key
    headers = {"idempotency-key": idem} if idem else {}
    sent = GOOD if body is None else body
    return gateway.ask("POST", "/v1/batches", sent, key=known, headers=headers, **odd)


def stored(world: FakeWorld) -> Iterator[int]:
    """How much there is of everything that a submission could leave behind."""
    yield len(world.messages.intents)
    yield len(world.messages.batches)
    yield len(world.messages.parcels)
    yield len(world.queue.urgent.waiting) + len(world.queue.bulk.waiting)


def without(name: str) -> dict[str, Any]:
    return {member: value for member, value in GOOD.items() if member != name}


def test_an_accepted_batch_is_kept_and_queued_when_202_is_answered() -> None:
    gateway = Gateway("submit_batches")

    told = submit(gateway)

    assert told.status == 202
    assert told.json == {
        "batch": told.json["batch"],
        "accepted": 2,
        "refused": [],
        "units_each": 1,
        "units": 2,
        "category": "notice",
        "service": "template_black",
        "template": {"id": "flu-notice", "version": 1},
        "port": "1065097332714",
        "signature": "塔城市疾控中心宣",
        "reference": None,
        "consent": None,
        "contract": {"number": sample.contract().number, "version": 1},
        "test": True,
        "accepted_at": "2025-11-24T01:30:00Z",
        "send_at": None,
        "valid_until": "2025-11-25T01:30:00Z",
        "warnings": [],
        "held": [],
    }
    assert tuple(stored(gateway.world)) == (1, 1, 1, 1)


def test_refused_recipients_come_back_one_by_one_and_the_rest_is_accepted() -> None:
    gateway = Gateway("submit_batches")
    entry = ListEntry("13800130009", "test", sample.NOW, "asked us")
    gateway.world.lists.change(sample.CLIENT, BLACK, Act.ADDED, [entry])
    recipients = ["13800130001", "call me", "+86 138-0013-0001", "02112345678", "13800130009", "13800130002"]

    told = submit(gateway, {**GOOD, "recipients": recipients})

    assert told.status == 202
    assert told.json["accepted"] == 2
    assert [(each["index"], each["code"], each["clause"]) for each in told.json["refused"]] == [
        (1, "number_malformed", None),
        (2, "number_duplicate", "11.3.17"),
        (3, "number_not_mobile", None),
        (4, "number_on_black_list", "2.1.1"),
    ]
    assert all(each["detail"] and each["detail_zh"] for each in told.json["refused"])


@pytest.mark.parametrize(
    "long", ["1" * 33, " " * 54 + "13800130001", "13800130003, 13800130004", "x" * 10_000]
)
def test_a_recipient_of_any_length_is_refused_in_its_place_and_costs_no_other(long: str) -> None:
    told = submit(Gateway("submit_batches"), {**GOOD, "recipients": ["13800130001", long]})

    assert (told.status, told.json["accepted"]) == (202, 1)
    assert [(each["index"], each["code"]) for each in told.json["refused"]] == [(1, "number_malformed")]


def test_a_number_that_is_written_wide_is_read() -> None:
    told = submit(Gateway("submit_batches"), {**GOOD, "recipients": [" " * 53 + "13800130001"]})

    assert (told.status, told.json["accepted"]) == (202, 1)


def with_own(*recipients: object, **more: object) -> dict[str, object]:
    return {**without("parameters"), "recipients": list(recipients), **more}


def test_a_recipient_may_have_parameters_of_its_own() -> None:
    gateway = Gateway("submit_batches")
    place = {"place": "城北"}

    told = submit(
        gateway,
        with_own(
            "13800130001",
            {"number": "+86 13800130002", "parameters": place},
            {"number": "13800130003", "parameters": {"place": "【银行】"}},
            {"number": "13800130004"},
            parameters={"place": "城南"},
        ),
    )

    assert (told.status, told.json["accepted"]) == (202, 3)
    assert (told.json["units_each"], told.json["units"]) == (None, 3)
    assert [(each["index"], each["code"]) for each in told.json["refused"]] == [(2, "parameters_wrong")]
    (parcel,) = gateway.world.messages.parcels.values()
    assert parcel.numbers == ("13800130001", "13800130002", "13800130004")
    assert parcel.values == (("城南",), ("城北",), ("城南",))


def test_recipients_that_are_objects_without_parameters_cost_no_more_than_strings() -> None:
    gateway = Gateway("submit_batches")

    told = submit(gateway, {**GOOD, "recipients": [{"number": "13800130001"}, "13800130002"]})

    assert (told.json["units_each"], told.json["units"]) == (1, 2)
    assert [parcel.values for parcel in gateway.world.messages.parcels.values()] == [()]


def test_a_text_goes_to_recipients_that_are_objects_but_takes_no_parameters() -> None:
    text = {"text": "您好", "category": "notice"}
    own = {"number": "13800130001", "parameters": {"a": "b"}}

    told = submit(Gateway("submit_batches"), {**text, "recipients": [own]})

    assert (told.status, told.json["errors"][0]["pointer"]) == (400, "/parameters")


def test_a_dry_run_needs_no_key_tells_everything_and_stores_nothing() -> None:
    gateway = Gateway("submit_batches")
    live = client_key(gateway.world, sample.CLIENT, Mode.LIVE, frozenset(Scope))
    body = {**GOOD, "recipients": ["13800130001", "call me"], "dry_run": True}

    told = submit(gateway, body, key=live, idem="")

    assert told.status == 200
    assert "batch" not in told.json
    assert (told.json["dry_run"], told.json["accepted"], told.json["units_each"]) == (True, 1, 1)
    assert [(each["index"], each["code"], each["clause"]) for each in told.json["refused"]] == [
        (1, "number_malformed", None)
    ]
    assert told.json["messages"] == [{"length": 29, "units": 1, "messages": 1}]
    assert told.json["price"] == {
        "trial": False,
        "waiting_units": 0,
        "units_from_bundle": 1,
        "overage_units": 0,
        "overage_hao": 0,
        "bundle_left": 999_999,
    }
    assert tuple(stored(gateway.world)) == (0, 0, 0, 0)


def test_a_dry_run_of_a_file_needs_no_key_and_is_asked_for_later() -> None:
    gateway = Gateway("submit_batches")
    gateway.world.uploads.add(sample.CLIENT, "f1", "13800130001")
    body = {**without("recipients"), "file": "f1", "dry_run": True}

    told = submit(gateway, body, idem="")

    assert (told.status, told.json["dry_run"], told.json["file"]) == (202, True, {"upload": "f1"})
    assert tuple(stored(gateway.world)) == (0, 1, 0, 0)
    assert [body["batch"] for body in gateway.world.cut_queue.queue.bodies] == [told.json["batch"]]


def test_a_dry_run_of_a_file_that_was_not_uploaded_is_refused() -> None:
    gateway = Gateway("submit_batches")
    body = {**without("recipients"), "file": "f1", "dry_run": True}

    told = submit(gateway, body, idem="")

    assert (told.status, told.json["code"]) == (404, "upload_unknown")
    assert tuple(stored(gateway.world)) == (0, 0, 0, 0)


def test_a_dry_run_is_refused_as_the_submission_would_be() -> None:
    told = submit(Gateway("submit_batches"), {**GOOD, "template": "nothing", "dry_run": True}, idem="")

    assert (told.status, told.code) == (403, "template_unknown")


def test_a_retry_is_answered_byte_for_byte_the_same_and_adds_nothing() -> None:
    gateway = Gateway("submit_batches")
    first = submit(gateway)
    gateway.world.clock.tick(hours=3)

    second = submit(gateway)

    assert second == first
    assert tuple(stored(gateway.world))[:3] == (1, 1, 1)


def test_the_messages_of_a_batch_are_counted_once_however_often_it_is_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    gateway = Gateway("submit_batches")
    body = {**GOOD, "recipients": ["13800130001", "13800130002", "x"]}

    for _ in range(3):
        submit(gateway, body)
        gateway.world.clock.tick(0.01)

    counted = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    assert [(each["MessagesAccepted"], each["MessagesRefused"]) for each in counted] == [([2.0], [1.0])]


def test_another_body_under_the_same_key_is_a_conflict() -> None:
    gateway = Gateway("submit_batches")
    submit(gateway)

    told = submit(gateway, {**GOOD, "recipients": ["13800130003"]})

    assert (told.status, told.code) == (409, "idempotency_key_reused")
    assert tuple(stored(gateway.world))[:3] == (1, 1, 1)


def test_the_same_body_in_base64_is_the_same_request() -> None:
    gateway = Gateway("submit_batches")
    body = json.dumps(GOOD)
    first = submit(gateway, body)

    second = submit(gateway, base64.b64encode(body.encode()).decode(), isBase64Encoded=True)

    assert second == first


BAD_BODIES: list[tuple[str, object, int, str]] = [
    ("no JSON", "{", 400, "body_invalid"),
    ("empty", "", 400, "body_invalid"),
    ("no object", [GOOD], 400, "body_invalid"),
    ("null", "null", 400, "body_invalid"),
    ("a name twice", '{"template": "a", "template": "b", "recipients": ["1"]}', 400, "body_invalid"),
    ("NaN", '{"template": NaN, "recipients": ["13800130001"]}', 400, "body_invalid"),
    ("Infinity", '{"valid_for_s": Infinity}', 400, "body_invalid"),
    ("deep nesting", "[" * 100_000, 400, "body_invalid"),
    ("deep nesting inside", '{"parameters": ' + '{"a":' * 50_000, 400, "body_invalid"),
    ("a number of 5,000 digits", '{"valid_for_s": ' + "9" * 5_000 + "}", 400, "body_invalid"),
    ("half a surrogate pair", json.dumps({**GOOD, "parameters": {"place": "\ud800"}}), 400, "body_invalid"),
    ("half a pair in a name", '{"\\ud800": 1}', 400, "body_invalid"),
    ("a byte order mark", "\ufeff" + json.dumps(GOOD), 400, "body_invalid"),
    ("an unknown member", {**GOOD, "sender": "x"}, 400, "body_invalid"),
    ("a client of its own", {**GOOD, "client": "another"}, 400, "body_invalid"),
    ("no recipients", without("recipients"), 400, "body_invalid"),
    ("an empty list of recipients", {**GOOD, "recipients": []}, 400, "body_invalid"),
    ("recipients as a text", {**GOOD, "recipients": "13800130001"}, 400, "body_invalid"),
    ("recipients as numbers", {**GOOD, "recipients": [13800130001]}, 400, "body_invalid"),
    ("recipients as an object", {**GOOD, "recipients": {"0": "13800130001"}}, 400, "body_invalid"),
    ("a recipient that is null", {**GOOD, "recipients": [None]}, 400, "body_invalid"),
    ("5,001 recipients", {**GOOD, "recipients": ["13800130001"] * 5_001}, 400, "body_invalid"),
    ("5,000 wrong ones", {**GOOD, "recipients": [1] * 5_000}, 400, "body_invalid"),
    ("validity as a text", {**GOOD, "valid_for_s": "3600"}, 400, "body_invalid"),
    ("validity with an underscore", {**GOOD, "valid_for_s": "3_600"}, 400, "body_invalid"),
    ("validity true", {**GOOD, "valid_for_s": True}, 400, "body_invalid"),
    ("validity as a fraction", {**GOOD, "valid_for_s": 3600.0}, 400, "body_invalid"),
    ("validity too short", {**GOOD, "valid_for_s": 59}, 400, "body_invalid"),
    ("validity too long", {**GOOD, "valid_for_s": 259_201}, 400, "body_invalid"),
    ("parameters as a list", {**GOOD, "parameters": ["塔城"]}, 400, "body_invalid"),
    ("a parameter that is a number", {**GOOD, "parameters": {"place": 1}}, 400, "body_invalid"),
    ("a reference with a new line", {**GOOD, "reference": "a\nb"}, 400, "body_invalid"),
    ("a reference too long", {**GOOD, "reference": "x" * 65}, 400, "body_invalid"),
    ("an unknown category", {**GOOD, "category": "spam"}, 400, "body_invalid"),
    ("an unknown service", {**GOOD, "service": "voice"}, 400, "body_invalid"),
    ("parameters without a template", {"text": "您好", "parameters": {"a": "b"}, "recipients": ["1"]}, 400,
     "body_invalid"),
    ("neither template nor text", without("template"), 400, "text_or_template"),
    ("both template and text", {**GOOD, "text": "您好"}, 400, "text_or_template"),
    ("a text with a control character", {"text": "a\x00b", "category": "notice", "recipients": ["1"]}, 400,
     "body_invalid"),
    ("a missing parameter", {**GOOD, "parameters": {}}, 400, "parameters_wrong"),
    ("an unknown parameter", {**GOOD, "parameters": {"place": "塔城", "x": "y"}}, 400, "parameters_wrong"),
    ("a parameter with a signature", {**GOOD, "parameters": {"place": "【银行】"}}, 400, "parameters_wrong"),
    ("an unknown template", {**GOOD, "template": "nothing"}, 403, "template_unknown"),
    ("an odd name of a template", {**GOOD, "template": "a#b/../c"}, 403, "template_unknown"),
    ("a service that was not bought", {**GOOD, "service": "ordinary_white"}, 403, "service_not_bought"),
    ("another category than the template's", {**GOOD, "category": "marketing"}, 403, "category_not_allowed"),
    ("a text of its own", {"text": "您好", "category": "notice", "recipients": ["13800130001"]}, 403,
     "service_not_bought"),
    ("over a million bytes", json.dumps(GOOD) + " " * 1_000_000, 413, "body_too_large"),
    ("over a million bytes of Han", json.dumps({**GOOD, "text": "汉" * 400_000}, ensure_ascii=False), 413,
     "body_too_large"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "status", "code"), [row[1:] for row in BAD_BODIES], ids=[r[0] for r in BAD_BODIES]
)
def test_a_bad_body_is_refused_with_its_code_and_nothing_is_stored(
    body: object, status: int, code: str
) -> None:
    gateway = Gateway("submit_batches")
    key = gateway.key()
    before = deepcopy(tuple(stored(gateway.world)))

    told = submit(gateway, body, key=key)

    assert (told.status, told.code) == (status, code)
    assert told.json["status"] == status
    assert told.json["request_id"] == "request-1"
    assert tuple(stored(gateway.world)) == before == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({**GOOD, "recipients": ["13800130001", 7, None]}, ["/recipients/1", "/recipients/2"]),
        ({**GOOD, "a/b~c": 1}, ["/a~1b~0c"]),
        ({**GOOD, "parameters": {"place": 1}, "valid_for_s": 1}, ["/parameters/place", "/valid_for_s"]),
        (without("recipients"), ["/recipients"]),
        ({**GOOD, "parameters": {}}, ["/parameters/place"]),
        (with_own("1", {"number": 13800130001}), ["/recipients/1/number"]),
        (with_own({"number": "1"}, 7), ["/recipients/1"]),
        (with_own({"number": "1", "name": "x"}, {}), ["/recipients/0/name", "/recipients/1/number"]),
        (with_own({"number": "1", "parameters": {"place": 1}}), ["/recipients/0/parameters/place"]),
        (with_own({"number": "1", "parameters": None}), ["/recipients/0/parameters"]),
        (with_own(*[{"number": "1"}] * 5_001), ["/recipients"]),
    ],
)
def test_every_fault_of_a_body_is_told_with_its_place(body: object, pointers: list[str]) -> None:
    told = submit(Gateway("submit_batches"), body)

    assert [each["pointer"] for each in told.json["errors"]] == pointers


@pytest.mark.parametrize(
    ("idem", "code"),
    [
        ("", "idempotency_key_missing"),
        ("x" * 129, "idempotency_key_malformed"),
        ("two words", "idempotency_key_malformed"),
        ("钥匙", "idempotency_key_malformed"),
        ("tab\t", "idempotency_key_malformed"),
    ],
)
def test_a_submission_needs_an_idempotency_key(idem: str, code: str) -> None:
    gateway = Gateway("submit_batches")

    told = submit(gateway, idem=idem)

    assert (told.status, told.code) == (400, code)
    assert tuple(stored(gateway.world)) == (0, 0, 0, 0)


def test_whoever_may_not_send_sends_nothing() -> None:
    gateway = Gateway("submit_batches")
    reader = gateway.key(scopes=frozenset({Scope.READ, Scope.LISTS}))

    answers = [
        (submit(gateway, key=reader), 403, "scope_missing"),
        (submit(gateway, key=reader[:-1] + "x"), 401, "key_unknown"),
        (submit(gateway, key=reader.replace(sample.CLIENT, "nobody")), 401, "key_unknown"),
        (gateway.ask("POST", "/v1/batches", GOOD, headers={"idempotency-key": "k"}), 401, "key_missing"),
    ]

    assert [(told.status, told.code) for told, _, _ in answers] == [
        (status, code) for _, status, code in answers
    ]
    assert all("WWW-Authenticate" in told.headers for told, status, _ in answers if status == 401)
    assert tuple(stored(gateway.world)) == (0, 0, 0, 0)


def test_a_stranger_with_a_bad_body_learns_nothing_of_the_body() -> None:
    told = submit(Gateway("submit_batches"), "{", key="tacheng-cdc.live.nothing")

    assert told.code == "key_unknown"


def test_two_clients_and_two_modes_have_idempotency_keys_of_their_own() -> None:
    gateway = Gateway("submit_batches")
    test = gateway.key(Mode.TEST)
    live = client_key(gateway.world, sample.CLIENT, Mode.LIVE, frozenset(Scope))

    first, second = submit(gateway, key=test), submit(gateway, key=live)

    assert first.json["batch"] != second.json["batch"]
    assert (first.json["test"], second.json["test"]) == (True, False)


def test_an_odd_path_or_method_is_a_problem_too() -> None:
    gateway = Gateway("submit_batches")
    key = gateway.key()

    told = {
        (gateway.ask(method, path, GOOD, key=key).status, gateway.ask(method, path, GOOD, key=key).code)
        for method, path in [
            ("POST", "/v1/batches/"),
            ("POST", "/"),
            ("POST", "/v1/batches/../batches"),
            ("", ""),
        ]
    }
    wrong = gateway.ask("PUT", "/v1/batches", GOOD, key=key)

    assert told == {(404, "route_unknown")}
    assert (wrong.status, wrong.code, wrong.headers["Allow"]) == (405, "method_not_allowed", "POST")


@pytest.mark.parametrize(
    "odd",
    [
        {"requestContext": {"http": {"method": "POST"}}},
        {"requestContext": {"http": {"method": "POST", "path": "/v1/batches"}, "stage": None}},
        {"queryStringParameters": None, "cookies": None, "pathParameters": None},
        {"isBase64Encoded": None},
        {"rawPath": "/local/v1/batches", "requestContext": {"stage": "local", "http": {"method": "POST"}}},
    ],
)
def test_what_a_gateway_or_an_emulator_leaves_out_is_not_missed(odd: dict[str, Any]) -> None:
    assert submit(Gateway("submit_batches"), **odd).status == 202


def test_the_log_line_of_a_submission_holds_no_number_and_no_text(caplog: pytest.LogCaptureFixture) -> None:
    submit(Gateway("submit_batches"), {**GOOD, "recipients": ["13800130001", "13800130001"]})

    line = vars(caplog.records[-1])
    assert (line["outcome"], line["accepted"], line["refused"]) == ("done", 1, 1)
    assert not [secret for secret in ("13800130001", "塔城", "kkkk") if secret in str(line)]


def test_five_thousand_recipients_cost_little() -> None:
    gateway = Gateway("submit_batches")
    key, body = gateway.key(), json.dumps({**GOOD, "recipients": list(sample.numbers(5_000))})
    submit(gateway, body, key=key, idem="warm")

    spent_s = []
    for n in range(3):
        started_s = time.process_time()
        told = submit(gateway, body, key=key, idem=f"k-{n}")
        spent_s.append(time.process_time() - started_s)

    assert (told.status, told.json["accepted"]) == (202, 5_000)
    # About 12 ms on the machine it was written on; a hundred tells of a rule that has become quadratic.
    assert min(spent_s) < 0.1


def test_five_thousand_recipients_with_values_of_their_own_cost_little() -> None:
    gateway = Gateway("submit_batches")
    login = {"template": "login", "parameters": {}}
    gateway.world.registry.keep_template(sample.CLIENT, sample.verification())
    recipients = [
        {"number": number, "parameters": {"code": f"{n * 7919 % 10**6:06d}"}}
        for n, number in enumerate(sample.numbers(5_000))
    ]
    key, body = gateway.key(), json.dumps({**login, "recipients": recipients})
    submit(gateway, body, key=key, idem="warm")

    spent_s = []
    for n in range(3):
        # A code may go to a number again after a day.
        gateway.world.clock.tick(days=2)
        started_s = time.process_time()
        told = submit(gateway, body, key=key, idem=f"k-{n}")
        spent_s.append(time.process_time() - started_s)

    assert (told.status, told.json["accepted"], told.json["units"]) == (202, 5_000, 5_000)
    # About 70 ms on the machine it was written on.
    assert min(spent_s) < 0.4


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_submission_that_is_refused_as_a_whole_names_the_contract_in_force(dry_run: bool) -> None:
    world = FakeWorld().with_sample()
    capped = limited.contract(per_day=Level(1, 1))
    sample.put_in_force(world.registry, sample.CLIENT, replace(capped, version=2))

    told = submit(
        Gateway("submit_batches", world),
        {**GOOD, "dry_run": dry_run},
        key=Gateway("submit_batches", world).key(Mode.LIVE),
    )

    assert (told.status, told.json["code"]) == (429, "units_beyond_day")
    assert told.json["contract"] == {"number": capped.number, "version": 2}


def test_without_a_contract_in_force_a_refusal_names_none() -> None:
    world = FakeWorld().with_sample()
    gateway = Gateway("submit_batches", world)
    key = gateway.key()
    world.registry.contracts.clear()

    told = submit(gateway, key=key)

    assert (told.status, told.json["code"]) == (403, "contract_missing")
    assert "contract" not in told.json
