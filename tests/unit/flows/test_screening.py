"""What is submitted is looked through for the operator's words: refused, held, or let by."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from openmas.domain.batch import Batch
from openmas.domain.content import Action, Word
from openmas.domain.content_kinds import ContentKind
from openmas.domain.contract import Category, ServiceKind
from openmas.domain.profile import Mode
from openmas.domain.submission import Submission
from openmas.domain.template import Template, TemplateStatus
from openmas.edge.wire import refused_documents
from openmas.errors import NotAllowed
from openmas.flows.submit_batch import submit_batch
from tests.fakes import sample
from tests.fakes.world import FakeWorld

KIND = ContentKind.VIOLENCE_SEX_GAMBLING
BAD, ODD = Word("赌博网站", KIND, Action.REFUSE), Word("内部消息", ContentKind.RUMOURS, Action.HOLD)


def world_with(*words: Word) -> FakeWorld:
    """The sample client, who has bought ordinary SMS, too."""
    world = FakeWorld().with_sample()
    services = frozenset({ServiceKind.TEMPLATE_BLACK, ServiceKind.ORDINARY_BLACK})
    wider = replace(sample.contract(), version=2, services=services)
    sample.put_in_force(world.registry, sample.CLIENT, wider)
    plain = Template("plain", 1, Category.NOTICE, "请按时接种疫苗。", (), TemplateStatus.APPROVED)
    world.registry.keep_template(sample.CLIENT, plain)
    world.words.put(*(words or (BAD, ODD)))
    return world


def submit(world: FakeWorld, submission: Submission) -> Batch:
    profile = world.registry.profile(sample.CLIENT)
    assert profile
    return submit_batch(world, profile, Mode.LIVE, submission, "k1", "d1")


def by_template(place: str = "城南门诊", own: tuple[Mapping[str, str], ...] = ()) -> Submission:
    recipients = sample.numbers(len(own) or 2)
    return Submission(recipients=recipients, template="flu-notice", parameters={"place": place}, own=own)


def in_own_words(text: str) -> Submission:
    return Submission(recipients=sample.numbers(2), text=text, category=Category.NOTICE)


@pytest.mark.parametrize(
    "submission",
    [by_template("賭*博 網站"), in_own_words("快来赌.博.网.站，好礼"), in_own_words("赌\u200b博网\u0336站")],
)
def test_what_is_forbidden_is_refused_with_the_clause_of_its_kind(submission: Submission) -> None:
    world = world_with()

    with pytest.raises(NotAllowed) as refused:
        submit(world, submission)

    assert (refused.value.code, refused.value.clause) == ("content_refused", "11.3.12")
    assert KIND.en in refused.value.detail
    assert KIND.zh in refused.value.detail
    assert not world.messages.batches


@pytest.mark.parametrize("submission", [by_template("内部消息"), in_own_words("内部消息，请看")])
def test_what_is_doubtful_is_kept_and_waits_for_a_person(submission: Submission) -> None:
    world = world_with()

    batch = submit(world, submission)

    assert batch.held == (ContentKind.RUMOURS,)
    assert world.messages.batch(sample.CLIENT, batch.id) == batch
    assert world.queue.bulk.bodies == []
    (case,) = world.cases.cases.values()
    assert (case.id, case.kind) == (f"review#batch#{batch.id}", "review")
    assert "11.3.13" in case.detail
    assert "内部消息" not in case.detail


@pytest.mark.parametrize("submission", [by_template(), in_own_words("请按时接种疫苗。")])
def test_what_is_ordinary_goes_at_once(submission: Submission) -> None:
    world = world_with()

    batch = submit(world, submission)

    assert batch.held == ()
    assert len(world.queue.bulk.bodies) == 1
    assert world.cases.cases == {}


def test_a_value_forms_no_word_together_with_the_text_around_it() -> None:
    world = world_with(Word("通知城南", KIND, Action.REFUSE))

    # Across the end of a phrase, so a person must say whether it is meant.
    assert submit(world, by_template("城南门诊")).held == (KIND,)


def test_the_reviewed_text_of_a_template_itself_is_not_looked_through_again() -> None:
    world = world_with(Word("流感疫苗", KIND, Action.REFUSE))

    assert submit(world, by_template()).held == ()


def test_a_template_without_variables_does_not_even_load_the_words() -> None:
    world = world_with()

    submit(world, Submission(recipients=sample.numbers(2), template="plain"))

    assert world.words.looked == 0


def test_values_of_one_recipient_that_are_forbidden_are_refused_in_their_place() -> None:
    world = world_with()
    own = ({"place": "城南"}, {"place": "赌博网站"}, {"place": "城北"})

    batch = submit(world, by_template(own=own))

    assert batch.refused == {"content_refused.12": (1,)}
    assert (batch.accepted, batch.held) == (2, ())
    assert world.words.looked == 1


def test_each_recipient_refused_in_its_place_is_told_its_own_kind() -> None:
    kinds = list(ContentKind)
    signs = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌"
    forbidden = [Word(f"禁语{sign}", kind, Action.REFUSE) for sign, kind in zip(signs, kinds, strict=True)]
    world = world_with(*forbidden)

    batch = submit(world, by_template(own=tuple({"place": word.text} for word in forbidden)))

    told = refused_documents(batch.refused)
    assert [(each["index"], each["code"], each["clause"]) for each in told] == [
        (n, "content_refused", f"11.3.{n + 1}") for n in range(21)
    ]
    assert all(kind.zh in str(each["detail_zh"]) for kind, each in zip(kinds, told, strict=True))
    assert all(kind.en in str(each["detail"]) for kind, each in zip(kinds, told, strict=True))


def test_values_of_one_recipient_that_are_doubtful_hold_the_batch() -> None:
    world = world_with()

    batch = submit(world, by_template(own=({"place": "城南"}, {"place": "内部消息"})))

    assert (batch.refused, batch.held) == ({}, (ContentKind.RUMOURS,))


def test_a_batch_that_reaches_nobody_is_not_held() -> None:
    world = world_with()

    batch = submit(world, replace(by_template("内部消息"), recipients=("12345",)))

    assert (batch.accepted, batch.held) == (0, ())
    assert world.cases.cases == {}


def test_a_repeated_request_opens_no_second_case_and_stays_held() -> None:
    world = world_with()
    first = submit(world, by_template("内部消息"))

    again = submit(world, by_template("内部消息"))

    assert again == first
    assert len(world.cases.cases) == 1
    assert world.queue.bulk.bodies == []
