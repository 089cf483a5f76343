"""Files of lists: the fakes and the real adapters keep the same promises, and a form takes what it should."""

import io
from itertools import count
from typing import Protocol

import pytest
import urllib3

from openmas.adapters.files.rows import rows_of
from openmas.domain.listing import BLACK, OPTOUT
from openmas.domain.loading import Loaded, LoadMode
from openmas.domain.sheet import FileForm
from openmas.domain.transfer import Found, Transfer
from openmas.errors import NotFound
from openmas.needs import Exports, Transfers
from tests.fakes import sample
from tests.fakes.world import FakeWorld
from tests.integration.conftest import Platform

_names = count()
IMPORT = Transfer(
    client="c",
    id="t1",
    name=OPTOUT,
    by="key crm",
    at=sample.NOW,
    why="退订名单",
    upload="u1",
    mode=LoadMode.REPLACE,
    strict=True,
    consent=sample.CONSENT,
)
EXPORT = Transfer(client="c", id="t2", name=BLACK, by="key crm", at=sample.NOW, form=FileForm.XLSX)
FOUND = Found(rows=9, errors=2, doubles=1, faults=((3, "number_malformed"), (5, "line_double")))


class Files(Protocol):
    @property
    def transfers(self) -> Transfers: ...
    @property
    def exports(self) -> Exports: ...


@pytest.fixture(params=["fake", "aws"])
def world(request: pytest.FixtureRequest) -> Files:
    if request.param == "fake":
        return FakeWorld()
    platform: Platform = request.getfixturevalue("platform")
    return platform.world()


@pytest.mark.parametrize(
    "transfer",
    [
        IMPORT,
        EXPORT,
        IMPORT.running(100_000),
        IMPORT.done(FOUND, Loaded(5, 1, 0)),
        IMPORT.refused(NotFound("upload_unknown", "gone"), FOUND),
        EXPORT.done(Found(rows=3)),
    ],
    ids=str,
)
def test_a_transfer_is_found_as_it_was_saved_last(world: Files, transfer: Transfer) -> None:
    assert world.transfers.find("nobody", transfer.id) is None

    world.transfers.save(IMPORT)
    world.transfers.save(transfer)

    assert world.transfers.find("c", transfer.id) == transfer


@pytest.mark.parametrize("form", FileForm)
def test_an_export_says_how_many_rows_it_has(world: Files, form: FileForm) -> None:
    assert world.exports.keep("c", f"e{next(_names)}", form, iter([("number",), ("13800130001",)])) == 2


def posted(platform: Platform, content: bytes, client: str, upload: str) -> int:
    form = platform.world().uploads.form(client, upload)
    fields: list[tuple[str, str | tuple[str, bytes]]] = [
        *form.fields.items(),
        ("file", ("list.csv", content)),
    ]
    return urllib3.PoolManager(retries=False).request("POST", form.url, fields=fields).status


def test_what_was_uploaded_by_the_form_is_read_row_by_row(platform: Platform) -> None:
    uploads, upload = platform.world().uploads, f"u{next(_names)}"
    assert not uploads.there("c", upload)

    assert posted(platform, "号码\n13800130001\n".encode("gbk"), "c", upload) == 204

    assert uploads.there("c", upload)
    assert not uploads.there("another-one", upload)
    with uploads.rows("c", upload) as rows:
        assert [row.cells for row in rows] == [("号码",), ("13800130001",)]


def test_no_form_takes_a_file_that_is_empty(platform: Platform) -> None:
    upload = f"u{next(_names)}"

    assert posted(platform, b"", "c", upload) == 400

    assert not platform.world().uploads.there("c", upload)
    with pytest.raises(NotFound, match="upload_unknown"), platform.world().uploads.rows("c", upload):
        pass


@pytest.mark.parametrize("form", FileForm)
def test_an_export_is_fetched_at_its_address(platform: Platform, form: FileForm) -> None:
    exports, name = platform.world().exports, f"e{next(_names)}"
    exports.keep("c", name, form, iter([("number", "why"), ("13800130001", "=1+1")]))

    got = urllib3.PoolManager(retries=False).request("GET", exports.link("c", name, form))

    assert got.status == 200
    assert f'filename="{name}.{form}"' in got.headers["content-disposition"]
    rows = [row.cells for row in rows_of(io.BytesIO(got.data), form)]
    assert rows == [("number", "why"), ("13800130001", "=1+1")]
