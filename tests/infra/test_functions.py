"""The functions: each as it should be, with a role that does what its environment names and nothing more."""

import json
import re
import subprocess
import sys
from typing import Any

import pytest
from aws_cdk import App, Stack

from infra.environment import ENVIRONMENTS
from infra.parts.function import FUNCTIONS, FolderMissing, PlatformFunction, Setting
from infra.parts.layers import PlatformLayers, build_dependencies
from tests.infra.conftest import CONTEXT, ROOT, Synthesised

SEND, SECRET = "sqs:SendMessage", "secretsmanager:GetSecretValue"
READ_ONE, READ_SOME, FIND = "dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"
PUT, ADD, DROP = "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"
WRITE_SOME = "dynamodb:BatchWriteItem"
CARRIERS = {"SEAL_SECRET_ARN": {SECRET}, "CARRIERS_SECRET_ARN": {SECRET}}
CUT = {"CUT_QUEUE_URL": {SEND}}
WORK = {"URGENT_QUEUE_URL": {SEND}, "BULK_QUEUE_URL": {SEND}}
RECEIPTS = {"RECEIPTS_QUEUE_URL": {SEND}}
# What each function is told of, and what it may do there.
MAY: dict[str, dict[str, set[str]]] = {
    "submit_batches": {
        "REGISTRY_TABLE": {FIND},
        "LISTS_TABLE": {READ_ONE, READ_SOME},
        "MESSAGES_TABLE": {READ_ONE, READ_SOME, FIND, PUT, ADD},
        "LEDGER_TABLE": {READ_ONE, ADD, FIND},
        "CASES_TABLE": {PUT},
        **WORK,
        "SCHEDULE_GROUP": {"scheduler:CreateSchedule"},
        "SCHEDULE_ROLE_ARN": {"iam:PassRole"},
        "RELEASE_QUEUE_ARN": set(),
        "FILES_BUCKET": {"s3:GetObject"},
        **CUT,
    },
    "cancel_batches": {
        "REGISTRY_TABLE": {FIND},
        "MESSAGES_TABLE": {READ_ONE, READ_SOME, FIND, PUT, ADD},
        "CASES_TABLE": {READ_ONE, PUT},
        "LEDGER_TABLE": {READ_ONE, ADD},
        "SCHEDULE_GROUP": {"scheduler:DeleteSchedule"},
        "RELEASE_QUEUE_URL": {SEND},
    },
    "release_batches": {
        "MESSAGES_TABLE": {READ_ONE, READ_SOME, FIND, PUT, ADD},
        "LEDGER_TABLE": {READ_ONE, ADD},
        "RELEASE_QUEUE_URL": {SEND},
        **CUT,
        **WORK,
    },
    "cut_files": {
        "REGISTRY_TABLE": {FIND},
        "MESSAGES_TABLE": {READ_ONE, READ_SOME, FIND, PUT, ADD},
        "LEDGER_TABLE": {READ_ONE, ADD, FIND},
        "CASES_TABLE": {READ_ONE, PUT},
        "LISTS_TABLE": {READ_ONE, READ_SOME},
        "FILES_BUCKET": {"s3:GetObject", "s3:PutObject"},
        **CUT,
        **WORK,
    },
    "read_messages": {
        "REGISTRY_TABLE": {FIND},
        "MESSAGES_TABLE": {READ_ONE, FIND},
        "LEDGER_TABLE": {FIND},
        "SEAL_SECRET_ARN": {SECRET},
    },
    "read_decisions": {
        "REGISTRY_TABLE": {FIND},
        "MESSAGES_TABLE": {READ_ONE, FIND},
        "FILES_BUCKET": {"s3:GetObject"},
        "SEAL_SECRET_ARN": {SECRET},
    },
    "keep_lists": {
        "REGISTRY_TABLE": {FIND},
        "LISTS_TABLE": {READ_ONE, READ_SOME, FIND, PUT, WRITE_SOME},
        "SEAL_SECRET_ARN": {SECRET},
    },
    "check_lists": {
        "REGISTRY_TABLE": {FIND},
        "LISTS_TABLE": {READ_ONE, READ_SOME, FIND, PUT, WRITE_SOME},
        "SEAL_SECRET_ARN": {SECRET},
    },
    "order_transfers": {
        "REGISTRY_TABLE": {FIND},
        "LISTS_TABLE": {READ_ONE, PUT},
        "FILES_BUCKET": {"s3:GetObject", "s3:PutObject"},
        "TRANSFER_QUEUE_URL": {SEND},
    },
    "transfer_lists": {
        "LISTS_TABLE": {READ_ONE, READ_SOME, PUT, WRITE_SOME},
        "FILES_BUCKET": {"s3:GetObject", "s3:PutObject"},
    },
    "keep_contracts": {"REGISTRY_TABLE": {READ_ONE, FIND, PUT, DROP}, "CARRIERS_SECRET_ARN": {SECRET}},
    "activate_contracts": {"REGISTRY_TABLE": {READ_ONE, FIND, PUT}},
    "keep_cases": {"CASES_TABLE": {READ_ONE, READ_SOME, PUT}, "SEAL_SECRET_ARN": {SECRET}},
    "review_content": {
        "REGISTRY_TABLE": {FIND},
        "MESSAGES_TABLE": {READ_ONE, PUT, FIND},
        "CASES_TABLE": {READ_ONE, PUT, FIND},
        "FILES_BUCKET": {"s3:GetObject"},
        "RELEASE_QUEUE_URL": {SEND},
    },
    "keep_addresses": {"REGISTRY_TABLE": {FIND, PUT}, "SEAL_SECRET_ARN": {SECRET}},
    "keep_words": {"REGISTRY_TABLE": {FIND, PUT, WRITE_SOME}, "SEAL_SECRET_ARN": {SECRET}},
    "handle_complaints": {
        "REGISTRY_TABLE": {FIND, PUT},
        "MESSAGES_TABLE": {READ_ONE, FIND},
        "LEDGER_TABLE": {FIND},
        "CASES_TABLE": {READ_ONE, PUT, FIND},
    },
    "keep_measures": {
        "REGISTRY_TABLE": {FIND, PUT},
        "CASES_TABLE": {READ_ONE, PUT},
        "RELEASE_QUEUE_URL": {SEND},
    },
    "keep_ports": {"REGISTRY_TABLE": {READ_ONE, FIND, PUT}, "RELEASE_QUEUE_URL": {SEND}},
    "keep_signatures": {"REGISTRY_TABLE": {FIND, PUT}, "CASES_TABLE": {READ_ONE, PUT}},
    "keep_templates": {"REGISTRY_TABLE": {FIND, PUT}, "CASES_TABLE": {READ_ONE, PUT}},
    "send_parcels": {
        "REGISTRY_TABLE": {FIND},
        "LISTS_TABLE": {READ_ONE, READ_SOME},
        "LEDGER_TABLE": {READ_ONE, ADD},
        "MESSAGES_TABLE": {READ_ONE, READ_SOME, FIND, PUT, ADD},
        **WORK,
        **CARRIERS,
    },
    "take_receipts": {**RECEIPTS, **CARRIERS},
    "settle_receipts": {
        "REGISTRY_TABLE": {READ_ONE, FIND},
        "MESSAGES_TABLE": {READ_ONE, PUT},
        "LISTS_TABLE": {READ_ONE, READ_SOME, FIND, PUT, WRITE_SOME},
        "LEDGER_TABLE": {READ_ONE, ADD, PUT},
        **RECEIPTS,
    },
    "sweep_parcels": {
        "MESSAGES_TABLE": {READ_ONE, READ_SOME, FIND, PUT, ADD},
        "CASES_TABLE": {READ_ONE, PUT},
        "LEDGER_TABLE": {READ_ONE, ADD},
        **CUT,
        **WORK,
        **CARRIERS,
    },
    "reconcile_billing": {
        "REGISTRY_TABLE": {FIND},
        "MESSAGES_TABLE": {READ_ONE, PUT, FIND},
        "LEDGER_TABLE": {READ_ONE, ADD, PUT, FIND},
        "CASES_TABLE": {READ_ONE, PUT},
        "NIGHT_QUEUE_URL": {SEND},
    },
    "sandbox_carrier": {"SEAL_SECRET_ARN": {SECRET}, "SANDBOX_QUEUE_URL": {SEND}},
}
CONSUMING = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
TRACING = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
OWN = {"logs:CreateLogStream", "logs:PutLogEvents"} | TRACING
TAKES_FROM = {
    "send_parcels": {"UrgentQueue", "BulkQueue"},
    "release_batches": {"ReleaseQueue"},
    "cut_files": {"CutQueue"},
    "transfer_lists": {"TransferQueue"},
    "settle_receipts": {"ReceiptsQueue"},
    "reconcile_billing": {"NightQueue"},
    "sandbox_carrier": {"SandboxQueue"},
}
EVERYONE = {"OPENMAS_ENVIRONMENT", "POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "PLATFORM_URL"}
SIZES = {
    # Ten records, each with a carrier that takes its full 15 s to fail.
    "send_parcels": (512, 240),
    "submit_batches": (1769, 29),
    # A hundred thousand words are read, packed and written within one request.
    "keep_words": (1769, 29),
    "settle_receipts": (1769, 60),
    "transfer_lists": (1769, 900),
    "reconcile_billing": (1769, 900),
    "sandbox_carrier": (256, 30),
    "cut_files": (1769, 900),
}
WORKERS = {"send_parcels", "sweep_parcels", "release_batches"}


def kept_in(value: object) -> str:
    """The kept or queued thing that a value of a template points at, whether by its name, address or ARN."""
    text = json.dumps(value)
    if "-files-" in text:
        return "the bucket of files"
    if "scheduler" in text or "ReleasesGroup" in text:
        return "the group of schedules"
    named = r"(Registry|Lists|Messages|Ledger|Cases|Seal|Carriers|ReleasesRole|[A-Z][a-z]+Queue)[0-9A-F]{8}"
    found = re.search(named, text)
    return found.group(1) if found else text


def grants(made: Synthesised, function: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Action, thing and resource of all that the function's role may do."""
    role = function["Role"]["Fn::GetAtt"][0]
    return [
        (action, kept_in(resource), json.dumps(resource))
        for statement in made.statements()[role]
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    ]


def listed(one_or_more: Any) -> list[Any]:
    return one_or_more if isinstance(one_or_more, list) else [one_or_more]


def test_every_folder_is_a_function_and_every_function_a_folder(made: Synthesised) -> None:
    assert set(made.functions()) == {path.parent.name for path in FUNCTIONS.glob("*/handler.py")} == set(MAY)


def test_every_function_is_made_alike(made: Synthesised) -> None:
    environment = made.environment
    for name, function in made.functions().items():
        memory_mb, timeout_s = SIZES.get(name, (512, 60) if name in WORKERS else (1024, 29))
        assert function["Runtime"] == "python3.13"
        assert function["Handler"] == "handler.handle"
        assert function["Architectures"] == [environment.architecture]
        assert function["LoggingConfig"]["LogFormat"] == "JSON"
        assert len(function["Layers"]) == 2
        assert (function["MemorySize"], function["Timeout"]) == (memory_mb, timeout_s)
        assert ("TracingConfig" in function) is environment.partition.function_tracing
        assert function["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"] == name


@pytest.mark.parametrize("name", MAY)
def test_a_function_may_do_to_what_it_is_told_of_exactly_what_it_needs(name: str, made: Synthesised) -> None:
    function = made.functions()[name]
    told = function["Environment"]["Variables"]
    where = {variable: kept_in(value) for variable, value in told.items() if variable not in EVERYONE}
    wanted = {(action, where[variable]) for variable, actions in MAY[name].items() for action in actions}
    wanted |= {(action, queue) for queue in TAKES_FROM.get(name, ()) for action in CONSUMING}
    if made.environment.emulated:
        wanted |= {(f"{SEND}Batch", thing) for action, thing in wanted if action == SEND}

    granted = {
        (action, thing)
        for action, thing, resource in grants(made, function)
        if action not in OWN and "DeadLetters" not in resource and "/index/" not in resource
    }

    assert set(where) == set(MAY[name])
    assert granted == wanted


def test_only_who_comes_by_the_clock_leaves_dead_letters_and_logs_are_each_functions_own(
    made: Synthesised,
) -> None:
    for name, function in made.functions().items():
        by_the_clock = name in ("sweep_parcels", "reconcile_billing")
        camel = "".join(word.capitalize() for word in name.split("_"))

        rest = [(action, resource) for action, _, resource in grants(made, function)]

        assert any("DeadLetters" in resource for _, resource in rest) is by_the_clock
        assert all(f"{camel}Logs" in resource for action, resource in rest if action.startswith("logs:"))
        assert all(action == SEND for action, resource in rest if "DeadLetters" in resource)


def test_only_the_sweep_and_releases_ask_for_open_parcels_and_only_who_keeps_them_for_open_cases(
    made: Synthesised,
) -> None:
    indexes = {
        name: [
            (action, re.findall(r"/index/(\w+)", resource)) for action, _, resource in grants(made, function)
        ]
        for name, function in made.functions().items()
    }

    asking = {name: [each for each in found if each[1]] for name, found in indexes.items()}

    assert {name: found for name, found in asking.items() if found} == {
        "release_batches": [(FIND, ["due"])],
        "sweep_parcels": [(FIND, ["due"])],
        "keep_cases": [(FIND, ["open"])],
    }


def test_no_role_has_a_wildcard_but_for_its_own_schedules_and_files_and_for_traces_which_know_no_resources(
    made: Synthesised,
) -> None:
    environment = made.environment
    group = "default" if environment.emulated else f"openmas-{environment.name}"
    for statements in made.statements().values():
        for statement in statements:
            actions = listed(statement["Action"])
            assert not any("*" in action for action in actions)
            if set(actions) <= {"scheduler:CreateSchedule", "scheduler:DeleteSchedule"}:
                # The group holds nothing but the platform's own one-time schedules.
                assert json.dumps(statement["Resource"]).count("*") == 1
                assert f':schedule/{group}/*"' in json.dumps(statement["Resource"])
            elif set(actions) <= {"s3:GetObject", "s3:PutObject"}:
                for resource in map(json.dumps, listed(statement["Resource"])):
                    assert resource.count("*") == 1
                    assert re.search(r'/(uploads|parts|faults|exports)/\*"', resource)
            elif "*" in json.dumps(statement["Resource"]):
                assert set(actions) == TRACING
                assert statement["Resource"] == "*"
    for role in made.all("AWS::IAM::Role").values():
        assert "ManagedPolicyArns" not in role


def test_only_the_scheduler_takes_on_the_role_that_fills_the_release_queue_and_only_for_our_group(
    made: Synthesised,
) -> None:
    (role,) = (each for name, each in made.all("AWS::IAM::Role").items() if name.startswith("ReleasesRole"))
    (group,) = made.all("AWS::Scheduler::ScheduleGroup").items()
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    passed = [
        statement
        for statements in made.statements().values()
        for statement in statements
        if statement["Action"] == "iam:PassRole"
    ]

    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {
        "aws:SourceAccount": {"Ref": "AWS::AccountId"},
        "aws:SourceArn": {"Fn::GetAtt": [group[0], "Arn"]},
    }
    assert group[1]["Name"] == f"openmas-{made.environment.name}"
    to_it = {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}
    assert [each["Condition"] for each in passed] == [to_it]


def test_every_log_goes_after_its_time(made: Synthesised) -> None:
    groups = made.all("AWS::Logs::LogGroup").values()

    assert {group["RetentionInDays"] for group in groups} == {made.environment.log_retention_days}
    assert len(groups) == len(MAY) + 1


def test_production_logs_outlive_the_five_months_that_the_law_asks_for() -> None:
    for name in ("prod", "prod-cn"):
        assert ENVIRONMENTS[name].log_retention_days >= 150


def test_a_function_without_code_is_one_clear_sentence() -> None:
    stack = Stack(App(context={**CONTEXT, "aws:cdk:bundling-stacks": []}), "Stack")
    local = ENVIRONMENTS["local"]
    setting = Setting(local, PlatformLayers(stack, "Layers", local), "http://127.0.0.1")

    with pytest.raises(FolderMissing, match=r"^The function fly_kites has no functions/fly_kites/handler.py"):
        PlatformFunction(stack, "fly_kites", setting, memory_mb=128, timeout_s=1)


def test_every_handler_loads_from_the_layers_alone() -> None:
    layers = [build_dependencies("local") / "python", ROOT / "layers" / "openmas" / "python"]
    loads = "import runpy, sys; sys.path[:0] = sys.argv[2:]; runpy.run_path(sys.argv[1])"

    for name in MAY:
        code = str(FUNCTIONS / name / "handler.py")
        # -S: nothing of the virtualenv is there, as on Lambda.
        command = [sys.executable, "-S", "-c", loads, code, *map(str, layers)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
