"""Lists: who may be sent to."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain import reasons
from openmas.domain.contract import Category, ServiceKind
from openmas.domain.listing import ListKind, decide, is_opt_out, lists_to_ask

BLACK, WHITE, OPTOUT = ListKind.BLACK, ListKind.WHITE, ListKind.OPTOUT
EVERY_SET = [set(kinds) for n in range(4) for kinds in itertools.combinations(ListKind, n)]
BLACK_MANAGED = [ServiceKind.TEMPLATE_BLACK, ServiceKind.ORDINARY_BLACK]


@pytest.mark.parametrize("category", Category)
@pytest.mark.parametrize("service", BLACK_MANAGED)
def test_black_list_management_refuses_whoever_is_listed(service: ServiceKind, category: Category) -> None:
    refused = [
        kinds for kinds in EVERY_SET if decide(service, category, kinds) == reasons.NUMBER_ON_BLACK_LIST
    ]

    assert refused == [kinds for kinds in EVERY_SET if BLACK in kinds]


@pytest.mark.parametrize("category", Category)
def test_white_list_management_accepts_only_whoever_is_listed(category: Category) -> None:
    service = ServiceKind.ORDINARY_WHITE

    refused = [
        kinds for kinds in EVERY_SET if decide(service, category, kinds) == reasons.NUMBER_NOT_ON_WHITE_LIST
    ]

    assert refused == [kinds for kinds in EVERY_SET if WHITE not in kinds]


@pytest.mark.parametrize(
    ("category", "reason"),
    [
        (Category.MARKETING, reasons.NUMBER_ON_OPT_OUT_LIST),
        (Category.NOTICE, reasons.NUMBER_ON_OPT_OUT_LIST),
        (Category.VERIFICATION, None),
    ],
)
@pytest.mark.parametrize("service", ServiceKind)
def test_an_opt_out_ends_everything_but_codes_the_recipient_asks_for(
    service: ServiceKind, category: Category, reason: str | None
) -> None:
    assert decide(service, category, {OPTOUT, WHITE}) == reason


@given(st.sampled_from(ServiceKind), st.sampled_from(Category), st.sets(st.sampled_from(ListKind)))
def test_only_the_lists_that_are_asked_decide(
    service: ServiceKind, category: Category, kinds: set[ListKind]
) -> None:
    asked = lists_to_ask(service, category)

    assert decide(service, category, kinds) == decide(service, category, kinds & set(asked))
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize(
    "text",
    [
        "R", "r", "Ｒ", "ｒ", "TD", "td", "Td", "ＴＤ", "T", "t", "Ｔ", "退订", "取消", " R ", "R\n",
        "\r\nTD\t", "\u3000退订\u3000", "\u200bR\ufeff", "R\u00a0",
    ],
)  # fmt: skip
def test_these_words_opt_out(text: str) -> None:
    assert is_opt_out(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "RR",
        "R。",
        "N",
        "不退订",
        "请退订",
        "T D",
        "TDS",
        "取消预约",
        "退",
        "回复R",
        "Я",
        "ⓡ",
        "𝐑",
        "1",
        "取消吗",
    ],
)
def test_other_words_do_not(text: str) -> None:
    assert not is_opt_out(text)
