"""One-time schedules that the platform itself makes: one for each batch that waits for its time."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from infra.environment import Environment
from infra.parts.function import PlatformFunction
from infra.parts.work_queue import WorkQueue


class Releases(Construct):
    """A group of schedules, the queue that they fill, and the one role in which they may do so."""

    def __init__(self, scope: Construct, name: str, environment: Environment, filled: WorkQueue) -> None:
        super().__init__(scope, name)
        self._queue = filled.queue
        name = f"openmas-{environment.name}"
        self._group = scheduler.CfnScheduleGroup(self, "Group", name=name)
        # The emulator asks for a right as if every schedule were in the group `default`.
        self._group_granted = "default" if environment.emulated else name
        self._role = self._filling_role()

    def planned_by(self, function: PlatformFunction) -> None:
        """The function may make schedules of this group, which fill this queue in this role."""
        function.told("SCHEDULE_GROUP", self._group.ref)
        function.told("RELEASE_QUEUE_ARN", self._queue.queue_arn)
        function.told("SCHEDULE_ROLE_ARN", self._role.role_arn)
        function.manages_schedules(self._group_granted, "CreateSchedule")
        function.passes_role(self._role, "scheduler.amazonaws.com")

    def dropped_by(self, function: PlatformFunction) -> None:
        """The function may take schedules of this group away."""
        function.told("SCHEDULE_GROUP", self._group.ref)
        function.manages_schedules(self._group_granted, "DeleteSchedule")

    def _filling_role(self) -> iam.Role:
        ours = {"aws:SourceAccount": Stack.of(self).account, "aws:SourceArn": self._group.attr_arn}
        trusted = iam.ServicePrincipal("scheduler.amazonaws.com", conditions={"StringEquals": ours})
        role = iam.Role(self, "Role", assumed_by=trusted)
        fills = iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[self._queue.queue_arn])
        role.add_to_policy(fills)
        return role
