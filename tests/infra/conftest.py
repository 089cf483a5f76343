"""Every environment is synthesised once for the whole session, without the layers' packages."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from infra.app import add_stacks
from infra.environment import Environment, environment_from

ROOT = Path(__file__).parents[2]
CONTEXT: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
ISSUER = {"issuer": "https://id.example.com", "audience": "openmas"}
ASKED: dict[str, dict[str, str]] = {"local": {"port": "4699"}, "prod": {}, "prod-cn": ISSUER}

Resource = dict[str, Any]


@dataclass(frozen=True)
class Synthesised:
    """The two templates of one environment, and what was found in them."""

    environment: Environment
    folder: Path
    data: dict[str, Any]
    platform: dict[str, Any]
    findings: list[Any]

    @property
    def paths(self) -> list[Path]:
        return sorted(self.folder.glob("*.template.json"))

    def all(self, kind: str) -> dict[str, Resource]:
        """The resources of one kind in both stacks, by logical id, each with its properties only."""
        both = {**self.data["Resources"], **self.platform["Resources"]}
        return {name: each["Properties"] for name, each in both.items() if each["Type"] == kind}

    def functions(self) -> dict[str, Resource]:
        """The functions by the name of their folder."""
        made = self.all("AWS::Lambda::Function").values()
        return {each["FunctionName"].removeprefix(f"openmas-{self.environment.name}-"): each for each in made}

    def statements(self) -> dict[str, list[Resource]]:
        """What each role may do, by the role's logical id."""
        granted: dict[str, list[Resource]] = {}
        for policy in self.all("AWS::IAM::Policy").values():
            for role in policy["Roles"]:
                granted.setdefault(role["Ref"], []).extend(policy["PolicyDocument"]["Statement"])
        return granted


Synthesise = Callable[[str], Synthesised]


@pytest.fixture(scope="session")
def synthesise(tmp_path_factory: pytest.TempPathFactory) -> Synthesise:
    return cache(lambda name: _synthesised(name, tmp_path_factory.mktemp(name)))


def _synthesised(name: str, folder: Path) -> Synthesised:
    environment = environment_from({"environment": name, **ASKED[name]}.get)
    app = App(outdir=str(folder), context={**CONTEXT, "aws:cdk:bundling-stacks": []})
    data, platform = add_stacks(app, environment)
    app.synth()
    templates = [json.loads((folder / stack.template_file).read_text()) for stack in (data, platform)]
    report = json.loads((folder / "validation-report.json").read_text())
    return Synthesised(environment, folder, templates[0], templates[1], report["pluginReports"])


@pytest.fixture(scope="session", params=list(ASKED))
def made(request: pytest.FixtureRequest, synthesise: Synthesise) -> Synthesised:
    """One environment after the other."""
    return synthesise(request.param)


@pytest.fixture(scope="session")
def prod(synthesise: Synthesise) -> Synthesised:
    return synthesise("prod")
