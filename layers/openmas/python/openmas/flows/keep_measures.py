"""Take measures against a client, let it appeal, and lift them again, each with who, when and why."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from openmas.domain.case import Closing
from openmas.domain.change import Change
from openmas.domain.measures import Measure, frees
from openmas.domain.profile import Profile
from openmas.errors import Conflict, NotFound
from openmas.flows.keep_contracts import show_client
from openmas.flows.open_reviews import case_of_measure, review_appeal
from openmas.needs import Cases, Clock, Entropy, Registry, ReleaseQueue


class Needs(Protocol):
    @property
    def clock(self) -> Clock: ...
    @property
    def entropy(self) -> Entropy: ...
    @property
    def registry(self) -> Registry: ...
    @property
    def cases(self) -> Cases: ...
    @property
    def release_queue(self) -> ReleaseQueue: ...


def measures_of(profile: Profile) -> Sequence[Measure]:
    """All measures that were ever taken, the newest first."""
    return sorted(profile.measures, key=lambda each: each.taken.at, reverse=True)


def name_of(needs: Needs) -> str:
    """A name for a measure that a person takes."""
    return f"{needs.clock.now():%Y%m%d%H%M%S}-{needs.entropy.draw(3).hex()}"


def take_measure(needs: Needs, profile: Profile, wanted: Measure) -> Measure:
    """The measure is in force; the same one again changes nothing."""
    known = next((each for each in profile.measures if _same(each, wanted)), None)
    if known is None:
        needs.registry.keep_measure(profile.client.id, wanted)
    return known or wanted


def lift_measure(needs: Needs, profile: Profile, name: str, by: str, why: str) -> Measure:
    """The measure counts no more, an appeal against it is settled, and whoever was slowed by it goes on.

    Shape: only who was slowed waits; what a measure stops is refused when its turn comes.
    Raises: NotFound.
    """
    after = _lifted(needs, profile, name, by, why)
    # Read afresh: of two who lift equal measures at once, one at least sees that neither stands.
    now = show_client(needs, profile.client.id)
    if frees((each for each in now.measures if each.id != name), after):
        # Also when it is said again: whoever said it first may have died before he told those who wait.
        needs.release_queue.put_port(profile.client.id, None)
    return after


def appeal(needs: Needs, profile: Profile, name: str, by: str, why: str) -> Measure:
    """The client's appeal against a measure that is in force waits for a person.

    Raises: NotFound; Conflict for a measure that was lifted, or one that was appealed against before.
    """
    before = _named(profile, name)
    if not before.in_force:
        raise Conflict("measure_lifted", "The measure was lifted already.")
    if before.appeal is not None:
        # Whoever appealed may have died before anybody was told.
        review_appeal(needs, profile.client.id, before)
        raise Conflict("measure_appealed", "There is an appeal against this measure already.")
    after = replace(before, appeal=Change(by, needs.clock.now(), why))
    needs.registry.keep_measure(profile.client.id, after, before)
    # Only what is stored is heard: of two who appeal at once, one has stored nothing.
    review_appeal(needs, profile.client.id, after)
    return after


def uphold_measure(needs: Needs, profile: Profile, name: str, by: str, why: str) -> Measure:
    """The appeal is refused with a reason, and the measure stays.

    Raises: NotFound for a measure that is not there or that nobody appeals against.
    """
    measure = _named(profile, name)
    if measure.appeal is None:
        raise NotFound("appeal_unknown", "Nobody appeals against this measure.")
    _settle(needs, profile.client.id, measure, Closing(by, why, needs.clock.now(), "upheld"))
    return measure


def _lifted(needs: Needs, profile: Profile, name: str, by: str, why: str) -> Measure:
    """The measure as it was lifted, first by whomever, and the appeal against it settled."""
    before = _named(profile, name)
    lifted = before.lifted or Change(by, needs.clock.now(), why)
    after = replace(before, lifted=lifted)
    if before.in_force:
        needs.registry.keep_measure(profile.client.id, after, before)
    # Also when it is said again: whoever said it first, or appealed, may have died before the other write.
    _settle(needs, profile.client.id, after, Closing(lifted.by, lifted.why, lifted.at, "lifted"))
    return after


def _named(profile: Profile, name: str) -> Measure:
    found = next((each for each in profile.measures if each.id == name), None)
    if found is None:
        raise NotFound("measure_unknown", "There is no measure of this name.")
    return found


def _same(one: Measure, other: Measure) -> bool:
    """Whether a measure says what another one that is in force says already."""
    said = (one.cause, one.stops, one.rate_per_s, one.template)
    return one.in_force and said == (other.cause, other.stops, other.rate_per_s, other.template)


def _settle(needs: Needs, client: str, measure: Measure, closing: Closing) -> None:
    # Whoever appealed may be about to open the case: it must not be opened after this.
    review_appeal(needs, client, measure)
    case = needs.cases.find(client, case_of_measure(measure))
    # An appeal that was refused stays so, although the measure is lifted later.
    if case is not None and case.closing is None:
        needs.cases.close(client, case.id, closing)
