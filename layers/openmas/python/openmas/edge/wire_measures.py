"""What is sent and told of complaints and measures, as JSON."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from openmas.domain.change import Change
from openmas.domain.complaints import Complaint, ComplaintRate, Finding, Told
from openmas.domain.contract import Category
from openmas.domain.measures import Cause, Measure
from openmas.domain.phone import parse_mobile
from openmas.edge.wire import Label, Moment, Why, Wire, plain, to_moment

RATE_MAX = 100_000


class ComplaintBody(Wire):
    """POST /v1/operator/clients/{client}/complaints."""

    number: str
    at: Moment
    source: Label
    text: Why
    message: Label | None = None

    def told(self) -> Told:
        """Raises: InvalidInput for what is no number."""
        return Told(parse_mobile(self.number), to_moment(self.at), self.source, self.text, self.message)


class FindingBody(Wire):
    """POST …/complaints/{complaint}/finding."""

    finding: Literal["upheld", "unfounded"]
    why: Why

    def found(self) -> Finding:
        return Finding(self.finding)


class MeasureBody(Wire):
    """POST /v1/operator/clients/{client}/measures."""

    cause: Literal["complaints", "arrears", "emergency", "violation"]
    stops: Annotated[list[Literal["verification", "notice", "marketing"]], Field(max_length=3)]
    rate_per_s: Annotated[int, Field(ge=1, le=RATE_MAX)] | None = None
    why: Why

    def measure(self, name: str, by: str, at: datetime) -> Measure:
        return Measure(
            id=name,
            cause=Cause(self.cause),
            taken=Change(by, at, self.why),
            stops=frozenset(map(Category, self.stops)),
            rate_per_s=self.rate_per_s,
        )


class WhyBody(Wire):
    """POST …/lift, …/uphold and …/appeal."""

    why: Why


def complaint_document(complaint: Complaint) -> object:
    return plain(complaint)


def rate_document(rate: ComplaintRate) -> object:
    return plain(rate)


def measure_document(measure: Measure) -> dict[str, object]:
    """A measure with everything that was said about it."""
    return {
        "measure": measure.id,
        "cause": measure.cause,
        "stops": sorted(measure.stops),
        "rate_per_s": measure.rate_per_s,
        "rung": measure.rung,
        "template": measure.template,
        "in_force": measure.in_force,
        "taken": plain(measure.taken),
        "appeal": plain(measure.appeal) if measure.appeal else None,
        "lifted": plain(measure.lifted) if measure.lifted else None,
    }
