"""What a rehearsal of a file costs with every rule at work: `python -m tests.load.rehearsal`.

The real steps with their real adapters in this process, on the emulator, under the contract, lists and words
of `tests.load.rules`; each recipient has a value of its own. Environment: RECIPIENTS (1000000).
Units: seconds of one core in the function's process; the emulator's own are not in it, but for `took_s`.
"""

from __future__ import annotations

import json
import os
import resource
from time import process_time, time

from infra.local.emulator import Emulator, free_port
from openmas.adapters import calls
from openmas.adapters.world import AwsWorld
from openmas.domain.batch import Batch
from openmas.domain.cutting import Cutting
from openmas.domain.listing import ListKind
from openmas.domain.profile import Mode
from openmas.domain.submission import Submission
from openmas.flows.cut_files import cut_file
from openmas.flows.dry_run import rehearse_file
from openmas.flows.read_messages import read_progress
from tests.fakes import sample
from tests.integration.conftest import FILES_BUCKET, Platform, stocked
from tests.load.rules import listed_in, prepared

UPLOAD = "measured"


def main() -> None:
    recipients = int(os.environ.get("RECIPIENTS", "1000000"))
    with Emulator(port=free_port(), auth=False) as emulator:
        platform = stocked(emulator)
        world = platform.world(OPENMAS_COUNT_CALLS="1")
        prepared(world)
        listed_in(world, ListKind.BLACK, ListKind.OPTOUT)
        _upload(platform, recipients)
        batch = _rehearsal(world)
        cutting = world.messages.cutting(batch.client, batch.id)
        while cutting is not None and not cutting.ended:
            cutting = _step(world, cutting)
        _told(world, batch)


def _upload(platform: Platform, recipients: int) -> None:
    """Every hundredth number stands on a list."""
    s3 = platform.session.client("s3", endpoint_url=platform.environ["AWS_ENDPOINT_URL"])
    numbers = (15_000_000_000 + n if n % 100 == 0 else 13_000_000_000 + n for n in range(recipients))
    lines = [
        "号码,place",
        *(f"{number},{chr(0x5000 + number % 4_000)}{number % 97}社区" for number in numbers),
    ]
    body = "\n".join(lines).encode()
    s3.put_object(Bucket=FILES_BUCKET, Key=f"uploads/{sample.CLIENT}/{UPLOAD}", Body=body)


def _rehearsal(world: AwsWorld) -> Batch:
    profile = world.registry.profile(sample.CLIENT, fresh=True)
    assert profile, "the client has just been kept"
    asked = Submission(recipients=(), file=UPLOAD, template="flu-notice", dry_run=True)
    return rehearse_file(world, profile, Mode.LIVE, asked)


def _step(world: AwsWorld, cutting: Cutting) -> Cutting | None:
    calls.take()
    spent_s, took_s = process_time(), time()
    _, after = cut_file(world, cutting.client, cutting.batch, cutting.version)
    figures = {"cpu_s": round(process_time() - spent_s, 1), "took_s": round(time() - took_s, 1)}
    print(
        json.dumps({"step": cutting.stage, "parts": after.weighed if after else 0, **figures, **calls.take()})
    )
    return after


def _told(world: AwsWorld, batch: Batch) -> None:
    profile = world.registry.profile(batch.client)
    assert profile, "the client is still there"
    told = read_progress(world, profile, batch.id)
    assert told.cutting, "it has a file"
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_000
    counts = {"accepted": told.cutting.accepted, "units": told.cutting.units}
    refused = dict(told.cutting.refused)
    left = told.price.bundle_left if told.price else None
    print(json.dumps({**counts, "refused": refused, "bundle_left": left, "peak_mb": peak_mb}))


if __name__ == "__main__":
    main()
