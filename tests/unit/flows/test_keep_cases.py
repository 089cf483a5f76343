"""What a person must look at is listed by what is due first, and closed once, with a reason."""

from dataclasses import replace
from datetime import timedelta

import pytest

from openmas.domain.case import COMPLAINT, REVIEW
from openmas.errors import Conflict, InvalidInput, NotFound
from openmas.flows.keep_cases import close_case, open_cases, show_case
from tests.fakes import sample
from tests.fakes.world import FakeWorld


def closed(world: FakeWorld, outcome: str = "settled", by: str = "p-1") -> None:
    close_case(world, sample.CLIENT, sample.case().id, by, "the carrier says so", outcome)


def test_a_closed_case_leaves_the_queue_and_says_who_closed_it_when_and_why() -> None:
    world = FakeWorld()
    world.cases.open(sample.case())

    closed(world)

    assert open_cases(world, None, None, 10) == ([], None)
    closing = show_case(world, sample.CLIENT, sample.case().id).closing
    assert closing
    assert (closing.by, closing.why, closing.at, closing.outcome) == (
        "p-1",
        "the carrier says so",
        sample.NOW,
        "settled",
    )


def test_a_case_is_closed_once() -> None:
    world = FakeWorld()
    world.cases.open(sample.case())
    closed(world)
    world.clock.tick(hours=1)

    closed(world, by="p-2")
    with pytest.raises(Conflict, match="case_closed"):
        closed(world, "unfounded")

    closing = show_case(world, sample.CLIENT, sample.case().id).closing
    assert closing
    assert (closing.by, closing.at, closing.outcome) == ("p-1", sample.NOW, "settled")


def test_a_closed_case_that_is_found_again_stays_closed() -> None:
    world = FakeWorld()
    world.cases.open(sample.case())
    closed(world)

    world.cases.open(sample.case())

    assert open_cases(world, None, None, 10) == ([], None)


def test_those_are_first_that_are_due_first_and_kinds_are_listed_apart() -> None:
    world = FakeWorld()
    soon, later = (sample.NOW + timedelta(hours=hours) for hours in (1, 2))
    unknown = replace(sample.case(), due_at=later)
    for case in (unknown, review := sample.case(REVIEW, due_at=soon)):
        world.cases.open(case)

    assert open_cases(world, None, None, 10) == ([review, unknown], None)
    assert open_cases(world, "unknown", None, 10) == ([unknown], None)


@pytest.mark.parametrize("kind", [REVIEW, COMPLAINT])
def test_a_review_or_a_complaint_is_closed_by_nobodys_mere_word(kind: str) -> None:
    world = FakeWorld()
    world.cases.open(case := sample.case(kind))

    with pytest.raises(Conflict, match="case_needs_verdict"):
        close_case(world, case.client, case.id, "p-1", "seen", "settled")

    assert show_case(world, case.client, case.id).closing is None


def test_what_is_no_case_is_said_to_be_none() -> None:
    world = FakeWorld()

    with pytest.raises(NotFound, match="case_unknown"):
        show_case(world, sample.CLIENT, "unknown#x")
    with pytest.raises(NotFound, match="case_unknown"):
        closed(world)


@pytest.mark.parametrize("kind", ["", "Review", "re view", "review#", "審", "a" * 33, "review\n"])
def test_a_kind_is_one_word(kind: str) -> None:
    with pytest.raises(InvalidInput, match="query_invalid"):
        open_cases(FakeWorld(), kind, None, 10)
