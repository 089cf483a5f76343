"""Batches from files, and what takes them step by step to their end."""

import json
from typing import Any

from openmas.domain.batch import Batch
from openmas.domain.cutting import Cutting
from openmas.domain.parcel import Parcel
from openmas.domain.profile import Mode
from openmas.domain.records import cut_record
from openmas.domain.submission import Submission
from openmas.flows.cut_files import Step, cut_file
from openmas.flows.send_parcels import send_parcel
from openmas.flows.submit_batch import submit_batch
from tests.fakes import sample
from tests.fakes.world import FakeWorld

UPLOAD = "upload-1"


def number(n: int) -> str:
    """Any mobile number, and another for each n."""
    return f"13{800_000_000 + n}"


def world_with(lines: list[str]) -> FakeWorld:
    world = FakeWorld().with_sample()
    world.uploads.add(sample.CLIENT, UPLOAD, "\n".join(lines))
    return world


def listed(count: int) -> list[str]:
    return ["手机号码,place", *(f"{number(n)},门诊{n}" for n in range(count))]


def plain(count: int) -> list[str]:
    """Recipients who all get the same: many of them are read quickly."""
    return [number(n) for n in range(count)]


SAME = {"place": "塔城"}


def submit(world: FakeWorld, **more: Any) -> Batch:
    profile = world.registry.profile(sample.CLIENT)
    assert profile
    submission = Submission(recipients=(), file=UPLOAD, template="flu-notice", **more)
    return submit_batch(world, profile, Mode.LIVE, submission, "k1", "d1")


def step(world: FakeWorld) -> list[Step]:
    """Every record that is there to be seen has been worked on."""
    event = world.cut_queue.queue.event()
    if event is None:
        return []
    world.cut_queue.queue.done(event, None)
    bodies = [cut_record(json.loads(record["body"])) for record in event["Records"]]
    return [cut_file(world, *body)[0] for body in bodies]


def parcels(world: FakeWorld) -> list[Parcel]:
    return [parcel for _, parcel in sorted(world.messages.parcels.items())]


def cutting(world: FakeWorld, batch: Batch) -> Cutting:
    found = world.messages.cutting(sample.CLIENT, batch.id)
    assert found
    return found


def send_all(world: FakeWorld) -> None:
    """Every record in the bulk queue has been worked on."""
    bodies = list(world.queue.bulk.bodies)
    world.queue.bulk.waiting.clear()
    for body in bodies:
        send_parcel(world, body["client"], body["parcel"], body["attempt"])


def live(world: FakeWorld, cutter: FakeWorld | None = None) -> None:
    """Everything goes on until nothing is left to do."""
    for _ in range(200):
        step(cutter or world)
        send_all(world)
        if not world.cut_queue.queue.waiting:
            return
        world.clock.tick(5)
    raise AssertionError("the file does not come to its end")


class Killed(BaseException):
    """The process is gone."""


class Killing:
    """Stands before a part of the world, and kills before or after one call of all."""

    def __init__(self, part: Any, at: list[int]) -> None:
        self._part, self._at = part, at

    def __getattr__(self, name: str) -> Any:
        act = getattr(self._part, name)
        if not callable(act):
            return act

        def call(*args: Any, **kwargs: Any) -> Any:
            self._at[0] -= 1
            if self._at[0] == 0:
                raise Killed
            done = act(*args, **kwargs)
            self._at[0] -= 1
            if self._at[0] == 0:
                raise Killed
            return done

        return call
