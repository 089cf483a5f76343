"""The contract as data."""

from dataclasses import replace
from datetime import date

import pytest

from openmas.domain.contract import contract_in_force
from tests.fakes import sample

CONTRACT = sample.contract()


@pytest.mark.parametrize(
    ("on", "version"),
    [
        (date(2024, 11, 19), None),
        (date(2024, 11, 20), 1),
        (date(2024, 12, 31), 1),
        (date(2025, 1, 1), 3),
        (date(2025, 5, 31), 3),
        (date(2025, 6, 1), 2),
    ],
)
def test_the_version_in_force_is_the_one_that_took_effect_last(on: date, version: int | None) -> None:
    versions = [
        replace(CONTRACT, version=3, effective_on=date(2025, 1, 1)),
        replace(CONTRACT, version=2, effective_on=date(2025, 6, 1)),
        CONTRACT,
        replace(CONTRACT, version=2, effective_on=date(2025, 1, 1)),
    ]

    found = contract_in_force(versions, on)

    assert (found and found.version) == version


def test_without_versions_no_contract_is_in_force() -> None:
    assert contract_in_force([], date(2025, 1, 1)) is None
