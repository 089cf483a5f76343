"""Cases (工单): what a person must look at, once each, with the time by which."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Case:
    """Something that a person must look at; the id is the same however often it is found.

    Shape: `kind` is one word such as `unknown`, `orphan` or `break`; `on` is the day it concerns; `client` is
    `#carrier#` and its name where the case is a carrier's.
    """

    id: str
    client: str
    kind: str
    on: date
    due_at: datetime
    detail: str
