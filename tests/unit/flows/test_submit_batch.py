"""A submission is accepted once, decided by the contract, and nothing is sent that was not committed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.batch import Batch, text_of
from openmas.domain.contract import Category, Limits, ServiceKind
from openmas.domain.listing import BLACK, OPTOUT, Act, ListEntry, ListName
from openmas.domain.parcel import Law, Parcel
from openmas.domain.profile import Mode
from openmas.domain.submission import Submission
from openmas.domain.template import Template, TemplateStatus, variables_of
from openmas.errors import Conflict, InvalidInput, NotAllowed, Rejected
from openmas.flows.submit_batch import submit_batch
from tests.fakes import sample
from tests.fakes.world import FakeWorld

NUMBERS = sample.numbers(250)
SAMPLE = sample.contract()


def flu(recipients: tuple[str, ...] = NUMBERS) -> Submission:
    return Submission(recipients=recipients, template="flu-notice", parameters={"place": "城南门诊"})


def submit(world: FakeWorld, submission: Submission, digest: str = "d1", mode: Mode = Mode.LIVE) -> Batch:
    profile = world.registry.profile(sample.CLIENT)
    assert profile
    return submit_batch(world, profile, mode, submission, "k1", digest)


def listed(world: FakeWorld, kind: ListName, *numbers: str) -> None:
    entries = [ListEntry(number, "a test", world.clock.now(), "asked") for number in numbers]
    world.lists.change(sample.CLIENT, kind, Act.ADDED, entries)


def test_a_batch_is_cut_into_parcels_of_a_hundred_and_queued() -> None:
    world = FakeWorld().with_sample()

    batch = submit(world, flu())

    parcels, more = world.messages.parcels_of_batch(sample.CLIENT, batch.id, None, 10)
    assert [len(parcel.numbers) for parcel in parcels] == [100, 100, 50]
    assert sum((parcel.numbers for parcel in parcels), ()) == NUMBERS
    assert more is None
    assert [body["parcel"] for body in world.queue.bulk.bodies] == [parcel.id for parcel in parcels]
    assert world.messages.batch(sample.CLIENT, batch.id) == batch


def test_verification_goes_to_the_urgent_queue() -> None:
    world = FakeWorld().with_sample()
    world.registry.keep_template(sample.CLIENT, sample.verification())

    submit(world, Submission(recipients=NUMBERS[:1], template="login", parameters={"code": "491823"}))

    assert len(world.queue.urgent.bodies) == 1
    assert world.queue.bulk.bodies == []


def test_bad_numbers_duplicates_and_listed_numbers_are_refused_one_by_one() -> None:
    world = FakeWorld().with_sample()
    listed(world, BLACK, NUMBERS[1])
    listed(world, OPTOUT, NUMBERS[2])

    batch = submit(world, flu((*NUMBERS[:3], NUMBERS[0], f"+86{NUMBERS[0]}", "12345", "01088886666")))

    assert batch.refused == {
        "number_on_black_list": (1,),
        "number_on_opt_out_list": (2,),
        "number_duplicate": (3, 4),
        "number_malformed": (5,),
        "number_not_mobile": (6,),
    }
    assert batch.accepted == 1


def test_an_opt_out_does_not_keep_a_code_from_whoever_asked_for_it() -> None:
    world = FakeWorld().with_sample()
    world.registry.keep_template(sample.CLIENT, sample.verification())
    listed(world, OPTOUT, NUMBERS[0])

    batch = submit(world, Submission(recipients=NUMBERS[:1], template="login", parameters={"code": "491823"}))

    assert batch.accepted == 1


@pytest.mark.parametrize(
    ("submission", "code", "clause"),
    [
        (
            Submission(recipients=NUMBERS[:1], text="大促销", category=Category.MARKETING),
            "service_not_bought",
            "2.1.1",
        ),
        (Submission(recipients=NUMBERS[:1], template="nothing-such"), "template_unknown", "2.1.11"),
        (
            Submission(
                recipients=NUMBERS[:1],
                text="自由文本",
                category=Category.NOTICE,
                service=ServiceKind.TEMPLATE_BLACK,
            ),
            "template_required",
            "2.1.11",
        ),
        (
            Submission(recipients=NUMBERS[:1], template="flu-notice", category=Category.MARKETING),
            "category_not_allowed",
            "2.1.7",
        ),
    ],
)
def test_what_the_contract_does_not_cover_is_refused_with_its_clause(
    submission: Submission, code: str, clause: str
) -> None:
    world = FakeWorld().with_sample()

    with pytest.raises(NotAllowed) as refused:
        submit(world, submission)

    assert (refused.value.code, refused.value.clause) == (code, clause)
    assert world.queue.bulk.bodies == []


@pytest.mark.parametrize(
    "submission",
    [
        Submission(recipients=NUMBERS[:1]),
        Submission(recipients=NUMBERS[:1], template="flu-notice", text="and a text"),
        Submission(recipients=NUMBERS[:1], template="flu-notice"),
        Submission(recipients=NUMBERS[:1], template="flu-notice", parameters={"place": "【银行】"}),
    ],
)
def test_what_cannot_be_read_as_one_text_is_refused(submission: Submission) -> None:
    with pytest.raises(InvalidInput):
        submit(FakeWorld().with_sample(), submission)


PLACES = ("城南门诊", "城北门诊", "{place}")


def each_its_own(*own: dict[str, str], common: dict[str, str] | None = None) -> Submission:
    return Submission(
        recipients=NUMBERS[: len(own)], template="flu-notice", parameters=common or {}, own=tuple(own)
    )


def parcels_of(world: FakeWorld, batch: Batch) -> list[Parcel]:
    return list(world.messages.parcels_of_batch(sample.CLIENT, batch.id, None, 100)[0])


def test_each_recipient_gets_the_template_with_parameters_of_its_own() -> None:
    world = FakeWorld().with_sample()

    batch = submit(world, each_its_own(*({"place": place} for place in PLACES)))

    parcel = parcels_of(world, batch)[0]
    assert [text_of(batch, parcel, n) for n in range(3)] == [
        f"【塔城市疾控中心宣】流感疫苗接种通知：{place}，请携带身份证。" for place in PLACES
    ]
    assert (batch.accepted, batch.units) == (3, 3)


def test_parameters_of_its_own_go_over_the_common_ones() -> None:
    world = FakeWorld().with_sample()

    batch = submit(world, each_its_own({}, {"place": "城北门诊"}, {}, common={"place": "城南门诊"}))

    assert parcels_of(world, batch)[0].values == (("城南门诊",), ("城北门诊",), ("城南门诊",))


def test_a_recipient_whose_parameters_do_not_fit_is_refused_in_its_place() -> None:
    world = FakeWorld().with_sample()
    wrong = [{"place": "【银行】"}, {"place": "t.cn/x"}, {}, {"place": "塔", "x": "1"}, {"place": "塔" * 33}]

    batch = submit(world, each_its_own({"place": "城南门诊"}, *wrong, {"place": "城北门诊"}))

    assert batch.refused == {"parameters_wrong": (1, 2, 3, 4, 5)}
    assert parcels_of(world, batch)[0].numbers == (NUMBERS[0], NUMBERS[6])
    assert parcels_of(world, batch)[0].values == (("城南门诊",), ("城北门诊",))


def test_a_number_that_cannot_be_sent_to_is_told_so_and_not_of_its_parameters() -> None:
    world = FakeWorld().with_sample()
    submission = replace(each_its_own({"place": "塔"}, {}, {}), recipients=(NUMBERS[0], "12345", NUMBERS[0]))

    batch = submit(world, submission)

    assert batch.refused == {"number_malformed": (1,), "number_duplicate": (2,)}


@pytest.mark.parametrize(
    ("common", "own", "pointers"),
    [
        ({}, ({"x": "1"}, {"y": "1"}), ["/parameters/place"]),
        ({"place": "【银行】"}, ({}, {"x": "1"}), ["/parameters/place"]),
        ({"place": "塔", "x": "1"}, ({"place": "城"}, {}), ["/parameters"]),
    ],
)
def test_common_parameters_that_fit_nobody_fail_as_a_whole(
    common: dict[str, str], own: tuple[dict[str, str], ...], pointers: list[str]
) -> None:
    with pytest.raises(InvalidInput, match="parameters_wrong") as refused:
        submit(FakeWorld().with_sample(), each_its_own(*own, common=common))

    assert [fault.pointer for fault in refused.value.faults] == pointers


def test_a_message_is_too_long_or_costs_more_by_its_own_values() -> None:
    world = FakeWorld().with_sample()
    names = [f"v{n}" for n in range(20)]
    text = "，".join(f"{{{name}}}" for name in names)
    long = Template("long", 1, Category.NOTICE, text, variables_of(text), TemplateStatus.APPROVED)
    world.registry.keep_template(sample.CLIENT, long)
    own = tuple(dict.fromkeys(names, "塔" * length) for length in (1, 2, 24, 32))

    batch = submit(world, Submission(recipients=NUMBERS[:4], template="long", own=own))

    # 10 of signature, 19 commas and 20 values: 49, 69, 509 and 669 characters.
    assert batch.refused == {"text_too_long": (2, 3)}
    assert (batch.units, parcels_of(world, batch)[0].units) == (2, (1, 1))


@given(st.lists(st.integers(0, 32), min_size=1, max_size=230))
def test_the_units_of_a_batch_are_those_of_its_messages(lengths: list[int]) -> None:
    world = FakeWorld().with_sample()
    own = tuple({"place": "塔" * length} for length in lengths)

    batch = submit(world, Submission(recipients=NUMBERS[: len(own)], template="flu-notice", own=own))

    naive = [1 if length <= 44 else 2 for length in lengths]
    assert batch.units == sum(naive) == sum(sum(parcel.units) for parcel in parcels_of(world, batch))
    assert batch.units_each == max(naive)


def test_a_retry_makes_the_same_parcels_also_after_the_first_try_died_before_them() -> None:
    submission = each_its_own(*({"place": f"{n} 号"} for n in range(230)))
    world = FakeWorld().with_sample()
    first = submit(world, submission)
    stored = parcels_of(world, first)
    world.messages.parcels.clear()
    world.messages.batches.clear()

    again = submit(world, submission)

    assert again == first
    assert parcels_of(world, again) == stored


def test_the_same_key_and_body_give_the_same_batch_whatever_has_changed_since() -> None:
    world = FakeWorld().with_sample()
    first = submit(world, flu())
    listed(world, BLACK, *NUMBERS[:20])
    world.clock.tick(hours=3)

    again = submit(world, flu())

    assert again == first
    assert len(world.messages.parcels) == 3


def test_another_body_under_the_same_key_is_a_conflict() -> None:
    world = FakeWorld().with_sample()
    submit(world, flu())

    with pytest.raises(Conflict, match="idempotency_key_reused"):
        submit(world, flu(NUMBERS[:7]), digest="d2")


def test_a_key_of_a_test_key_and_of_a_live_key_are_two() -> None:
    world = FakeWorld().with_sample()

    live, test = submit(world, flu()), submit(world, flu(), mode=Mode.TEST)

    assert live.id != test.id
    assert (test.test, test.carrier) == (True, "sandbox")


def test_a_suspended_client_sends_nothing() -> None:
    world = FakeWorld().with_sample()
    world.registry.keep_client(sample.suspended())

    with pytest.raises(Rejected) as refused:
        submit(world, flu())

    assert refused.value.code == "client_suspended"


@pytest.mark.parametrize(
    ("ends_in", "suspended", "days", "code", "law"),
    [
        (-1, False, 5, "contract_ended", Law(SAMPLE.number, 1)),
        (-1, False, 1, "contract_ended", Law(SAMPLE.number, 1)),
        (-1, False, 0, "contract_ended", Law(SAMPLE.number, 1)),
        (3, False, 5, "service_not_bought", Law("next", 1)),
        (None, False, 5, "contract_missing", None),
        (3, True, 5, "client_suspended", Law(SAMPLE.number, 1)),
    ],
)
def test_a_refusal_cites_the_contract_of_the_day_whose_rules_refuse(
    ends_in: int | None, suspended: bool, days: int, code: str, law: Law | None
) -> None:
    world = FakeWorld()
    world.registry.keep_client(replace(sample.client(), suspended=suspended))
    world.registry.keep_template(sample.CLIENT, sample.template())
    if ends_in is not None:
        term = replace(SAMPLE.term, end_on=sample.TODAY + timedelta(days=ends_in), renew_months=0)
        sample.put_in_force(world.registry, sample.CLIENT, replace(SAMPLE, term=term))
    begins_on = sample.TODAY + timedelta(days=2)
    term = replace(SAMPLE.term, start_on=begins_on, end_on=begins_on + timedelta(days=99))
    following = replace(SAMPLE, number="next", effective_on=begins_on, term=term, services=frozenset())
    sample.put_in_force(world.registry, sample.CLIENT, following)

    send_at = world.clock.now() + timedelta(days=days) if days else None
    with pytest.raises(NotAllowed, match=code):
        submit(world, replace(flu(), send_at=send_at))

    ((refused,), _) = world.messages.refusals_of_day(sample.CLIENT, sample.TODAY, None, 9)
    assert (refused.reason, refused.law) == (code, law)


def test_a_batch_whose_every_number_is_refused_is_kept_and_queues_nothing() -> None:
    world = FakeWorld().with_sample()

    batch = submit(world, flu(("12345",)))

    assert (batch.accepted, batch.parcels) == (0, 0)
    assert world.messages.batch(sample.CLIENT, batch.id) == batch
    assert world.queue.bulk.bodies == []


def test_a_request_has_no_more_recipients_than_the_contract_allows() -> None:
    world = FakeWorld().with_sample()
    sample.put_in_force(
        world.registry,
        sample.CLIENT,
        replace(sample.contract(), version=2, limits=Limits(recipients_max=249)),
    )

    with pytest.raises(InvalidInput, match="recipients_too_many"):
        submit(world, flu())


def test_a_key_is_remembered_for_a_day_and_then_stands_for_a_new_batch() -> None:
    world = FakeWorld().with_sample()
    first = submit(world, flu())

    world.clock.tick(hours=23, minutes=59)
    assert submit(world, flu()) == first
    world.clock.tick(minutes=1)
    second = submit(world, flu(NUMBERS[:7]), digest="d2")

    assert second.id != first.id
    assert submit(world, flu(NUMBERS[:7]), digest="d2") == second
