"""Whoever passes a text was shown it, and nothing waits for a person of which no person knows."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import cycle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.calendar import day_start_at
from openmas.domain.case import Case
from openmas.domain.contract import Category, DocumentKind
from openmas.domain.measures import Cause, Measure
from openmas.domain.profile import Profile
from openmas.domain.signing import Basis, Claim, Ruling
from openmas.domain.template import Template, TemplateStatus, variables_of
from openmas.domain.template_check import Verdict
from openmas.errors import Conflict, Rejected, Unavailable
from openmas.flows.keep_contracts import show_client
from openmas.flows.keep_measures import appeal
from openmas.flows.keep_signatures import enter_signature, judge_signature
from openmas.flows.keep_templates import hand_in, judge_template
from openmas.flows.reconcile_billing import reconcile
from tests.fakes import sample
from tests.fakes.baton import Baton
from tests.fakes.world import FakeWorld

CLIENT = sample.CLIENT
TEXTS = ("流感疫苗接种通知，请携带身份证。", "体检报告可以领取，请到{place}。")
CERTIFICATE = sample.document(DocumentKind.TRADEMARK_CERTIFICATE)
FILING = sample.document(DocumentKind.DOMAIN_FILING)
CLAIMS = (
    Claim(text="健康通", basis=Basis.PRODUCT, evidence=CERTIFICATE.reference),
    Claim(text="健康通", basis=Basis.WEBSITE, evidence=FILING.reference),
)
MEASURE = Measure(id="one", cause=Cause.ARREARS, taken=sample.CHANGE, stops=frozenset({Category.MARKETING}))


def wanted(text: str) -> Template:
    like = sample.template(version=0)
    return replace(like, id="promo", text=text, variables=variables_of(text), status=TemplateStatus.PENDING)


def world_with_proofs() -> FakeWorld:
    world = FakeWorld().with_sample()
    for document in (CERTIFICATE, FILING):
        world.registry.keep_document(CLIENT, document)
    world.registry.keep_measure(CLIENT, MEASURE)
    return world


def profile(world: FakeWorld) -> Profile:
    return show_client(world, CLIENT)


def reviews(world: FakeWorld) -> list[Case]:
    return list(world.cases.page("review", None, 100)[0])


def hands_in(world: FakeWorld, n: int) -> object:
    return hand_in(world, CLIENT, wanted(TEXTS[n]), f"key {n}")


def enters(world: FakeWorld, n: int) -> object:
    return enter_signature(world, CLIENT, CLAIMS[n], f"key {n}")


def passes_all_templates(world: FakeWorld) -> list[str]:
    """A person passes what his cases name; what these showed him."""
    shown = reviews(world)
    for case in shown:
        judge_template(world, CLIENT, "promo", Verdict(int(case.id[-4:]), True, "p-1", "as it reads"))
    return [case.detail for case in shown]


def passes_all_signatures(world: FakeWorld) -> list[str]:
    shown = reviews(world)
    for case in shown:
        ruling = ("健康通", Ruling.PASS, "p-1", "looked at the proof")
        judge_signature(world, CLIENT, *ruling, version=int(case.id[-4:]))
    return [case.detail for case in shown]


def refuses_signature(world: FakeWorld) -> None:
    judge_signature(world, CLIENT, "健康通", Ruling.REFUSE, "p-2", "not this one")


def by_turns(world: FakeWorld, turns: list[int], acts: list[Callable[[FakeWorld], Any]]) -> list[object]:
    """What each act comes to; before every read and write of cases and registry another may be at work."""
    endless = cycle(turns)
    baton = Baton(lambda running: running[next(endless) % len(running)])

    class InTurn:
        def __init__(self, part: object) -> None:
            self._part = part

        def __getattr__(self, name: str) -> Any:
            baton.step()
            return getattr(self._part, name)

    real = world.registry, world.cases
    world.registry, world.cases = InTurn(real[0]), InTurn(real[1])  # type: ignore[assignment]
    outcomes = baton.run([partial(act, world) for act in acts])
    world.registry, world.cases = real
    for outcome in outcomes:
        if isinstance(outcome, Exception) and not isinstance(outcome, Rejected):
            raise outcome
    return outcomes


@given(st.lists(st.integers(0, 2), min_size=1, max_size=12))
def test_nobody_passes_a_text_that_he_was_not_shown(turns: list[int]) -> None:
    world = world_with_proofs()

    *_, seen = by_turns(
        world, turns, [lambda w: hands_in(w, 0), lambda w: hands_in(w, 1), passes_all_templates]
    )

    in_use = [each for each in profile(world).templates["promo"] if each.sendable]
    assert all(each.text in "".join(seen if isinstance(seen, list) else []) for each in in_use)
    stored = {each.text for each in profile(world).templates["promo"] if not each.sendable}
    assert {case.detail.splitlines()[0].removeprefix("notice: ") for case in reviews(world)} == stored


@given(st.lists(st.integers(0, 4), min_size=1, max_size=16))
def test_nobody_passes_a_claim_that_he_was_not_shown(turns: list[int]) -> None:
    world = world_with_proofs()
    acts = [lambda w: enters(w, 0), lambda w: enters(w, 1), passes_all_signatures]

    *_, seen, _ = by_turns(world, turns, [*acts, refuses_signature])

    for signature in profile(world).signatures.values():
        if signature.in_use:
            assert isinstance(seen, list)
            assert str(signature.claim.evidence) in "".join(seen)
        awaited = [signature.awaited] if signature.awaited else []
        shown = [case.detail for case in reviews(world)]
        assert len(shown) == len(awaited)
        assert all(str(claim.evidence) in detail for claim, detail in zip(awaited, shown, strict=True))


def appeals(world: FakeWorld, n: int) -> None:
    """Shape: whoever appealed before is told so."""
    with suppress(Conflict):
        appeal(world, profile(world), "one", f"key {n}", f"grounds {n}")


@pytest.mark.parametrize("enter", [hands_in, enters, appeals])
@pytest.mark.parametrize("by", ["the same again", "the night"])
def test_whoever_dies_before_anybody_was_told_is_made_good(
    enter: Callable[[FakeWorld, int], object], by: str
) -> None:
    world = world_with_proofs()
    opens, world.cases.open = world.cases.open, _dies  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        enter(world, 1)
    world.cases.open = opens  # type: ignore[method-assign]

    for _ in range(2):
        if by == "the night":
            reconcile(world, CLIENT, day_start_at(sample.TODAY))
        else:
            enter(world, 1)

    (case,) = reviews(world)
    assert any(said in case.detail for said in (TEXTS[1], str(CLAIMS[1].evidence), "grounds 1"))


def test_of_two_appeals_at_once_the_one_that_is_stored_is_heard() -> None:
    world = world_with_proofs()

    by_turns(world, [0, 1], [lambda w: appeals(w, 0), lambda w: appeals(w, 1)])

    (stored,), (heard,) = profile(world).measures, reviews(world)
    assert stored.appeal is not None
    assert heard.detail.endswith(stored.appeal.why)


def test_a_case_tells_the_forms_of_the_variables_and_why_a_claim_was_refused_before() -> None:
    world = world_with_proofs()
    hands_in(world, 1)
    enters(world, 0)
    refuses_signature(world)
    enters(world, 1)

    told = "\n".join(case.detail for case in reviews(world))

    assert "{place}: text, at most 32 long" in told
    assert "Refused before: not this one" in told


def _dies(case: Case) -> None:
    raise Unavailable("aws_busy", f"AWS is busy: {case.id}.")
