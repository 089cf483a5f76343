"""Every function's own role, deployed: whatever could be done to each thing that is there, is tried under it.

That the roles suffice is what the day proves, but for the sweep; here, that nothing else gets through.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.config import Config

from infra.local.deploy import ACCOUNT
from infra.local.emulator import REGION
from openmas.adapters.world import AwsWorld
from openmas.domain.batch import Batch
from openmas.domain.calendar import shanghai_day
from openmas.domain.carrier import SANDBOX, Ambiguous
from openmas.domain.frequency import Book, Request, Seen, digest
from openmas.domain.parcel import Parcel, State
from openmas.settings import Settings
from tests.fakes import sample
from tests.integration.attempts import (
    ADD,
    BATCH_GET,
    BATCH_WRITE,
    DELETE,
    GET,
    GET_OBJECT,
    ON_QUEUE,
    ON_SCHEDULES,
    ON_SECRET,
    ON_TABLE,
    PUT,
    PUT_OBJECT,
    QUERY,
    TOGETHER,
    Thing,
    may,
    on_files,
    on_index,
    with_transactions,
)
from tests.integration.conftest import Deployed

# On AWS a batch is a SendMessage too; the emulator asks for the name of the call.
SEND = {"SendMessage", "SendMessageBatch"}
TAKE = {"ReceiveMessage", "DeleteMessage", "GetQueueAttributes"}
READ = {"GetSecretValue"}

WORK = {"UrgentQueue": SEND, "BulkQueue": SEND}
SECRETS = {"Seal": READ, "Carriers": READ}
# What each function may do, to which thing. Whatever is not here, it may not.
MAY: dict[str, dict[str, set[str]]] = {
    "submit_batches": {
        "Registry": {QUERY},
        "Lists": {GET, BATCH_GET},
        "Messages": {GET, BATCH_GET, QUERY, PUT, ADD},
        "Ledger": {GET, ADD, QUERY},
        "Cases": {PUT},
        "Schedules": {"CreateSchedule"},
        "uploads": {GET_OBJECT},
        "CutQueue": SEND,
        **WORK,
    },
    "cancel_batches": {
        "Registry": {QUERY},
        "Messages": {GET, BATCH_GET, QUERY, PUT, ADD},
        "Cases": {GET, PUT},
        "Ledger": {GET, ADD},
        "Schedules": {"DeleteSchedule"},
        "ReleaseQueue": SEND,
    },
    "release_batches": {
        "Messages": {GET, BATCH_GET, QUERY, PUT, ADD},
        "Messages/due": {QUERY},
        "Ledger": {GET, ADD},
        "ReleaseQueue": SEND | TAKE,
        "CutQueue": SEND,
        **WORK,
    },
    "cut_files": {
        "Registry": {QUERY},
        "Lists": {GET, BATCH_GET},
        "Messages": {GET, BATCH_GET, QUERY, PUT, ADD},
        "Ledger": {GET, ADD, QUERY},
        "Cases": {GET, PUT},
        "uploads": {GET_OBJECT},
        "parts": {GET_OBJECT, PUT_OBJECT},
        "faults": {GET_OBJECT, PUT_OBJECT},
        "CutQueue": SEND | TAKE,
        **WORK,
    },
    "read_messages": {"Registry": {QUERY}, "Messages": {GET, QUERY}, "Ledger": {QUERY}, "Seal": READ},
    "read_decisions": {
        "Registry": {QUERY},
        "Messages": {GET, QUERY},
        "parts": {GET_OBJECT},
        "faults": {GET_OBJECT},
        "Seal": READ,
    },
    "keep_lists": {"Registry": {QUERY}, "Lists": {GET, BATCH_GET, QUERY, PUT, BATCH_WRITE}, "Seal": READ},
    "check_lists": {"Registry": {QUERY}, "Lists": {GET, BATCH_GET, QUERY, PUT, BATCH_WRITE}, "Seal": READ},
    "order_transfers": {
        "Registry": {QUERY},
        "Lists": {GET, PUT},
        "uploads": {GET_OBJECT, PUT_OBJECT},
        "exports": {GET_OBJECT},
        "TransferQueue": SEND,
    },
    "transfer_lists": {
        "Lists": {GET, BATCH_GET, PUT, BATCH_WRITE},
        "uploads": {GET_OBJECT},
        "exports": {PUT_OBJECT},
        "TransferQueue": TAKE,
    },
    "keep_contracts": {"Registry": {GET, QUERY, PUT, DELETE}, "Carriers": READ},
    "activate_contracts": {"Registry": {GET, QUERY, PUT}},
    "keep_cases": {"Cases": {GET, BATCH_GET, PUT}, "Cases/open": {QUERY}, "Seal": READ},
    "review_content": {
        "Registry": {QUERY},
        "Messages": {GET, PUT, QUERY},
        "Cases": {GET, PUT, QUERY},
        "parts": {GET_OBJECT},
        "ReleaseQueue": SEND,
    },
    "keep_addresses": {"Registry": {QUERY, PUT}, "Seal": READ},
    "keep_words": {"Registry": {QUERY, PUT, BATCH_WRITE}, "Seal": READ},
    "handle_complaints": {
        "Registry": {QUERY, PUT},
        "Messages": {GET, QUERY},
        "Ledger": {QUERY},
        "Cases": {GET, PUT, QUERY},
    },
    "keep_measures": {"Registry": {QUERY, PUT}, "Cases": {GET, PUT}, "ReleaseQueue": SEND},
    "keep_ports": {"Registry": {GET, QUERY, PUT}, "ReleaseQueue": SEND},
    "keep_signatures": {"Registry": {QUERY, PUT}, "Cases": {GET, PUT}},
    "keep_templates": {"Registry": {QUERY, PUT}, "Cases": {GET, PUT}},
    "send_parcels": {
        "Registry": {QUERY},
        "Lists": {GET, BATCH_GET},
        "Ledger": {GET, ADD},
        "Messages": {GET, BATCH_GET, QUERY, PUT, ADD},
        "UrgentQueue": SEND | TAKE,
        "BulkQueue": SEND | TAKE,
        **SECRETS,
    },
    "take_receipts": {"ReceiptsQueue": SEND, **SECRETS},
    "settle_receipts": {
        "Registry": {GET, QUERY},
        "Lists": {GET, BATCH_GET, QUERY, PUT, BATCH_WRITE},
        "Messages": {GET, PUT},
        "Ledger": {GET, ADD, PUT},
        "ReceiptsQueue": SEND | TAKE,
    },
    "sweep_parcels": {
        "Messages": {GET, BATCH_GET, QUERY, PUT, ADD},
        "Messages/due": {QUERY},
        "Cases": {GET, PUT},
        "Ledger": {GET, ADD},
        "SchedulesDeadLetters": {"SendMessage"},
        "CutQueue": SEND,
        **WORK,
        **SECRETS,
    },
    "reconcile_billing": {
        "Registry": {QUERY},
        "Messages": {GET, PUT, QUERY},
        "Ledger": {GET, ADD, PUT, QUERY},
        "Cases": {GET, PUT},
        "NightQueue": SEND | TAKE,
        "SchedulesDeadLetters": {"SendMessage"},
    },
    "sandbox_carrier": {"SandboxQueue": SEND | TAKE, "Seal": READ},
}
FILES, KINDS = f"openmas-local-files-{ACCOUNT}-{REGION}", ("uploads", "parts", "faults", "exports")
TABLES = {"Registry", "Lists", "Messages", "Ledger", "Cases"}
WORK_QUEUES = {
    f"{name}Queue"
    for name in ("Urgent", "Bulk", "Receipts", "Release", "Cut", "Transfer", "Night", "Sandbox")
}
DEAD_LETTERS = {f"{name}DeadLetters" for name in (*WORK_QUEUES, "Schedules")}
THERE = (
    TABLES
    | {"Messages/due", "Cases/open"}
    | WORK_QUEUES
    | DEAD_LETTERS
    | {"Seal", "Carriers", "Schedules", *KINDS}
)
LOGS = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda"
# The emulator asks for a right as if every schedule were in the group `default`.
SCHEDULES = f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/*"
TRACING = {("xray:PutTraceSegments", "*"), ("xray:PutTelemetryRecords", "*")}

Things = dict[str, Thing]


def client(deployed: Deployed, service: str, **credentials: str) -> Any:
    made: Any = deployed.emulator.session.client(
        service,  # type: ignore[call-overload]
        endpoint_url=deployed.emulator.url,
        config=Config(retries={"total_max_attempts": 1}),
        **credentials,
    )
    return made


def said(text: str) -> str:
    """The name that the stack gives to what it made, without what CloudFormation hangs on it."""
    found = re.search(r"-([A-Za-z]+?)[0-9A-F]{8}-", text)
    return found.group(1) if found else text


@pytest.fixture(scope="module")
def things(deployed: Deployed) -> Things:
    """All that there is to touch in the account, not only what the stacks tell of."""
    return dict(
        [
            *kept(client(deployed, "dynamodb")),
            *queued(client(deployed, "sqs")),
            *hidden(deployed),
            *((kind, Thing("s3", kind, f"arn:aws:s3:::{FILES}/{kind}/*", on_files(FILES))) for kind in KINDS),
            ("Schedules", Thing("scheduler", "openmas-local", SCHEDULES, ON_SCHEDULES)),
        ]
    )


def kept(db: Any) -> Iterable[tuple[str, Thing]]:
    for name in db.list_tables()["TableNames"]:
        # A role that may delete a table shows it, and the table stays.
        db.update_table(TableName=name, DeletionProtectionEnabled=True)
        table = db.describe_table(TableName=name)["Table"]
        yield said(name), Thing("dynamodb", name, table["TableArn"], ON_TABLE)
        for index in table.get("GlobalSecondaryIndexes", []):
            arn = f"{table['TableArn']}/index/{index['IndexName']}"
            yield f"{said(name)}/{index['IndexName']}", Thing("dynamodb", name, arn, on_index(index))


def queued(sqs: Any) -> Iterable[tuple[str, Thing]]:
    for url in sqs.list_queues()["QueueUrls"]:
        asked = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        yield said(url), Thing("sqs", url, asked["Attributes"]["QueueArn"], ON_QUEUE)


def hidden(deployed: Deployed) -> Iterable[tuple[str, Thing]]:
    for secret in client(deployed, "secretsmanager").list_secrets()["SecretList"]:
        yield said(secret["ARN"]), Thing("secretsmanager", secret["ARN"], secret["ARN"], ON_SECRET)


@pytest.fixture(scope="module")
def roles(deployed: Deployed) -> dict[str, str]:
    """The ARN of every function's role."""
    functions = client(deployed, "lambda").list_functions()["Functions"]
    return {each["FunctionName"].removeprefix("openmas-local-"): each["Role"] for each in functions}


def let_through(deployed: Deployed, things: Things, **credentials: str) -> dict[str, set[str]]:
    """What somebody with these credentials may do, to which thing."""
    services = {thing.service for thing in things.values()}
    clients = {service: client(deployed, service, **credentials) for service in services}
    found = {
        name: {act for act, attempt in thing.attempts.items() if may(attempt, clients[thing.service], thing)}
        for name, thing in things.items()
    }
    return {name: acts for name, acts in found.items() if acts}


def as_role(deployed: Deployed, arn: str) -> dict[str, str]:
    taken = client(deployed, "sts").assume_role(RoleArn=arn, RoleSessionName="tried")["Credentials"]
    return {
        "aws_access_key_id": taken["AccessKeyId"],
        "aws_secret_access_key": taken["SecretAccessKey"],
        "aws_session_token": taken["SessionToken"],
    }


def test_every_function_has_a_role_of_its_own(roles: dict[str, str]) -> None:
    assert set(roles) == set(MAY)
    assert len(set(roles.values())) == len(MAY)


def test_the_accounts_owner_may_do_all_that_is_tried_on_all_that_is_there(
    deployed: Deployed, things: Things
) -> None:
    done = let_through(deployed, things)

    assert set(things) == THERE
    assert done == {name: set(thing.attempts) for name, thing in things.items()}


@pytest.mark.parametrize("function", MAY)
def test_a_role_lets_its_function_do_what_the_table_says_and_nothing_else(
    deployed: Deployed, things: Things, roles: dict[str, str], function: str
) -> None:
    done = let_through(deployed, things, **as_role(deployed, roles[function]))

    assert done == {name: with_transactions(acts) for name, acts in MAY[function].items()}


@pytest.mark.parametrize("function", MAY)
def test_nothing_is_granted_that_was_not_tried_but_a_functions_own_log_and_traces(
    deployed: Deployed, things: Things, roles: dict[str, str], function: str
) -> None:
    tried = {
        (f"{thing.service}:{act.removesuffix(TOGETHER)}", thing.arn)
        for thing in things.values()
        for act in thing.attempts
    }

    own_log = f"{LOGS}/openmas-local-{function}:*"

    beyond = granted(client(deployed, "iam"), roles[function]) - tried

    logging = {(f"logs:{action}", own_log) for action in ("CreateLogStream", "PutLogEvents")}
    # Whom a role is handed to, the emulator does not ask.
    filling = next(
        each["Arn"] for each in client(deployed, "iam").list_roles()["Roles"] if "ReleasesRole" in each["Arn"]
    )
    passing = {("iam:PassRole", filling)} if function == "submit_batches" else set()
    assert beyond == logging | TRACING | passing


@pytest.mark.parametrize("function", MAY)
def test_only_lambda_takes_on_a_functions_role(
    deployed: Deployed, roles: dict[str, str], function: str
) -> None:
    name = roles[function].rpartition("/")[2]
    trust = client(deployed, "iam").get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]

    assert [each["Principal"] for each in trust["Statement"]] == [{"Service": "lambda.amazonaws.com"}]


def granted(iam: Any, arn: str) -> set[tuple[str, str]]:
    """Action and resource of all that the policies of a role allow."""
    role = arn.rpartition("/")[2]
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
    policies = [
        iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    ]
    return {
        (action, resource)
        for policy in policies
        for statement in policy["Statement"]
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    }


def listed(one_or_more: Any) -> list[Any]:
    return one_or_more if isinstance(one_or_more, list) else [one_or_more]


@pytest.fixture
def world(deployed: Deployed) -> AwsWorld:
    """What the account's owner sees of the deployed platform, with one carrier set up."""
    carrier = {"kind": "openmas", "url": "http://127.0.0.1:9", "key": "none"}
    client(deployed, "secretsmanager").put_secret_value(
        SecretId=deployed.outputs["CarriersSecretArn"], SecretString=json.dumps({sample.CARRIER: carrier})
    )
    environ = {f"{name.upper()}_TABLE": deployed.outputs[f"{name}TableName"] for name in TABLES}
    environ["AWS_ENDPOINT_URL"] = deployed.emulator.url
    return AwsWorld(Settings(environ), deployed.emulator.session)


def stored(world: AwsWorld, parcel: Parcel) -> Parcel:
    found = world.messages.parcel(parcel.client, parcel.id)
    assert found
    return found


def accepted(at: datetime, carrier: str, *, n: int = 0) -> tuple[Batch, Parcel]:
    batch = replace(sample.batch(30, n=n, on=shanghai_day(at), accepted_at=at), carrier=carrier)
    return batch, sample.parcels(batch)[0]


def counting(world: AwsWorld, batch: Batch, parcel: Parcel, request: Request) -> Seen:
    """What was noted of a parcel's numbers by others than the request."""
    book = Book(batch.client, batch.category, batch.test)
    return world.recent.seen(book, parcel.numbers, request, timedelta(hours=1))


def noted(world: AwsWorld, batch: Batch, parcel: Parcel) -> Batch:
    """The batch, accepted under a limit of how often a number is written to."""
    mine = Request(digest("mine"), batch.accepted_at, batch.accepted_at)
    seen, book = counting(world, batch, parcel, mine), Book(batch.client, batch.category, batch.test)
    events = dict.fromkeys(parcel.numbers, mine.event("text"))
    assert world.recent.note(book, seen, events, timedelta(days=1))
    return replace(batch, noted=mine.mark)


def test_the_sweep_for_which_the_day_is_too_short_works_under_its_role(
    deployed: Deployed, world: AwsWorld
) -> None:
    lately, long_ago = (datetime.now(UTC) - ago for ago in (timedelta(minutes=10), timedelta(days=4)))
    batch, waiting = accepted(lately, SANDBOX)
    called = accepted(long_ago, sample.CARRIER)[1].calling(long_ago)
    doubtful = called.answered(Ambiguous("reset"), 1, long_ago)
    late, expired = accepted(long_ago, SANDBOX, n=1)
    late = noted(world, late, expired)
    world.messages.keep_parcels([waiting, doubtful, expired])
    for each in (batch, late):
        world.messages.keep_batch(each)
    other = Request(digest("other"), long_ago, long_ago)
    assert len(counting(world, late, expired, other).events) == 30

    swept = client(deployed, "lambda").invoke(FunctionName="openmas-local-sweep_parcels", Payload="{}")

    assert "FunctionError" not in swept, swept["Payload"].read()
    assert stored(world, waiting).version > waiting.version
    assert stored(world, doubtful).due_at is None
    assert stored(world, expired).state is State.EXPIRED
    assert counting(world, late, expired, other).events == {}
    assert world.cases.find(doubtful.client, f"unknown#{doubtful.id}") is not None
