"""The rules, one by one and in their order."""

from dataclasses import replace
from datetime import date

import pytest

from openmas.domain.contract import Category, Contract, ServiceKind
from openmas.domain.profile import Profile
from openmas.domain.reasons import REASONS
from openmas.domain.rules import Sending, objection
from openmas.domain.template import Template
from tests.fakes import sample

NOTICE = Sending(ServiceKind.TEMPLATE_BLACK, Category.NOTICE)
IN_TERM = date(2025, 1, 1)
EARLY = replace(sample.contract(), effective_on=date(2024, 1, 1))


def profile(contract: Contract = EARLY, *templates: Template) -> Profile:
    return Profile(sample.client(), contracts=(contract,), templates={each.id: (each,) for each in templates})


@pytest.mark.parametrize(
    ("service", "category", "on", "refusal"),
    [
        (ServiceKind.TEMPLATE_BLACK, Category.NOTICE, date(2023, 12, 31), ("contract_missing", "2.1.1")),
        (ServiceKind.TEMPLATE_BLACK, Category.NOTICE, date(2024, 11, 19), ("contract_not_started", "9")),
        (ServiceKind.ORDINARY_BLACK, Category.NOTICE, IN_TERM, ("service_not_bought", "2.1.1")),
        (ServiceKind.ORDINARY_WHITE, Category.VERIFICATION, IN_TERM, ("service_not_bought", "2.1.1")),
        (ServiceKind.TEMPLATE_BLACK, Category.MARKETING, IN_TERM, ("category_not_allowed", "2.1.7")),
    ],
)
def test_what_the_contract_does_not_allow_is_refused_with_its_clause(
    service: ServiceKind, category: Category, on: date, refusal: tuple[str, str]
) -> None:
    code = objection(Sending(service, category), profile(), on)

    assert code is not None
    assert (code, REASONS[code].clause) == refusal


def test_a_contract_that_has_ended_allows_nothing() -> None:
    ended = replace(EARLY, term=replace(EARLY.term, renewals_max=0))

    assert objection(NOTICE, profile(ended), date(2025, 11, 19)) is None
    assert objection(NOTICE, profile(ended), date(2025, 11, 20)) == "contract_ended"


@pytest.mark.parametrize("category", [Category.NOTICE, Category.VERIFICATION])
@pytest.mark.parametrize("on", [date(2024, 11, 20), date(2025, 11, 19), date(2025, 11, 20), date(2031, 1, 1)])
def test_what_was_bought_may_be_sent_while_the_term_renews(category: Category, on: date) -> None:
    assert objection(Sending(ServiceKind.TEMPLATE_BLACK, category), profile(), on) is None


def test_a_suspended_client_sends_nothing() -> None:
    assert objection(NOTICE, replace(profile(), client=sample.suspended()), IN_TERM) == "client_suspended"


def test_a_template_must_be_in_use() -> None:
    sending = replace(NOTICE, template="flu-notice")

    assert objection(sending, profile(EARLY, sample.template()), IN_TERM) is None
    assert objection(sending, profile(EARLY, sample.stopped_template()), IN_TERM) == "template_unknown"
    assert objection(sending, profile(EARLY), IN_TERM) == "template_unknown"
