"""Files of batches, fake and real: what was uploaded is read row by row, what was read of it comes back."""

import io
from collections.abc import Callable
from typing import Any

import pytest
import urllib3

from openmas.adapters.files.rows import FILE_BYTES_MAX
from openmas.adapters.files.written import write_table
from openmas.domain.cutting import Part
from openmas.domain.filing import LineFault
from openmas.domain.sheet import FileForm
from openmas.errors import InvalidInput, LimitExceeded, NotFound
from tests.fakes.world import FakeWorld
from tests.integration.conftest import FILES_BUCKET, Platform

CLIENT, BATCH = "tacheng-cdc", "202511240aaaaaaaaaaaa"
ROWS = [("手机号码", "place"), ("13800130001", "塔城"), ("13800130002", "额敏")]
PART = Part(("13800130001", "13800130002"), (("塔城", '"1"'), ("额敏", "𠮷")), (1, 2))
Upload = Callable[[str, str, bytes], None]


@pytest.fixture(params=["fake", "aws"])
def place(request: pytest.FixtureRequest) -> tuple[Any, Upload]:
    """A world with uploads and parts, and the way to upload for a client."""
    if request.param == "fake":
        world = FakeWorld()

        def add(client: str, upload: str, content: bytes) -> None:
            form = FileForm.XLSX if content.startswith(b"PK") else FileForm.CSV
            world.uploads.add(client, upload, content, form)

        return world, add
    platform: Platform = request.getfixturevalue("platform")
    s3 = platform.session.client("s3", endpoint_url=platform.environ["AWS_ENDPOINT_URL"])

    def put(client: str, upload: str, content: bytes) -> None:
        s3.put_object(Bucket=FILES_BUCKET, Key=f"uploads/{client}/{upload}", Body=content)

    return platform.world(), put


def written(form: FileForm) -> bytes:
    file = io.BytesIO()
    write_table(file, form, ROWS)
    return file.getvalue()


@pytest.mark.parametrize("form", FileForm)
def test_the_rows_of_an_uploaded_file_are_read_whatever_its_form(
    place: tuple[Any, Upload], form: FileForm
) -> None:
    world, upload = place
    upload(CLIENT, f"good-{form}", written(form))

    with world.uploads.rows(CLIENT, f"good-{form}") as rows:
        found = [row.cells for row in rows]

    assert found == ROWS


@pytest.mark.parametrize(("client", "name"), [(CLIENT, "never-uploaded"), ("another-client", "good")])
def test_a_file_that_is_not_there_or_anothers_is_not_found(
    place: tuple[Any, Upload], client: str, name: str
) -> None:
    world, upload = place
    upload(CLIENT, "good", written(FileForm.CSV))

    with pytest.raises(NotFound, match="upload_unknown"), world.uploads.rows(client, name):
        pass


def test_a_file_that_turns_out_to_be_none_is_refused_while_it_is_read(place: tuple[Any, Upload]) -> None:
    world, upload = place
    upload(CLIENT, "bad", b"PK\x03\x04 and no more")

    with pytest.raises(InvalidInput), world.uploads.rows(CLIENT, "bad") as rows:
        list(rows)


def test_a_file_that_is_too_large_is_not_even_fetched(platform: Platform) -> None:
    s3 = platform.session.client("s3", endpoint_url=platform.environ["AWS_ENDPOINT_URL"])
    s3.put_object(Bucket=FILES_BUCKET, Key=f"uploads/{CLIENT}/large", Body=bytes(FILE_BYTES_MAX + 1))

    with pytest.raises(LimitExceeded, match="file_too_large"), platform.world().uploads.rows(CLIENT, "large"):
        pass


def test_parts_and_faults_come_back_as_they_were_kept(place: tuple[Any, Upload]) -> None:
    world, _ = place
    faults = (LineFault(2, "number_malformed"), LineFault(1_048_576, "cell_formula"))
    alike = Part(("13800130001",), (), (1,))
    world.parts.keep(CLIENT, BATCH, 0, PART)
    world.parts.keep(CLIENT, BATCH, 1, alike)
    world.parts.keep_faults(CLIENT, BATCH, 0, faults)

    assert (world.parts.part(CLIENT, BATCH, 0), world.parts.part(CLIENT, BATCH, 1)) == (PART, alike)
    assert world.parts.faults(CLIENT, BATCH, 0) == faults
    assert world.parts.faults(CLIENT, BATCH, 1) is None
    assert world.parts.faults("another-client", BATCH, 0) is None


def test_faults_stand_in_one_file_once_it_was_kept(place: tuple[Any, Upload]) -> None:
    world, _ = place
    assert world.parts.fault_file(CLIENT, "202511240aaaaaaaaaaac") is None

    world.parts.keep_fault_file(CLIENT, "202511240aaaaaaaaaaac", iter([("line", "code"), ("7", "=1+1")]))

    assert world.parts.fault_file(CLIENT, "202511240aaaaaaaaaaac")
    assert world.parts.fault_file("another-client", "202511240aaaaaaaaaaac") is None


def test_the_file_of_faults_is_fetched_at_its_address(platform: Platform) -> None:
    parts, batch = platform.world().parts, "202511240aaaaaaaaaaad"
    parts.keep_fault_file(CLIENT, batch, iter([("line", "detail"), ("7", "=1+1")]))

    got = urllib3.PoolManager(retries=False).request("GET", str(parts.fault_file(CLIENT, batch)))

    assert got.status == 200
    assert f'filename="{batch}-faults.csv"' in got.headers["content-disposition"]
    assert got.data.decode("utf-8-sig").splitlines() == ['"line","detail"', '"7","\'=1+1"']
