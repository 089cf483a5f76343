"""How often a number may be written to, against an implementation that keeps everything and tries all."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.contract import Category, Limits
from openmas.domain.frequency import Event, Spacing, digest, digest_of_text, mark_of, spacing_of, too_soon
from openmas.domain.limits import Frequency

NOW = datetime(2025, 11, 24, 1, 30, tzinfo=UTC)
CODES = (Frequency(1, 60), Frequency(5, 3_600), Frequency(10, 86_400))
REQUEST = mark_of("a request")


def event(seconds: float, text: str = "a text") -> Event:
    return Event(NOW + timedelta(seconds=seconds), digest(text), REQUEST, NOW)


def asked(spacing: Spacing, sent: list[Event], wanted: Event) -> str | None:
    return too_soon(spacing, sent, wanted.at, wanted.text)


SAID = "停水通知：明日10:30停水1.5小时，请储水。详询12345"


@pytest.mark.parametrize(
    "written",
    [
        f"{SAID} ",
        f" {SAID}",
        f"{SAID}。",
        f"{SAID}！！",
        SAID.replace("：", ":"),
        SAID.replace("，", ", "),
        SAID.replace("停", "停\u200b"),
        SAID.replace("通知", "通 知"),
        SAID.replace("。", "\n"),
        SAID.replace("12345", "１２３４５"),
    ],
)
def test_a_text_that_only_looks_new_to_a_machine_is_the_same(written: str) -> None:
    assert written != SAID
    assert digest_of_text(written) == digest_of_text(SAID)


def test_what_is_read_as_it_is_written_is_the_same_beside_what_nobody_sees() -> None:
    ranges = (range(0x20, 0x7F), range(0x3000, 0x3040), range(0x4E00, 0xA000), range(0xFF01, 0xFF5F))
    for codes in ranges:
        for written in map(chr, codes):
            assert digest_of_text(f"{written}字") == digest_of_text(f"{written}字\u200b"), ascii(written)


@given(st.text(st.sampled_from("15 .，：:。—字"), max_size=9))
def test_stops_make_a_difference_between_two_figures_only(text: str) -> None:
    stops, read = " .,:;!?、。—", text.replace("，", ",").replace("：", ":")

    left = [
        each
        for n, each in enumerate(read)
        if each not in stops or (read[n - 1 : n].isdigit() and read[n:].lstrip(stops)[:1].isdigit())
    ]

    assert digest_of_text(text) == digest("".join(left))


@given(st.text(max_size=20))
def test_a_text_is_the_same_in_any_of_its_forms(text: str) -> None:
    assert digest_of_text(normalize("NFKC", text)) == digest_of_text(text)
    assert digest_of_text(normalize("NFD", text)) == digest_of_text(text)


@pytest.mark.parametrize(
    "written",
    [
        SAID.replace("10:30", "1030"),
        SAID.replace("1.5", "15"),
        SAID.replace("10:30", "10:31"),
        SAID.replace("停水", "停电"),
        f"{SAID}6",
        SAID.replace("通知", ""),
    ],
)
def test_a_text_that_says_something_else_is_another(written: str) -> None:
    assert digest_of_text(written) != digest_of_text(SAID)


@dataclass
class Naive:
    """Keeps every message of one number, and looks at every stretch of time that begins with one of them."""

    spacing: Spacing
    sent: list[Event] = field(default_factory=list)

    def objects(self, wanted: Event) -> str | None:
        after = [*self.sent, wanted]
        for rule in self.spacing.frequencies:
            within = timedelta(seconds=rule.within_s)
            for first in after:
                stretch = [e for e in after if first.at <= e.at < first.at + within]
                if wanted in stretch and len(stretch) > rule.messages:
                    return "number_too_often"
        for other in self.sent:
            apart = abs((other.at - wanted.at).total_seconds())
            if other.text == wanted.text and apart < (self.spacing.same_text_within_s or 0):
                return "same_text_too_soon"
        return None


SPACINGS = st.builds(
    Spacing,
    st.lists(st.builds(Frequency, st.integers(1, 4), st.integers(1, 30)), max_size=3).map(tuple),
    st.none() | st.integers(1, 30),
)
TRAFFIC = st.lists(
    st.builds(event, st.integers(0, 240).map(lambda quarter: quarter / 4), st.sampled_from("abc")),
    max_size=40,
    unique_by=lambda each: each.at,
)


@given(SPACINGS, TRAFFIC)
def test_any_traffic_gets_the_answers_of_an_implementation_that_tries_every_stretch(
    spacing: Spacing, traffic: list[Event]
) -> None:
    naive = Naive(spacing)

    for wanted in traffic:
        objection = asked(spacing, naive.sent, wanted)

        assert objection == naive.objects(wanted)
        if objection is None:
            naive.sent.append(wanted)


@given(SPACINGS, TRAFFIC)
def test_whatever_the_order_no_stretch_of_time_holds_more_than_its_rule(
    spacing: Spacing, traffic: list[Event]
) -> None:
    sent: list[Event] = []
    for wanted in traffic:
        if asked(spacing, sent, wanted) is None:
            sent.append(wanted)

    times = sorted(each.at for each in sent)
    for rule in spacing.frequencies:
        for first, last in zip(times, times[rule.messages :], strict=False):
            assert (last - first).total_seconds() >= rule.within_s
    for text in "abc":
        same = sorted(each.at for each in sent if each.text == digest(text))
        assert all((b - a).total_seconds() >= (spacing.same_text_within_s or 0) for a, b in pairwise(same))


@pytest.mark.parametrize(
    ("sent", "at", "objection"),
    [
        ([], 0, None),
        ([0], 59.999, "number_too_often"),
        ([0], 60, None),
        ([0, 60, 120, 180, 240], 300, "number_too_often"),
        ([0, 60, 120, 180, 240], 3_600, None),
        ([n * 3_600 for n in range(10)], 36_000, "number_too_often"),
        ([n * 3_600 for n in range(10)], 86_399, "number_too_often"),
        ([n * 3_600 for n in range(10)], 86_400, None),
        ([30], 0, "number_too_often"),
        ([86_400 + n * 3_600 for n in range(10)], 0, None),
        ([86_399 - n * 3_600 for n in range(10)], 0, "number_too_often"),
    ],
)
def test_codes_one_a_minute_five_an_hour_ten_a_day(
    sent: list[float], at: float, objection: str | None
) -> None:
    assert asked(Spacing(CODES, None), [event(each) for each in sent], event(at)) == objection


@pytest.mark.parametrize(
    ("text", "at", "objection"),
    [("a", 599, "same_text_too_soon"), ("a", 600, None), ("b", 1, None), ("a", -599, "same_text_too_soon")],
)
def test_the_same_text_waits_its_time_and_another_text_does_not(
    text: str, at: float, objection: str | None
) -> None:
    assert asked(Spacing((), 600), [event(0, "a")], event(at, text)) == objection


def test_only_what_the_contract_limits_is_asked_about() -> None:
    limits = Limits(frequency={Category.VERIFICATION: CODES})

    assert spacing_of(limits, Category.VERIFICATION) == Spacing(CODES, None)
    assert spacing_of(limits, Category.NOTICE) is None
    assert spacing_of(Limits(same_text_within_s=600), Category.NOTICE) == Spacing((), 600)
    assert Spacing(CODES, 600).reach == timedelta(days=1)
    assert Spacing((), 600).reach == timedelta(minutes=10)
