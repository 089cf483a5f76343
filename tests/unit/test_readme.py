"""The README's tables say what the code says."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from openmas.domain.reasons import REASONS, Reason
from openmas.domain.sandbox import RULES, Rule
from openmas.edge.problems import TITLES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SOURCES = [*(ROOT / "layers/openmas").rglob("*.py"), *(ROOT / "functions").rglob("*.py")]


@cache
def constants_used() -> set[str]:
    """Every constant of the catalogue of reasons that some other module names."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES if path.name != "reasons.py"]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return names | {node.attr for node in nodes if isinstance(node, ast.Attribute)}


@pytest.mark.parametrize("reason", REASONS.values(), ids=lambda reason: reason.code)
def test_every_reason_is_told_with_its_clause_and_used(reason: Reason) -> None:
    row = f"| `{reason.code}` | {reason.clause or '–'} | {reason.en} | {reason.zh} |"

    assert row in README
    assert reason.code.upper() in constants_used()


@pytest.mark.parametrize("code", sorted(TITLES))
def test_every_other_code_is_told(code: str) -> None:
    assert f"`{code}`" in README


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.last_four)
def test_every_magic_number_is_told(rule: Rule) -> None:
    assert f"| `1380013{rule.last_four}` | {rule.meaning} |" in README


def test_every_function_is_told() -> None:
    told = re.findall(r"^\| `([a-z]+_[a-z]+)` \| ", README, flags=re.MULTILINE)

    assert {path.parent.name for path in ROOT.glob("functions/*/handler.py")} <= set(told)


def test_every_metric_is_told() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in SOURCES)

    counted = set(re.findall(r'\bcount\(\s*"(\w+)"', text))

    assert counted
    assert {name for name in counted if f"`{name}`" not in README} == set()


# How many items each part of the agreement has; a chapter without parts has its own items only.
PARTS = {
    "2.1": 16, "2.2": 11, "3.1": 2, "3.2": 6, "4": 3, "5": 5, "6": 4, "7": 3, "8": 2, "10": 3, "11": 14,
    "11.3": 21, "12": 5, "A2": 10, "A3": 8,
}  # fmt: skip
CHAPTERS = {*map(str, range(1, 13)), "A1", "A2", "A3"}
CLAUSE_ROWS = re.findall(
    r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$",
    README.partition("## What each clause does")[2].partition("\n## ")[0],
    flags=re.MULTILINE,
)[1:]


def is_clause(written: str) -> bool:
    """Whether the agreement has a clause of this number."""
    part, _, item = written.rpartition(".")
    if not part or part in {"2", "3"}:
        return written in CHAPTERS | set(PARTS)
    return re.fullmatch("[1-9][0-9]?", item) is not None and int(item) <= PARTS.get(part, 0)


def definitions(module: str) -> set[str]:
    found = (ROOT / "layers/openmas").rglob(f"{module}.py")
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in found]
    kinds = (ast.FunctionDef, ast.ClassDef)
    return {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, kinds)}


@pytest.mark.parametrize(
    ("written", "there"),
    [("2.1.16", True), ("2.1.17", False), ("11.3.21", True), ("11.3.22", False), ("11.15", False),
     ("9", True), ("A2.2", True), ("A2.11", False), ("13", False), ("2.3.1", False), ("3.2.6", True),
     ("", False)],
)  # fmt: skip
def test_the_agreements_numbering_is_known(written: str, there: bool) -> None:
    assert is_clause(written) == there


@pytest.mark.parametrize("row", CLAUSE_ROWS, ids=lambda row: row[0])
def test_a_row_of_the_clause_table_names_clauses_rules_and_tests_that_there_are(
    row: tuple[str, str, str],
) -> None:
    clauses, rules, tests = row

    named = [re.findall(r"`([^`]+)`", column) for column in (rules, tests)]

    assert [each for each in clauses.split(", ") if not is_clause(each)] == []
    assert all(named)
    for place in named[0]:
        module, _, name = place.partition(".")
        assert name in definitions(module), place
    for test in named[1]:
        assert list((ROOT / "tests").rglob(test)), test


@pytest.mark.parametrize("clause", sorted({each.clause for each in REASONS.values() if each.clause}))
def test_every_clause_that_a_refusal_cites_has_a_row(clause: str) -> None:
    assert is_clause(clause)
    assert clause in {each for row in CLAUSE_ROWS for each in row[0].split(", ")}


def test_nothing_is_told_twice_in_one_table() -> None:
    tables = re.findall(r"(?:^\|.*\n)+", README, flags=re.MULTILINE)
    doubled = {
        first
        for table in tables
        for first, count in Counter(row.split(" | ")[0] for row in table.splitlines()).items()
        if count > 1
    }

    # Two things of one service differ in AWS's China regions.
    assert doubled == {"| API Gateway", "| Lambda"}
