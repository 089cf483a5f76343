"""The function that settles: what it has no time for comes again, and orphans are counted."""

import json
from collections.abc import Iterable

import pytest

from functions.settle_receipts.handler import build
from openmas.domain.inbound import Mo
from openmas.domain.receipts import Report
from tests.fakes import sample
from tests.fakes.world import FakeWorld


class Context:
    """So much time is left, whatever is done."""

    def __init__(self, left_s: int) -> None:
        self._left_s = left_s

    def get_remaining_time_in_millis(self) -> int:
        return self._left_s * 1_000


def metrics(output: str) -> Iterable[str]:
    return {name for each in output.splitlines() if '"_aws"' in each for name in json.loads(each)}


def queued() -> FakeWorld:
    """One record of each kind, both about what nobody knows."""
    world = FakeWorld().with_sample()
    world.receipts.put("loopback", [Report("13800130001", "DELIVRD", sample.NOW, group="G404")], tries=5)
    world.receipts.put_inbound("loopback", [Mo("m1", "13800130001", "10650000000", "R", sample.NOW)])
    return world


@pytest.mark.parametrize(("left_s", "come_again"), [(60, 0), (21, 0), (20, 2), (1, 2)])
def test_records_come_again_when_the_time_is_over(left_s: int, come_again: int) -> None:
    world = queued()
    handle = build(world)

    world.receipts.queue.deliver(lambda event, _: handle(event, Context(left_s)))

    assert len(world.receipts.queue.waiting) == come_again


def test_orphans_of_both_kinds_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    world = queued()

    world.receipts.queue.deliver(build(world))

    assert {"ReceiptsOrphaned", "InboundOrphaned"} <= set(metrics(capsys.readouterr().out))
