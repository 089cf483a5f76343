"""What each function's cold start loads, found out in a process of its own."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STARTED_AT_ONCE = 4
FUNCTIONS = sorted(path.parent.name for path in ROOT.glob("functions/*/handler.py"))

# What a cold start must not load, but where the budget says so; the design measured pydantic at 63 ms and the
# HTTP resolver at far more.
HEAVY = {
    *("pydantic", "pydantic_settings", "aws_xray_sdk", "aws_lambda_powertools.event_handler", "requests"),
    # Loaded with the operator's words, when a text is first looked through.
    "ahocorasick_rs",
}
HTTP = {"pydantic", "aws_lambda_powertools.event_handler"}
# Those that answer people; a worker or a webhook loads none of it.
BUDGET = {
    name: HTTP for name in FUNCTIONS if "edge.http" in (ROOT / "functions" / name / "handler.py").read_text()
}


@pytest.fixture(scope="module")
def loaded() -> dict[str, set[str]]:
    """The modules that each function's cold start loads, found out in processes of their own."""
    with ThreadPoolExecutor(STARTED_AT_ONCE) as threads:
        return dict(zip(FUNCTIONS, threads.map(_loaded, FUNCTIONS), strict=True))


def _loaded(name: str) -> set[str]:
    done = subprocess.run(_cold_start(name), cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    return set(done.stdout.split())


def _cold_start(name: str) -> list[str]:
    paths = [f"functions/{name}", "layers/openmas/python"]
    return [sys.executable, "-c", f"import sys; sys.path[:0] = {paths}; import handler; print(*sys.modules)"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_cold_start_stays_within_its_import_budget(name: str, loaded: dict[str, set[str]]) -> None:
    assert "openmas.adapters.world" in loaded[name]
    assert HEAVY & loaded[name] <= BUDGET.get(name, set())
