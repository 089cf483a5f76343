"""One function of the platform.

What it may touch and what its environment names are given together, so neither can outgrow the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aws_cdk import Aws, Duration, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.environment import Environment
from infra.parts.acknowledge import acknowledge
from infra.parts.files import files_bucket
from infra.parts.layers import NOT_CODE, ROOT, PlatformLayers, architecture_of

FUNCTIONS = ROOT / "functions"


class FolderMissing(Exception):
    """A function that is to be deployed has no code."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What all functions of one deployment share."""

    environment: Environment
    layers: PlatformLayers
    platform_url: str


class PlatformFunction(Construct):
    """The function in `functions/<name>`, with a log group and a role of its own.

    Raises: FolderMissing.
    """

    def __init__(
        self,
        scope: Construct,
        name: str,
        setting: Setting,
        *,
        memory_mb: int,
        timeout_s: int,
        dead_letters: sqs.IQueue | None = None,
    ) -> None:
        super().__init__(scope, "".join(word.capitalize() for word in name.split("_")))
        self.name = name
        self.timeout_s = timeout_s
        self._setting = setting
        self._logs = self._log_group()
        self.role = self._role()
        self.function = self._function(memory_mb, dead_letters)
        self._acknowledge()

    def _log_group(self) -> logs.LogGroup:
        days = self._setting.environment.log_retention_days
        return logs.LogGroup(
            self,
            "Logs",
            log_group_name=f"/aws/lambda/{self._full_name}",
            retention=_RETENTION[days],
            removal_policy=RemovalPolicy.DESTROY,
        )

    def _role(self) -> iam.Role:
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description=f"What {self.name} may touch, and nothing else.",
        )
        self._logs.grant_write(role)
        return role

    def _function(self, memory_mb: int, dead_letters: sqs.IQueue | None) -> lambda_.Function:
        environment = self._setting.environment
        tracing = (
            lambda_.Tracing.ACTIVE if environment.partition.function_tracing else lambda_.Tracing.DISABLED
        )
        return lambda_.Function(
            self,
            "Function",
            function_name=self._full_name,
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=architecture_of(environment),
            handler="handler.handle",
            code=lambda_.Code.from_asset(str(self._folder()), exclude=NOT_CODE),
            layers=self._setting.layers.both,
            memory_size=memory_mb,
            timeout=Duration.seconds(self.timeout_s),
            role=self.role,
            log_group=self._logs,
            logging_format=lambda_.LoggingFormat.JSON,
            tracing=tracing,
            dead_letter_queue=dead_letters,
            environment=self._told_at_first(),
        )

    def _told_at_first(self) -> dict[str, str]:
        environment = self._setting.environment
        counting = {"OPENMAS_COUNT_CALLS": "1"} if environment.count_calls else {}
        return {
            "OPENMAS_ENVIRONMENT": environment.name,
            "POWERTOOLS_SERVICE_NAME": self.name,
            "POWERTOOLS_METRICS_NAMESPACE": "OpenMAS",
            "PLATFORM_URL": self._setting.platform_url,
            **counting,
        }

    def _folder(self) -> Path:
        folder = FUNCTIONS / self.name
        if not (folder / "handler.py").is_file():
            raise FolderMissing(
                f"The function {self.name} has no functions/{self.name}/handler.py, hence cannot be deployed."
            )
        return folder

    @property
    def _full_name(self) -> str:
        return f"openmas-{self._setting.environment.name}-{self.name}"

    def uses(self, name: str, table: dynamodb.Table, *actions: str) -> None:
        """May do exactly these actions on the table's items."""
        self.told(f"{name.upper()}_TABLE", table.table_name)
        self._may([f"dynamodb:{action}" for action in actions], table.table_arn)

    def queries_index(self, table: dynamodb.Table, index: str) -> None:
        """May query this one index."""
        self._may(["dynamodb:Query"], f"{table.table_arn}/index/{index}")

    def sends_to(self, name: str, queue: sqs.IQueue) -> None:
        """May put records into the queue."""
        self.told(f"{name.upper()}_QUEUE_URL", queue.queue_url)
        # AWS counts a batch as SendMessage; the emulator asks for the name of the call.
        batches = ["sqs:SendMessageBatch"] if self._setting.environment.emulated else []
        self._may(["sqs:SendMessage", *batches], queue.queue_arn)

    def takes_from(self, queue: sqs.IQueue) -> None:
        """May be given records of the queue."""
        self._may(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], queue.queue_arn)

    def reads_secret(self, name: str, arn: str) -> None:
        """May read the secret's current value."""
        self.told(f"{name.upper()}_SECRET_ARN", arn)
        self._may(["secretsmanager:GetSecretValue"], arn)

    def manages_schedules(self, group: str, action: str) -> None:
        """May do this one thing to every schedule of a group."""
        stack = Stack.of(self)
        arn = stack.format_arn(service="scheduler", resource="schedule", resource_name=f"{group}/*")
        self._may([f"scheduler:{action}"], arn)
        of_group = f"scheduler:{self._setting.environment.region}:<AWS::AccountId>:schedule/{group}/*"
        acknowledge(
            self.role,
            f"IAM5[Resource::arn:<AWS::Partition>:{of_group}]",
            "A schedule is named after its batch, and the group holds nothing else.",
        )

    def uses_files(self, **actions: tuple[str, ...]) -> None:
        """May do these things to the files of each kind; a kind is the first part of their keys."""
        environment = self._setting.environment
        bucket = files_bucket(environment)
        self.told("FILES_BUCKET", bucket)
        for kind, acts in actions.items():
            self._may([f"s3:{act}" for act in acts], f"arn:{Aws.PARTITION}:s3:::{bucket}/{kind}/*")
            named = f"openmas-{environment.name}-files-<AWS::AccountId>-{environment.region}/{kind}/*"
            acknowledge(
                self.role,
                f"IAM5[Resource::arn:<AWS::Partition>:s3:::{named}]",
                "Files are named after clients and batches, and nothing else is of this kind.",
            )

    def passes_role(self, role: iam.Role, service: str) -> None:
        """May hand this one role to this one service."""
        to_it = {"StringEquals": {"iam:PassedToService": service}}
        statement = iam.PolicyStatement(actions=["iam:PassRole"], resources=[role.role_arn], conditions=to_it)
        self.role.add_to_principal_policy(statement)

    def told(self, variable: str, value: str) -> None:
        """Has a variable of its environment say something."""
        self.function.add_environment(variable, value)

    def _may(self, actions: list[str], resource: str) -> None:
        self.role.add_to_principal_policy(iam.PolicyStatement(actions=actions, resources=[resource]))

    def _acknowledge(self) -> None:
        if self._setting.environment.partition.function_tracing:
            acknowledge(
                self.role,
                "IAM5[Resource::*]",
                "X-Ray's PutTraceSegments and PutTelemetryRecords know no resources.",
            )
        acknowledge(
            self.function,
            "L1",
            "The dependencies are locked and measured for Python 3.13; 3.14 comes with a lock of its own.",
        )


_RETENTION = {
    1: logs.RetentionDays.ONE_DAY,
    14: logs.RetentionDays.TWO_WEEKS,
    180: logs.RetentionDays.SIX_MONTHS,
}


def retention_of(environment: Environment) -> logs.RetentionDays:
    return _RETENTION[environment.log_retention_days]
