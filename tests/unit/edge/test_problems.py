"""Every error has a place: its class a status, its code a title."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from openmas import errors
from openmas.domain.reasons import REASONS
from openmas.edge.problems import FAULTS_MAX, STATUS, STATUS_OF_CODE, TITLES, problem, status_of
from openmas.errors import Fault, InvalidInput, OpenMasError

PACKAGE = Path(__file__).parents[3] / "layers/openmas/python/openmas"
FUNCTIONS = Path(__file__).parents[3] / "functions"
RAISED = {kind.__name__ for kind in (*STATUS, OpenMasError)} | {"_stored_otherwise"}


def leaves(kind: type[OpenMasError]) -> Iterator[type[OpenMasError]]:
    below = kind.__subclasses__()
    yield from [kind] if not below else (leaf for each in below for leaf in leaves(each))


def codes_raised() -> Iterator[tuple[str, str]]:
    """Every code that is written out where an error is made, with the file it stands in."""
    for path in [*PACKAGE.rglob("*.py"), *FUNCTIONS.rglob("handler.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISED:
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield first.value, path.name


def test_every_class_of_error_has_a_status() -> None:
    assert set(leaves(errors.OpenMasError)) == set(STATUS)


def test_every_code_has_a_title() -> None:
    homeless = {(code, name) for code, name in codes_raised() if code not in TITLES and code not in REASONS}

    assert homeless == set()


def test_no_title_stands_for_a_code_that_nobody_raises() -> None:
    raised = {code for code, _ in codes_raised()}
    said_elsewhere = {"body_invalid", "query_invalid", "internal"}

    assert set(TITLES) - raised - said_elsewhere == set()
    assert set(STATUS_OF_CODE) <= set(TITLES)
    assert not set(TITLES) & set(REASONS)


@pytest.mark.parametrize("code", sorted({*TITLES, *REASONS}))
def test_a_code_is_one_stable_word_and_its_title_a_sentence(code: str) -> None:
    said = problem(InvalidInput(code, "…"), "r-1")

    assert re.fullmatch(r"[a-z][a-z_]+", code)
    assert said.document["title"] != problem(InvalidInput("unheard_of", "…"), "r-1").document["title"]


def test_an_error_without_a_class_of_its_own_is_ours() -> None:
    assert status_of(OpenMasError("whatever", "…")) == 500


def test_a_flood_of_faults_is_cut() -> None:
    faults = tuple(Fault(f"/recipients/{n}", "not a text") for n in range(5_000))

    said = problem(InvalidInput("body_invalid", "…", None, faults), "r-1")

    told = said.document["errors"]
    assert isinstance(told, list)
    assert len(told) == FAULTS_MAX
