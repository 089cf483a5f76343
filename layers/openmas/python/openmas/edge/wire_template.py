"""Templates as JSON: what is handed in for review or kept at once, and what is told of them."""

from typing import Annotated, Literal

from pydantic import Field

from openmas.domain.contract import Category
from openmas.domain.template import VARIABLES_MAX, Template, TemplateStatus, variables_of
from openmas.domain.template_check import HandedIn, Verdict
from openmas.domain.variables import DECIMALS_MAX, LENGTH_MAX, LENGTHS, Variable, VariableKind
from openmas.edge.wire import Label, Text, Why, Wire, plain

VERSION_MAX = 9_999

CategoryName = Literal["verification", "notice", "marketing"]


class VariableBody(Wire):
    """One variable of a template."""

    name: Label
    type: Literal["text", "number", "date_time", "money", "phone"]
    length_max: Annotated[int, Field(ge=1, le=LENGTH_MAX)] | None = None
    decimals: Annotated[int, Field(ge=0, le=DECIMALS_MAX)] = 0
    signed: bool = False

    def variable(self) -> Variable:
        kind = VariableKind(self.type)
        return Variable(self.name, kind, self.length_max or LENGTHS[kind], self.decimals, self.signed)


class _Worded(Wire):
    category: CategoryName
    text: Text
    variables: Annotated[list[VariableBody], Field(max_length=VARIABLES_MAX)] = Field(default_factory=list)

    def worded(self, name: str, status: TemplateStatus) -> Template:
        """The template that is asked for, before it has a version."""
        variables = variables_of(self.text, [each.variable() for each in self.variables])
        return Template(name, 0, Category(self.category), self.text, variables, status)


class HandInBody(_Worded):
    """POST /v1/templates."""

    template: Label

    def wanted(self) -> Template:
        return self.worded(self.template, TemplateStatus.PENDING)


class TemplateBody(_Worded):
    """PUT /v1/operator/clients/{client}/templates/{id}."""

    status: Literal["approved", "stopped"]

    def wanted(self, name: str) -> Template:
        return self.worded(name, TemplateStatus(self.status))


class VerdictBody(Wire):
    """POST /v1/operator/clients/{client}/templates/{id}/verdicts."""

    version: Annotated[int, Field(ge=1, le=VERSION_MAX)]
    verdict: Literal["pass", "refuse"]
    why: Why

    def verdict_by(self, person: str) -> Verdict:
        return Verdict(self.version, self.verdict == "pass", person, self.why)


class StopBody(Wire):
    """POST /v1/operator/clients/{client}/templates/{id}/stop; without a version all are stopped."""

    version: Annotated[int, Field(ge=1, le=VERSION_MAX)] | None = None
    why: Why


def template_document(template: Template) -> dict[str, object]:
    """One version of a template; its variables can be handed in again as they are."""
    change = template.change
    return {
        "template": template.id,
        "version": template.version,
        "category": template.category,
        "text": template.text,
        "variables": [_variable_document(each) for each in template.variables],
        "status": template.status,
        "decided": {"at": plain(change.at), "why": change.why} if change else None,
    }


def handed_in_document(told: HandedIn) -> dict[str, object]:
    """A version that was handed in, with what can be said of it before its review."""
    return {**template_document(told.template), "extent": plain(told.extent), "remarks": list(told.remarks)}


def _variable_document(variable: Variable) -> dict[str, object]:
    return {
        "name": variable.name,
        "type": variable.kind,
        "length_max": variable.length_max,
        "decimals": variable.decimals,
        "signed": variable.signed,
    }
