"""Complaints in DynamoDB, beside the cases that they open."""

from collections.abc import Sequence
from datetime import datetime

from openmas.adapters import items_measures as items
from openmas.adapters.table import Table
from openmas.domain.complaints import Complaint


class AwsComplaints:
    def __init__(self, table: Table) -> None:
        self._table = table

    def keep(self, complaint: Complaint, before: Complaint | None = None) -> None:
        self._table.put_in_place(
            items.complaint_item(complaint), items.complaint_item(before) if before else None
        )

    def find(self, client: str, complaint: str) -> Complaint | None:
        item = self._table.get(items.complaint_key(client, complaint))
        return items.complaint_from(item) if item else None

    def since(self, client: str, at: datetime) -> Sequence[Complaint]:
        values = {
            ":pk": {"S": client},
            ":first": {"S": f"complained#{at:%Y%m%d%H%M%S}"},
            ":last": {"S": "complained#~"},
        }
        found = self._table.query("pk = :pk AND sk BETWEEN :first AND :last", values)
        return [items.complaint_from(item) for item in found]
