"""What is refused as a whole is on record, as its client was told; what is no decision is not."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from openmas.domain.content import Action, Word
from openmas.domain.content_kinds import ContentKind
from openmas.domain.contract import ServiceKind
from openmas.domain.limits import Level, OutsideHours
from openmas.domain.profile import Mode, Scope
from openmas.domain.refused_submission import RefusedSubmission
from openmas.errors import Unavailable
from tests.fakes import limited, sample
from tests.fakes.gateway import AUDITOR, Gateway, Told, client_key
from tests.fakes.messages import FakeMessages
from tests.fakes.world import FakeWorld

NUMBER = "13800130001"
NOTICE: dict[str, Any] = {"template": "flu-notice", "parameters": {"place": "塔城"}, "recipients": [NUMBER]}
OWN_TEXT = {"text": "今天打八折", "service": "ordinary_black", "recipients": [NUMBER]}
ASKED = ("port", "signature", "template")
MARKETING = {**OWN_TEXT, "category": "marketing"}


def gateways(world: FakeWorld | None = None) -> tuple[Gateway, Gateway]:
    """The function that takes submissions, and the one that tells what was decided about them."""
    taking = Gateway("submit_batches", world or FakeWorld().with_sample())
    return taking, Gateway("read_decisions", taking.world)


def submit(gateway: Gateway, body: object = None, *, idem: str = "k-1", mode: Mode = Mode.LIVE) -> Told:
    sent = NOTICE if body is None else body
    headers = {"idempotency-key": idem} if idem else {}
    return gateway.ask("POST", "/v1/batches", sent, key=gateway.key(mode), headers=headers)


def refusals(gateway: Gateway, **query: str) -> list[dict[str, Any]]:
    told = gateway.ask("GET", "/v1/refusals", key=gateway.key(), query=query)
    assert told.status == 200
    return list(told.json["refusals"])


def under(world: FakeWorld, **limits: Any) -> None:
    kept = limited.contract(Level(1, 10**6), **limits)
    services = kept.services | {ServiceKind.ORDINARY_BLACK}
    sample.put_in_force(world.registry, sample.CLIENT, replace(kept, version=2, services=services))


def suspended(world: FakeWorld) -> None:
    world.registry.keep_client(sample.suspended())


def one_unit_a_day(world: FakeWorld) -> None:
    kept = replace(limited.contract(Level(0, 0)), version=2)
    sample.put_in_force(world.registry, sample.CLIENT, kept)


def at_night(world: FakeWorld) -> None:
    under(world, hours=OutsideHours.REFUSE)
    world.clock.tick(hours=14)


def few_recipients(world: FakeWorld) -> None:
    limits = replace(sample.contract().limits, recipients_max=1)
    sample.put_in_force(world.registry, sample.CLIENT, replace(sample.contract(), version=2, limits=limits))


def forbidden_word(world: FakeWorld) -> None:
    world.words.put(Word("赌博网站", ContentKind.VIOLENCE_SEX_GAMBLING, Action.REFUSE))


def as_it_is(world: FakeWorld) -> None:
    """Nothing is different."""


@pytest.mark.parametrize(
    ("given", "body", "code", "clause"),
    [
        (suspended, NOTICE, "client_suspended", "2.2.3"),
        (as_it_is, MARKETING, "service_not_bought", "2.1.1"),
        (as_it_is, {**NOTICE, "category": "marketing"}, "category_not_allowed", "2.1.7"),
        (as_it_is, {**NOTICE, "port": "10650973327149"}, "port_unknown", "2.1.7"),
        (as_it_is, {**NOTICE, "signature": "别家单位"}, "signature_unknown", "2.1.9"),
        (as_it_is, {**NOTICE, "template": "none-such"}, "template_unknown", "2.1.11"),
        (as_it_is, {**NOTICE, "parameters": {}}, "parameters_wrong", "2.1.11"),
        (forbidden_word, {**NOTICE, "parameters": {"place": "賭*博*網站"}}, "content_refused", "11.3.12"),
        (one_unit_a_day, NOTICE, "units_beyond_day", "A1"),
        (at_night, MARKETING, "outside_marketing_hours", "11.3.17"),
        (few_recipients, {**NOTICE, "recipients": [NUMBER, "13800130002"]}, "recipients_too_many", None),
    ],
)
def test_a_submission_that_is_refused_as_a_whole_is_on_record_as_its_client_was_told(
    given: Callable[[FakeWorld], None], body: dict[str, Any], code: str, clause: str | None
) -> None:
    taking, telling = gateways()
    given(taking.world)

    told = submit(taking, {**body, "reference": "autumn"}, idem="order-7")

    assert (told.code, told.json.get("clause")) == (code, clause)
    (kept,) = refusals(telling)
    assert (kept["code"], kept["clause"], kept["contract"]) == (code, clause, told.json["contract"])
    assert kept["detail"]
    assert kept["detail_zh"]
    assert (kept["idempotency_key"], kept["reference"]) == ("order-7", "autumn")
    assert (kept["outcome"], kept["recipients"]) == ("refused", len(body["recipients"]))
    assert {name: kept[name] for name in ASKED} == {name: body.get(name) for name in ASKED}
    known = "notice" if body.get("template") == "flu-notice" else None
    assert kept["category"] == body.get("category", known)
    assert NUMBER not in str(taking.world.messages.refusals)
    assert "八折" not in str(taking.world.messages.refusals)


def test_of_a_file_nobody_knows_how_many_recipients_were_refused() -> None:
    taking, telling = gateways()
    body = {**NOTICE, "file": "upload-1", "port": "10650973327149"}
    taking.world.uploads.add(sample.CLIENT, "upload-1", NUMBER)
    del body["recipients"]

    assert submit(taking, body).code == "port_unknown"

    (kept,) = refusals(telling)
    assert (kept["file"], kept["recipients"]) == ({"upload": "upload-1"}, None)


def too_fast(world: FakeWorld) -> None:
    limits = replace(sample.contract().limits, requests_per_s=1)
    sample.put_in_force(world.registry, sample.CLIENT, replace(sample.contract(), version=2, limits=limits))
    while world.pace.reserve(sample.CLIENT, "requests", 1, 1.0) is not None:
        pass


@pytest.mark.parametrize(
    ("given", "body", "idem", "status"),
    [
        (as_it_is, NOTICE, "k-1", 202),
        (as_it_is, {**NOTICE, "recipients": ["12345"]}, "k-1", 202),
        (suspended, {**NOTICE, "dry_run": True}, "", 403),
        (suspended, NOTICE, "", 400),
        (suspended, {**NOTICE, "mood": "good"}, "k-1", 400),
        (as_it_is, {**NOTICE, "text": "x"}, "k-1", 400),
        (as_it_is, {"template": "flu-notice", "file": "none"}, "k-1", 404),
        (as_it_is, {**OWN_TEXT}, "k-1", 400),
        (too_fast, NOTICE, "k-1", 429),
    ],
)
def test_what_is_no_decision_on_the_whole_leaves_no_record(
    given: Callable[[FakeWorld], None], body: dict[str, Any], idem: str, status: int
) -> None:
    taking, telling = gateways()
    given(taking.world)

    assert submit(taking, body, idem=idem).status == status

    assert refusals(telling) == []


class Unwritten(FakeMessages):
    """A table that takes nothing just now."""

    def keep_refusal(self, refused: RefusedSubmission) -> None:
        raise Unavailable("aws_busy", "Busy.")


def test_nobody_is_told_of_a_refusal_that_could_not_be_put_on_record() -> None:
    taking, _ = gateways()
    suspended(taking.world)
    taking.world.messages = Unwritten()

    assert submit(taking).status == 503


def test_refusals_are_told_by_shanghai_day_the_newest_first_page_by_page_and_to_nobody_else() -> None:
    taking, telling = gateways()
    suspended(taking.world)
    for n in range(3):
        submit(taking, idem=f"k-{n}", mode=Mode.TEST if n == 1 else Mode.LIVE)
        taking.world.clock.tick(hours=6)

    first = telling.ask("GET", "/v1/refusals", key=telling.key(), query={"day": "2025-11-24", "limit": "2"})
    query = {"day": "2025-11-24", "limit": "2", "cursor": first.json["cursor"]}
    second = telling.ask("GET", "/v1/refusals", key=telling.key(), query=query)

    pages = [[each["idempotency_key"] for each in told.json["refusals"]] for told in (first, second)]
    assert pages == [["k-2", "k-1"], ["k-0"]]
    assert second.json["cursor"] is None
    assert [each["test"] for each in first.json["refusals"]] == [False, True]
    assert refusals(telling, day="2025-11-25") == []
    taking.world.registry.keep_client(replace(sample.client(), id="another-client"))
    other = client_key(taking.world, "another-client", Mode.LIVE, frozenset(Scope))
    seen = telling.ask("GET", "/v1/refusals", key=other, query={"day": "2025-11-24"})
    assert seen.json["refusals"] == []
    assert telling.ask("GET", "/v1/refusals", key=other, query=query).code == "cursor_invalid"


def test_whoever_may_not_read_is_told_nothing_and_an_operator_reads_for_a_client() -> None:
    taking, telling = gateways()
    suspended(taking.world)
    submit(taking)
    of = "/v1/operator/clients/{}/refusals"

    sending = telling.key(scopes=frozenset({Scope.SEND}))
    assert telling.ask("GET", "/v1/refusals", key=sending).code == "scope_missing"
    assert telling.ask("GET", of.format(sample.CLIENT), key=telling.key()).code == "role_missing"
    told = telling.ask("GET", of.format(sample.CLIENT), claims=AUDITOR)
    assert told.json["refusals"] == refusals(telling)
    assert telling.ask("GET", of.format("nobody-here"), claims=AUDITOR).code == "client_unknown"
