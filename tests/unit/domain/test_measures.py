"""Measures: what they stop, and how much they leave."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from math import inf

from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.change import Change
from openmas.domain.contract import Category
from openmas.domain.measures import (
    REASON_OF,
    Cause,
    Measure,
    Rung,
    frees,
    height_of,
    slowed_to,
    stopped_by,
)
from openmas.domain.reasons import REASONS
from tests.fakes import sample

TAKEN = Change("operator", sample.NOW, "asked to")
changes = st.integers(0, 5).map(lambda n: Change("operator", sample.NOW + timedelta(minutes=n), "why"))
measures = st.builds(
    Measure,
    id=st.text("abc", min_size=1, max_size=3),
    cause=st.sampled_from(Cause),
    taken=changes,
    stops=st.frozensets(st.sampled_from(Category)),
    rate_per_s=st.none() | st.integers(1, 100),
    rung=st.none() | st.sampled_from(Rung),
    lifted=st.none() | changes,
)
against_a_template = st.builds(lambda one, name: replace(one, template=name), measures, st.sampled_from("ab"))
every_kind = measures | against_a_template


@given(st.lists(every_kind, max_size=6), st.sampled_from(Category), st.sampled_from([None, "a"]))
def test_a_category_is_stopped_while_any_measure_that_was_not_lifted_names_it(
    taken: list[Measure], category: Category, template: str | None
) -> None:
    found = stopped_by(taken, category, template)

    standing = [each for each in taken if each.lifted is None and category in each.stops]
    against = [each for each in standing if each.template is None or each.template == template]
    assert (found is None) == (not against)
    assert found is None or found.taken.at == min(each.taken.at for each in against)


@given(st.lists(every_kind, max_size=6), st.sampled_from([None, "a"]))
def test_the_slowest_measure_in_force_says_how_fast(taken: list[Measure], template: str | None) -> None:
    rates = [each.rate_per_s for each in taken if each.lifted is None and each.template == template]

    assert slowed_to(taken, template) == min(filter(None, rates), default=None)


def pace_of(taken: list[Measure], template: str) -> float:
    """How fast a template's messages may go, as far as measures say."""
    return min(slowed_to(taken) or inf, slowed_to(taken, template) or inf)


@given(st.lists(every_kind, max_size=6), every_kind)
def test_something_is_freed_if_it_may_go_faster_without_the_measure(
    others: list[Measure], lifted: Measure
) -> None:
    all_of_them = [*others, replace(lifted, lifted=None)]

    faster = any(pace_of(others, name) > pace_of(all_of_them, name) for name in ("a", "b", "another"))
    assert frees(others, lifted) == faster


@given(st.lists(every_kind, max_size=6), st.sampled_from([None, "a"]))
def test_a_client_and_each_template_stand_on_their_highest_rung(
    taken: list[Measure], template: str | None
) -> None:
    order = ["warn", "slow", "stop_marketing", "stop_all"]
    against = [each for each in taken if each.lifted is None and each.template == template]

    assert height_of(taken, template) == max(
        (order.index(each.rung) for each in against if each.rung), default=-1
    )


def test_what_was_lifted_counts_no_more() -> None:
    measure = Measure(id="one", cause=Cause.ARREARS, taken=TAKEN, stops=frozenset(Category), rate_per_s=5)
    lifted = replace(measure, lifted=Change("operator", sample.NOW, "paid"))

    assert stopped_by([measure], Category.NOTICE) == measure
    assert stopped_by([lifted], Category.NOTICE) is None
    assert (slowed_to([measure]), slowed_to([lifted])) == (5, None)


def test_each_rung_stops_more_than_the_one_below() -> None:
    stops = [rung.stops for rung in Rung]

    assert all(lower <= higher for lower, higher in pairwise(stops))
    assert [len(each) for each in stops] == [0, 0, 1, 3]


def test_every_cause_has_its_reason_and_its_clause() -> None:
    assert {cause: REASONS[code].clause for cause, code in REASON_OF.items()} == {
        Cause.COMPLAINTS: "2.1.6",
        Cause.ARREARS: "2.2.3",
        Cause.EMERGENCY: "11.9",
        Cause.VIOLATION: "11.14",
    }
