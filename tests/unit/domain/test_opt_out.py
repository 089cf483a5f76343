"""Opt-out words: what ends it, and what does not."""

import pytest

from openmas.domain.opt_out import is_opt_out


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


@pytest.mark.parametrize("word", ["N", "不要", "ｎ", "7"])
def test_a_contracts_own_word_is_heard_however_it_is_written(word: str) -> None:
    assert not is_opt_out(word)
    assert is_opt_out(f" {word.lower()}\u200b", [word.upper()])
    assert not is_opt_out(f"{word}{word}", [word])
