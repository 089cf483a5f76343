"""Keep the cases: what a person must look at is listed, looked at, and closed with a reason."""

from collections.abc import Sequence
from typing import Protocol

from openmas.domain.case import COMPLAINT, KIND, REVIEW, Case, Closing
from openmas.errors import Conflict, InvalidInput, NotFound
from openmas.needs import Cases, Clock


class Needs(Protocol):
    @property
    def clock(self) -> Clock: ...
    @property
    def cases(self) -> Cases: ...


def open_cases(
    needs: Needs, kind: str | None, after: str | None, limit: int
) -> tuple[Sequence[Case], str | None]:
    """Some open cases, those first that are due first, and where to go on (None at the end).

    Raises: InvalidInput for a kind that is no word.
    """
    if kind is not None and KIND.fullmatch(kind) is None:
        raise InvalidInput("query_invalid", "A kind of cases is one word of a-z, such as `review`.")
    return needs.cases.page(kind, after, limit)


def show_case(needs: Needs, client: str, case: str) -> Case:
    """Raises: NotFound if there is no such case."""
    found = needs.cases.find(client, case)
    if found is None:
        raise NotFound("case_unknown", "There is no case of this name.")
    return found


def close_case(needs: Needs, client: str, case: str, by: str, why: str, outcome: str) -> Case:
    """The case is closed, as it was the first time.

    Raises: NotFound if there is no such case; Conflict if it was closed with another outcome, or if it is a
    review or a complaint, which only its own verdict or finding closes.
    """
    if show_case(needs, client, case).kind in {REVIEW, COMPLAINT}:
        raise Conflict("case_needs_verdict", "It is closed by its verdict or finding and by nothing else.")
    return needs.cases.close(client, case, Closing(by, why, needs.clock.now(), outcome))
