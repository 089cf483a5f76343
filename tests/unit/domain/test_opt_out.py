"""Opt-out words: what ends it, and what does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.contract import OptOutWord
from openmas.domain.opt_out import is_opt_out

WORDS = ["R", "r", "Ｒ", "ｒ", "TD", "td", "Td", "ＴＤ", "T", "t", "Ｔ", "退订", "取消"]
AROUND = " \t\n\u3000\u00a0\u200b\ufeff.。!！,，;；~～、…“”\"'‘’()（）[]【】《》「」-—*#"


@pytest.mark.parametrize("text", [*WORDS, "退訂", "ⓡ", "𝐑", "T D", "退 订", "退　订", "R\ufe0f"])
def test_these_words_opt_out(text: str) -> None:
    assert is_opt_out(text)


@pytest.mark.parametrize(
    "text",
    [
        "R.", "R。", "“R”", '"R"', "'R'", "(R)", "（R）", "【R】", "退订。", "退订！", "取消。", "TD！", "R~",
        "TD退订", "TD 退订", "“TD”退订", "T退订", "回复R", "回复退订", "回复TD", "回复：R", "回复“R”",
        "請回復R", "请回复R。", "拒收请回复R", "“拒收请回复R”", "拒收回复R", "退订回T", "回T退订",
        "T。", "回覆R", "退订回复TD",
    ],
)  # fmt: skip
def test_they_are_read_as_a_reader_would_read_them(text: str) -> None:
    assert is_opt_out(text)


@given(st.sampled_from(WORDS), st.text(AROUND, max_size=5), st.text(AROUND, max_size=5))
def test_whatever_stands_around_a_word_it_is_the_word(word: str, before: str, behind: str) -> None:
    assert is_opt_out(before + word + behind)


@given(st.text(AROUND + "?？", max_size=8))
def test_signs_alone_are_no_word(text: str) -> None:
    assert not is_opt_out(text, ["N"])


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "RR", "TT", "T_T", "N", "不退订", "请退订", "TDS", "取消预约", "退", "Я", "1", "取消吗",
        "收到，谢谢", "R u ok",
        "R?", "退订？", "取消退订", "取消TD", "回复", "请回复", "回复R是什么意思", "不用回复R", "退订回复",
        "R收到", "收到R", "退订不了", "怎么退订", "TD-LTE", "取消，谢谢", "®", "100R",
    ],
)  # fmt: skip
def test_other_words_and_sentences_that_hold_one_do_not(text: str) -> None:
    assert not is_opt_out(text)


@pytest.mark.parametrize("word", ["N", "不要", "ｎ", "7"])
def test_a_contracts_own_word_is_heard_however_it_is_written(word: str) -> None:
    assert not is_opt_out(word)
    assert is_opt_out(f" {word.lower()}\u200b", [word.upper()])
    assert is_opt_out(f"回复“{word}”。", [word])
    assert not is_opt_out(f"{word}{word}", [word])


@pytest.mark.parametrize("but", OptOutWord)
@pytest.mark.parametrize("form", ["{}", " {}。", "回复“{}”"])
def test_a_contract_can_take_a_usual_word_out_and_no_other_goes_with_it(but: OptOutWord, form: str) -> None:
    for word in (*OptOutWord, "R", "Ｒ"):
        assert is_opt_out(form.format(word), but=[but]) is (word != but)
    assert is_opt_out(form.format(but), [but.lower()], but=[but])


@pytest.mark.parametrize("text", ["R", "r", "Ｒ", "ⓡ", "回复R", "拒收请回复R"])
def test_what_each_marketing_message_asks_for_is_heard_under_every_contract(text: str) -> None:
    assert is_opt_out(text, but=frozenset(OptOutWord))
