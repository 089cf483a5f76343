"""Find the batch that a client names."""

from typing import Protocol

from openmas.domain.batch import Batch
from openmas.domain.ids import check_batch
from openmas.domain.profile import Mode
from openmas.errors import NotFound
from openmas.needs import Messages


class Needs(Protocol):
    @property
    def messages(self) -> Messages: ...


def known_batch(needs: Needs, client: str, batch_id: str, mode: Mode | None = None) -> Batch:
    """Raises: NotFound for a name that is none, or a batch that is not this client's or of another mode."""
    batch = needs.messages.batch(client, check_batch(batch_id))
    if batch is None or mode not in (None, batch.mode):
        raise NotFound("batch_unknown", "There is no batch of this name.")
    return batch
