"""The operator's words are found in every disguise, and not where they are not meant."""

import json
import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from openmas.domain.content import (
    Action,
    Checked,
    Hit,
    Word,
    can_be_found,
    held_for,
    hits,
    hits_in_template,
    refused_for,
)
from openmas.domain.content_kinds import ContentKind
from tests.fakes.disguises import PHRASE_ENDS, disguised
from tests.fakes.notices import UNSAID, ordinary_notices, ordinary_sentences
from tests.fakes.words import word_list

SAMPLE = Path(__file__).parents[3] / "infra/local/sample/words.json"
GAMBLING, GOODS = ContentKind.VIOLENCE_SEX_GAMBLING, ContentKind.UNLAWFUL_GOODS
HOLD, REFUSE = Action.HOLD, Action.REFUSE


def sample_words() -> list[Word]:
    rows = json.loads(SAMPLE.read_text(encoding="utf-8"))["words"]
    return [Word(row["word"], ContentKind(row["kind"]), Action(row["action"])) for row in rows]


def found(text: str, *words: str, action: Action = REFUSE) -> list[Action]:
    listed = word_list([Word(word, GAMBLING, action) for word in words])
    return [each.action for each in hits(text, listed)]


def test_ten_thousand_disguises_are_all_seen_through() -> None:
    more = ("viagra", "casino", "heroin", "一夜情", "三级片", "八九学潮", "8964", "约炮网站")
    words = [*sample_words(), *(Word(each, GOODS, REFUSE) for each in more)]
    chance, listed = random.Random(20251124), word_list(words)
    around = ["", " ", "通知", "您好，", "请注意：", "！", "\n", "【", "快来"]

    for _ in range(10_000):
        word = chance.choice(words)
        hidden, judged = disguised(word.text, chance)
        text = f"{chance.choice(around)}{hidden}{chance.choice(around)}"
        seen = [each for each in hits(text, listed) if each.kind is word.kind]
        assert seen, (word, ascii(text))
        if not judged:
            assert word.action in {each.action for each in seen}, (word, ascii(text))


def test_ordinary_notices_are_never_refused() -> None:
    listed, notices = word_list(sample_words()), ordinary_notices()

    outcomes = Counter(
        "refused" if refused_for(seen) else "held" if seen else "passed"
        for seen in (hits(notice, listed) for notice in notices)
    )

    assert len(notices) == 200
    assert outcomes["refused"] == 0
    # Those that warn of fraud and drugs name them, and a person will see that.
    assert outcomes["held"] <= 30


@pytest.mark.parametrize(
    "text", ["sex", "Sex!", "买sex片", "s.e.x", "s e x", "SEX8", "A sex B", "x-s-e-x", "(sex)", "essex, sex"]
)
def test_a_latin_word_is_found_where_it_stands_alone(text: str) -> None:
    assert found(text, "sex") == [REFUSE]


@pytest.mark.parametrize("text", ["Essex", "sexto", "bissextile", "ses exam", "is ex-", "sеxtеt", "s ext"])
def test_a_latin_word_is_not_found_inside_another(text: str) -> None:
    assert found(text, "sex") == []


@pytest.mark.parametrize(
    ("text", "word", "is_found"),
    [
        ("8964", "8964", True),
        ("18964", "8964", False),
        ("89640", "8964", False),
        ("8-9-6-4", "8964", True),
        ("p0rn", "porn", True),
        ("pOrn", "porn", True),
        ("101", "lol", False),
        ("1o1", "lol", True),
        ("100", "loo", False),
        ("paypaI", "paypal", True),
        ("FAIL", "fall", False),
        ("mail", "mall", False),
        ("SlX", "six", True),
        ("SΙX", "six", True),
        ("sIx", "six", True),
        ("T恤K粉", "K粉", True),
        ("OK粉色", "K粉", False),
        ("O K粉", "K粉", True),
    ],
)
def test_digits_pass_for_letters_only_where_a_reader_would_be_taken_in(
    text: str, word: str, *, is_found: bool
) -> None:
    assert found(text, word) == [REFUSE] * is_found


@pytest.mark.parametrize("text", ["$ex", "s€x", "＄€x", "买$ex片", "S€X!", "𝕊€𝕩", "$.ex, $ex"])
def test_money_passes_for_letters_among_letters(text: str) -> None:
    assert REFUSE in found(text, "sex")


@pytest.mark.parametrize("text", ["100$ ex", "$100", "ex 5€", "s 5€ x", "US$50", "价格5$，ex works", "$exam"])
def test_money_is_money_elsewhere(text: str) -> None:
    assert found(text, "sex", "es", "ese") == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("赌丨博", "赌博"),
        ("6合彩", "六合彩"),
        ("买⑥合彩", "六合彩"),
        ("陆合彩", "六合彩"),
        ("㈥合彩", "六合彩"),
        ("〦合彩", "六合彩"),
        ("0元购", "零元购"),
        ("捌玖陆肆", "8964"),
        ("八9六4", "8964"),
        ("陆肆", "六四"),
        ("vi@gra", "viagra"),
        ("v1agra", "viagra"),
    ],
)
def test_what_can_only_be_a_disguise_is_as_good_as_the_word(text: str, word: str) -> None:
    assert found(text, word) == [REFUSE]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("赌一博", "赌博"),
        ("賭 一一 博", "赌博"),
        ("六一合彩", "六合彩"),
        ("睹博", "赌博"),
        ("堵.博", "赌博"),
        ("赌搏网站", "赌博网站"),
        ("高利货", "高利贷"),
        ("代开发漂", "代开发票"),
        ("s3x", "sex"),
        ("买s3x片", "sex"),
        ("S 3 X", "sex"),
        ("5ex", "sex"),
        ("c4sin0", "casino"),
        ("h3roin", "heroin"),
    ],
)
def test_what_may_be_chance_is_only_held(text: str, word: str) -> None:
    assert found(text, word) == [HOLD]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("市民目睹博物馆开馆", "赌博"),
        ("交通拥堵博览会期间", "赌博"),
        ("亲眼目睹，博士", "赌博"),
        ("每天上一门课", "上门"),
        ("统一战线", "统战"),
        ("早上。一，门", "上门"),
        ("请付货款", "贷款"),
        ("a2奶粉", "二奶"),
        ("共64人", "六四"),
        ("周六4点", "六四"),
        ("大陆四季如春", "六四"),
        ("五一8点", "五一八"),
        ("89", "八九"),
        ("第16合彩", "六合彩"),
        ("验证码4S3X9", "sex"),
        ("价格5，ex works", "sex"),
        ("5 ex", "sex"),
        ("5M", "sm"),
        ("15D", "lsd"),
        ("b4a", "bba"),
        ("c@t", "cit"),
        ("六八", "五八"),
        ("b一c", "bic"),
    ],
)
def test_what_ordinary_words_are_made_of_is_no_disguise(text: str, word: str) -> None:
    assert found(text, word) == []


@pytest.mark.parametrize("text", ordinary_sentences())
def test_nothing_ordinary_is_held_for_what_it_might_be(text: str) -> None:
    assert found(text, *UNSAID) == []


@pytest.mark.parametrize("end", PHRASE_ENDS)
def test_a_word_across_the_end_of_a_phrase_is_only_held(end: str) -> None:
    assert found(f"注意防赌{end}博士讲座", "赌博") == [HOLD]


def test_the_words_place_is_told_as_it_is_written() -> None:
    listed = word_list([Word("赌博", GAMBLING, REFUSE)])
    text = "请勿\u200b賭 *\u200b博。"

    (seen,) = hits(text, listed)

    assert text[seen.begin : seen.end] == "賭 *\u200b博"
    assert seen == Hit(3, 8, GAMBLING, REFUSE)


def test_the_gravest_finding_counts_and_all_kinds_are_told() -> None:
    listed = word_list([Word("赌博", GAMBLING, HOLD), Word("冰毒", GOODS, REFUSE), Word("冰", GOODS, HOLD)])

    both = hits("赌博和冰毒", listed)

    assert refused_for(both) is GOODS
    assert held_for(both) == (GAMBLING, GOODS)
    assert refused_for(hits("赌博", listed)) is None
    assert held_for(hits("平安", listed)) == ()


def test_a_word_within_a_longer_one_is_found_too() -> None:
    listed = word_list([Word("赌博网站", GAMBLING, HOLD), Word("博网", GOODS, REFUSE)])

    assert [each.action for each in hits("赌博网站", listed)] == [HOLD, REFUSE]


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("赌博", True),
        ("ab", True),
        ("a.", False),
        ("毒", False),
        ("。。", False),
        ("", False),
        ("长" * 33, False),
    ],
)
def test_what_cannot_be_looked_for_is_no_word(text: str, *, fits: bool) -> None:
    assert can_be_found(text) is fits


def test_every_kind_has_its_clause_and_names() -> None:
    assert [kind.clause for kind in ContentKind] == [f"11.3.{n}" for n in range(1, 22)]
    assert all(kind.zh and kind.en for kind in ContentKind)
    assert len({kind.zh for kind in ContentKind}) == 21


@pytest.mark.parametrize(
    ("text", "values", "seen"),
    [
        ("请到{place}领取。", ("赌博网站",), True),
        ("请到{place}领取。", ("城南门诊",), False),
        ("请参加赌{place}。", ("博",), True),
        ("请参加{place}博。", ("赌",), True),
        ("请参加赌{place}博。", (".",), True),
        ("请参加赌{place}博。", ("",), True),
        ("{a}{b}", ("赌", "博"), True),
        ("{a}与{a}", ("赌博",), True),
        ("严禁赌博，{place}宣。", ("城南",), False),
        ("s{x}", ("ex",), True),
        ("请看{x}ex", ("$",), True),
        ("请看$e{x}", ("x",), True),
        ("${x}", ("ex",), True),
        ("{x}$ ex{y}", ("50", "tra"), False),
        ("$ex{x}", ("。",), False),
        ("请参加赌{place}博。", ("\ue000",), True),
        ("les{x}", ("s ex",), False),
    ],
)
def test_values_are_looked_at_in_their_surroundings(
    text: str, values: tuple[str, ...], *, seen: bool
) -> None:
    listed = word_list([Word("赌博", GAMBLING, REFUSE), Word("sex", GAMBLING, REFUSE)])

    assert bool(Checked.template(text).hits(values, listed)) is seen


signs = st.sampled_from(list("赌博冰毒sex好 .，\u200b1l"))
# Also what is read in more than one way, and what parts texts that are searched at once.
money = st.sampled_from(list("赌博冰毒se好$一，\u200b1\ue000\n睹抟5iIΙdD08合六"))
LOOKED_FOR = ("赌博", "冰毒", "sex", "lsd", "好一好", "六合彩", "1o5", "dies")


@given(st.lists(st.text(signs, max_size=6), min_size=2, max_size=4), st.data())
def test_values_bring_in_just_what_the_template_alone_does_not_hold(
    fixed: list[str], data: st.DataObject
) -> None:
    values = tuple(data.draw(st.text(signs, max_size=4)) for _ in fixed[1:])
    template = fixed[0] + "".join(f"{{v{n}}}{part}" for n, part in enumerate(fixed[1:]))
    listed = word_list([Word(word, GAMBLING, REFUSE) for word in ("赌博", "冰毒", "sex", "lsd")])

    whole = hits(fixed[0] + "".join(a + b for a, b in zip(values, fixed[1:], strict=True)), listed)
    brought = set(Checked.template(template).hits(values, listed))

    # The naive way: a finding was there before if its very place holds it with other values, too.
    spans, at = [], len(fixed[0])
    for value, part in zip(values, fixed[1:], strict=True):
        spans.append((at, at + len(value)))
        at += len(value) + len(part)
    for each in whole:
        inside_fixed = all(each.end <= begin or end <= each.begin for begin, end in spans)
        assert (each in brought) is not inside_fixed


@given(
    st.lists(st.text(signs, max_size=4), min_size=2, max_size=4).flatmap(
        lambda fixed: st.tuples(
            st.just(fixed), st.lists(st.tuples(*[st.text(money, max_size=3) for _ in fixed[1:]]), max_size=9)
        )
    )
)
@example((["", ""], [("$ex",), ("50$",)]))
@example((["赌博", "。"], [("",), ("冰毒",)]))
@example((["请看赌", "博站"], [("一",), ("好",)]))
@example((["l", "。"], [("sd",), ("5d",)]))
@example((["", "d"], [("ls",), ("Is",), ("is",)]))
@example((["请看", "彩"], [("6合",), ("六一合",), ("六",), ("6 ",)]))
@example((["码", "。"], [("105",), ("1o5",), ("01o5",), ("1一o5",), ("d135",), ("di35",)]))
def test_many_are_looked_through_at_once_as_one_by_one(
    many: tuple[list[str], list[tuple[str, ...]]],
) -> None:
    fixed, values = many
    template = fixed[0] + "".join(f"{{v{n}}}{part}" for n, part in enumerate(fixed[1:]))
    checked = Checked.template(template)
    listed = word_list([Word(word, GAMBLING, REFUSE) for word in LOOKED_FOR])

    found = checked.hits_of_each(dict(enumerate(values)), listed)

    one_by_one = {place: checked.hits(each, listed) for place, each in enumerate(values)}
    assert found == {place: hits for place, hits in one_by_one.items() if hits}


def test_a_template_is_looked_through_with_its_variables_open() -> None:
    listed = word_list([Word("赌博", GAMBLING, REFUSE)])

    assert hits_in_template("严禁赌博，{place}宣。", listed)
    assert not hits_in_template("严禁赌{place}博。", listed)
    assert hits_in_template("严禁赌\ue000博{place}。", listed)


def test_what_is_found_in_a_template_is_told_as_it_is_written() -> None:
    listed = word_list([Word("赌博", GAMBLING, REFUSE), Word("sex", GAMBLING, HOLD)])
    text = "{地点}严禁赌ー博{who}和$ex{day}"

    found_there = hits_in_template(text, listed)

    assert [text[seen.begin : seen.end] for seen in found_there] == ["赌ー博", "$ex"]
