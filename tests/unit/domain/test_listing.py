"""Lists: who may be sent to."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain import reasons
from openmas.domain.contract import Category, ServiceKind
from openmas.domain.listing import (
    BLACK,
    OPTOUT,
    WHITE,
    ListKind,
    ListName,
    decide,
    list_named,
    lists_to_ask,
    refused_by_lists,
)

EVERY_SET = [set(kinds) for n in range(4) for kinds in itertools.combinations(ListKind, n)]
SIGNATURE = "塔城市疾控中心宣"
SCOPES = ["", "category:marketing", "category:notice", f"signature:{SIGNATURE}", "signature:别的签名"]
NAMES = [ListName(kind, scope) for kind in ListKind for scope in SCOPES]
NUMBERS = [f"1380013000{n}" for n in range(4)]


def naive(service: ServiceKind, category: Category, kinds: set[ListKind], consent: bool) -> str | None:
    """The rule in the words of the clauses, one after the other."""
    if service in (ServiceKind.TEMPLATE_BLACK, ServiceKind.ORDINARY_BLACK) and ListKind.BLACK in kinds:
        return "number_on_black_list"
    if service == ServiceKind.ORDINARY_WHITE and ListKind.WHITE not in kinds:
        return "number_not_on_white_list"
    if category in (Category.NOTICE, Category.MARKETING) and ListKind.OPTOUT in kinds:
        return "number_on_opt_out_list"
    if category == Category.MARKETING and not (consent or ListKind.WHITE in kinds):
        return "consent_missing"
    return None


@pytest.mark.parametrize("consent", [True, False])
@pytest.mark.parametrize("category", Category)
@pytest.mark.parametrize("service", ServiceKind)
def test_every_case_is_decided_as_the_clauses_say(
    service: ServiceKind, category: Category, consent: bool
) -> None:
    for kinds in EVERY_SET:
        assert decide(service, category, kinds, consent_stated=consent) == naive(
            service, category, kinds, consent
        )


def test_a_refusal_cites_its_clause() -> None:
    assert reasons.REASONS[reasons.CONSENT_MISSING].clause == "2.1.10"
    assert (
        reasons.REASONS[reasons.ENTRY_FROZEN].clause
        == reasons.REASONS[reasons.LIST_FROZEN].clause
        == "2.1.12"
    )


@given(
    st.sampled_from(ServiceKind),
    st.sampled_from(Category),
    st.booleans(),
    st.dictionaries(st.sampled_from(NAMES), st.frozensets(st.sampled_from(NUMBERS))),
)
def test_only_lists_that_count_for_what_is_sent_decide(
    service: ServiceKind, category: Category, consent: bool, stored: dict[ListName, frozenset[str]]
) -> None:
    asked = lists_to_ask(service, category, SIGNATURE, consent_stated=consent)
    listed = {name: stored.get(name, frozenset()) for name in asked}

    refused = dict(refused_by_lists(service, category, enumerate(NUMBERS), listed, consent_stated=consent))

    assert len(asked) == len(set(asked))
    mine = ("", f"category:{category}", f"signature:{SIGNATURE}")
    for place, number in enumerate(NUMBERS):
        kinds = {name.kind for name, on_it in stored.items() if number in on_it and name.scope in mine}
        assert refused.get(place) == naive(service, category, kinds, consent)


def test_no_list_is_asked_that_cannot_matter() -> None:
    asked = lists_to_ask(ServiceKind.TEMPLATE_BLACK, Category.VERIFICATION, SIGNATURE)

    assert {name.kind for name in asked} == {ListKind.BLACK}


@pytest.mark.parametrize("name", NAMES, ids=str)
def test_a_list_is_known_by_what_it_is_written_as(name: ListName) -> None:
    assert list_named(str(name)) == name
    assert list(map(str, (BLACK, WHITE, OPTOUT))) == ["black", "white", "optout"]


@pytest.mark.parametrize("scope", ["", *(f"category:{each}" for each in Category), f"signature:{SIGNATURE}"])
def test_every_list_that_marketing_asks_for_consent_stands_for_it(scope: str) -> None:
    name = ListName(ListKind.WHITE, scope)

    asked = lists_to_ask(ServiceKind.ORDINARY_BLACK, Category.MARKETING, SIGNATURE)

    assert name.stands_for_consent == (name in asked)
