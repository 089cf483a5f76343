"""Complaints and measures: the fakes and the real stores keep the same promises."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from openmas.domain.change import Change
from openmas.domain.complaints import Complaint, Finding
from openmas.domain.contract import Category
from openmas.domain.measures import Cause, Measure, Rung
from openmas.domain.profile import Client
from openmas.errors import Conflict
from openmas.needs import Complaints, Registry
from tests.fakes import sample
from tests.fakes.world import FakeWorld
from tests.integration.conftest import Platform

_names = count()
COMPLAINT = Complaint(
    id="20251124013000-one",
    client=sample.CLIENT,
    number="13800130001",
    at=sample.NOW,
    source="12321",
    text="没有同意过",
    filed_by="operator",
    filed_at=sample.NOW + timedelta(minutes=1),
    message="202511243aaaaaaaaaaaa-0000-00",
    template="flu-notice",
    template_version=2,
    category=Category.NOTICE,
    starts_at=sample.NOW - timedelta(hours=1),
)
MEASURE = Measure(
    id="complaints-slow-1",
    cause=Cause.COMPLAINTS,
    taken=Change("the contract's ladder", sample.NOW, "too many"),
    stops=frozenset({Category.MARKETING}),
    rate_per_s=10,
    rung=Rung.SLOW,
)
OF_A_TEMPLATE = replace(MEASURE, template="flu-notice")


@pytest.fixture(params=["fake", "aws"])
def world(request: pytest.FixtureRequest) -> FakeWorld:
    if request.param == "fake":
        return FakeWorld()
    platform: Platform = request.getfixturevalue("platform")
    return platform.world()  # type: ignore[return-value]


@pytest.fixture
def complaints(world: FakeWorld) -> Complaints:
    return world.complaints


@pytest.fixture
def registry(world: FakeWorld) -> Registry:
    return world.registry


def of(client: str, minutes: int = 0) -> Complaint:
    at = sample.NOW + timedelta(minutes=minutes)
    return replace(COMPLAINT, client=client, at=at, id=f"{at:%Y%m%d%H%M%S}-{minutes}")


def test_a_complaint_reads_back_as_it_was_kept(complaints: Complaints) -> None:
    client = f"complained-{next(_names)}"
    full = of(client)
    bare = replace(of(client, 1), message=None, template=None, template_version=None, category=None)
    bare = replace(bare, starts_at=None)
    for each in (full, bare):
        complaints.keep(each)

    assert [complaints.find(client, each.id) for each in (full, bare)] == [full, bare]
    assert complaints.find(client, "no-such") is None


def test_complaints_are_told_from_a_time_on_in_their_order(complaints: Complaints) -> None:
    client = f"complained-{next(_names)}"
    kept = [of(client, minutes) for minutes in (5, 0, 3, 9)]
    for each in kept:
        complaints.keep(each)
    complaints.keep(of(f"{client}-other", 4))

    found = complaints.since(client, sample.NOW + timedelta(minutes=3))

    assert [each.at.minute for each in found] == [33, 35, 39]


def test_a_complaint_changes_only_from_what_it_was(complaints: Complaints) -> None:
    client = f"complained-{next(_names)}"
    before = of(client)
    upheld = replace(before, finding=Finding.UPHELD)
    complaints.keep(before)
    complaints.keep(before)

    complaints.keep(upheld, before)
    complaints.keep(upheld, before)

    with pytest.raises(Conflict):
        complaints.keep(replace(before, finding=Finding.UNFOUNDED), before)
    with pytest.raises(Conflict):
        complaints.keep(before)
    assert complaints.find(client, before.id) == upheld


@pytest.mark.parametrize("measure", [MEASURE, OF_A_TEMPLATE])
def test_a_measure_stands_in_the_profile_and_changes_only_from_what_it_was(
    registry: Registry, measure: Measure
) -> None:
    client = Client(f"measured-{next(_names)}", "某单位")
    registry.keep_client(client)
    registry.keep_measure(client.id, measure)
    registry.keep_measure(client.id, measure)
    appealed = replace(measure, appeal=Change("key", sample.NOW, "please"))
    lifted = replace(appealed, lifted=Change("operator", sample.NOW, "mended"))

    registry.keep_measure(client.id, appealed, measure)
    registry.keep_measure(client.id, lifted, appealed)

    with pytest.raises(Conflict):
        registry.keep_measure(client.id, replace(measure, rate_per_s=1), measure)
    profile = registry.profile(client.id)
    assert profile is not None
    assert profile.measures == (lifted,)
