"""What is kept, whatever is deployed: tables, secrets, and the operators who may sign in."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy, SecretValue
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.environment import Environment
from infra.parts.acknowledge import acknowledge
from infra.parts.files import Files
from infra.parts.stack import EnvironmentStack

TABLES = ("registry", "lists", "messages", "ledger", "cases")
ROLES = {
    "operator": "Runs the platform.",
    "auditor": "Sees everything, changes nothing.",
    "client": "Staff of a client.",
}
_STRING, _NUMBER = dynamodb.AttributeType.STRING, dynamodb.AttributeType.NUMBER


@dataclass(frozen=True, slots=True)
class SparseIndex:
    """An index of those items that have both attributes; it holds nothing but keys."""

    name: str
    hash: str
    range: str


INDEXES = {
    "messages": SparseIndex("due", "due_shard", "due_at"),
    "cases": SparseIndex("open", "state", "due_at"),
}
# Only these let anything go: what they hold has a time in `expires_at` by the retention rule.
EXPIRING = frozenset({"messages"})


class DataStack(EnvironmentStack):
    """The five tables, two secrets, and a user pool where no issuer is given."""

    def __init__(self, scope: Construct, name: str, environment: Environment) -> None:
        super().__init__(scope, name, environment, "OpenMAS: what is kept.")
        self._protected = environment.protected
        self.tables = {name: self._table(name) for name in TABLES}
        files = Files(self, "Files", environment, self._removal)
        self.say("FilesBucketName", files.bucket.bucket_name)
        self.seal_arn = self._seal()
        self.carriers_arn = self._carriers()
        if environment.issuer:
            self.issuer, self.audience = environment.issuer, list(environment.audience)
        else:
            self.issuer, self.audience = self._user_pool(environment)

    @property
    def _removal(self) -> RemovalPolicy:
        return RemovalPolicy.RETAIN if self._protected else RemovalPolicy.DESTROY

    def _table(self, name: str) -> dynamodb.Table:
        recovery = dynamodb.PointInTimeRecoverySpecification(point_in_time_recovery_enabled=True)
        table = dynamodb.Table(
            self,
            name.capitalize(),
            partition_key=dynamodb.Attribute(name="pk", type=_STRING),
            sort_key=dynamodb.Attribute(name="sk", type=_STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.AWS_MANAGED,
            point_in_time_recovery_specification=recovery,
            time_to_live_attribute="expires_at" if name in EXPIRING else None,
            deletion_protection=self._protected,
            removal_policy=self._removal,
        )
        if index := INDEXES.get(name):
            table.add_global_secondary_index(
                index_name=index.name,
                partition_key=dynamodb.Attribute(name=index.hash, type=_STRING),
                sort_key=dynamodb.Attribute(name=index.range, type=_NUMBER),
                projection_type=dynamodb.ProjectionType.KEYS_ONLY,
            )
        self.say(f"{name.capitalize()}TableName", table.table_name)
        return table

    def _seal(self) -> str:
        secret = secretsmanager.Secret(
            self,
            "Seal",
            description="The platform's own key; functions derive one for each purpose.",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template="{}",  # noqa: S106
                generate_string_key="master",
                password_length=64,
                exclude_punctuation=True,
            ),
            removal_policy=self._removal,
        )
        acknowledge(
            secret, "SMG4", "It never leaves AWS, and a new one breaks every cursor and sandbox key in use."
        )
        return self._named("SealSecretArn", secret)

    def _carriers(self) -> str:
        secret = secretsmanager.Secret(
            self,
            "Carriers",
            description="How each carrier is reached and known; the operator writes it.",
            # It starts empty: what the operator writes later is no business of a deployment.
            secret_string_value=SecretValue.unsafe_plain_text("{}"),
            removal_policy=self._removal,
        )
        acknowledge(secret, "SMG4", "The keys are the carriers' own: only a carrier can issue another.")
        return self._named("CarriersSecretArn", secret)

    def _named(self, output: str, secret: secretsmanager.Secret) -> str:
        resource = secret.node.default_child
        assert isinstance(resource, secretsmanager.CfnSecret)
        # `Id` is the ARN on AWS and on the emulator; `Ref` is a name on the latter.
        self.say(output, resource.attr_id)
        return resource.attr_id

    def _user_pool(self, environment: Environment) -> tuple[str, list[str]]:
        strict = environment.operators_show_second_factor
        pool = cognito.UserPool(
            self,
            "Operators",
            self_sign_up_enabled=False,
            sign_in_aliases=cognito.SignInAliases(username=True, email=True),
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            password_policy=_password_policy(),
            mfa=cognito.Mfa.REQUIRED if strict else cognito.Mfa.OFF,
            mfa_second_factor=cognito.MfaSecondFactor(sms=False, otp=True) if strict else None,
            feature_plan=cognito.FeaturePlan.PLUS,
            standard_threat_protection_mode=cognito.StandardThreatProtectionMode.FULL_FUNCTION,
            deletion_protection=self._protected,
            removal_policy=self._removal,
        )
        if not strict:
            acknowledge(
                pool, "COG2", "This environment's users are made up and its pool is reached on loopback only."
            )
        for role, description in ROLES.items():
            cognito.CfnUserPoolGroup(
                self,
                f"{role.capitalize()}Group",
                user_pool_id=pool.user_pool_id,
                group_name=role,
                description=description,
            )
        app = self._app(pool)
        self.say("UserPoolId", pool.user_pool_id)
        self.say("UserPoolClientId", app.user_pool_client_id)
        issuer = f"https://cognito-idp.{environment.region}.amazonaws.com/{pool.user_pool_id}"
        return issuer, [app.user_pool_client_id]

    def _app(self, pool: cognito.UserPool) -> cognito.UserPoolClient:
        return pool.add_client(
            "Api",
            # The admin flow needs AWS credentials besides the password; the other never shows a password.
            auth_flows=cognito.AuthFlow(user_srp=True, admin_user_password=True),
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
            access_token_validity=Duration.hours(1),
            id_token_validity=Duration.hours(1),
            refresh_token_validity=Duration.days(1),
            disable_o_auth=True,
        )


def _password_policy() -> cognito.PasswordPolicy:
    return cognito.PasswordPolicy(
        min_length=12,
        require_lowercase=True,
        require_uppercase=True,
        require_digits=True,
        require_symbols=True,
        temp_password_validity=Duration.days(3),
    )
