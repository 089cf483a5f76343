"""Cases in DynamoDB: what a person must look at, once each."""

from openmas.adapters import items_ledger as items
from openmas.adapters.table import ABSENT, Table
from openmas.domain.case import Case


class AwsCases:
    def __init__(self, table: Table) -> None:
        self._table = table

    def open(self, case: Case) -> None:
        self._table.put_if(ABSENT, items.case_item(case))

    def find(self, client: str, case: str) -> Case | None:
        item = self._table.get(items.ledger_key(client, case))
        return items.case_of(item) if item else None
