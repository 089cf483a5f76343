"""What a message says: a text with gaps, and the values that fill them."""

from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.wording import gapped

NAMES = ("a", "b", "姓名")
TEXTS = st.lists(st.sampled_from(["塔-城", "，", "\n", "{", "}", *(f"{{{name}}}" for name in NAMES)])).map(
    "".join
)
PARAMETERS = st.fixed_dictionaries(dict.fromkeys(NAMES, st.text("ab{}姓名塔", max_size=9)))


def naively_filled(text: str, parameters: dict[str, str]) -> str:
    """Read from the left: whatever begins with a variable gives way to its value."""
    filled = ""
    while text:
        name = next((name for name in NAMES if text.startswith(f"{{{name}}}")), None)
        step = len(name) + 2 if name else 1
        filled, text = filled + (parameters[name] if name else text[0]), text[step:]
    return filled


@given(TEXTS, PARAMETERS)
def test_a_value_is_put_in_for_its_variable_and_never_read_again(
    text: str, parameters: dict[str, str]
) -> None:
    cut = gapped(text)

    assert cut.fill(cut.values(parameters)) == naively_filled(text, parameters)


def test_values_stand_in_the_order_in_which_their_variables_first_appear() -> None:
    cut = gapped("{b}与{a}及{b}")

    assert cut.names == ("b", "a")
    assert cut.fill(["二", "一"]) == "二与一及二"


def test_a_text_without_variables_is_itself() -> None:
    assert gapped("您好").fill(()) == "您好"
