"""Two emulators for the whole session: tables and queues for the adapters, and the app as it is deployed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from infra.local.deploy import ACCOUNT, Outputs, deploy
from infra.local.emulator import REGION, Emulator, free_port
from openmas.adapters.items import INDEXES
from openmas.adapters.world import AwsWorld
from openmas.settings import Settings

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

QUEUES = ("urgent", "bulk", "receipts", "release", "cut", "transfer", "night", "sandbox")
FILES_BUCKET = "files-tried"
SCHEDULE_GROUP = "openmas-tried"
SECRETS = {"seal": {"master": "0" * 64}, "carriers": {"north": {"kind": "openmas"}}}


@dataclass(frozen=True)
class Platform:
    """What stands in the emulator: how to reach it, and the environment that a function would have."""

    session: boto3.Session
    environ: dict[str, str]

    def world(self, **more: str) -> AwsWorld:
        """A new world, as a function sees it at a cold start."""
        return AwsWorld(Settings({**self.environ, **more}), self.session)

    def world_without(self, partition: str) -> AwsWorld:
        """A new world in whose registry nothing stands under this key any more."""
        world = self.world()
        table = world._table(self.environ["REGISTRY_TABLE"])
        found = table.query("pk = :pk", {":pk": {"S": partition}})
        table.delete_all([{"pk": item["pk"], "sk": item["sk"]} for item in found])
        return world


def stocked(emulator: Emulator) -> Platform:
    """Everything that the adapters touch is there, empty."""
    session = boto3.Session("test", "test", region_name=REGION)
    environ = {"AWS_ENDPOINT_URL": emulator.url, "PLATFORM_URL": "http://127.0.0.1"}
    dynamodb: DynamoDBClient = session.client("dynamodb", endpoint_url=emulator.url)
    for name in INDEXES:
        create_table(dynamodb, name)
        environ[f"{name.upper()}_TABLE"] = name
    sqs = session.client("sqs", endpoint_url=emulator.url)
    for name in QUEUES:
        environ[f"{name.upper()}_QUEUE_URL"] = sqs.create_queue(QueueName=name)["QueueUrl"]
    environ["RELEASE_QUEUE_ARN"] = sqs.get_queue_attributes(
        QueueUrl=environ["RELEASE_QUEUE_URL"], AttributeNames=["QueueArn"]
    )["Attributes"]["QueueArn"]
    session.client("s3", endpoint_url=emulator.url).create_bucket(Bucket=FILES_BUCKET)
    environ["FILES_BUCKET"] = FILES_BUCKET
    session.client("scheduler", endpoint_url=emulator.url).create_schedule_group(Name=SCHEDULE_GROUP)
    environ["SCHEDULE_GROUP"] = SCHEDULE_GROUP
    environ["SCHEDULE_ROLE_ARN"] = f"arn:aws:iam::{ACCOUNT}:role/nobody-checks-it-here"
    secrets = session.client("secretsmanager", endpoint_url=emulator.url)
    for name, document in SECRETS.items():
        made = secrets.create_secret(Name=name, SecretString=json.dumps(document))
        environ[f"{name.upper()}_SECRET_ARN"] = made["ARN"]
    return Platform(session, environ)


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    with Emulator(port=free_port(), auth=False) as emulator:
        yield stocked(emulator)


@dataclass(frozen=True)
class Deployed:
    """The unchanged app in an emulator that lets nobody do what nobody granted."""

    emulator: Emulator
    outputs: Outputs


@pytest.fixture(scope="session")
def deployed() -> Iterator[Deployed]:
    with Emulator(port=free_port()) as emulator:
        yield Deployed(emulator, deploy(emulator))


def create_table(dynamodb: "DynamoDBClient", name: str) -> None:
    """The table is there, as the items module describes it."""
    kinds = {"pk": "S", "sk": "S"}
    more: dict[str, Any] = {}
    for index in INDEXES[name]:
        kinds |= {index.hash: "S", index.range: index.range_kind}
        more.setdefault("GlobalSecondaryIndexes", []).append(
            {
                "IndexName": index.name,
                "KeySchema": _keys(index.hash, index.range),
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        )
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=_keys("pk", "sk"),
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": kind} for each, kind in kinds.items()],  # type: ignore[typeddict-item]
        **more,
    )


def _keys(hash_name: str, range_name: str) -> Any:
    return [
        {"AttributeName": hash_name, "KeyType": "HASH"},
        {"AttributeName": range_name, "KeyType": "RANGE"},
    ]
