"""What is told of decisions, as JSON."""

from openmas.domain.decision import Decision
from openmas.edge.wire import reason_document


def decision_document(decision: Decision) -> dict[str, object]:
    """What was decided about a recipient, by which version of the contract and which clause."""
    return {
        "index": decision.place,
        "outcome": decision.outcome,
        **reason_document(decision.code),
        "contract": {"number": decision.law.contract, "version": decision.law.version},
        "message": decision.message,
        "number": decision.number,
        "carrier_code": decision.carrier_code,
    }
