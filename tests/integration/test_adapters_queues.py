"""The queues, fake and real: what is put comes out as records that the functions can read."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from openmas.adapters.queues import RECORD_BYTES_MAX
from openmas.domain.contract import Category
from openmas.domain.inbound import Brought, Mo
from openmas.domain.receipts import Report
from openmas.domain.records import inbound_record, night_record, parcel_record, receipts_record
from tests.fakes import sample
from tests.fakes.world import FakeWorld
from tests.integration.conftest import QUEUES, Platform

REPORTS = [
    Report("13800130001", "DELIVRD", sample.NOW, group="G1"),
    Report("13800130002", "MK:0001", sample.NOW, reference="tacheng-cdc/202511240aaaaaaaaaaaa-0000"),
]
MO = Mo("i1", "13800130001", "1065097332714", "退订", sample.NOW)
Records = list[tuple[dict[str, Any], str]]
Drain = Callable[[str], Records]


def drain_fake(world: FakeWorld, name: str) -> Records:
    queues = [
        world.queue.urgent,
        world.queue.bulk,
        world.receipts.queue,
        world.release_queue.queue,
        world.night_queue.queue,
    ]
    (queue,) = (each for each in queues if each.name == name)
    found = [(json.loads(each.body), each.group) for each in queue.waiting]
    queue.waiting.clear()
    return found


def drain_real(platform: Platform, name: str) -> Records:
    sqs = platform.session.client("sqs", endpoint_url=platform.environ["AWS_ENDPOINT_URL"])
    url = platform.environ[f"{name.upper()}_QUEUE_URL"]
    found: Records = []
    while True:
        answer = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["MessageGroupId"]
        )
        for each in answer.get("Messages", []):
            found.append((json.loads(each["Body"]), each.get("Attributes", {}).get("MessageGroupId", "")))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
        if not answer.get("Messages"):
            return found


@pytest.fixture(params=["fake", "aws"])
def queues(request: pytest.FixtureRequest) -> tuple[Any, Drain]:
    """A world with queues, and the way to take out everything that is visible in one."""
    if request.param == "fake":
        world = FakeWorld()
        return world, lambda name: drain_fake(world, name)
    platform: Platform = request.getfixturevalue("platform")
    for name in QUEUES:
        drain_real(platform, name)
    return platform.world(), lambda name: drain_real(platform, name)


@pytest.mark.parametrize(("urgent", "name", "other"), [(True, "urgent", "bulk"), (False, "bulk", "urgent")])
def test_every_parcel_has_a_record_in_its_queue_fair_to_its_client(
    queues: tuple[Any, Drain], urgent: bool, name: str, other: str
) -> None:
    world, drain = queues
    category = Category.VERIFICATION if urgent else Category.NOTICE
    parcels = sample.parcels(replace(sample.batch(2_345), category=category))

    world.queue.put(parcels)

    records = drain(name)
    assert sorted(parcel_record(body) for body, _ in records) == [
        (sample.CLIENT, parcel.id, 0) for parcel in parcels
    ]
    assert {group for _, group in records} == {sample.CLIENT}
    assert drain(other) == []


def test_reports_come_out_as_they_were_put_with_their_tries(queues: tuple[Any, Drain]) -> None:
    world, drain = queues

    world.receipts.put("loopback", REPORTS, tries=2)

    ((body, group),) = drain("receipts")
    reported = receipts_record(body)
    assert (reported.carrier, list(reported.reports), reported.tries) == ("loopback", REPORTS, 2)
    assert group == "loopback"


def test_inbound_messages_come_out_as_they_were_put(queues: tuple[Any, Drain]) -> None:
    world, drain = queues

    world.receipts.put_inbound("loopback", [MO])

    ((body, _),) = drain("receipts")
    assert inbound_record(body) == Brought("loopback", (MO,))


def test_nothing_put_is_no_record(queues: tuple[Any, Drain]) -> None:
    world, drain = queues

    world.queue.put([])
    world.receipts.put("loopback", [])
    world.receipts.put_inbound("loopback", [])

    assert drain("urgent") == drain("receipts") == []


def test_the_night_has_one_record_for_every_client(queues: tuple[Any, Drain]) -> None:
    world, drain = queues
    clients = [f"client-{n}" for n in range(23)]

    world.night_queue.put(clients, date(2025, 11, 24))

    found = sorted(night_record(body) for body, _ in drain("night"))
    assert found == sorted((client, date(2025, 11, 24)) for client in clients)


def test_what_is_too_much_for_one_record_comes_out_in_several(platform: Platform) -> None:
    drain_real(platform, "receipts")
    many = [Mo(f"i{n}", "13800130001", "1065097332714", "长" * 700, sample.NOW) for n in range(500)]

    platform.world().receipts.put_inbound("loopback", many)

    bodies = [body for body, _ in drain_real(platform, "receipts")]
    assert len(bodies) > 1
    assert all(len(json.dumps(body, ensure_ascii=False).encode()) < RECORD_BYTES_MAX * 1.1 for body in bodies)
    assert sorted(mo.id for body in bodies for mo in inbound_record(body).messages) == sorted(
        mo.id for mo in many
    )


def test_what_is_delayed_is_not_seen_before(platform: Platform) -> None:
    drain_real(platform, "bulk")

    platform.world().queue.put([sample.parcel()], delay_s=600)

    assert drain_real(platform, "bulk") == []
