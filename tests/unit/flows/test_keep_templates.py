"""Templates are handed in, judged once, and stopped for good; what is in use changes by a verdict only."""

from dataclasses import replace

import pytest

from openmas.domain.case import Case
from openmas.domain.content import Action, Word
from openmas.domain.content_kinds import ContentKind
from openmas.domain.profile import Profile
from openmas.domain.template import Template, TemplateStatus
from openmas.domain.template_check import Verdict
from openmas.errors import Conflict, InvalidInput, LimitExceeded, NotAllowed, NotFound, Unavailable
from openmas.flows import keep_templates as flow
from tests.fakes import sample
from tests.fakes.registry import FakeRegistry
from tests.fakes.world import FakeWorld

WANTED = replace(sample.template(version=0), text="请到{place}接种。", status=TemplateStatus.PENDING)
OTHER = replace(WANTED, text="请到{place}体检。")


def hand_in(world: FakeWorld, wanted: Template = WANTED) -> Template:
    return flow.hand_in(world, sample.CLIENT, wanted, "key crm").template


def judge(world: FakeWorld, version: int, *, passed: bool) -> Template:
    verdict = Verdict(version, passed, "an operator", "as it reads")
    return flow.judge_template(world, sample.CLIENT, WANTED.id, verdict)


def stop(world: FakeWorld, version: int | None = None) -> Template:
    return flow.stop_template(world, sample.CLIENT, WANTED.id, version, "an operator", "misread")


def profile(world: FakeWorld) -> Profile:
    found = world.registry.profile(sample.CLIENT)
    assert found
    return found


def in_use(world: FakeWorld) -> int | None:
    found = profile(world).template(WANTED.id)
    return found.version if found else None


def open_reviews(world: FakeWorld) -> list[Case]:
    return list(world.cases.page("review", None, 100)[0])


def test_the_version_before_is_used_while_the_new_one_waits() -> None:
    world = FakeWorld().with_sample()

    handed_in = hand_in(world)

    assert (handed_in.version, handed_in.status) == (2, TemplateStatus.PENDING)
    assert in_use(world) == 1
    assert judge(world, 2, passed=True).status is TemplateStatus.APPROVED
    assert in_use(world) == 2


def test_a_refused_version_changes_nothing_and_says_why() -> None:
    world = FakeWorld().with_sample()
    hand_in(world)

    refused = judge(world, 2, passed=False)

    assert refused.change is not None
    assert (refused.change.by, refused.change.why) == ("an operator", "as it reads")
    assert in_use(world) == 1


def test_a_review_is_a_case_that_its_verdict_closes() -> None:
    world = FakeWorld().with_sample()
    hand_in(world)
    (waiting,) = open_reviews(world)

    judge(world, 2, passed=True)

    assert (waiting.kind, waiting.id) == ("review", "review#template#flu-notice#v0002")
    assert "请到{place}接种。" in waiting.detail
    assert open_reviews(world) == []
    closed = world.cases.find(sample.CLIENT, waiting.id)
    assert closed is not None
    assert closed.closing is not None
    assert (closed.closing.outcome, closed.closing.why) == ("approved", "as it reads")


def test_what_is_handed_in_again_is_one_version() -> None:
    world = FakeWorld().with_sample()

    versions = [hand_in(world).version for _ in range(3)]
    judge(world, 2, passed=True)
    after = hand_in(world)

    assert versions == [2, 2, 2]
    assert (after.version, after.status) == (2, TemplateStatus.APPROVED)
    assert open_reviews(world) == []


def test_a_text_that_was_refused_may_be_handed_in_again_as_another_version() -> None:
    world = FakeWorld().with_sample()
    hand_in(world)
    judge(world, 2, passed=False)

    assert hand_in(world).version == 3
    assert [case.id for case in open_reviews(world)] == ["review#template#flu-notice#v0003"]


def test_one_text_waits_at_a_time() -> None:
    world = FakeWorld().with_sample()
    hand_in(world)

    with pytest.raises(Conflict, match="template_pending"):
        hand_in(world, OTHER)


def test_a_verdict_may_be_said_again_but_not_turned() -> None:
    world = FakeWorld().with_sample()
    hand_in(world)

    assert judge(world, 2, passed=True) == judge(world, 2, passed=True)
    with pytest.raises(Conflict, match="template_decided"):
        judge(world, 2, passed=False)


class HalfDead(FakeRegistry):
    """Keeps nothing the first time it is asked to."""

    alive = False

    def keep_template(self, client: str, template: Template, before: Template | None = None) -> None:
        if not self.alive and template.status is TemplateStatus.PENDING:
            self.alive = True
            raise Unavailable("aws_busy", "AWS is busy.")
        super().keep_template(client, template, before)


def test_whoever_dies_between_the_case_and_the_version_is_helped_by_a_retry() -> None:
    world = FakeWorld()
    world.registry = HalfDead()
    world.with_sample()

    with pytest.raises(Unavailable):
        hand_in(world)
    again = hand_in(world)

    assert again.version == 2
    assert len(open_reviews(world)) == 1


def test_a_stopped_version_is_not_replaced_by_the_one_before_it() -> None:
    world = FakeWorld().with_sample()
    hand_in(world)
    judge(world, 2, passed=True)

    stopped = stop(world, 2)

    assert (stopped.version, stopped.status) == (2, TemplateStatus.WITHDRAWN)
    assert in_use(world) is None
    assert not profile(world).template_stopped(WANTED.id, 1)
    assert profile(world).template_stopped(WANTED.id, 2)
    assert stop(world, 2) == stopped


def test_all_versions_are_stopped_at_once_and_only_a_new_one_is_used_again() -> None:
    world = FakeWorld().with_sample()
    hand_in(world)

    every = stop(world)
    with pytest.raises(Conflict, match="template_decided"):
        judge(world, 2, passed=True)
    judge(world, 2, passed=False)

    assert open_reviews(world) == []
    assert (every.version, every.status) == (3, TemplateStatus.STOPPED)
    assert in_use(world) is None
    assert all(profile(world).template_stopped(WANTED.id, version) for version in (1, 2, 3))
    assert stop(world) == every
    hand_in(world, OTHER)
    judge(world, 4, passed=True)
    assert in_use(world) == 4
    assert profile(world).template_stopped(WANTED.id, 1)


class StoppedMeanwhile(FakeRegistry):
    """Somebody stops all versions just before a pass is written."""

    def keep_template(self, client: str, template: Template, before: Template | None = None) -> None:
        if before is not None:
            stopped = replace(before, version=before.version + 1, status=TemplateStatus.STOPPED)
            super().keep_template(client, stopped)
        super().keep_template(client, template, before)


def test_who_passes_a_version_while_all_are_stopped_is_told_that_it_is_not_in_use() -> None:
    world = FakeWorld()
    world.registry = StoppedMeanwhile()
    world.with_sample()
    hand_in(world)

    with pytest.raises(Conflict, match="template_decided"):
        judge(world, 2, passed=True)

    assert in_use(world) is None
    assert open_reviews(world) == []


@pytest.mark.parametrize("version", [2, 3])
def test_only_what_is_approved_is_stopped_alone(version: int) -> None:
    world = FakeWorld().with_sample()
    hand_in(world)
    judge(world, 2, passed=False)
    hand_in(world, OTHER)

    with pytest.raises(Conflict, match="template_decided"):
        stop(world, version)


def test_what_is_not_there_is_neither_judged_nor_stopped() -> None:
    world = FakeWorld().with_sample()

    with pytest.raises(NotFound, match="template_version_unknown"):
        judge(world, 2, passed=True)
    with pytest.raises(NotFound, match="template_version_unknown"):
        stop(world, 2)
    with pytest.raises(NotFound, match="template_unknown"):
        flow.stop_template(world, sample.CLIENT, "nothing", None, "an operator", "x")
    with pytest.raises(NotFound, match="client_unknown"):
        flow.hand_in(world, "nobody", WANTED, "key crm")


def test_the_operator_keeps_a_new_version_whenever_it_reads_otherwise() -> None:
    world = FakeWorld().with_sample()
    wanted = sample.template(version=0)
    halted = replace(wanted, status=TemplateStatus.STOPPED)

    versions = [
        flow.keep_template(world, sample.CLIENT, each, "an operator").version
        for each in (wanted, halted, halted, wanted)
    ]

    assert versions == [1, 2, 2, 3]
    assert in_use(world) == 3


def test_a_template_that_carries_a_signature_of_its_own_is_not_kept() -> None:
    world = FakeWorld().with_sample()
    signed = replace(sample.template(version=0), text="【别的单位】{place}")

    with pytest.raises(InvalidInput) as caught:
        flow.keep_template(world, sample.CLIENT, signed, "an operator")

    assert (caught.value.code, caught.value.clause) == ("text_has_signature", "2.1.9")
    assert len(world.registry.templates[sample.CLIENT]) == 1


class Stale(FakeRegistry):
    """Tells what it knew before anybody kept anything, also to whoever asks it for the newest."""

    def profile(self, client: str, *, fresh: bool = False) -> Profile | None:
        return Profile(sample.client())


def test_of_two_who_keep_the_next_version_at_once_one_is_told() -> None:
    world = FakeWorld()
    world.registry = Stale()
    flow.keep_template(world, sample.CLIENT, WANTED, "an operator")

    with pytest.raises(Conflict, match="template_version_stored"):
        flow.keep_template(world, sample.CLIENT, OTHER, "another")


def test_a_registry_that_is_read_whole_does_not_grow_without_end() -> None:
    world = FakeWorld().with_sample()
    for version in range(2, flow.VERSIONS_MAX + 1):
        world.registry.keep_template(sample.CLIENT, sample.template("many", version))

    with pytest.raises(LimitExceeded, match="templates_too_many"):
        hand_in(world)


def test_a_text_that_holds_what_is_forbidden_is_taken_from_nobody() -> None:
    world = FakeWorld().with_sample()
    world.words.put(Word("赌博网站", ContentKind.VIOLENCE_SEX_GAMBLING, Action.REFUSE))
    wanted = replace(WANTED, text="请上賭.博.網站，{place}。")

    with pytest.raises(NotAllowed) as handed_in:
        hand_in(world, wanted)
    with pytest.raises(NotAllowed) as kept:
        flow.keep_template(
            world, sample.CLIENT, replace(wanted, status=TemplateStatus.APPROVED), "an operator"
        )

    for refused in (handed_in, kept):
        assert (refused.value.code, refused.value.clause) == ("content_refused", "11.3.12")
    assert open_reviews(world) == []


def test_the_reviewer_is_told_what_a_text_may_touch() -> None:
    world = FakeWorld().with_sample()
    world.words.put(Word("内部消息", ContentKind.RUMOURS, Action.HOLD))

    told = flow.hand_in(world, sample.CLIENT, replace(WANTED, text="内部消息：{place}。"), "key crm")

    (remark,) = [each for each in told.remarks if "11.3.13" in each]
    assert remark in open_reviews(world)[0].detail
    assert judge(world, told.template.version, passed=True).sendable


def test_words_that_came_after_the_text_count_when_it_is_judged() -> None:
    world = FakeWorld().with_sample()
    version = hand_in(world).version
    world.words.put(Word("接种", ContentKind.VIOLENCE_SEX_GAMBLING, Action.REFUSE))

    with pytest.raises(NotAllowed, match="content_refused"):
        judge(world, version, passed=True)

    assert in_use(world) == 1
    assert judge(world, version, passed=False).status is TemplateStatus.REFUSED
