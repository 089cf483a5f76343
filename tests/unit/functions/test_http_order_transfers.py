"""Files of lists over HTTP: uploads, imports and exports."""

from typing import Any

import pytest

from openmas.domain.listing import WHITE, Act, ListEntry
from openmas.domain.profile import Client, Mode, Scope
from openmas.flows.transfer_lists import transfer_list
from tests.fakes import sample
from tests.fakes.gateway import Gateway, client_key

IMPORTS, EXPORTS, UPLOADS = "/v1/lists/white/imports", "/v1/lists/white/exports", "/v1/uploads"
ONE = "13800130001"


def ordering() -> tuple[Gateway, str]:
    gateway = Gateway("order_transfers")
    return gateway, gateway.key(scopes=frozenset({Scope.LISTS}), label="crm")


def uploaded(gateway: Gateway, key: str, content: str) -> str:
    upload = str(gateway.ask("POST", UPLOADS, {"use": "lists"}, key=key).json["upload"])
    gateway.world.uploads.add(sample.CLIENT, upload, content)
    return upload


def test_an_upload_is_a_form_that_takes_one_file_of_a_bounded_size() -> None:
    gateway, key = ordering()

    one, other = (gateway.ask("POST", UPLOADS, {"use": "lists"}, key=key) for _ in range(2))

    assert one.status == 201
    assert one.json.keys() == {"upload", "url", "fields", "bytes_max"}
    assert one.json["bytes_max"] == 128 << 20
    assert one.json["upload"] != other.json["upload"]


@pytest.mark.parametrize(
    ("use", "scope", "status"),
    [
        ("lists", Scope.LISTS, 201),
        ("lists", Scope.SEND, 403),
        ("batches", Scope.LISTS, 403),
        ("batches", Scope.SEND, 201),
    ],
)
def test_each_use_of_an_upload_needs_its_scope(use: str, scope: Scope, status: int) -> None:
    gateway = Gateway("order_transfers")

    told = gateway.ask("POST", UPLOADS, {"use": use}, key=gateway.key(scopes=frozenset({scope})))

    assert told.status == status


def test_an_import_is_ordered_carried_out_and_told_line_by_line() -> None:
    gateway, key = ordering()
    rows = "".join(f"1380013{n:04d}\n" for n in range(40))
    upload = uploaded(gateway, key, f"号码\n{rows}{ONE}\nx\n")
    consent = {"basis": "employee", "evidence": "staff list of May"}
    body = {"upload": upload, "mode": "add", "why": "staff", "consent": consent}

    ordered = gateway.ask("POST", IMPORTS, body, key=key)
    waiting = gateway.ask("GET", f"{IMPORTS}/{ordered.json['id']}", key=key)
    transfer_list(gateway.world, sample.CLIENT, ordered.json["id"])
    done = gateway.ask("GET", f"{IMPORTS}/{ordered.json['id']}", key=key)

    assert (ordered.status, waiting.json["state"]) == (202, "waiting")
    assert {
        name: done.json[name] for name in ("state", "rows", "errors", "doubles", "changed", "refused")
    } == {
        "state": "done",
        "rows": 42,
        "errors": 1,
        "doubles": 1,
        "changed": {"added": 40, "struck": 0, "spared": 0},
        "refused": None,
    }
    assert [(each["line"], each["code"]) for each in done.json["faults"]] == [
        (42, "line_double"),
        (43, "number_malformed"),
    ]
    assert done.json["faults"][0].keys() == {"line", "code", "clause", "detail", "detail_zh"}
    assert (waiting.json["faults_url"], done.json["faults_url"].endswith(".csv")) == (None, True)
    assert done.json["consent"] == consent
    entry = gateway.world.lists.entry(sample.CLIENT, WHITE, ONE)
    assert entry is not None
    assert (entry.by, entry.why) == ("key crm", "staff")


def test_an_import_that_was_refused_says_why_in_both_languages() -> None:
    gateway, key = ordering()
    body = {
        "upload": uploaded(gateway, key, f"{ONE}\nx\n"),
        "mode": "replace",
        "why": "staff",
        "strict": True,
    }

    ordered = gateway.ask("POST", IMPORTS, body, key=key).json
    transfer_list(gateway.world, sample.CLIENT, ordered["id"])

    refused = gateway.ask("GET", f"{IMPORTS}/{ordered['id']}", key=key).json
    assert (refused["state"], refused["changed"]) == ("refused", None)
    assert refused["refused"]["code"] == "file_too_faulty"
    assert refused["refused"]["detail_zh"].endswith("。")


def test_an_export_is_ordered_and_fetched() -> None:
    gateway, key = ordering()
    gateway.world.lists.change(
        sample.CLIENT, WHITE, Act.ADDED, [ListEntry(ONE, "key crm", sample.NOW, "staff")]
    )

    ordered = gateway.ask("POST", EXPORTS, {"form": "csv"}, key=key)
    path = f"{EXPORTS}/{ordered.json['id']}"
    before = gateway.ask("GET", path, key=key).json
    transfer_list(gateway.world, sample.CLIENT, ordered.json["id"])
    after = gateway.ask("GET", path, key=key).json

    assert (ordered.status, before["state"], before["url"]) == (202, "waiting", None)
    assert (after["state"], after["rows"]) == ("done", 1)
    assert after["url"].endswith(".csv")


GOOD = {"upload": "0" * 20, "mode": "add", "why": "staff"}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", UPLOADS, {"use": "pictures"}, 400, "body_invalid"),
        ("POST", IMPORTS, GOOD, 404, "upload_unknown"),
        ("POST", IMPORTS, {**GOOD, "upload": "../x"}, 400, "body_invalid"),
        ("POST", IMPORTS, {**GOOD, "upload": "0" * 20 + "\n"}, 400, "body_invalid"),
        ("POST", IMPORTS, {**GOOD, "mode": "merge"}, 400, "body_invalid"),
        ("POST", IMPORTS, {"upload": "0" * 20, "mode": "add"}, 400, "body_invalid"),
        ("POST", IMPORTS, {**GOOD, "strict": 1}, 400, "body_invalid"),
        ("POST", "/v1/lists/grey/imports", GOOD, 404, "kind_unknown"),
        ("POST", f"{IMPORTS}?x=1", GOOD, 400, "query_invalid"),
        ("POST", EXPORTS, {"form": "pdf"}, 400, "body_invalid"),
        ("GET", f"{IMPORTS}/nothing", None, 404, "transfer_unknown"),
        ("GET", f"{EXPORTS}/nothing", None, 404, "transfer_unknown"),
    ],
)
def test_a_bad_order_is_refused_and_queues_nothing(
    method: str, path: str, body: Any, status: int, code: str
) -> None:
    gateway, key = ordering()
    path, _, query = path.partition("?")

    told = gateway.ask(method, path, body, key=key, query=dict([query.split("=")]) if query else {})

    assert (told.status, told.code) == (status, code)
    assert gateway.world.transfer_queue.queue.bodies == []


def test_a_client_sees_its_own_transfers_only() -> None:
    gateway, key = ordering()
    ordered = gateway.ask("POST", EXPORTS, {"form": "csv"}, key=key).json
    gateway.world.registry.keep_client(Client("another-one", "另一单位"))
    stranger = client_key(gateway.world, "another-one", Mode.LIVE, frozenset(Scope))

    told = gateway.ask("GET", f"{EXPORTS}/{ordered['id']}", key=stranger)

    assert (told.status, told.code) == (404, "transfer_unknown")
