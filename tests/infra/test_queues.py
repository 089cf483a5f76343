"""The queues and schedules: capped, patient, fair, and never losing what failed."""

import json
from typing import Any

import pytest

from tests.infra.conftest import Synthesise, Synthesised

# Worker, records at a time, seconds that a batch is waited for.
FED: dict[str, tuple[str, int, int]] = {
    "urgent": ("send_parcels", 5, 0),
    "bulk": ("send_parcels", 10, 0),
    "receipts": ("settle_receipts", 100, 1),
    "cut": ("cut_files", 1, 0),
    "release": ("release_batches", 1, 0),
    "transfer": ("transfer_lists", 1, 0),
    "night": ("reconcile_billing", 1, 0),
    "sandbox": ("sandbox_carrier", 10, 0),
}


def mappings(made: Synthesised) -> dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """Mapping, queue and worker by the queue's name."""
    queues, functions = made.all("AWS::SQS::Queue"), made.all("AWS::Lambda::Function")
    found = {}
    for key, mapping in made.all("AWS::Lambda::EventSourceMapping").items():
        queue = queues[mapping["EventSourceArn"]["Fn::GetAtt"][0]]
        worker = functions[mapping["FunctionName"]["Ref"]]
        found[key.partition("Queue")[0].lower()] = (mapping, queue, worker)
    return found


def test_every_queue_is_standard_encrypted_and_asks_for_tls(made: Synthesised) -> None:
    queues = made.all("AWS::SQS::Queue")
    refused = [
        each["Queues"][0]["Ref"]
        for each in made.all("AWS::SQS::QueuePolicy").values()
        if any(
            statement["Effect"] == "Deny"
            and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
            for statement in each["PolicyDocument"]["Statement"]
        )
    ]

    # The emulator speaks plain HTTP on loopback, and would hold its callers to the policy.
    assert set(refused) == (set() if made.environment.emulated else set(queues))
    for queue in queues.values():
        assert queue["SqsManagedSseEnabled"] is True
        assert "FifoQueue" not in queue


def test_each_work_queue_feeds_its_worker_within_its_cap(made: Synthesised) -> None:
    fed = mappings(made)

    assert set(fed) == set(FED)
    for name, (mapping, _, worker) in fed.items():
        function, batch, window_s = FED[name]
        assert worker["FunctionName"] == f"openmas-{made.environment.name}-{function}"
        assert (mapping["BatchSize"], mapping["MaximumBatchingWindowInSeconds"]) == (batch, window_s)
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert mapping["ScalingConfig"] == {"MaximumConcurrency": getattr(made.environment.caps, name)}


def test_a_record_stays_hidden_six_times_as_long_as_its_worker_may_take(made: Synthesised) -> None:
    for _, queue, worker in mappings(made).values():
        assert queue["VisibilityTimeout"] == 6 * worker["Timeout"]


def test_what_fails_five_times_is_a_dead_letter_kept_for_two_weeks(made: Synthesised) -> None:
    queues = made.all("AWS::SQS::Queue")

    for _, queue, _ in mappings(made).values():
        redrive = queue["RedrivePolicy"]
        assert redrive["maxReceiveCount"] == 5
        dead = queues[redrive["deadLetterTargetArn"]["Fn::GetAtt"][0]]
        assert dead["MessageRetentionPeriod"] == 14 * 24 * 3600 > queue["MessageRetentionPeriod"]


def test_a_scheduled_function_leaves_a_dead_letter_when_it_gives_up(made: Synthesised) -> None:
    queues = made.all("AWS::SQS::Queue")
    functions = made.functions()
    with_dead_letters = {name for name, each in functions.items() if "DeadLetterConfig" in each}

    assert with_dead_letters == {"sweep_parcels", "reconcile_billing"}
    for schedule in made.all("AWS::Scheduler::Schedule").values():
        assert schedule["Target"]["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0] in queues


def test_the_night_falls_at_half_past_two_in_shanghai_and_the_sweep_comes_every_minute(
    made: Synthesised,
) -> None:
    schedules = made.all("AWS::Scheduler::Schedule")
    night, sweep = (
        next(each for key, each in schedules.items() if name in key) for name in ("Night", "Sweep")
    )

    assert night["ScheduleExpression"] == "cron(30 2 * * ? *)"
    assert night["ScheduleExpressionTimezone"] == "Asia/Shanghai"
    assert json.loads(night["Target"]["Input"]) == {"night": True}
    assert night["Target"]["RetryPolicy"] == {"MaximumRetryAttempts": 10, "MaximumEventAgeInSeconds": 3600}
    assert sweep["ScheduleExpression"] == "rate(1 minute)"
    assert sweep["Target"]["RetryPolicy"] == {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}


@pytest.mark.parametrize("name", ["local", "prod", "prod-cn"])
def test_a_schedule_may_invoke_its_function_and_no_other(name: str, synthesise: Synthesise) -> None:
    made = synthesise(name)

    for schedule in made.all("AWS::Scheduler::Schedule").values():
        role = schedule["Target"]["RoleArn"]["Fn::GetAtt"][0]
        granted = {each["Action"]: each["Resource"] for each in made.statements()[role]}
        dead_letters = schedule["Target"]["DeadLetterConfig"]["Arn"]
        assert granted == {
            "lambda:InvokeFunction": schedule["Target"]["Arn"],
            "sqs:SendMessage": dead_letters,
        }
