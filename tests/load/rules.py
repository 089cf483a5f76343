"""What one submission of 5,000 recipients costs with every rule at work: `python -m tests.load.rules`.

The real function with its real adapters in this process, on the emulator: black and opt-out lists of
1,000,000 numbers each, 100,000 words, frequencies, the same text, and caps of units a day and a month.
Units: processor time of one core in the function's process; the emulator's own is not in it.
"""

from __future__ import annotations

import json
import os
import random
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import count
from re import sub
from time import process_time, time
from typing import Any

from infra.local.emulator import Emulator, free_port
from openmas.adapters import calls
from openmas.adapters.world import AwsWorld
from openmas.domain.change import Change
from openmas.domain.content import Checked, WordList
from openmas.domain.contract import Category, Contract, ServiceKind
from openmas.domain.limits import BeyondBundle, Frequency, Level, UnitLimits
from openmas.domain.listing import Act, ListEntry, ListKind, ListName
from openmas.domain.loading import Loading, LoadMode
from openmas.domain.numbers import Numbers
from openmas.domain.profile import ApiKey, Mode, Scope
from openmas.domain.template import Template, TemplateStatus
from openmas.domain.variables import Variable, VariableKind
from openmas.domain.words import WordChange
from tests.fakes import sample
from tests.fakes.gateway import function, http_event
from tests.integration.conftest import stocked
from tests.load.content import HAN, book

LISTED = 1_000_000
RECIPIENTS = 5_000
REQUESTS = 12
_KEY = f"{sample.CLIENT}.live.{'k' * 43}"
_TEXT = "塔城市第一社区卫生服务中心定于十一月二十八日上午开展流感疫苗接种服务，请携带身份证和接种证按时前往。"


def main() -> None:
    # Read when the function is loaded: only figures are to be printed.
    os.environ |= {"POWERTOOLS_LOG_LEVEL": "CRITICAL", "POWERTOOLS_METRICS_DISABLED": "true"}
    with Emulator(port=free_port(), auth=False) as emulator:
        world = stocked(emulator).world(OPENMAS_COUNT_CALLS="1")
        prepared(world)
        calls.take()
        took_s = listed_in(world, ListKind.BLACK, ListKind.OPTOUT)
        print(f"two lists of {LISTED:,} loaded in {took_s:.0f} s, {calls.take()}")
        handle = function("submit_batches").build(world)
        _measure(handle, "one text", {"text": _TEXT, "category": "notice"})
        _measure(handle, "own values that come again", {"template": "flu-notice"}, _places())
        reports, report = _reports(random.Random(2), world.words.current()), {"template": _REPORT.id}
        _measure(handle, "own values that never do", report, reports)
        for size in (1, 200):
            name = f"own values that never do, a list changed by {size}"
            _measure(handle, name, report, reports, _change_of(world, size))


_REPORT = Template(
    id="report",
    version=1,
    category=Category.NOTICE,
    text="塔城市疾控中心提醒{name}：您的体检报告已出，取件码{code}，应缴{amount}，请于{time}持身份证到服务台领取。",
    variables=(
        Variable("name"),
        Variable("code", VariableKind.NUMBER),
        Variable("amount", VariableKind.MONEY),
        Variable("time", VariableKind.DATE_TIME),
    ),
    status=TemplateStatus.APPROVED,
)


def prepared(world: AwsWorld) -> None:
    """The sample client under a contract that limits all that a contract can."""
    world.registry.keep_client(sample.client())
    sample.put_in_force(world.registry, sample.CLIENT, _strict(sample.contract()))
    for template in (sample.template(), _REPORT):
        world.registry.keep_template(sample.CLIENT, template)
    key = ApiKey(sha256(_KEY.encode()).hexdigest(), Mode.LIVE, frozenset({Scope.SEND}))
    world.registry.keep_key(sample.CLIENT, key)
    words = book(random.Random(1))
    world.words.keep(words, WordChange(words.version, Change("p-1", sample.NOW, "measured")))


def _strict(contract: Contract) -> Contract:
    level = Level(warn=10**8, stop=10**9)
    units = UnitLimits(BeyondBundle.CHARGED, per_day=level, per_month=level)
    frequency = {Category.NOTICE: (Frequency(10, 86_400), Frequency(REQUESTS + 5, 7 * 86_400))}
    limits = replace(contract.limits, units=units, frequency=frequency, same_text_within_s=1)
    services = frozenset({ServiceKind.TEMPLATE_BLACK, ServiceKind.ORDINARY_BLACK})
    return replace(contract, limits=limits, services=services)


def listed_in(world: AwsWorld, *kinds: ListKind) -> float:
    begun = time()
    for place, kind in enumerate(kinds):
        numbers = Numbers()
        for n in range(LISTED):
            numbers.add(str(15_000_000_000 + place * LISTED + n), n + 1)
        numbers.settle(0)
        entry = ListEntry("", "measured", world.clock.now(), "a list of this size")
        world.lists.load(sample.CLIENT, ListName(kind), Loading(f"{kind}-1", LoadMode.ADD, entry, numbers))
    return time() - begun


Own = Iterator[Mapping[str, str]]


def _change_of(world: AwsWorld, size: int) -> Callable[[int], object]:
    """Puts more numbers on a list, so that their buckets, or if they are many all of them, are read again."""

    def change(n: int) -> None:
        numbers = [str(14_000_000_000 + n * size + k) for k in range(size)]
        entries = [ListEntry(each, "measured", world.clock.now(), "another number") for each in numbers]
        world.lists.change(sample.CLIENT, ListName(ListKind.OPTOUT), Act.ADDED, entries)

    return change


def _measure(
    handle: Any,
    name: str,
    body: Mapping[str, Any],
    own: Own | None = None,
    before: Callable[[int], object] = lambda _: None,
) -> None:
    spent = []
    # Before anything is measured: making them up looks at them, too.
    bodies = [json.dumps({**body, "recipients": _recipients(n, own)}) for n in range(REQUESTS)]
    for n, sent in enumerate(bodies):
        key = sub("[ ,]+", "-", name)
        headers = {"authorization": f"Bearer {_KEY}", "idempotency-key": f"{key}-{n}"}
        event = http_event("POST", "/v1/batches", sent, headers, {}, {})
        before(n)
        begun = process_time()
        answer = handle(event, None)
        spent.append((process_time() - begun) * 1_000)
        assert answer["statusCode"] == 202, answer["body"][:500]
        assert json.loads(answer["body"])["accepted"] == RECIPIENTS - 10
    first, later = spent[0], spent[1:]
    print(
        f"{name}: {statistics.median(later):.0f} ms of CPU, {min(later):.0f} at least, the first {first:.0f}"
    )


def _recipients(request: int, own: Own | None) -> Sequence[object]:
    """5,000 numbers, ten of which stand on a list; other ones in each request."""
    numbers = [str(13_000_000_000 + request * RECIPIENTS + n) for n in range(RECIPIENTS - 10)]
    numbers += [str(15_000_000_000 + n * 1_999) for n in range(10)]
    return numbers if own is None else [{"number": each, "parameters": next(own)} for each in numbers]


def _places() -> Own:
    return ({"place": f"第{n % 97}社区"} for n in count())


def _reports(chance: random.Random, words: WordList) -> Own:
    """A name, a code, a sum and a time that nobody else gets, and none of the words in them."""
    checked = Checked.template(_REPORT.text)
    while True:
        values = (
            "".join(chance.choices(HAN, k=3)),
            f"{chance.randrange(10**6):06d}",
            f"{chance.randrange(10**6) / 100:.2f}元",
            f"11月{chance.randint(1, 30)}日{chance.randrange(8, 18)}:{chance.randrange(60):02d}",
        )
        if not checked.hits(values, words):
            yield dict(zip(checked.gaps.names, values, strict=True))


if __name__ == "__main__":
    main()
