"""What is kept: protected, encrypted, recoverable, and keyed as the adapters expect it."""

import json
from typing import Any

import pytest

from infra.stacks.data import EXPIRING, INDEXES
from openmas.adapters import items
from tests.infra.conftest import Synthesised


def tables(made: Synthesised) -> dict[str, dict[str, Any]]:
    """The tables by the name that the design gives them."""
    found = made.all("AWS::DynamoDB::Table").items()
    return {
        next(name for name in items.INDEXES if key.startswith(name.capitalize())): each for key, each in found
    }


def attributes(keys: list[dict[str, str]]) -> list[str]:
    return [each["AttributeName"] for each in keys]


def test_there_are_the_five_tables_of_the_design(made: Synthesised) -> None:
    assert set(tables(made)) == {"registry", "lists", "messages", "ledger", "cases"} == set(items.INDEXES)


def test_every_table_is_on_demand_encrypted_and_recoverable(made: Synthesised) -> None:
    for table in tables(made).values():
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert table["SSESpecification"] == {"SSEEnabled": True}
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert attributes(table["KeySchema"]) == ["pk", "sk"]


def test_the_indexes_are_those_that_the_adapters_ask(made: Synthesised) -> None:
    for name, table in tables(made).items():
        kinds = {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]}
        indexes = table.get("GlobalSecondaryIndexes", [])

        built = tuple(
            items.Index(each["IndexName"], hashed, sorted_by, kinds[sorted_by])
            for each in indexes
            for hashed, sorted_by in [attributes(each["KeySchema"])]
        )

        assert built == items.INDEXES[name]
        assert all(each["Projection"] == {"ProjectionType": "KEYS_ONLY"} for each in indexes)
        assert all(kinds[index.hash] == "S" for index in built)
    assert set(INDEXES) == {name for name, indexes in items.INDEXES.items() if indexes}


def test_only_what_the_retention_rule_lets_go_expires(made: Synthesised) -> None:
    expiring = {name for name, table in tables(made).items() if "TimeToLiveSpecification" in table}

    assert expiring == items.EXPIRING == EXPIRING
    for name in expiring:
        assert tables(made)[name]["TimeToLiveSpecification"] == {
            "AttributeName": "expires_at",
            "Enabled": True,
        }


def test_what_is_protected_outlives_every_mistake(made: Synthesised) -> None:
    protected = made.environment.name not in ("local", "dev")
    kept = [
        each
        for each in made.data["Resources"].values()
        if each["Type"] in ("AWS::DynamoDB::Table", "AWS::SecretsManager::Secret", "AWS::Cognito::UserPool")
    ]

    assert made.environment.protected is protected
    assert {each["DeletionPolicy"] for each in kept} == {"Retain" if protected else "Delete"}
    assert {table["DeletionProtectionEnabled"] for table in tables(made).values()} == {protected}


def test_the_seal_is_drawn_by_aws_and_the_carriers_start_empty(made: Synthesised) -> None:
    secrets = made.all("AWS::SecretsManager::Secret")
    seal = next(each for name, each in secrets.items() if name.startswith("Seal"))
    carriers = next(each for name, each in secrets.items() if name.startswith("Carriers"))

    assert seal["GenerateSecretString"]["GenerateStringKey"] == "master"
    assert seal["GenerateSecretString"]["PasswordLength"] == 64
    assert carriers["SecretString"] == "{}"


@pytest.mark.parametrize("name", ["local", "prod"])
def test_operators_sign_in_to_a_pool_of_ours_where_no_issuer_is_given(name: str, synthesise: Any) -> None:
    made: Synthesised = synthesise(name)
    (pool,) = made.all("AWS::Cognito::UserPool").values()
    groups = {each["GroupName"] for each in made.all("AWS::Cognito::UserPoolGroup").values()}

    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True
    assert pool["MfaConfiguration"] == ("OFF" if name == "local" else "ON")
    assert groups == {"operator", "auditor", "client"}


def test_the_outputs_say_where_everything_is(made: Synthesised) -> None:
    named = {
        name for name in made.data["Outputs"] | made.platform["Outputs"] if not name.startswith("Exports")
    }
    pool = {"UserPoolId", "UserPoolClientId"} if made.environment.issuer is None else set()
    queues = {
        f"{name}QueueUrl"
        for name in ("Urgent", "Bulk", "Receipts", "Release", "Cut", "Transfer", "Night", "Sandbox")
    }
    kept = {f"{name.capitalize()}TableName" for name in items.INDEXES} | {
        "FilesBucketName",
        "SealSecretArn",
        "CarriersSecretArn",
    }

    assert named == kept | queues | pool | {"ApiUrl", "AlarmTopicArn"}


def test_files_are_private_encrypted_and_kept_no_longer_than_they_must(made: Synthesised) -> None:
    (bucket,) = made.all("AWS::S3::Bucket").values()
    policies = json.dumps(list(made.all("AWS::S3::BucketPolicy").values()))
    kept = {rule["Prefix"]: rule["ExpirationInDays"] for rule in bucket["LifecycleConfiguration"]["Rules"]}

    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    (encryption,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert kept == {"uploads/": 30, "parts/": 220, "faults/": 220, "exports/": 7}
    assert ("aws:SecureTransport" in policies) is not made.environment.emulated
