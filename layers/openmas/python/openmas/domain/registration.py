"""What is odd about a client's record beside its contract: changes are told ahead in writing (2.1.15)."""

from collections.abc import Iterator
from datetime import timedelta

from openmas.domain.contract import Contract
from openmas.domain.contract_warnings import Warning as ContractWarning
from openmas.domain.profile import Client


def oddities(client: Client, before: Client | None, contract: Contract) -> Iterator[ContractWarning]:
    """What the operator should look at in the newest version of a client's record, given the one before."""
    if client.full_name != contract.client_full_name:
        text = (
            f"The contract {contract.number} names the client {contract.client_full_name}: no version of it"
            " comes into force until both agree."
        )
        yield ContractWarning("/full_name", "2.1.15", text)
    if before is not None and client.full_name != before.full_name:
        yield from _notice(client, contract.notices.registration_change_days)


def _notice(client: Client, days: int) -> Iterator[ContractWarning]:
    given_on, effective_on = client.notice_given_on, client.effective_on
    if given_on is None:
        text = f"Nothing says when the client told of its new name; {days} days ahead are agreed."
        yield ContractWarning("/notice_given_on", "2.1.15", text)
    elif effective_on is not None and effective_on < given_on + timedelta(days=days):
        text = (
            f"The client told of its new name on {given_on}, less than {days} days ahead of {effective_on}."
        )
        yield ContractWarning("/effective_on", "2.1.15", text)
