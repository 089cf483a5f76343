"""The catalogue of reasons."""

import re

import pytest

from openmas.domain import reasons
from openmas.domain.content_kinds import ContentKind
from openmas.domain.reasons import REASONS, Reason, rejected
from openmas.errors import NotAllowed

CONSTANTS = {
    name: code
    for name, code in vars(reasons).items()
    if name.isupper() and isinstance(code, str) and name[0] != "_"
}
CLAUSE = re.compile(r"A?[0-9]{1,2}(\.[0-9]{1,2}){0,2}")


def test_every_code_is_named_and_every_name_has_its_reason() -> None:
    assert {name.lower() for name in CONSTANTS} == set(CONSTANTS.values()) == set(REASONS)


def test_no_code_has_two_rows_of_which_one_would_be_told_and_the_other_read() -> None:
    codes = [row.partition(" | ")[0] for row in reasons._CATALOGUE.strip().splitlines()]

    assert sorted(codes) == sorted(REASONS)


@pytest.mark.parametrize("reason", REASONS.values(), ids=REASONS)
def test_a_reason_is_one_sentence_in_each_language(reason: Reason) -> None:
    assert reason.en.endswith(".")
    assert reason.en.isascii() or "【】" in reason.en
    assert ". " not in reason.en
    assert reason.zh.endswith("。")
    assert reason.zh.count("。") == 1


@pytest.mark.parametrize("reason", REASONS.values(), ids=REASONS)
def test_a_reason_names_a_clause_of_the_contract_or_none(reason: Reason) -> None:
    assert reason.clause is None or CLAUSE.fullmatch(reason.clause)


@pytest.mark.parametrize(
    ("code", "clause"),
    [
        ("number_on_black_list", "2.1.1"),
        ("number_not_on_white_list", "2.1.1"),
        ("number_on_opt_out_list", "2.1.16"),
        ("service_not_bought", "2.1.1"),
        ("text_has_signature", "2.1.9"),
        ("contract_ended", "9"),
        ("client_suspended", "2.2.3"),
    ],
)
def test_a_refusal_rests_on_its_clause(code: str, clause: str) -> None:
    assert REASONS[code].clause == clause


@pytest.mark.parametrize("kind", ContentKind)
def test_a_refusal_for_a_kind_of_content_is_told_with_its_clause_and_names_it(kind: ContentKind) -> None:
    kept = reasons.content_refused(kind)

    told = reasons.reason_of(kept)
    assert (told.code, told.clause) == (reasons.code_of(kept), kind.clause)
    assert told.code == reasons.CONTENT_REFUSED
    assert kind.zh in told.zh
    assert kind.en in told.en
    test_a_reason_is_one_sentence_in_each_language(told)


@pytest.mark.parametrize("code", REASONS)
def test_any_other_reason_is_kept_as_its_code(code: str) -> None:
    assert reasons.reason_of(code) is REASONS[code]
    assert reasons.code_of(code) == code


def test_a_rejection_says_the_reason() -> None:
    error = rejected(NotAllowed, reasons.CONTRACT_ENDED)

    assert type(error) is NotAllowed
    assert (error.code, error.clause) == ("contract_ended", "9")
    assert error.detail == REASONS["contract_ended"].en
