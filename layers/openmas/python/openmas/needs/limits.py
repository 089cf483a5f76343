"""What the limits of contracts and ports count."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Protocol

from openmas.domain.frequency import Book, Event, Request, Seen
from openmas.domain.holding import Account, Correction, FilePart, Period


class Units(Protocol):
    """The units that clients hold in the periods that their contracts limit."""

    def account(self, client: str) -> Account:
        """What the counters say, read consistently."""
        ...

    def hold(
        self, client: str, periods: Sequence[Period], units: int, part: FilePart | None = None
    ) -> tuple[bool, Account]:
        """Whether the units are held in every one of the periods, and what the counters then say.

        Shape: none are held if they do not fit into one of them, or if one has no counter yet; of those of a
        part of a file no more than are not held for it already.
        """
        ...

    def forget_part(self, client: str, batch: str) -> None:
        """Nothing of the batch's file will be cut any more; what was held of it stays held."""
        ...

    def start(self, client: str, used: Mapping[str, int]) -> None:
        """Counters that were not there begin with these units."""
        ...

    def give_back(self, client: str, names: Collection[str], units: int, epoch: int) -> bool:
        """Whether the units are held no more; at most once, and never where a night came in between."""
        ...

    def tell(self, client: str, name: str) -> None:
        """The warning of a period counts as given."""
        ...

    def settle(self, client: str, seen: Account, correction: Correction) -> bool:
        """Whether the counters are put right; they are not, if the night has been overtaken."""
        ...


class Recent(Protocol):
    """What numbers were sent lately, as far as a contract asks about it."""

    def seen(self, book: Book, numbers: Collection[str], request: Request, reach: timedelta) -> Seen:
        """What the numbers were sent, or are to be sent, so near to the request's time; read consistently.

        Shape: what the same request noted within a day is no other message, whenever that is sent.
        """
        ...

    def note(self, book: Book, seen: Seen, events: Mapping[str, Event], kept: timedelta) -> bool:
        """Whether the messages are noted; not all are, if somebody noted one of these numbers' meanwhile.

        Shape: all events at one time and of one request; they matter for as long as `kept`. Of those that are
        not noted some may be, and the request then finds them noted when it asks again.
        """
        ...

    def take_back(self, book: Book, numbers: Collection[str], request: Request) -> None:
        """What the request noted of the numbers counts no more; what others noted of them stays.

        Raises: Unavailable if too many others write the same; some of it may still count then.
        """
        ...


class Pace(Protocol):
    """Slots of time, handed out one after the other under each name of a client."""

    def reserve(
        self, client: str, name: str, cost_s: float, horizon_s: float, longest_s: float | None = None
    ) -> float | None:
        """The next free slot under the name is the caller's; how many seconds it is away.

        Shape: None, and no slot is taken, if that is more than the horizon; the next slot begins `cost_s`
        after this one. One that is more than `longest_s` away counts as if it were at the horizon.
        """
        ...
