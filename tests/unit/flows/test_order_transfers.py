"""Imports and exports are kept and queued, for the client's own files only."""

from dataclasses import replace

import pytest

from openmas.domain.listing import BLACK, OPTOUT, WHITE, ListKind, ListName
from openmas.domain.loading import LoadMode
from openmas.domain.sheet import FileForm
from openmas.domain.transfer import Found, TransferState
from openmas.errors import InvalidInput, NotFound
from openmas.flows.order_transfers import (
    Wanted,
    find_transfer,
    link_of,
    new_upload,
    order_export,
    order_import,
)
from tests.fakes import sample
from tests.fakes.world import FakeWorld

CLIENT = sample.CLIENT


def wanted(world: FakeWorld, client: str = CLIENT) -> Wanted:
    upload = new_upload(world)
    world.uploads.add(client, upload, "number\n13800130001\n")
    return Wanted(upload, LoadMode.ADD, "staff of May", sample.CONSENT, strict=True)


def test_an_import_is_kept_and_queued_as_it_was_asked_for() -> None:
    world = FakeWorld()
    asked = wanted(world)

    ordered = order_import(world, CLIENT, WHITE, asked, "key crm")

    assert world.transfers.find(CLIENT, ordered.id) == ordered
    assert world.transfer_queue.queue.bodies == [{"client": CLIENT, "transfer": ordered.id}]
    assert (ordered.state, ordered.upload, ordered.mode) == (
        TransferState.WAITING,
        asked.upload,
        LoadMode.ADD,
    )
    assert (ordered.entry.by, ordered.entry.why, ordered.entry.at) == ("key crm", "staff of May", sample.NOW)
    assert (ordered.consent, ordered.strict) == (sample.CONSENT, True)


def test_nothing_is_imported_into_a_list_of_a_signature_that_is_not_the_clients() -> None:
    world = FakeWorld().with_sample()

    with pytest.raises(InvalidInput, match="scope_unknown"):
        order_import(
            world, CLIENT, ListName(ListKind.WHITE, "signature:没有这个签名"), wanted(world), "key crm"
        )

    assert world.transfers.transfers == {}


def test_another_clients_upload_is_none() -> None:
    world = FakeWorld()

    with pytest.raises(NotFound, match="upload_unknown"):
        order_import(world, CLIENT, WHITE, wanted(world, "another-one"), "key crm")

    assert world.transfer_queue.queue.bodies == []


def test_a_file_for_a_black_list_carries_no_consent() -> None:
    world = FakeWorld()

    with pytest.raises(InvalidInput, match="consent_misplaced"):
        order_import(world, CLIENT, BLACK, wanted(world), "key crm")


@pytest.mark.parametrize("name", [OPTOUT, ListName(ListKind.OPTOUT, "category:marketing")])
def test_no_file_takes_the_place_of_an_opt_out_list(name: ListName) -> None:
    world = FakeWorld()
    asked = replace(wanted(world), consent=None)

    with pytest.raises(InvalidInput, match="opt_outs_replaced"):
        order_import(world, CLIENT, name, replace(asked, mode=LoadMode.REPLACE), "key crm")

    assert world.transfer_queue.queue.bodies == []
    assert order_import(world, CLIENT, name, replace(asked, mode=LoadMode.REMOVE), "key crm").why


def test_an_export_is_fetched_once_it_is_done() -> None:
    world = FakeWorld()
    ordered = order_export(world, CLIENT, BLACK, FileForm.XLSX, "key crm")

    assert link_of(world, ordered) is None
    assert link_of(world, ordered.done(Found())) == f"https://files.example/{CLIENT}/{ordered.id}.xlsx"


def test_a_transfer_is_found_by_its_client_under_its_list() -> None:
    world = FakeWorld()
    ordered = order_export(world, CLIENT, BLACK, FileForm.CSV, "key crm")

    assert find_transfer(world, CLIENT, BLACK, ordered.id) == ordered
    for client, name, transfer in (
        ("another-one", BLACK, ordered.id),
        (CLIENT, WHITE, ordered.id),
        (CLIENT, BLACK, "0"),
    ):
        with pytest.raises(NotFound, match="transfer_unknown"):
            find_transfer(world, client, name, transfer)
