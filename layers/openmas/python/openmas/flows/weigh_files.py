"""Weigh the parts of a file that was read, before anything of it is cut.

What stands in the lines is looked through for the operator's words; where a person must look, a case is open
before the file is said to be weighed. A rehearsal also asks the lists and limits, as the sending would, and
leaves nothing behind. Weighing is done in steps, and one that died is done again.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import accumulate, chain, pairwise, starmap
from typing import Protocol

from openmas.domain import reasons
from openmas.domain.batch import Batch
from openmas.domain.content_kinds import ContentKind
from openmas.domain.cutting import CutStage, Cutting, Part, Weighed, part_messages
from openmas.domain.filing import Looked, looked_through
from openmas.domain.holding import FilePart
from openmas.domain.ids import day_of
from openmas.domain.listing import lists_to_ask, refused_by_lists
from openmas.domain.profile import Profile
from openmas.domain.reasons import rejected
from openmas.domain.review import kinds_held, review_of
from openmas.domain.sender import sender_of
from openmas.domain.submission import Admitted, OwnText
from openmas.domain.wording import gapped
from openmas.errors import LimitExceeded, NotAllowed
from openmas.flows import screening, within_limits
from openmas.flows.hold_units import would_hold
from openmas.flows.unsent import part_request
from openmas.flows.waiting_units import note_read
from openmas.flows.within_limits import Asked, would_be_too_soon
from openmas.needs import Lists, Parts


class Needs(screening.Needs, within_limits.Needs, Protocol):
    @property
    def lists(self) -> Lists: ...
    @property
    def parts(self) -> Parts: ...


def weigh(needs: Needs, profile: Profile, batch: Batch, cutting: Cutting) -> Cutting:
    """The cutting with its next parts weighed, and stored so."""
    first = cutting.next_weighed.start * part_messages(cutting.size)
    parts = [needs.parts.part(batch.client, batch.id, n) for n in cutting.next_weighed]
    part = _together(parts)
    looked = looked_through(batch, part.values, needs.words.current())
    found = Weighed(held=looked.kinds, doubtful=tuple(first + place for place in looked.held))
    if cutting.rehearsal:
        refused = _rehearsed(needs, profile, batch, part, looked)
        begins = list(accumulate((len(each.numbers) for each in parts), initial=0))
        wanted = [
            sum(part.units[place] for place in range(*share) if place not in refused)
            for share in pairwise(begins)
        ]
        going, short = _going(needs, profile, batch, cutting, wanted)
        if short is not None:
            refused |= dict.fromkeys(range(begins[going], begins[-1]), short)
        found = replace(
            found,
            refused=Counter(refused.values()),
            units=sum(part.units[place] for place in refused),
            fitting=sum(wanted[:going]),
            short=short,
        )
    return keep_read(needs, batch, cutting.weighed_on(found, needs.clock.now()))


def keep_read(needs: Needs, batch: Batch, cutting: Cutting) -> Cutting:
    """The cutting is stored; before it says that it can be cut, a person has a case if he must look."""
    if cutting.stage is CutStage.CUTTING and kinds_held(batch, cutting):
        needs.cases.open(review_of(batch, cutting))
    if cutting.stage is CutStage.CUTTING and batch.send_at is not None and batch.waits(needs.clock.now()):
        cutting = cutting.put_off(batch.send_at)
    needs.messages.save_cutting(cutting)
    if cutting.stage is not CutStage.WEIGHING:
        note_read(needs, batch, cutting)
    return cutting


def asked_for(
    profile: Profile, batch: Batch, part: Part, n: int | None, now: datetime, at: datetime | None = None
) -> Asked:
    """What a part asks for, as a request of its own would, now or for another time.

    Shape: `n` is the part's number, None for parts together that are only weighed. However long it takes to
    cut the file, all its units belong to the batch's day, as on the bill.
    Raises: NotAllowed if no contract rules any more.
    """
    on = day_of(batch.id)
    contract = profile.contract_on(on)
    if contract is None:
        raise rejected(NotAllowed, reasons.CONTRACT_MISSING)
    fill = gapped(batch.text).fill
    each = zip(part.values, map(fill, part.values), part.units, strict=True)
    own = dict(enumerate(starmap(OwnText, each))) if batch.own else None
    sender = sender_of(batch.port, batch.signature, profile)
    admitted = Admitted(
        contract, sender, batch.service, batch.category, None, batch.text, batch.units_each, own
    )
    request = part_request(batch.id, "" if n is None else n)
    of_file = None if n is None else FilePart(batch.id, n)
    return Asked(profile, admitted, batch.test, request, now, at or now, on, of_file)


def by_content_and_lists(
    needs: Needs, batch: Batch, part: Part, looked: Looked, passed: Collection[ContentKind]
) -> tuple[dict[int, str], dict[int, str]]:
    """Which numbers of a part may be written to, by place, and which places not, each with the reason.

    Shape: `passed` are the kinds of content that a person has let pass.
    """
    refused = dict(looked.refusals(passed))
    numbers = {place: number for place, number in enumerate(part.numbers) if place not in refused}
    stated = batch.consent is not None
    names = lists_to_ask(batch.service, batch.category, batch.signature, consent_stated=stated)
    listed = needs.lists.listed(batch.client, names, numbers.values())
    by_lists = refused_by_lists(batch.service, batch.category, numbers.items(), listed, consent_stated=stated)
    refused |= dict(by_lists)
    return {place: number for place, number in numbers.items() if place not in refused}, refused


def _rehearsed(needs: Needs, profile: Profile, batch: Batch, part: Part, looked: Looked) -> dict[int, str]:
    """Who would be refused when this is cut and sent, once a person has let pass what is held."""
    left, refused = by_content_and_lists(needs, batch, part, looked, looked.kinds)
    asked = asked_for(profile, batch, part, None, needs.clock.now(), batch.send_at)
    return refused | dict(would_be_too_soon(needs, asked, left))


def _going(
    needs: Needs, profile: Profile, batch: Batch, cutting: Cutting, wanted: Sequence[int]
) -> tuple[int, str | None]:
    """How many of the next parts, which want so many units each, would be cut, and why no more of them."""
    if cutting.code is not None:
        return 0, cutting.code
    if _short(needs, profile, batch, cutting.fitting + sum(wanted)) is not None:
        for n, units in enumerate(accumulate(wanted, initial=cutting.fitting)):
            if n and (code := _short(needs, profile, batch, units)) is not None:
                return n - 1, code
    return len(wanted), None


def _short(needs: Needs, profile: Profile, batch: Batch, units: int) -> str | None:
    """Why so many units of it would not be there, if so."""
    on = day_of(batch.id)
    contract = profile.contract_on(on)
    if contract is None or batch.test:
        return None
    try:
        would_hold(needs, profile, contract, on, units)
    except LimitExceeded as error:
        return error.code
    return None


def _together(parts: list[Part]) -> Part:
    return Part(
        tuple(chain.from_iterable(part.numbers for part in parts)),
        tuple(chain.from_iterable(part.values for part in parts)),
        tuple(chain.from_iterable(part.units for part in parts)),
    )
