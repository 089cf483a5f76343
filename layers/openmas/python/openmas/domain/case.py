"""Cases (工单): what a person must look at, once each, with the time by which."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime

from openmas.domain.content_kinds import ContentKind
from openmas.errors import Conflict

# The kinds of those that end with a verdict or a finding of their own, not by somebody's mere word.
REVIEW = "review"
COMPLAINT = "complaint"

KIND = re.compile(r"[a-z]{1,32}")


@dataclass(frozen=True, slots=True)
class Closing:
    """How a case came to its end: who closed it, why, when, with which outcome, for which kind of content."""

    by: str
    why: str
    at: datetime
    outcome: str
    kind: ContentKind | None = None


@dataclass(frozen=True, slots=True, order=True)
class Look:
    """Who was shown what a case is about, and when."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Case:
    """Something that a person must look at; the id is the same however often it is found.

    Shape: `kind` is one word such as `unknown`, `orphan`, `break` or `review`, and the id begins with it and
    #; `on` is the day it concerns; `client` is `#carrier#` and its name where the case is a carrier's.
    """

    id: str
    client: str
    kind: str
    on: date
    due_at: datetime
    detail: str
    closing: Closing | None = None

    def closed(self, closing: Closing) -> "Case":
        """The case with its first closing; the same outcome again changes nothing.

        Raises: Conflict if it was closed with another outcome.
        """
        if self.closing is None:
            return replace(self, closing=closing)
        if self.closing.outcome != closing.outcome:
            raise Conflict("case_closed", f"The case is closed already, as {self.closing.outcome}.")
        return self
