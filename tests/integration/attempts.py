"""What may be tried on a table, an index, a queue, a secret or a schedule, none of which comes to anything.

The keys are nobody's, the conditions fail, the values are out of bounds, the tables are kept from deletion.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

GET, BATCH_GET, QUERY = "GetItem", "BatchGetItem", "Query"
PUT, ADD, DELETE, BATCH_WRITE = "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"
Attempt = Callable[[Any, str], object]

KEY = {"pk": {"S": "nobody"}, "sk": {"S": "nothing"}}
NOBODY = {":pk": KEY["pk"]}
FAILING = {"ConditionExpression": "attribute_exists(pk)"}
HEARSAY = {"UpdateExpression": "SET heard = :pk", "ExpressionAttributeValues": NOBODY}
TOGETHER = " in a transaction"


def together(act: str, **what: object) -> Attempt:
    return lambda db, name: db.transact_write_items(
        TransactItems=[{act: {"TableName": name, **what, **FAILING}}]
    )


ON_TABLE: dict[str, Attempt] = {
    GET: lambda db, name: db.get_item(TableName=name, Key=KEY),
    BATCH_GET: lambda db, name: db.batch_get_item(RequestItems={name: {"Keys": [KEY]}}),
    QUERY: lambda db, name: db.query(
        TableName=name, KeyConditionExpression="pk = :pk", ExpressionAttributeValues=NOBODY
    ),
    "Scan": lambda db, name: db.scan(TableName=name, Limit=1),
    PUT: lambda db, name: db.put_item(TableName=name, Item=KEY, **FAILING),
    ADD: lambda db, name: db.update_item(TableName=name, Key=KEY, **HEARSAY, **FAILING),
    DELETE: lambda db, name: db.delete_item(TableName=name, Key=KEY, **FAILING),
    BATCH_WRITE: lambda db, name: db.batch_write_item(RequestItems={name: [{"DeleteRequest": {"Key": KEY}}]}),
    GET + TOGETHER: lambda db, name: db.transact_get_items(
        TransactItems=[{"Get": {"TableName": name, "Key": KEY}}]
    ),
    PUT + TOGETHER: together("Put", Item=KEY),
    ADD + TOGETHER: together("Update", Key=KEY, **HEARSAY),
    DELETE + TOGETHER: together("Delete", Key=KEY),
    "ConditionCheckItem" + TOGETHER: together("ConditionCheck", Key=KEY),
    "DescribeTable": lambda db, name: db.describe_table(TableName=name),
    "DeleteTable": lambda db, name: db.delete_table(TableName=name),
}
ON_QUEUE: dict[str, Attempt] = {
    "SendMessage": lambda sqs, url: sqs.send_message(QueueUrl=url, MessageBody="{}", DelaySeconds=901),
    "SendMessageBatch": lambda sqs, url: sqs.send_message_batch(QueueUrl=url, Entries=[]),
    "ReceiveMessage": lambda sqs, url: sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=11),
    "DeleteMessage": lambda sqs, url: sqs.delete_message(QueueUrl=url, ReceiptHandle="none"),
    "ChangeMessageVisibility": lambda sqs, url: sqs.change_message_visibility(
        QueueUrl=url, ReceiptHandle="none", VisibilityTimeout=0
    ),
    "GetQueueAttributes": lambda sqs, url: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"]),
    "SetQueueAttributes": lambda sqs, url: sqs.set_queue_attributes(
        QueueUrl=url, Attributes={"VisibilityTimeout": "-1"}
    ),
}
ON_SECRET: dict[str, Attempt] = {
    "GetSecretValue": lambda secrets, arn: secrets.get_secret_value(SecretId=arn),
    "DescribeSecret": lambda secrets, arn: secrets.describe_secret(SecretId=arn),
    "PutSecretValue": lambda secrets, arn: secrets.put_secret_value(
        SecretId=arn, SecretString="{}", VersionStages=["tried"]
    ),
    "DeleteSecret": lambda secrets, arn: secrets.delete_secret(SecretId=arn, RecoveryWindowInDays=1),
}
_SCHEDULE: dict[str, Any] = {
    "Name": "nobodys",
    "GroupName": "nobodys",
    "ScheduleExpression": "at(2099-01-01T00:00:00)",
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "Target": {
        "Arn": "arn:aws:sqs:us-east-1:000000000000:none",
        "RoleArn": "arn:aws:iam::000000000000:role/none",
    },
}
ON_SCHEDULES: dict[str, Attempt] = {
    "CreateSchedule": lambda scheduler, _group: scheduler.create_schedule(**_SCHEDULE),
    "UpdateSchedule": lambda scheduler, _group: scheduler.update_schedule(**_SCHEDULE),
    "GetSchedule": lambda scheduler, group: scheduler.get_schedule(Name="nobodys", GroupName=group),
    "DeleteSchedule": lambda scheduler, group: scheduler.delete_schedule(Name="nobodys", GroupName=group),
}
GET_OBJECT, PUT_OBJECT = "GetObject", "PutObject"
DENIED = {"AccessDenied", "AccessDeniedException"}
# What an attempt comes to that was let through.
HARMLESS = {
    "ConditionalCheckFailedException",
    "TransactionCanceledException",
    "ValidationException",
    "InvalidParameterValue",
    "InvalidParameterException",
    "InvalidAttributeValue",
    "AWS.SimpleQueueService.EmptyBatchRequest",
    "ReceiptHandleIsInvalid",
    "ResourceNotFoundException",
    "NoSuchKey",
    "PreconditionFailed",
}


@dataclass(frozen=True)
class Thing:
    """Something that is kept or queued, and all that is tried on it."""

    service: str
    address: str
    arn: str
    attempts: Mapping[str, Attempt]


Things = dict[str, Thing]


def on_index(index: Mapping[str, Any]) -> dict[str, Attempt]:
    asked = {
        "IndexName": index["IndexName"],
        "KeyConditionExpression": "#hash = :pk",
        "ExpressionAttributeNames": {"#hash": index["KeySchema"][0]["AttributeName"]},
        "ExpressionAttributeValues": NOBODY,
    }
    return {
        QUERY: lambda db, name: db.query(TableName=name, **asked),
        "Scan": lambda db, name: db.scan(TableName=name, IndexName=index["IndexName"], Limit=1),
    }


def on_files(bucket: str) -> dict[str, Attempt]:
    """What may be tried on the files of one kind, which is the first part of their keys."""
    return {
        GET_OBJECT: lambda s3, kind: s3.get_object(Bucket=bucket, Key=f"{kind}/nobodys"),
        PUT_OBJECT: lambda s3, kind: s3.put_object(Bucket=bucket, Key=f"{kind}/nobodys", IfMatch="nothing"),
        "DeleteObject": lambda s3, kind: s3.delete_object(Bucket=bucket, Key=f"{kind}/nobodys"),
        "GetObjectTagging": lambda s3, kind: s3.get_object_tagging(Bucket=bucket, Key=f"{kind}/nobodys"),
    }


def may(attempt: Attempt, caller: Any, thing: Thing) -> bool:
    try:
        attempt(caller, thing.address)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in DENIED | HARMLESS:
            raise
        return code in HARMLESS
    return True


def with_transactions(acts: set[str]) -> set[str]:
    """A transaction needs the grants of what is in it, and no other."""
    return acts | {act + TOGETHER for act in acts if act + TOGETHER in ON_TABLE}
