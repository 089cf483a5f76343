"""Templates and what may be put into them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.characters import CLOSING, OPENING
from openmas.domain.contract import Category
from openmas.domain.template import VALUE_LENGTH_MAX, Template, TemplateStatus, render, variables_of
from openmas.errors import InvalidInput

TEXT = "{name}您好，请于{day}携带{thing}到{place}；{name}本人到场。"
GOOD = {"name": "王女士", "day": "11月24日", "thing": "身份证", "place": "塔城市疾控中心"}
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
    assert variables_of(text) == variables


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
        variables_of(text)

    assert caught.value.code == "template_malformed"


def test_there_is_a_limit_to_variables() -> None:
    with pytest.raises(InvalidInput, match="template_malformed"):
        variables_of("".join(f"{{v{n}}}" for n in range(51)))


@pytest.mark.parametrize("variables", [(), ("name",), ("day", "day")])
def test_a_template_names_just_the_variables_of_its_text(variables: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput, match="template_malformed"):
        Template("flu-notice", 1, Category.NOTICE, "{name}，{day}", variables, TemplateStatus.APPROVED)


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


def test_the_length_of_a_value_is_the_callers_to_change() -> None:
    made = template("{name}，您好")

    assert render(made, {"name": "王" * 40}, value_length_max=40) == "王" * 40 + "，您好"
