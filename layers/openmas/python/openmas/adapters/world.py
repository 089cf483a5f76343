"""The world on AWS: what every flow needs, each part made when it is first touched.

A function that never touches a part makes no client for it and needs no setting of it.
"""

from __future__ import annotations

import time
from functools import cached_property
from typing import TYPE_CHECKING

from botocore.config import Config

from openmas.adapters import aws
from openmas.adapters.addresses import AwsAddresses
from openmas.adapters.batch_files import AwsParts
from openmas.adapters.carriers.directory import CarrierDirectory
from openmas.adapters.carriers.sandbox_queue import AwsSandboxQueue
from openmas.adapters.carriers.webhook import SandboxWebhook
from openmas.adapters.cases import AwsCases
from openmas.adapters.clock import AwsClock, AwsEntropy
from openmas.adapters.complaints import AwsComplaints
from openmas.adapters.crew import AwsCrew
from openmas.adapters.ledger import AwsLedger
from openmas.adapters.lists import AwsLists
from openmas.adapters.messages import AwsMessages
from openmas.adapters.night_queue import AwsNightQueue
from openmas.adapters.pace import AwsPace
from openmas.adapters.queues import AwsCutQueue, AwsQueue, AwsReceiptQueue, AwsWorkQueue
from openmas.adapters.recent import AwsRecent
from openmas.adapters.registry import AwsRegistry
from openmas.adapters.schedule import AwsReleaseQueue, AwsSchedule
from openmas.adapters.secrets import AwsSecrets
from openmas.adapters.store import Store
from openmas.adapters.table import Table
from openmas.adapters.transfers import AwsTransferQueue, AwsTransfers
from openmas.adapters.units import AwsUnits
from openmas.adapters.uploads import AwsExports, AwsUploads
from openmas.adapters.words import AwsWords
from openmas.domain.carrier import SANDBOX
from openmas.domain.sandbox import keys_from
from openmas.settings import Settings

if TYPE_CHECKING:
    import boto3
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_s3 import S3Client
    from types_boto3_scheduler import EventBridgeSchedulerClient
    from types_boto3_secretsmanager import SecretsManagerClient
    from types_boto3_sqs import SQSClient


# The older way to sign an address is not known in every region, and knows no other file name.
_SIGNED = Config(signature_version="s3v4")


class AwsWorld:
    """Fulfils the needs of every flow."""

    def __init__(self, settings: Settings | None = None, session: boto3.Session | None = None) -> None:
        self._settings = settings or Settings()
        self._session = session

    @cached_property
    def clock(self) -> AwsClock:
        return AwsClock()

    @cached_property
    def entropy(self) -> AwsEntropy:
        return AwsEntropy()

    @cached_property
    def crew(self) -> AwsCrew:
        return AwsCrew()

    @cached_property
    def registry(self) -> AwsRegistry:
        return AwsRegistry(self._table(self._settings.registry_table), self.clock)

    @cached_property
    def addresses(self) -> AwsAddresses:
        return AwsAddresses(self._table(self._settings.registry_table), self.clock)

    @cached_property
    def words(self) -> AwsWords:
        return AwsWords(self._table(self._settings.registry_table), self.clock)

    @cached_property
    def lists(self) -> AwsLists:
        return AwsLists(self._table(self._settings.lists_table), self.clock)

    @cached_property
    def transfers(self) -> AwsTransfers:
        return AwsTransfers(self._table(self._settings.lists_table))

    @cached_property
    def transfer_queue(self) -> AwsTransferQueue:
        return AwsTransferQueue(self._queue(self._settings.transfer_queue_url))

    @cached_property
    def uploads(self) -> AwsUploads:
        return AwsUploads(self._store)

    @cached_property
    def exports(self) -> AwsExports:
        return AwsExports(self._store)

    @cached_property
    def messages(self) -> AwsMessages:
        return AwsMessages(self._table(self._settings.messages_table))

    @cached_property
    def pace(self) -> AwsPace:
        return AwsPace(self._table(self._settings.messages_table), self.clock)

    @cached_property
    def ledger(self) -> AwsLedger:
        return AwsLedger(self._table(self._settings.ledger_table), self.clock)

    @cached_property
    def units(self) -> AwsUnits:
        name = self._settings.ledger_table
        return AwsUnits(self._table(name), lambda: Table(self._dynamodb_once, name))

    @cached_property
    def recent(self) -> AwsRecent:
        return AwsRecent(self._table(self._settings.messages_table), self.clock)

    @property
    def late(self) -> AwsLedger:
        return self.ledger

    @cached_property
    def cases(self) -> AwsCases:
        return AwsCases(self._table(self._settings.cases_table))

    @cached_property
    def complaints(self) -> AwsComplaints:
        return AwsComplaints(self._table(self._settings.cases_table))

    @cached_property
    def queue(self) -> AwsWorkQueue:
        settings = self._settings
        return AwsWorkQueue(self._queue(settings.urgent_queue_url), self._queue(settings.bulk_queue_url))

    @cached_property
    def receipts(self) -> AwsReceiptQueue:
        return AwsReceiptQueue(self._queue(self._settings.receipts_queue_url))

    @cached_property
    def schedule(self) -> AwsSchedule:
        return AwsSchedule(self._scheduler, self._settings)

    @cached_property
    def release_queue(self) -> AwsReleaseQueue:
        return AwsReleaseQueue(self._queue(self._settings.release_queue_url))

    @cached_property
    def cut_queue(self) -> AwsCutQueue:
        return AwsCutQueue(self._queue(self._settings.cut_queue_url))

    @cached_property
    def parts(self) -> AwsParts:
        return AwsParts(self._store)

    @cached_property
    def night_queue(self) -> AwsNightQueue:
        return AwsNightQueue(self._queue(self._settings.night_queue_url))

    @cached_property
    def sandbox_queue(self) -> AwsSandboxQueue:
        return AwsSandboxQueue(self._queue(self._settings.sandbox_queue_url))

    @cached_property
    def secrets(self) -> AwsSecrets:
        return AwsSecrets(lambda: self._secrets_manager, self._settings, self.clock)

    @property
    def seal(self) -> AwsSecrets:
        return self.secrets

    @cached_property
    def carriers(self) -> CarrierDirectory:
        return CarrierDirectory(self.secrets, self._settings.platform_url, self.clock)

    @cached_property
    def webhook(self) -> SandboxWebhook:
        return SandboxWebhook(self._settings.platform_url, keys_from(self.secrets.key(SANDBOX)).receipts)

    def pause(self, duration_s: float, /) -> None:
        time.sleep(duration_s)

    @cached_property
    def _dynamodb(self) -> DynamoDBClient:
        made: DynamoDBClient = aws.client("dynamodb", self._settings, self._session)
        return made

    @cached_property
    def _dynamodb_once(self) -> DynamoDBClient:
        made: DynamoDBClient = aws.client("dynamodb", self._settings, self._session, aws.ONCE)
        return made

    @cached_property
    def _sqs(self) -> SQSClient:
        made: SQSClient = aws.client("sqs", self._settings, self._session)
        return made

    @cached_property
    def _store(self) -> Store:
        client: S3Client = aws.client("s3", self._settings, self._session, aws.CONFIG.merge(_SIGNED))
        return Store(client, self._settings.files_bucket)

    @cached_property
    def _scheduler(self) -> EventBridgeSchedulerClient:
        made: EventBridgeSchedulerClient = aws.client("scheduler", self._settings, self._session)
        return made

    @cached_property
    def _secrets_manager(self) -> SecretsManagerClient:
        made: SecretsManagerClient = aws.client("secretsmanager", self._settings, self._session)
        return made

    def _table(self, name: str) -> Table:
        return Table(self._dynamodb, name)

    def _queue(self, url: str) -> AwsQueue:
        return AwsQueue(self._sqs, url)
