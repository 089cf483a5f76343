"""The port and the signature that a submission gets, named or by default."""

from dataclasses import replace
from datetime import timedelta

import pytest

from openmas.domain.change import Change
from openmas.domain.contract import Category
from openmas.domain.port import Flow, FlowState, Port
from openmas.domain.profile import Profile
from openmas.domain.sender import Sender, sender_for
from openmas.domain.signing import Signature, SignatureKind
from openmas.errors import NotAllowed
from tests.fakes import sample

CONTRACT = sample.contract()
CODE, OWN = CONTRACT.access_code.code, CONTRACT.signature
LATER = Change("p-operator", sample.NOW + timedelta(days=1), "a second one")
ENGLISH = sample.signature("Tacheng CDC", kind=SignatureKind.ENGLISH, chinese=OWN)


def profile(*ports: Port, signatures: tuple[Signature, ...] = ()) -> Profile:
    return Profile(
        sample.client(),
        contracts=(CONTRACT,),
        ports={port.number: port for port in ports},
        signatures={each.text: each for each in signatures},
    )


def sender(
    known: Profile,
    port: str | None = None,
    signature: str | None = None,
    category: Category = Category.NOTICE,
) -> Sender:
    return sender_for(port, signature, category, CONTRACT, known, sample.TODAY)


@pytest.mark.parametrize("category", Category)
def test_without_any_port_the_bare_access_code_serves_every_purpose(category: Category) -> None:
    assert sender(profile(), category=category) == Sender(CODE, OWN)
    assert sender(profile(), port=CODE, category=category).port == CODE


def test_the_port_of_a_purpose_is_taken_without_being_named() -> None:
    known = profile(sample.port(), sample.port(Category.VERIFICATION, f"{CODE}02"))

    assert sender(known).port == sample.PORT
    assert sender(known, category=Category.VERIFICATION).port == f"{CODE}02"
    assert sender(known, category=Category.MARKETING).port == CODE


def test_of_two_ports_for_a_purpose_the_first_registered_is_the_default() -> None:
    later = replace(sample.port(number=f"{CODE}00"), registered=LATER)

    assert sender(profile(later, sample.port())).port == sample.PORT
    assert sender(profile(later, sample.port()), port=later.number).port == later.number


def test_an_expired_port_is_the_default_only_where_there_is_no_other_and_a_closed_one_stays_it() -> None:
    later = replace(sample.port(number=f"{CODE}00"), registered=LATER)
    over = sample.port(valid_until=sample.TODAY - timedelta(days=1))
    closed = sample.port().with_flow(Flow(FlowState.CLOSED, sample.CHANGE))

    assert sender(profile(over, later)).port == later.number
    assert sender(profile(over)).port == sample.PORT
    assert sender(profile(closed, later)).port == sample.PORT


def test_the_bare_code_serves_no_purpose_that_has_a_port() -> None:
    with pytest.raises(NotAllowed) as told:
        sender(profile(sample.port()), port=CODE)

    assert (told.value.code, told.value.clause) == ("port_for_other_purpose", "2.1.7")


def test_the_bare_code_can_be_registered_for_a_purpose_itself() -> None:
    known = profile(sample.port(number=CODE), replace(sample.port(), registered=LATER))

    assert sender(known).port == CODE
    assert sender(known, port=CODE).port == CODE


def test_a_reclaimed_port_and_one_under_another_code_are_nobodys_default() -> None:
    gone = sample.port().reclaimed(sample.TODAY, 90, sample.CHANGE)
    old = replace(sample.port(), number="106550001", access_code="10655000")

    assert sender(profile(gone, old)).port == CODE


@pytest.mark.parametrize(
    ("allowed", "named", "chosen"),
    [
        ((), None, OWN),
        ((), "塔城市疾控中心", "塔城市疾控中心"),
        (("塔城市疾控中心", OWN), None, OWN),
        (("塔城市疾控中心", "疾病控制中心"), None, "塔城市疾控中心"),
        (("塔城市疾控中心",), OWN, OWN),
    ],
)
def test_a_message_gets_the_contracts_signature_where_the_port_may_carry_it(
    allowed: tuple[str, ...], named: str | None, chosen: str
) -> None:
    assert sender(profile(sample.port(signatures=allowed)), signature=named).signature == chosen


@pytest.mark.parametrize(
    ("text", "suits"),
    [
        ("Your code is 1234.", True),
        ("您的验证码 1234", False),
        ("Come and see!拒收请回复R", False),
        ("1234", False),
    ],
)
def test_an_english_signature_suits_pure_english_only(text: str, suits: bool) -> None:
    english = sender(profile(signatures=(ENGLISH,)), signature=ENGLISH.text)

    assert english.suits(f"【{ENGLISH.text}】{text}") is suits
    assert sender(profile()).suits(f"【{OWN}】{text}")
