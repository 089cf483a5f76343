"""The settings of a function, read from its environment when they are first asked for."""

import os
from collections.abc import Mapping


class SettingMissing(Exception):
    """The function was deployed without a variable that it needs."""


class Settings:
    """What infra tells a function.

    Raises: SettingMissing from every property whose variable is not there.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._environ = environ

    @property
    def registry_table(self) -> str:
        return self._named("REGISTRY_TABLE")

    @property
    def lists_table(self) -> str:
        return self._named("LISTS_TABLE")

    @property
    def messages_table(self) -> str:
        return self._named("MESSAGES_TABLE")

    @property
    def ledger_table(self) -> str:
        return self._named("LEDGER_TABLE")

    @property
    def cases_table(self) -> str:
        return self._named("CASES_TABLE")

    @property
    def files_bucket(self) -> str:
        return self._named("FILES_BUCKET")

    @property
    def urgent_queue_url(self) -> str:
        return self._named("URGENT_QUEUE_URL")

    @property
    def bulk_queue_url(self) -> str:
        return self._named("BULK_QUEUE_URL")

    @property
    def receipts_queue_url(self) -> str:
        return self._named("RECEIPTS_QUEUE_URL")

    @property
    def release_queue_url(self) -> str:
        return self._named("RELEASE_QUEUE_URL")

    @property
    def release_queue_arn(self) -> str:
        return self._named("RELEASE_QUEUE_ARN")

    @property
    def schedule_group(self) -> str:
        return self._named("SCHEDULE_GROUP")

    @property
    def schedule_role_arn(self) -> str:
        """The role in which the scheduler fills the release queue."""
        return self._named("SCHEDULE_ROLE_ARN")

    @property
    def cut_queue_url(self) -> str:
        return self._named("CUT_QUEUE_URL")

    @property
    def transfer_queue_url(self) -> str:
        return self._named("TRANSFER_QUEUE_URL")

    @property
    def night_queue_url(self) -> str:
        return self._named("NIGHT_QUEUE_URL")

    @property
    def sandbox_queue_url(self) -> str:
        return self._named("SANDBOX_QUEUE_URL")

    @property
    def carriers_secret_arn(self) -> str:
        return self._named("CARRIERS_SECRET_ARN")

    @property
    def seal_secret_arn(self) -> str:
        return self._named("SEAL_SECRET_ARN")

    @property
    def platform_url(self) -> str:
        """The base address of the API, without a slash at its end."""
        return self._named("PLATFORM_URL").rstrip("/")

    @property
    def aws_endpoint_url(self) -> str | None:
        """Where AWS is, if it is not AWS: the emulator."""
        return self._environ.get("AWS_ENDPOINT_URL") or None

    @property
    def count_calls(self) -> bool:
        """Whether AWS calls are counted for the log line."""
        return self._environ.get("OPENMAS_COUNT_CALLS") == "1"

    def _named(self, name: str) -> str:
        value = self._environ.get(name)
        if not value:
            raise SettingMissing(
                f"The environment variable {name} is not set; infra sets it for every function that needs it."
            )
        return value
