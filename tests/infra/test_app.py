"""The app as a whole: environments, the other partition, and what the checkers say."""

import json
import re
import subprocess
import sys
from dataclasses import astuple
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack, Validations
from aws_cdk.aws_sqs import Queue
from cdk_nag import AwsSolutionsChecks

from infra.environment import ENVIRONMENTS, Environment, Unusable, environment_from
from tests.infra.conftest import ISSUER, Synthesise, Synthesised

LIMITS = {
    "urgent": 60,
    "bulk": 900,
    "receipts": 300,
    "release": 300,
    "cut": 900,
    "transfer": 900,
    "night": 7200,
}

NO_POOLS = "as AWS's China regions have no Cognito user pools"


def chosen(**context: str) -> Environment:
    return environment_from(context.get)


def test_cdk_nag_finds_nothing_that_has_no_reason(made: Synthesised) -> None:
    assert made.findings == []


def test_a_finding_without_a_reason_ends_the_synthesis() -> None:
    app = App()
    Queue(Stack(app, "Stack"), "WithoutDeadLetters")
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))

    with pytest.raises(RuntimeError, match=r"ValidationFailed[\s\S]*AwsSolutions-SQS3"):
        app.synth()


def test_cfn_lint_finds_nothing(made: Synthesised) -> None:
    # The CDK writes what a reference implies (W3005); the emulator names actions of its own (W3037).
    program = Path(sys.executable).with_name("cfn-lint")
    ignored = ["W3005", *(["W3037"] if made.environment.emulated else [])]
    asked = ["--regions", made.environment.region, "--ignore-checks", *ignored]
    command = [str(program), *asked, "--", *map(str, made.paths)]

    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stdout


def test_china_has_its_own_names_and_does_without_what_is_not_there(synthesise: Synthesise) -> None:
    made = synthesise("prod-cn")
    text = json.dumps([made.data, made.platform])
    hosts = set(re.findall(r"[\w.-]*amazonaws\.com[\w.]*", text))

    assert made.environment.region == "cn-north-1"
    assert not re.search(r"arn:aws\b", text)
    assert "Cognito" not in text
    assert "xray" not in text
    # Service principals have the same names in every partition.
    principals = ("lambda", "scheduler", "apigateway", "cloudwatch")
    assert hosts <= {f"{name}.amazonaws.com" for name in principals}


@pytest.mark.parametrize(
    ("context", "sentence"),
    [
        (
            {"environment": "moon"},
            "There is no environment moon; choose one with -c environment=: local, dev, prod, prod-cn.",
        ),
        (
            {"environment": "prod-cn"},
            f"prod-cn needs an issuer of operators' tokens, {NO_POOLS}: -c issuer=https://… -c audience=…",
        ),
        (
            {"environment": "prod", "issuer": "https://id.example.com"},
            "An issuer of operators' tokens and its audience go together: -c issuer=https://… -c audience=…",
        ),
        (
            {"environment": "prod", "region": "cn-northwest-1"},
            "The region cn-northwest-1 is not in the partition aws of prod.",
        ),
        ({"architecture": "mips"}, "Lambda has no architecture mips; choose one of arm64, x86_64."),
        ({"port": "eighty"}, "A port is a number from 1 to 65535, not eighty."),
    ],
)
def test_what_cannot_be_deployed_is_one_clear_sentence(context: dict[str, str], sentence: str) -> None:
    with pytest.raises(Unusable) as refused:
        chosen(**context)

    assert str(refused.value) == sentence


def test_without_a_word_the_environment_is_local_on_the_emulators_port() -> None:
    assert chosen().platform_url == "http://127.0.0.1:4566/_aws/execute-api/openmas/$default"
    assert chosen(port="4700").platform_url == "http://127.0.0.1:4700/_aws/execute-api/openmas/$default"


def test_the_context_may_move_an_environment_within_its_partition() -> None:
    moved = chosen(environment="prod-cn", region="cn-northwest-1", architecture="x86_64", **ISSUER)

    assert (moved.region, moved.architecture, moved.layer_target) == (
        "cn-northwest-1",
        "x86_64",
        "lambda-x86_64",
    )


def test_caps_are_such_as_aws_takes() -> None:
    for environment in ENVIRONMENTS.values():
        caps = environment.caps
        assert min(astuple(caps)) >= 2


def alarms(made: Synthesised) -> dict[str, dict[str, Any]]:
    return {
        re.sub(r"^Watch|[0-9A-F]{8}$", "", key): each
        for key, each in made.all("AWS::CloudWatch::Alarm").items()
    }


def test_every_alarm_tells_somebody_why(made: Synthesised) -> None:
    for alarm in alarms(made).values():
        assert len(alarm["AlarmActions"]) == 1
        assert alarm["AlarmDescription"].endswith(".")


def test_the_alarms_have_the_numbers_of_the_design(made: Synthesised) -> None:
    found = {name: (each["Threshold"], each["ComparisonOperator"]) for name, each in alarms(made).items()}
    above = "GreaterThanThreshold"

    for name, limit_s in LIMITS.items():
        assert found[f"{name.capitalize()}QueueAge"] == (limit_s, above)
    for name in ("Urgent", "Bulk", "Receipts", "Release", "Cut", "Transfer", "Night", "Sandbox"):
        assert found[f"{name}QueueDeadLetters"] == (0, above)
    assert found["SchedulesDeadLetters"] == (0, above)
    assert found["ApiFaults"] == (5, above)
    for name in ("ParcelsLeftUnknown", "ReceiptsOrphaned", "InboundOrphaned", "BreaksFound"):
        assert found[name] == (0, above)
    assert found["NightNotFinished"] == (1, "LessThanThreshold")
    assert len([name for name in found if name.endswith(("Errors", "Throttles"))]) == 2 * len(
        made.functions()
    )


def test_every_alarm_on_a_metric_of_ours_asks_the_function_that_counts_it(made: Synthesised) -> None:
    ours = {
        each["MetricName"]: each["Dimensions"][0]["Value"]
        for each in alarms(made).values()
        if each["Namespace"] == "OpenMAS"
    }

    assert ours == {
        "ParcelsLeftUnknown": "sweep_parcels",
        "ReceiptsOrphaned": "settle_receipts",
        "InboundOrphaned": "settle_receipts",
        "BreaksFound": "reconcile_billing",
        "StatementsWritten": "reconcile_billing",
    }


def test_a_night_that_says_nothing_is_an_alarm_too(made: Synthesised) -> None:
    night = alarms(made)["NightNotFinished"]

    assert night["TreatMissingData"] == "breaching"
    assert night["EvaluationPeriods"] * night["Period"] == 26 * 3600


def test_there_is_one_dashboard(made: Synthesised) -> None:
    assert len(made.all("AWS::CloudWatch::Dashboard")) == 1
