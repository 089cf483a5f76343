"""What is odd about a contract that is used all the same, each with the clause that it touches."""

from dataclasses import dataclass

from openmas.domain.contract import Contract, PaymentDue
from openmas.domain.signature import Outcome, judge_signature

# 3‰ a day: Telecom Regulations (2016 text), article 34.
LATE_FEE_PPM_LAWFUL = 3_000


@dataclass(frozen=True, slots=True)
class Warning:  # noqa: A001 (the contract's own word for it)
    """What the operator should look at.

    Shape: `path` is an RFC 6901 JSON pointer into the contract's document.
    """

    path: str
    clause: str
    text: str


def warnings(contract: Contract) -> tuple[Warning, ...]:
    """What the operator should look at before relying on the contract."""
    found: list[Warning] = []
    if contract.late_fee_ppm_per_day > LATE_FEE_PPM_LAWFUL:
        text = (
            f"The late fee is {contract.late_fee_ppm_per_day} ppm a day; the Telecom Regulations, to which"
            f" the clause refers, say {LATE_FEE_PPM_LAWFUL} (3‰). The contract's number is used."
        )
        found.append(Warning("/late_fee_ppm_per_day", "6.3", text))
    if contract.payment.prepaid and contract.payment.due is PaymentDue.CYCLE_END:
        text = "The fee is prepaid, yet due only at the end of its cycle. The end of the cycle is used."
        found.append(Warning("/payment/due", "3.2.1", text))
    verdict = judge_signature(contract.client_full_name, contract.signature)
    if verdict.outcome is Outcome.REVIEW:
        text = f"A person has to pass the signature 【{contract.signature}】: {verdict.why}. It is used."
        found.append(Warning("/signature", "2.1.9", text))
    return tuple(found)
