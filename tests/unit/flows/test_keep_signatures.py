"""Signatures are good by rule or by a person's ruling, and every ruling is on record."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from openmas.domain.change import Change
from openmas.domain.client_document import ClientDocument
from openmas.domain.contract import Category, DocumentKind, ServiceKind
from openmas.domain.rules import Sending, objection
from openmas.domain.signing import Basis, Claim, Ruling, Signature, SignatureKind, SignatureStatus
from openmas.errors import Conflict, InvalidInput, NotAllowed, NotFound
from openmas.flows.keep_signatures import enter_signature, judge_signature, show_signature
from tests.fakes import sample
from tests.fakes.world import FakeWorld

OWN = "塔城市疾控中心宣"
SHORT = Claim(text="塔城市疾控中心")
CERTIFICATE = sample.document(DocumentKind.TRADEMARK_CERTIFICATE)
PRODUCT = Claim(text="健康通", basis=Basis.PRODUCT, evidence=CERTIFICATE.reference)
ENGLISH = Claim(text="Tacheng CDC", kind=SignatureKind.ENGLISH, chinese="塔城市疾控中心宣")


def enter(world: FakeWorld, claim: Claim = PRODUCT) -> Signature:
    return enter_signature(world, sample.CLIENT, claim, "key crm")


def judge(world: FakeWorld, ruling: Ruling, text: str = PRODUCT.text) -> Signature:
    return judge_signature(world, sample.CLIENT, text, ruling, "p-2", "looked at the proof")


def may_send(world: FakeWorld, signature: str, on: date = sample.TODAY) -> str | None:
    """The code of the rule that keeps the client from sending under the signature."""
    profile = world.registry.profile(sample.CLIENT)
    assert profile is not None
    sending = Sending(ServiceKind.TEMPLATE_BLACK, Category.NOTICE, signature=signature)
    return objection(sending, profile, on)


def open_reviews(world: FakeWorld) -> list[str]:
    return [case.id for case in world.cases.cases.values() if case.closing is None]


def certified() -> FakeWorld:
    """The certificate of the product is on file."""
    world = FakeWorld().with_sample()
    world.registry.keep_document(sample.CLIENT, CERTIFICATE)
    return world


def test_an_abbreviation_of_the_full_name_is_good_at_once_and_troubles_nobody() -> None:
    world = FakeWorld().with_sample()

    signature = enter(world, SHORT)

    assert (signature.status, signature.case) == (SignatureStatus.APPROVED, None)
    assert open_reviews(world) == []


@pytest.mark.parametrize(
    ("ruling", "becomes"), [(Ruling.PASS, SignatureStatus.APPROVED), (Ruling.REFUSE, SignatureStatus.REFUSED)]
)
def test_what_needs_proof_waits_for_a_person_who_says_why(ruling: Ruling, becomes: SignatureStatus) -> None:
    world = certified()

    waiting = enter(world)
    assert open_reviews(world) == [waiting.case]
    judged = judge(world, ruling)

    assert (judged.status, judged.change.by, judged.change.why) == (becomes, "p-2", "looked at the proof")
    assert open_reviews(world) == []
    assert show_signature(world, sample.CLIENT, PRODUCT.text) == [waiting, judged]


def judged_and_died(world: FakeWorld, ruling: Ruling) -> None:
    """Whoever judged it died before its case was closed."""
    closed = world.cases.close
    world.cases.close = lambda *_: (_ for _ in ()).throw(OSError("died"))  # type: ignore[method-assign]
    with pytest.raises(OSError, match="died"):
        judge(world, ruling)
    world.cases.close = closed  # type: ignore[method-assign]


@pytest.mark.parametrize("ruling", Ruling)
def test_a_case_that_a_crash_left_open_is_closed_as_it_was_judged_when_the_next_claim_comes(
    ruling: Ruling,
) -> None:
    world = certified()
    first = enter(world)
    judged_and_died(world, ruling)

    second = enter(world, replace(PRODUCT, evidence="certificate 2"))

    assert open_reviews(world) == [second.case]
    closing = world.cases.cases[sample.CLIENT, first.case or ""].closing
    assert closing is not None
    assert (closing.outcome, closing.by, closing.why) == (ruling, "p-2", "looked at the proof")


def test_a_ruling_that_is_given_twice_counts_once_and_closes_what_a_crash_left_open() -> None:
    world = certified()
    enter(world)
    judged_and_died(world, Ruling.PASS)
    assert len(open_reviews(world)) == 1

    again = judge(world, Ruling.PASS)

    assert open_reviews(world) == []
    assert again.version == 2


@pytest.mark.parametrize(
    ("paper", "finding"),
    [
        (None, "is not on file"),
        (replace(CERTIFICATE, reference="certificate 2"), "is not on file"),
        (replace(CERTIFICATE, kind=DocumentKind.DOMAIN_FILING), "is not on file"),
        (replace(CERTIFICATE, valid_until=sample.TODAY - timedelta(days=1)), "was valid until 2025-11-23"),
        (replace(CERTIFICATE, withdrawn=sample.CHANGE), "was withdrawn on 2025-11-24"),
    ],
)
def test_nobody_passes_what_rests_on_no_document_that_is_on_file_and_good(
    paper: ClientDocument | None, finding: str
) -> None:
    world = FakeWorld().with_sample()
    if paper is not None:
        world.registry.keep_document(sample.CLIENT, paper)

    waiting = enter(world)
    with pytest.raises(Conflict, match="signature_without_proof") as told:
        judge(world, Ruling.PASS)

    said = f"the trademark certificate trademark_certificate-2024 {finding}"
    assert said in waiting.found
    assert said in world.cases.cases[sample.CLIENT, waiting.case or ""].detail
    assert said in told.value.detail
    assert open_reviews(world) == [waiting.case]
    world.registry.keep_document(sample.CLIENT, sample.document(CERTIFICATE.kind, days_ago=0))
    assert judge(world, Ruling.PASS).in_use
    assert may_send(world, PRODUCT.text) is None


def test_a_stopped_signature_can_be_passed_again() -> None:
    world = certified()
    enter(world)
    for ruling in (Ruling.PASS, Ruling.STOP, Ruling.PASS):
        judge(world, ruling)

    history = show_signature(world, sample.CLIENT, PRODUCT.text)
    assert [each.status for each in history] == ["pending", "approved", "stopped", "approved"]


def test_the_same_claim_again_changes_nothing_and_another_one_is_a_conflict() -> None:
    world = FakeWorld().with_sample()

    assert enter(world) == enter(world)

    with pytest.raises(Conflict, match="signature_entered"):
        enter(world, Claim(text=PRODUCT.text, basis=Basis.WEBSITE, evidence="ICP 1"))
    assert len(show_signature(world, sample.CLIENT, PRODUCT.text)) == 1


def test_what_was_refused_may_be_handed_in_again_with_another_proof() -> None:
    world = FakeWorld().with_sample()
    first = enter(world)
    judge(world, Ruling.REFUSE)

    second = enter(world, Claim(text=PRODUCT.text, basis=Basis.PRODUCT, evidence="certificate 2"))

    assert (second.status, second.version) == (SignatureStatus.PENDING, 3)
    assert open_reviews(world) == [second.case] != [first.case]


def renewed_certificate(world: FakeWorld) -> Claim:
    """The old certificate lapses in eleven days, and the office's new one has another number."""
    withdrawn = Change("p-operator", world.clock.now(), "lapsed")
    world.registry.withdraw_document(sample.CLIENT, replace(CERTIFICATE, withdrawn=withdrawn))
    world.registry.keep_document(sample.CLIENT, replace(CERTIFICATE, reference="new", filed=sample.CHANGE))
    return replace(PRODUCT, evidence="new")


@pytest.mark.parametrize("ruling", [Ruling.PASS, Ruling.REFUSE, Ruling.STOP])
def test_a_signature_in_use_goes_on_while_a_person_looks_at_its_new_certificate(ruling: Ruling) -> None:
    world = certified()
    enter(world)
    judge(world, Ruling.PASS)
    claim = renewed_certificate(world)

    renewal = enter(world, claim)
    meanwhile = may_send(world, PRODUCT.text)
    assert enter(world, claim) == enter(world) == renewal
    with pytest.raises(Conflict, match="signature_entered"):
        enter(world, replace(claim, evidence="newer"))
    assert open_reviews(world) == [renewal.case]
    judged = judge(world, ruling)

    assert (renewal.status, renewal.claim, meanwhile) == (SignatureStatus.APPROVED, PRODUCT, None)
    assert "Proof: new. Approved before" in world.cases.cases[sample.CLIENT, renewal.case or ""].detail
    assert (judge(world, ruling), open_reviews(world)) == (judged, [])
    becomes = {
        Ruling.PASS: (None, None),
        Ruling.REFUSE: (None, "signature_unproved"),
        Ruling.STOP: ("signature_stopped", "signature_stopped"),
    }
    later = sample.TODAY + timedelta(days=11)
    assert (may_send(world, PRODUCT.text), may_send(world, PRODUCT.text, later)) == becomes[ruling]
    if ruling is Ruling.REFUSE:
        with pytest.raises(Conflict, match="signature_settled"):
            judge(world, Ruling.PASS)


@pytest.mark.parametrize("ruling", [Ruling.REFUSE, Ruling.STOP])
def test_what_was_refused_or_stopped_is_handed_in_with_other_proof_and_passed_by_a_person(
    ruling: Ruling,
) -> None:
    world = certified()
    enter(world)
    judge(world, Ruling.PASS)
    claim = renewed_certificate(world)
    if ruling is Ruling.REFUSE:
        enter(world, claim)
    judge(world, ruling)

    again = enter(world, claim)
    early = may_send(world, PRODUCT.text, sample.TODAY + timedelta(days=11))
    passed = judge(world, Ruling.PASS)

    assert open_reviews(world) == []
    word = "Refused" if ruling is Ruling.REFUSE else "Stopped"
    assert f"{word} before" in world.cases.cases[sample.CLIENT, again.case or ""].detail
    assert early is not None
    assert (passed.claim, passed.renewal) == (claim, None)
    assert may_send(world, PRODUCT.text, sample.TODAY + timedelta(days=11)) is None


@pytest.mark.parametrize("text", [OWN, SHORT.text])
def test_what_a_person_refused_is_used_again_only_once_a_person_has_passed_it(text: str) -> None:
    world = FakeWorld().with_sample()
    enter(world, Claim(text=text, basis=Basis.PRODUCT, evidence="certificate 1"))
    judge(world, Ruling.REFUSE, text)

    again = enter(world, Claim(text=text))
    refused = may_send(world, text)
    passed = judge(world, Ruling.PASS, text)

    assert (again.status, refused) == (SignatureStatus.PENDING, "signature_unknown")
    assert "Refused before: looked at the proof" in world.cases.cases[sample.CLIENT, again.case or ""].detail
    assert (passed.status, may_send(world, text)) == (SignatureStatus.APPROVED, None)
    assert open_reviews(world) == []


def test_the_contracts_own_goes_on_whatever_proof_the_client_hands_in_for_it() -> None:
    world = FakeWorld().with_sample()
    lapsed = replace(CERTIFICATE, valid_until=sample.TODAY - timedelta(days=60))
    world.registry.keep_document(sample.CLIENT, lapsed)

    handed_in = enter(world, replace(PRODUCT, text=OWN))

    assert (handed_in.status, may_send(world, OWN)) == (SignatureStatus.PENDING, None)


def test_what_waits_for_a_person_can_be_stopped_and_passed_later() -> None:
    world = FakeWorld().with_sample()
    enter(world, Claim(text=OWN))
    assert may_send(world, OWN) is None

    stopped = judge(world, Ruling.STOP, OWN)
    assert (stopped.status, open_reviews(world)) == (SignatureStatus.STOPPED, [])
    assert may_send(world, OWN) == "signature_stopped"
    assert enter(world, Claim(text=OWN)) == stopped

    for _ in range(2):
        judge(world, Ruling.PASS, OWN)
    assert may_send(world, OWN) is None


def test_what_nobody_may_pass_is_refused_with_the_finding() -> None:
    world = FakeWorld().with_sample()

    with pytest.raises(InvalidInput) as told:
        enter(world, Claim(text="疾控"))

    assert (told.value.code, told.value.clause) == ("signature_wrong", "2.1.9")
    assert told.value.faults[0].detail == "2 Han, fewer than 3."
    assert open_reviews(world) == []


def test_an_english_signature_is_tied_to_a_chinese_one_that_is_in_use() -> None:
    world = FakeWorld().with_sample()

    assert enter(world, ENGLISH).status is SignatureStatus.PENDING
    with pytest.raises(NotAllowed, match="signature_unknown"):
        enter(world, Claim(text="CDC", kind=SignatureKind.ENGLISH, chinese="健康通"))


def test_no_english_signature_is_tied_to_itself_or_another_one_and_its_case_says_to_which_it_is() -> None:
    world = FakeWorld().with_sample()
    waiting = enter(world, ENGLISH)
    judge(world, Ruling.PASS, ENGLISH.text)

    for text in (ENGLISH.text, "CDC"):
        with pytest.raises(NotAllowed, match="signature_unknown"):
            enter(world, replace(ENGLISH, text=text, chinese=ENGLISH.text))

    assert (
        f"(abbreviation, the same as 【{OWN}】)"
        in world.cases.cases[sample.CLIENT, waiting.case or ""].detail
    )


@pytest.mark.parametrize("chinese", [PRODUCT.text, OWN])
def test_an_english_signature_is_used_no_longer_than_the_chinese_one_that_it_means_the_same_as(
    chinese: str,
) -> None:
    world = certified()
    enter(world, replace(PRODUCT, text=chinese))
    judge(world, Ruling.PASS, chinese)
    enter(world, replace(ENGLISH, chinese=chinese))
    judge(world, Ruling.PASS, ENGLISH.text)
    good = may_send(world, ENGLISH.text)

    renewed_certificate(world)
    in_time, late = (may_send(world, ENGLISH.text, sample.TODAY + timedelta(days=days)) for days in (10, 11))
    judge(world, Ruling.STOP, chinese)

    assert (good, in_time, late) == (None, None, "signature_unproved")
    assert may_send(world, ENGLISH.text) == "signature_stopped"
    enter(world, replace(PRODUCT, text=chinese, evidence="new"))
    assert may_send(world, ENGLISH.text) == "signature_unknown"
    judge(world, Ruling.PASS, chinese)
    assert may_send(world, ENGLISH.text, sample.TODAY + timedelta(days=11)) is None


def test_nobody_judges_what_was_never_handed_in() -> None:
    world = FakeWorld().with_sample()

    with pytest.raises(NotFound, match="signature_not_entered"):
        judge(world, Ruling.STOP)
    with pytest.raises(NotFound, match="signature_not_entered"):
        show_signature(world, sample.CLIENT, "健康通")
