"""/v1/operator/words and the review of held batches, as operators and clients meet them."""

from typing import Any

import pytest

from openmas.domain.content import Action, Word
from openmas.domain.content_kinds import ContentKind
from openmas.domain.profile import Mode
from openmas.flows.send_parcels import send_parcel
from tests.fakes import filed, sample
from tests.fakes.gateway import AUDITOR, OPERATOR, Gateway
from tests.fakes.world import FakeWorld

WORDS = "/v1/operator/words"
ADDED = {"words": [{"word": "赌博", "kind": 12, "action": "refuse"}], "why": "starter list"}
STRUCK = {"words": ["赌博"], "why": "too many findings"}
PASSED = {"outcome": "passed", "why": "An ordinary notice."}


def keeping() -> Gateway:
    return Gateway("keep_words", FakeWorld())


def test_an_operator_keeps_words_lists_them_tries_them_and_strikes_them() -> None:
    gateway = keeping()

    kept = gateway.ask("POST", WORDS, ADDED, claims=OPERATOR)
    listed = gateway.ask("GET", WORDS, claims=AUDITOR)
    tried = gateway.ask("POST", f"{WORDS}/check", {"text": "请勿賭 博"}, claims=OPERATOR)
    struck = gateway.ask("DELETE", WORDS, STRUCK, claims=OPERATOR)

    assert kept.json == {"version": 1, "words": 1, "changed": 1}
    assert listed.json == {
        "version": 1,
        "of": 1,
        "words": [
            {
                "word": "赌博",
                "kind": 12,
                "action": "refuse",
                "by": "p-operator",
                "at": "2025-11-24T01:30:00Z",
                "why": "starter list",
            }
        ],
        "cursor": None,
    }
    (found,) = tried.json["findings"]
    assert (found["begin"], found["end"], found["clause"], found["action"]) == (2, 5, "11.3.12", "refuse")
    assert struck.json == {"version": 2, "words": 0, "changed": 1}


def test_the_kinds_are_told_with_their_clauses() -> None:
    kinds = keeping().ask("GET", f"{WORDS}/kinds", claims=AUDITOR).json["kinds"]

    assert [each["clause"] for each in kinds] == [f"11.3.{n}" for n in range(1, 22)]


def test_a_long_book_comes_page_by_page() -> None:
    gateway = keeping()
    words = [{"word": f"词语{n}", "kind": 21, "action": "hold"} for n in range(5)]
    gateway.ask("POST", WORDS, {"words": words, "why": "many"}, claims=OPERATOR)

    first = gateway.ask("GET", WORDS, claims=OPERATOR, query={"limit": "3"}).json
    rest = gateway.ask("GET", WORDS, claims=OPERATOR, query={"cursor": first["cursor"]}).json

    assert {each["word"] for each in first["words"] + rest["words"]} == {f"词语{n}" for n in range(5)}
    assert rest["cursor"] is None


def test_changes_of_the_words_are_told_newest_first_with_who_when_and_why() -> None:
    gateway = keeping()
    gateway.ask("POST", WORDS, ADDED, claims=OPERATOR)
    gateway.ask("DELETE", WORDS, STRUCK, claims=OPERATOR)

    first = gateway.ask("GET", f"{WORDS}/changes", claims=AUDITOR, query={"limit": "1"}).json
    rest = gateway.ask("GET", f"{WORDS}/changes", claims=OPERATOR, query={"cursor": first["cursor"]}).json

    who = {"by": "p-operator", "at": "2025-11-24T01:30:00Z"}
    word = ADDED["words"]
    assert first["changes"] == [{"version": 2, **who, "why": STRUCK["why"], "added": [], "struck": word}]
    assert rest["changes"] == [{"version": 1, **who, "why": ADDED["why"], "added": word, "struck": []}]
    assert rest["cursor"] is None


def test_the_changes_of_words_that_never_changed_are_none() -> None:
    told = keeping().ask("GET", f"{WORDS}/changes", claims=AUDITOR)

    assert told.json == {"changes": [], "cursor": None}


@pytest.mark.parametrize(
    ("claims", "query", "status", "code"),
    [
        ({}, {}, 403, "role_missing"),
        (AUDITOR, {"limit": "0"}, 400, "query_invalid"),
        (AUDITOR, {"month": "2025-11"}, 400, "query_invalid"),
        (AUDITOR, {"cursor": "guessed"}, 400, "cursor_invalid"),
    ],
)
def test_whoever_may_not_or_asks_wrongly_is_told_no_change(
    claims: dict[str, str], query: dict[str, str], status: int, code: str
) -> None:
    told = keeping().ask("GET", f"{WORDS}/changes", claims=claims, query=query)

    assert (told.status, told.code) == (status, code)


def added(**other: object) -> dict[str, Any]:
    return {**ADDED, "words": [{"word": "赌博", "kind": 12, "action": "refuse", **other}]}


@pytest.mark.parametrize(
    ("method", "body", "claims", "status", "code"),
    [
        ("GET", None, {}, 403, "role_missing"),
        ("POST", ADDED, AUDITOR, 403, "role_missing"),
        ("DELETE", STRUCK, AUDITOR, 403, "role_missing"),
        ("POST", {"words": ADDED["words"]}, OPERATOR, 400, "body_invalid"),
        ("POST", added(kind=22), OPERATOR, 400, "body_invalid"),
        ("POST", added(kind=0), OPERATOR, 400, "body_invalid"),
        ("POST", added(kind=True), OPERATOR, 400, "body_invalid"),
        ("POST", added(action="pass"), OPERATOR, 400, "body_invalid"),
        ("POST", added(word=""), OPERATOR, 400, "body_invalid"),
        ("POST", added(word="毒"), OPERATOR, 400, "word_unfit"),
        ("POST", {**ADDED, "words": []}, OPERATOR, 400, "body_invalid"),
        ("POST", {**ADDED, "words": [*ADDED["words"]] * 10_001}, OPERATOR, 400, "body_invalid"),
        ("DELETE", {"words": ["赌博"]}, OPERATOR, 400, "body_invalid"),
    ],
)
def test_what_may_not_be_is_refused(
    method: str, body: object, claims: dict[str, str], status: int, code: str
) -> None:
    told = keeping().ask(method, WORDS, body, claims=claims)

    assert (told.status, told.code) == (status, code)


def held() -> tuple[FakeWorld, str, dict[str, Any], str]:
    """A world with one held batch, the client's key, what the client was told, and the case's address."""
    submitting = Gateway("submit_batches")
    submitting.world.words.put(Word("内部消息", ContentKind.RUMOURS, Action.HOLD))
    key = submitting.key(Mode.LIVE)
    body = {"template": "flu-notice", "parameters": {"place": "内部消息"}, "recipients": ["13800130001"]}
    told = submitting.ask("POST", "/v1/batches", body, key=key, headers={"idempotency-key": "k1"})
    assert told.status == 202
    case = f"/v1/operator/cases/{sample.CLIENT}/review:batch:{told.json['batch']}"
    return submitting.world, key, told.json, case


def test_the_client_is_told_that_it_is_held_and_then_what_was_said() -> None:
    world, key, told, case = held()
    reading, place = Gateway("read_messages", world), f"/v1/batches/{told['batch']}"

    waiting = reading.ask("GET", place, key=key).json
    Gateway("review_content", world).ask("POST", f"{case}/verdict", PASSED, claims=OPERATOR)
    passed = reading.ask("GET", place, key=key).json

    assert [each["clause"] for each in told["held"]] == ["11.3.13"]
    assert (waiting["held"], waiting["verdict"]) == (told["held"], None)
    assert passed["verdict"] == {**PASSED, "at": "2025-11-24T01:30:00Z"}


def test_the_reviewer_sees_the_text_and_where_and_that_he_looked() -> None:
    world, _, told, case = held()

    shown = Gateway("review_content", world).ask("GET", f"{case}/content", claims=AUDITOR).json

    (text,) = shown["texts"]
    (found,) = text["findings"]
    assert text["text"][found["begin"] : found["end"]] == "内部消息"
    assert (shown["batch"], shown["held"]) == (told["batch"], told["held"])
    assert shown["looks"] == [{"at": "2025-11-24T01:30:00Z", "by": "p-auditor"}]


def test_of_a_file_the_reviewer_is_told_the_kinds_that_its_lines_are_held_for() -> None:
    world = filed.world_with(["号码,place", "13800130001,塔城", "13800130002,内部消息"])
    world.words.put(Word("内部消息", ContentKind.RUMOURS, Action.HOLD))
    batch = filed.submit(world)
    filed.live(world)
    case = f"/v1/operator/cases/{sample.CLIENT}/review:batch:{batch.id}"

    shown = Gateway("review_content", world).ask("GET", f"{case}/content", claims=AUDITOR).json

    assert [each["clause"] for each in shown["held"]] == ["11.3.13"]


def test_a_verdict_is_told_as_it_stands_and_its_case_is_closed() -> None:
    world, _, _, case = held()
    reviewing = Gateway("review_content", world)

    said = reviewing.ask("POST", f"{case}/verdict", PASSED, claims=OPERATOR)
    other = reviewing.ask("POST", f"{case}/verdict", {**PASSED, "outcome": "refused"}, claims=OPERATOR)

    assert said.json == {**PASSED, "by": "p-operator", "at": "2025-11-24T01:30:00Z"}
    assert (other.status, other.code) == (409, "case_closed")
    assert Gateway("keep_cases", world).ask("GET", case, claims=OPERATOR).json["closing"] == said.json


def test_a_refusal_may_name_the_kind_that_it_is_for() -> None:
    world, key, told, case = held()
    refused = {"outcome": "refused", "why": "It sells what it may not.", "kind": 15}

    said = Gateway("review_content", world).ask("POST", f"{case}/verdict", refused, claims=OPERATOR)
    for parcel in list(world.messages.parcels.values()):
        send_parcel(world, parcel.client, parcel.id, 0)
    decided = Gateway("read_decisions", world).ask("GET", f"/v1/batches/{told['batch']}/decisions", key=key)

    assert said.json == {**refused, "by": "p-operator", "at": "2025-11-24T01:30:00Z"}
    (decision,) = decided.json["decisions"]
    assert (decision["code"], decision["clause"]) == ("content_refused", "11.3.15")
    assert (ContentKind(15).zh in decision["detail_zh"], ContentKind(15).en in decision["detail"]) == (
        True,
        True,
    )


@pytest.mark.parametrize(
    ("method", "path", "body", "claims", "status", "code"),
    [
        ("GET", "content", None, {}, 403, "role_missing"),
        ("POST", "verdict", PASSED, AUDITOR, 403, "role_missing"),
        ("POST", "verdict", {**PASSED, "outcome": "settled"}, OPERATOR, 400, "body_invalid"),
        ("POST", "verdict", {"outcome": "passed"}, OPERATOR, 400, "body_invalid"),
        ("POST", "verdict", {**PASSED, "kind": 12}, OPERATOR, 400, "body_invalid"),
        ("POST", "verdict", {**PASSED, "outcome": "refused", "kind": 22}, OPERATOR, 400, "body_invalid"),
        ("POST", "verdict", {**PASSED, "outcome": "refused", "kind": True}, OPERATOR, 400, "body_invalid"),
    ],
)
def test_who_may_not_or_does_not_say_why_gives_no_verdict(
    method: str, path: str, body: object, claims: dict[str, str], status: int, code: str
) -> None:
    world, _, _, case = held()

    told = Gateway("review_content", world).ask(method, f"{case}/{path}", body, claims=claims)

    assert (told.status, told.code) == (status, code)
    assert world.messages.verdicts == {}


def test_a_refusal_tells_the_clause_of_the_kind_and_not_the_word() -> None:
    submitting = Gateway("submit_batches")
    submitting.world.words.put(Word("赌博网站", ContentKind.VIOLENCE_SEX_GAMBLING, Action.REFUSE))
    body = {"template": "flu-notice", "parameters": {"place": "賭博網站"}, "recipients": ["13800130001"]}

    told = submitting.ask(
        "POST", "/v1/batches", body, key=submitting.key(), headers={"idempotency-key": "k1"}
    )

    assert (told.status, told.code, told.json["clause"]) == (403, "content_refused", "11.3.12")
    assert "网站" not in told.text
