"""A template's text is checked once, when it is handed in."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.contract import Category
from openmas.domain.template import Template, TemplateStatus, variables_of
from openmas.domain.template_check import check_text, extent_of, remarks_on
from openmas.domain.texts import compose
from openmas.domain.units import count_units, length_utf16
from openmas.domain.variables import Variable, VariableKind
from openmas.errors import InvalidInput
from tests.fakes import sample

CONTRACT = sample.contract()


def template(text: str, *declared: Variable, category: Category = Category.NOTICE) -> Template:
    return Template("t", 1, category, text, variables_of(text, declared), TemplateStatus.PENDING)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("   ", "text_empty"),
        ("[别的单位]{x}", "text_has_signature"),
        ("︻别的单位︼{x}", "text_has_signature"),
        ("{x}【别的单位】", "text_has_signature"),
        ("您好\u200b{x}", "template_malformed"),
        ("您好\u202e{x}", "template_malformed"),
        ("请看 t.cn/{x}", "template_malformed"),
        ("请看 {x}.cn", "template_malformed"),
        ("请看 a.{x}cn", "template_malformed"),
        ("请拨138{x}00130001", "template_malformed"),
        ("长" * 491, "text_too_long"),
    ],
)
def test_what_nobody_may_pass(text: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_text(template(text), CONTRACT)

    assert refused.value.code == code


@pytest.mark.parametrize(
    "text",
    [
        "您好",
        "{x}",
        "第一行\n第二行{x}",
        "请看 www.gov.cn，{x}",
        "请拨12320，{x}",
        "长" * 490,
        "{x}（附{y}）",
    ],
)
def test_what_a_person_may_pass(text: str) -> None:
    check_text(template(text), CONTRACT)


@given(
    st.lists(st.tuples(st.sampled_from(VariableKind), st.integers(1, 200)), max_size=4),
    st.text("汉a，", max_size=80),
    st.sampled_from(Category),
    st.data(),
)
def test_every_message_lies_within_the_extent_that_was_told(
    kinds: list[tuple[VariableKind, int]], text: str, category: Category, data: st.DataObject
) -> None:
    variables = [Variable(f"v{n}", kind, length) for n, (kind, length) in enumerate(kinds)]
    made = template(text + "".join(f"{{{each.name}}}，" for each in variables), *variables, category=category)
    values = {
        each.name: data.draw(st.text("汉a😀", max_size=each.length_max))
        if each.kind is VariableKind.TEXT
        else data.draw(st.text("0123456789", min_size=1, max_size=each.length_max))
        for each in variables
    }
    lengths = {each.name: length_utf16(values[each.name]) <= each.length_max for each in variables}

    extent = extent_of(made, CONTRACT)

    assert extent is not None
    if all(lengths.values()):
        filled = made.text
        for name, value in values.items():
            filled = filled.replace(f"{{{name}}}", value)
        on_air = compose(filled, CONTRACT.signature, category)
        assert extent.length_min <= length_utf16(on_air) <= extent.length_max
        assert extent.units_min <= count_units(on_air, CONTRACT.counting) <= extent.units_max


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (template("请看 www.gov.cn 的{x}"), "The text has a link."),
        (template("请拨 400-123-4567 找{x}"), "The text has a telephone number."),
        (template("促销{x}拒收请回复R", category=Category.MARKETING), "opt-out words of its own"),
        (template("您的验证码已发送", category=Category.VERIFICATION), "the same to everybody"),
        (template("{a}{b}{c}", *(Variable(name, length_max=200) for name in "abc")), "610 characters"),
    ],
)
def test_the_reviewer_is_told_what_to_look_at(made: Template, said: str) -> None:
    (remark,) = remarks_on(made, extent_of(made, CONTRACT))

    assert said in remark


def test_an_ordinary_text_needs_no_remark() -> None:
    made = replace(sample.template(), status=TemplateStatus.PENDING)

    assert list(remarks_on(made, extent_of(made, CONTRACT))) == []
    assert extent_of(made, None) is None
