"""What is told of decisions, as JSON."""

from openmas.domain.decision import Decision, Outcome
from openmas.domain.filing import LineFault
from openmas.domain.parcel import Law
from openmas.domain.refused_submission import RefusedSubmission
from openmas.edge.wire import reason_document, time_text


def fault_document(fault: LineFault, law: Law) -> dict[str, object]:
    """Why a line of a file became no message, by which version of the contract."""
    return {"line": fault.line, **reason_document(fault.code), "contract": _law_document(law)}


def decision_document(decision: Decision) -> dict[str, object]:
    """What was decided about a recipient, by which version of the contract and which clause."""
    reason = reason_document(decision.reason)
    return {
        "index": decision.place,
        "outcome": decision.outcome,
        **reason,
        "clause": decision.clause or reason["clause"],
        "contract": _law_document(decision.law),
        "message": decision.message,
        "number": decision.number,
        "carrier_code": decision.carrier_code,
    }


def refusal_document(refused: RefusedSubmission) -> dict[str, object]:
    """Why a submission was refused as a whole, by which version of the contract, and what tells it."""
    return {
        "at": time_text(refused.at),
        "idempotency_key": refused.idempotency_key,
        "reference": refused.reference,
        "recipients": refused.recipients,
        "outcome": Outcome.REFUSED,
        **reason_document(refused.reason),
        "contract": _law_document(refused.law) if refused.law else None,
        "category": refused.category,
        "port": refused.port,
        "signature": refused.signature,
        "template": refused.template,
        "test": refused.test,
        **({"recipients": None, "file": {"upload": refused.file}} if refused.file else {}),
    }


def _law_document(law: Law) -> dict[str, object]:
    return {"number": law.contract, "version": law.version}
