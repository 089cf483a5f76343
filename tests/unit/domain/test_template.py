"""Templates and what may be put into them."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from openmas.domain.characters import CLOSING, OPENING
from openmas.domain.contract import Category
from openmas.domain.template import (
    Template,
    TemplateStatus,
    in_use,
    names_in,
    not_in_use,
    render,
    stopped,
    variables_of,
)
from openmas.domain.variables import LENGTHS, Variable, VariableKind
from openmas.errors import InvalidInput

TEXT = "{name}您好，请于{day}携带{thing}到{place}；{name}本人到场。"
GOOD = {"name": "王女士", "day": "11月24日", "thing": "身份证", "place": "塔城市疾控中心"}
VALUE_LENGTH_MAX = LENGTHS[VariableKind.TEXT]
VALUES = st.text(alphabet=st.sampled_from("塔城疾控aB3 ，、-:()（）{}%\\$😀"), max_size=VALUE_LENGTH_MAX // 2)


def template(text: str = TEXT, status: TemplateStatus = TemplateStatus.APPROVED) -> Template:
    return Template("flu-notice", 1, Category.NOTICE, text, variables_of(text), status)


def faults_of(made: Template, parameters: dict[str, str]) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        render(made, parameters)
    assert (caught.value.code, caught.value.clause) == ("parameters_wrong", "2.1.11")
    return [fault.pointer for fault in caught.value.faults]


def test_a_template_is_filled_in() -> None:
    sent = render(template(), GOOD)

    assert sent == "王女士您好，请于11月24日携带身份证到塔城市疾控中心；王女士本人到场。"


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("请接种", ()),
        ("", ()),
        ("{a}{b}{a}", ("a", "b")),
        ("{姓名}您好", ("姓名",)),
        ("{_x1}", ("_x1",)),
        (TEXT, ("name", "day", "thing", "place")),
    ],
)
def test_variables_are_named_once_in_their_order(text: str, variables: tuple[str, ...]) -> None:
    assert names_in(text) == variables


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "}",
        "{}",
        "{ name }",
        "{na me}",
        "{{name}}",
        "{1a}",
        "{name",
        "name}",
        "{a.b}",
        "{a!r}",
        "{a:3}",
        "{" + "a" * 33 + "}",
    ],
)
def test_a_brace_that_belongs_to_no_variable_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        names_in(text)

    assert caught.value.code == "template_malformed"


def test_there_is_a_limit_to_variables() -> None:
    with pytest.raises(InvalidInput, match="template_malformed"):
        variables_of("".join(f"{{v{n}}}" for n in range(51)))


@pytest.mark.parametrize("names", [(), ("name",), ("day", "name"), ("day", "day"), ("name", "day", "x")])
def test_a_template_has_just_the_variables_of_its_text_in_their_order(names: tuple[str, ...]) -> None:
    variables = tuple(map(Variable, names))

    with pytest.raises(InvalidInput, match="template_malformed"):
        Template("flu-notice", 1, Category.NOTICE, "{name}，{day}", variables, TemplateStatus.APPROVED)


def test_variables_are_what_they_were_declared_and_else_short_texts() -> None:
    day = Variable("day", VariableKind.DATE_TIME, 20)

    assert variables_of("{name}，{day}", [day]) == (Variable("name"), day)


@pytest.mark.parametrize("declared", [("x",), ("day", "day"), ("name", "day", "x")])
def test_only_the_texts_variables_are_declared_and_each_once(declared: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput, match="template_malformed"):
        variables_of("{name}，{day}", [Variable(name) for name in declared])


@pytest.mark.parametrize("status", TemplateStatus)
def test_only_an_approved_template_is_sent(status: TemplateStatus) -> None:
    assert template(status=status).sendable == (status == "approved")


@given(VALUES)
def test_a_value_is_put_in_as_it_is_and_never_read_again(value: str) -> None:
    assert render(template("[{name}] {name}。"), {"name": value}) == f"[{value}] {value}。"


def test_a_value_that_looks_like_a_variable_stays_a_value() -> None:
    assert render(template("{a}与{b}"), {"a": "{b}", "b": "{a}"}) == "{b}与{a}"


@pytest.mark.parametrize(
    ("parameters", "pointers"),
    [
        ({}, ["/parameters/name", "/parameters/day"]),
        ({"name": "王"}, ["/parameters/day"]),
        ({"name": "王", "day": "周五", "x": "1"}, ["/parameters"]),
        ({"name": "王", "Day": "周五"}, ["/parameters", "/parameters/day"]),
        ({"name": "王" * 33, "day": "周五"}, ["/parameters/name"]),
        ({"name": "😀" * 17, "day": "周五"}, ["/parameters/name"]),
    ],
)
def test_every_wrong_parameter_is_told_with_its_place(
    parameters: dict[str, str], pointers: list[str]
) -> None:
    assert faults_of(template("{name}，{day}"), parameters) == pointers


@pytest.mark.parametrize(
    "value",
    [
        "http://x", "HTTPS://X", "ftp://x", "www.a", "ｗｗｗ．ａ", "a.cn", "t.cn/abc", "a.co.uk",
        "A.CN", "ａ．ｃｎ", "a。cn", "a｡cn", "看a.cn吧", "例子.中国", "a。中国", "10.0.0.1",
        "１０．０．０．１",
        "x://", "line\n", "a\tb", "a\x00", "\x7f", "a\u200bb", "a\u202eb", "\ufeff", "\u2028", "\ud83d",
        "a.\u200bcn",
    ],
)  # fmt: skip
def test_links_and_unseen_characters_are_refused(value: str) -> None:
    assert faults_of(template("{name}，您好"), {"name": value}) == ["/parameters/name"]


@given(st.sampled_from(sorted(OPENING | CLOSING)), VALUES)
def test_brackets_of_a_signature_are_refused(bracket: str, value: str) -> None:
    assert faults_of(template("{name}，您好"), {"name": value[:-1] + bracket}) == ["/parameters/name"]


def test_values_side_by_side_make_no_link_together() -> None:
    made = template("请看{a}{b}")

    assert faults_of(made, {"a": "evil", "b": ".com"}) == ["/parameters"]
    assert render(made, {"a": "3", "b": ".5元"}) == "请看3.5元"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "3.5kg",
        "2025.11.24",
        "1.5.2",
        "8:30-11:30",
        "第3.1条",
        "您好。abc",
        "您好。中国移动",
        "50%",
        "￥12.00",
        "王 女士",
        "A座",
        "……",
    ],
)
def test_ordinary_values_are_taken(value: str) -> None:
    assert render(template("{name}，您好"), {"name": value}) == f"{value}，您好"


def test_the_length_of_a_value_is_its_variables_to_say() -> None:
    variables = (Variable("name", length_max=40),)
    long = Template("a", 1, Category.NOTICE, "{name}，您好", variables, TemplateStatus.APPROVED)

    assert render(long, {"name": "王" * 40}) == "王" * 40 + "，您好"
    assert faults_of(long, {"name": "王" * 41}) == ["/parameters/name"]


LINKS_ACROSS = [
    ("请看{a}{b}", ("evil", ".com")),
    ("请看{a}{b}", ("evil.", "com")),
    ("请看{a}{b}", ("例", ".中国")),
    ("请看{a}.cn", ("evil",)),
    ("请看evil.{a}", ("cn",)),
    ("请看evil{a}cn", (".",)),
    ("请看evil{a}cn", ("．",)),
    ("请看evil{a}cn", ("。",)),
    ("请看http{a}/", ("：/",)),
    ("请看{a}.0.0.{b}", ("10", "1")),
    ("请看a{a}.{b}cn", ("", "")),
    ("请看 t.cn/{a}", ("x9Yz",)),
    ("请看 t.cn{a}", ("/x9Yz",)),
    ("{a}t.cn，请看", ("evil-",)),
    ("{a}t.cn，请看", ("王",)),
    ("请看 t.cn/{a}", ("路",)),
    ("{a}com", ("evil点",)),
    ("{a} {b} com", ("evil", "dot")),
    ("{a}n--fiqs8s", ("x",)),
]
NUMBERS_ACROSS = [
    ("请拨{a}{b}", ("138001", "30001")),
    ("请拨{a}-{b}", ("138001", "30001")),
    ("请拨138{a}", ("00130001",)),
    ("请拨400{a}", ("1234567",)),
    ("账号{a}{b}", ("62220000", "00000000")),
]


@pytest.mark.parametrize(("text", "values"), LINKS_ACROSS + NUMBERS_ACROSS)
def test_values_and_the_text_around_them_make_no_link_and_no_number_together(
    text: str, values: tuple[str, ...]
) -> None:
    parameters = dict(zip("ab", values, strict=False))

    assert faults_of(template(text), parameters) == ["/parameters"]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("请登录 www.gov.cn 查询{a}", ("结果",)),
        ("请登录www.gov.cn，验证码{a}", ("491823",)),
        ("{a}您好，详见https://www.gov.cn/a?b=1。{b}", ("王", "谢谢")),
        ("请登录gov.cn：{a}", ("王",)),
        ("请致电400-123-4567，{a}", ("王",)),
        ("{a}月{b}日", ("11", "24")),
        ("共{a}.{b}元", ("3", "50")),
        ("{a}。{b}", ("您好", "abc")),
        ("取件码{a}，电话12320", ("8-3-2011",)),
    ],
)
def test_what_stands_wholly_in_the_reviewed_text_may_stand_there(text: str, values: tuple[str, ...]) -> None:
    parameters = dict(zip("ab", values, strict=False))

    assert render(template(text), parameters)


def test_a_telephone_number_stands_in_a_variable_of_its_kind_only() -> None:
    text = "{who}请致电{phone}"
    phone = Variable("phone", VariableKind.PHONE, 20)
    typed = Template("a", 1, Category.NOTICE, text, variables_of(text, [phone]), TemplateStatus.APPROVED)

    assert render(typed, {"who": "王", "phone": "13800130001"}) == "王请致电13800130001"
    assert faults_of(typed, {"who": "13800130001", "phone": "12320"}) == ["/parameters/who"]
    assert faults_of(template(text), {"who": "王", "phone": "13800130001"}) == ["/parameters/phone"]


STATUSES = st.lists(st.sampled_from(TemplateStatus), max_size=6)


def versions(statuses: list[TemplateStatus]) -> list[Template]:
    return [replace(template(status=status), version=n) for n, status in enumerate(statuses, 1)]


@given(STATUSES)
def test_the_version_in_use_is_the_newest_that_was_approved_and_still_is(
    statuses: list[TemplateStatus],
) -> None:
    """Naively: life in the order of versions; a verdict of no, or none yet, leaves what there was."""
    used = None
    for version, status in enumerate(statuses, 1):
        if status is TemplateStatus.APPROVED:
            used = version
        elif status in (TemplateStatus.WITHDRAWN, TemplateStatus.STOPPED):
            used = None

    found = in_use(versions(statuses))

    assert (found.version if found else None) == used


@given(STATUSES, st.integers(0, 7))
def test_a_message_is_stopped_with_its_version_or_with_all(
    statuses: list[TemplateStatus], pinned: int
) -> None:
    """Naively: its version is approved, and none that came later stopped everything."""
    good = 1 <= pinned <= len(statuses) and statuses[pinned - 1] is TemplateStatus.APPROVED
    good = good and TemplateStatus.STOPPED not in statuses[pinned:]

    assert stopped(versions(statuses), pinned) == (not good)


@given(STATUSES)
def test_a_client_is_told_why_a_template_is_not_in_use(statuses: list[TemplateStatus]) -> None:
    assume(in_use(versions(statuses)) is None)
    decided = set(statuses) - {TemplateStatus.PENDING, TemplateStatus.REFUSED}

    why = "template_stopped" if decided else "template_not_passed" if statuses else "template_unknown"

    assert not_in_use(versions(statuses)) == why
