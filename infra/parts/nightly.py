"""What happens by the clock: the night's reconciliation and the minute's sweep."""

from __future__ import annotations

import json

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from infra.parts.function import PlatformFunction
from infra.parts.work_queue import DeadLetters


class Nightly(Construct):
    """Schedules with one role each, retries, and one queue for the calls that came to nothing."""

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        self.dead_letters = DeadLetters(self, "DeadLetters")

    def every_night(self, function: PlatformFunction) -> None:
        """At 02:30 in Shanghai, when the day before has ended and its late receipts are in."""
        self._schedule("Night", "cron(30 2 * * ? *)", function, retries=10, within_s=3_600)

    def every_minute(self, function: PlatformFunction) -> None:
        """A minute that was missed is not repeated: the next one does its work."""
        self._schedule("Sweep", "rate(1 minute)", function, retries=0, within_s=60)

    def _schedule(
        self, name: str, expression: str, function: PlatformFunction, *, retries: int, within_s: int
    ) -> None:
        # The function's own retries end with the schedule's patience; then the event is a dead letter.
        function.function.configure_async_invoke(
            retry_attempts=min(retries, 2), max_event_age=Duration.seconds(within_s)
        )
        scheduler.CfnSchedule(
            self,
            name,
            schedule_expression=expression,
            schedule_expression_timezone="Asia/Shanghai",
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=function.function.function_arn,
                role_arn=self._role(name, function).role_arn,
                input=json.dumps({name.lower(): True}),
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_retry_attempts=retries, maximum_event_age_in_seconds=within_s
                ),
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(
                    arn=self.dead_letters.queue_arn
                ),
            ),
        )

    def _role(self, name: str, function: PlatformFunction) -> iam.Role:
        ours = {"StringEquals": {"aws:SourceAccount": Stack.of(self).account}}
        role = iam.Role(
            self, f"{name}Role", assumed_by=iam.ServicePrincipal("scheduler.amazonaws.com", conditions=ours)
        )
        may = {
            "lambda:InvokeFunction": function.function.function_arn,
            "sqs:SendMessage": self.dead_letters.queue_arn,
        }
        for action, resource in may.items():
            role.add_to_policy(iam.PolicyStatement(actions=[action], resources=[resource]))
        return role
