"""The README's tables say what the code says."""

import ast
import re
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
