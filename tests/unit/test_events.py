"""Every sample event is run; the outcome that its name begins with must come out."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from openmas.domain.batch import FileSource
from openmas.domain.content import Action, Word
from openmas.domain.content_kinds import ContentKind
from openmas.domain.contract import Category, DocumentKind
from openmas.domain.cutting import Cutting
from openmas.domain.frequency import Book, Event, digest, mark_of
from openmas.domain.inbound import Inbound
from openmas.domain.listing import BLACK, OPTOUT, Act, ListEntry
from openmas.domain.loading import LoadMode
from openmas.domain.profile import Mode, Scope
from openmas.domain.review import review_of
from openmas.domain.sheet import FileForm
from openmas.domain.signing import Claim
from openmas.domain.statement import DayStatement
from openmas.domain.template import Template, TemplateStatus, variables_of
from openmas.domain.transfer import Transfer
from openmas.errors import Rejected
from openmas.flows.keep_addresses import block_addresses
from openmas.flows.keep_signatures import enter_signature
from openmas.flows.keep_templates import hand_in
from tests.fakes import sample
from tests.fakes.gateway import client_key, function
from tests.fakes.world import FakeWorld

ROOT = Path(__file__).parents[2] / "events"
FUNCTIONS = sorted(ROOT.parent.glob("functions/*/handler.py"))
EVENTS = sorted(ROOT.rglob("*.json"))
NUMBER = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
# The gravest first, each with the statuses that it may have over HTTP; a record that is dropped has none.
OUTCOMES = {
    "dropped": range(0),
    "failed": range(500, 600),
    "refused": range(400, 500),
    "done": range(200, 400),
}


def world_of_events() -> FakeWorld:
    """What the sample events take for granted.

    The sample client with a live and a test key of 43 times k and two templates; a batch of three that is
    queued, one of a file that is to be read, and an inbound `R`; a number on the black, one on the opt-out
    list, one that just got a code; a statement of the day before; an open case of an unknown call; a port
    for notices, a document on file, a signature in use and another in review; a second version of the
    contract, a draft; two words, a blocked range of addresses, and a batch that is held; a submission that
    was refused as a whole.
    """
    world = FakeWorld().with_sample()
    world.registry.keep_contract(sample.CLIENT, replace(sample.contract(), version=2))
    for mode in Mode:
        client_key(world, sample.CLIENT, mode, frozenset(Scope), label="sample")
    text = "验证码{code}。"
    code = Template("login-code", 1, Category.VERIFICATION, text, variables_of(text), TemplateStatus.APPROVED)
    world.registry.keep_template(sample.CLIENT, code)
    batch = sample.batch(3)
    world.messages.keep_parcels(sample.parcels(batch))
    world.messages.keep_batch(batch)
    world.queue.put(sample.parcels(batch))
    filed = replace(sample.batch(0, n=2), file=FileSource("sample-file", {"place": "塔城"}))
    world.uploads.add(sample.CLIENT, "sample-file", "号码\n13800130001\n12345\n")
    world.messages.keep_cutting(Cutting(client=sample.CLIENT, batch=filed.id))
    world.messages.keep_batch(filed)
    at = datetime(2025, 11, 24, 1, 29, tzinfo=UTC)
    world.messages.keep_inbound(Inbound("in-1", sample.CLIENT, "13800130001", batch.port, "R", at), at)
    for kind, number in ((BLACK, "13800130009"), (OPTOUT, "13800130008")):
        world.lists.change(sample.CLIENT, kind, Act.ADDED, [ListEntry(number, "key sample", at, "asked us")])
    codes = Book(sample.CLIENT, Category.VERIFICATION, test=True)
    world.recent.noted[codes, "13800130007"].append(Event(at, digest("a code"), mark_of("a request"), at))
    world.uploads.add(sample.CLIENT, "0123456789abcdef0123", "号码\n13800130006\n")
    ordered = Transfer(client=sample.CLIENT, id="a" * 20, name=BLACK, by="key sample", at=at, why="asked us")
    world.transfers.save(replace(ordered, upload="0123456789abcdef0123", mode=LoadMode.ADD))
    world.transfers.save(replace(ordered, id="b" * 20, form=FileForm.CSV))
    stated = DayStatement(client=sample.CLIENT, on=sample.TODAY.replace(day=23), revision=1)
    world.ledger.keep_revision(stated)
    world.ledger.flip(stated)
    world.cases.open(sample.case())
    world.registry.keep_port(sample.CLIENT, sample.port())
    world.registry.keep_document(sample.CLIENT, sample.document(DocumentKind.QUALIFICATION))
    world.registry.keep_signature(sample.CLIENT, sample.signature())
    waiting = replace(sample.template("waiting", version=0), status=TemplateStatus.PENDING)
    hand_in(world, sample.CLIENT, waiting, "key sample")
    enter_signature(world, sample.CLIENT, Claim(text="塔城市疾控中心讯"), "key sample")
    world.words.put(
        Word("赌博网站", ContentKind.VIOLENCE_SEX_GAMBLING, Action.REFUSE),
        Word("内部消息", ContentKind.RUMOURS, Action.HOLD),
    )
    block_addresses(world, ["198.51.100.0/24"], None, "p-1", "an attack")
    _hold_a_batch(world)
    world.messages.keep_refusal(sample.refused_submission())
    return world


def _hold_a_batch(world: FakeWorld) -> None:
    held = replace(sample.batch(2, n=9), held=(ContentKind.RUMOURS,))
    world.messages.keep_parcels(sample.parcels(held))
    world.cases.open(review_of(held))
    world.messages.keep_batch(held)


def outcome(path: Path, caplog: pytest.LogCaptureFixture) -> tuple[str, Any]:
    """The gravest that the function's log lines say came of the event, and what it answered."""
    event = json.loads(path.read_text(encoding="utf-8"))
    answer: Any = None
    try:
        answer = function(path.parent.name).build(world_of_events())(event, None)
    except Rejected:
        assert "requestContext" not in event, "a caller over HTTP is always answered"
    lines = [record for record in caplog.records if "outcome" in vars(record)]
    # Records that failed together are tried one by one, and then those lines count.
    lines = [line for line in lines if line.msg != "records"] or lines
    return min((vars(line)["outcome"] for line in lines), key=list(OUTCOMES).index), answer


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_outcome_in_an_events_name_comes_out(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    named = path.stem.partition("-")[0]

    came_out, answer = outcome(path, caplog)

    assert came_out == named
    if isinstance(answer, dict) and "statusCode" in answer:
        assert answer["statusCode"] in OUTCOMES[named]
    if isinstance(answer, dict) and "batchItemFailures" in answer:
        assert bool(answer["batchItemFailures"]) == (named == "failed")


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_event_is_named_by_its_outcome_and_case_and_holds_no_real_number(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    named, _, case = path.stem.partition("-")
    assert named in OUTCOMES
    assert case
    assert all(number.startswith("1380013") for number in NUMBER.findall(text))


def test_every_function_that_answers_people_has_events_of_both_kinds() -> None:
    answering = {path.parent.name for path in FUNCTIONS if "edge.http" in path.read_text(encoding="utf-8")}

    assert {"submit_batches", "read_messages", "keep_lists", "keep_contracts"} <= answering
    for name in answering:
        assert {path.stem.partition("-")[0] for path in (ROOT / name).iterdir()} >= {"done", "refused"}
