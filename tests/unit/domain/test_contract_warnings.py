"""What is odd about a contract is said, with its clause; its own numbers are used all the same."""

from dataclasses import replace

import pytest

from openmas.domain.contract import PaymentDue
from openmas.domain.contract_warnings import warnings
from tests.fakes import sample

CONTRACT = sample.contract()


def test_the_sample_contract_is_warned_of_in_three_places() -> None:
    assert [(each.path, each.clause) for each in warnings(CONTRACT)] == [
        ("/late_fee_ppm_per_day", "6.3"),
        ("/payment/due", "3.2.1"),
        ("/signature", "2.1.9"),
    ]
    assert "宣 is not in the full name" in warnings(CONTRACT)[2].text


@pytest.mark.parametrize(
    ("signature", "clauses"),
    [("塔城市疾控中心", []), ("塔城市疾控中心宣", ["2.1.9"]), ("疾控中心塔城市", ["2.1.9"])],
)
def test_a_signature_that_a_person_has_to_pass_is_warned_of(signature: str, clauses: list[str]) -> None:
    payment = replace(CONTRACT.payment, prepaid=False)
    plain = replace(CONTRACT, late_fee_ppm_per_day=3_000, payment=payment, signature=signature)

    assert [each.clause for each in warnings(plain)] == clauses


@pytest.mark.parametrize(
    ("late_fee_ppm", "due", "prepaid", "clauses"),
    [
        (3_000, PaymentDue.CYCLE_END, False, []),
        (3_001, PaymentDue.CYCLE_END, False, ["6.3"]),
        (3_000, PaymentDue.CYCLE_START, True, []),
        (3_000, PaymentDue.CYCLE_END, True, ["3.2.1"]),
    ],
)
def test_warnings_cite_their_clause(
    late_fee_ppm: int, due: PaymentDue, prepaid: bool, clauses: list[str]
) -> None:
    contract = replace(
        CONTRACT,
        late_fee_ppm_per_day=late_fee_ppm,
        payment=replace(CONTRACT.payment, due=due, prepaid=prepaid),
        signature="塔城市疾控中心",
    )

    assert [each.clause for each in warnings(contract)] == clauses
