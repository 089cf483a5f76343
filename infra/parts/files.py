"""The bucket for files: what clients upload, and what is read from it; each kind goes after its time."""

from __future__ import annotations

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.environment import Environment
from infra.parts.acknowledge import acknowledge

# Days by the first part of a key. A batch may wait for 35 days and be sent for another three; what is read
# from its file tells what was decided about each line for as long as its messages are kept, 180 days more.
KEPT_DAYS = {"uploads": 30, "parts": 220, "faults": 220, "exports": 7}


class Files(Construct):
    """One private bucket, encrypted, reached by TLS only; each kind of object goes after its time."""

    def __init__(self, scope: Construct, name: str, environment: Environment, removal: RemovalPolicy) -> None:
        super().__init__(scope, name)
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            bucket_name=files_bucket(environment),
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            # The emulator speaks plain HTTP on loopback, and would hold its callers to the policy.
            enforce_ssl=not environment.emulated,
            lifecycle_rules=[_rule(kind, days) for kind, days in KEPT_DAYS.items()],
            removal_policy=removal,
        )
        acknowledge(
            self.bucket, "S1", "Who uploads what is in the logs of the functions; nobody else comes here."
        )
        if environment.emulated:
            acknowledge(self.bucket, "S10", "The emulator is reached on loopback only, in plain HTTP.")


def files_bucket(environment: Environment) -> str:
    """The bucket's name, which is known before the bucket is made."""
    return f"openmas-{environment.name}-files-{Aws.ACCOUNT_ID}-{environment.region}"


def _rule(kind: str, days: int) -> s3.LifecycleRule:
    return s3.LifecycleRule(
        prefix=f"{kind}/",
        expiration=Duration.days(days),
        abort_incomplete_multipart_upload_after=Duration.days(1),
    )
