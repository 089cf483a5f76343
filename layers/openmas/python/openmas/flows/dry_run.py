"""Tell what would become of a submission, down to its price, and leave nothing behind.

A file takes longer to read than anybody waits: it is rehearsed as a batch of its own, which can be asked how
it stands, and of which nothing is ever held, noted or sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from openmas.domain.batch import Batch, Said, said_by
from openmas.domain.cutting import CUT_GRACE, Cutting
from openmas.domain.ids import rehearsed
from openmas.domain.profile import Mode, Profile
from openmas.domain.submission import Submission, accepted_values
from openmas.flows.request_rate import check_rate
from openmas.flows.submit_batch import Needs, decide
from openmas.flows.usage import Price, price_of
from openmas.flows.within_limits import would_keep_within

# No client can send a key like this one, so nothing that was noted under a key is taken for this request's.
_NO_KEY = ""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A batch as it would be, how long its messages are, and what they would cost.

    Shape: the batch is stored nowhere, and its id says only its day; a test costs nothing and has no price.
    """

    batch: Batch
    said: Sequence[Said]
    price: Price | None


def dry_run(needs: Needs, profile: Profile, mode: Mode, submission: Submission) -> Rehearsed:
    """What would become of the submission now; to the rate of requests this is a request like any other.

    Raises: whatever would refuse it as a whole.
    """
    check_rate(needs, profile, mode)
    now = needs.clock.now()
    batch = decide(needs, profile, mode, submission, _NO_KEY, now, keep=would_keep_within)
    said = said_by(batch, accepted_values(submission, batch))
    return Rehearsed(batch, said, price_of(needs, profile, batch, batch.units, now))


def rehearse_file(needs: Needs, profile: Profile, mode: Mode, submission: Submission) -> Batch:
    """The batch whose file is read and weighed from now on, and that nobody will ever send.

    Raises: whatever would refuse it as a whole.
    """
    check_rate(needs, profile, mode)
    now = needs.clock.now()
    decided = decide(needs, profile, mode, submission, _NO_KEY, now, keep=would_keep_within)
    batch = replace(decided, id=rehearsed(decided.id))
    cutting = Cutting(client=batch.client, batch=batch.id, size=batch.parcel_size, due_at=now + CUT_GRACE)
    needs.messages.keep_cutting(cutting)
    needs.messages.keep_batch(batch)
    needs.cut_queue.put(cutting)
    return batch
