"""How far a batch from a file has come, as an item beside the batch: read with it, and before its parcels."""

from datetime import date, timedelta

from openmas.adapters.items import batch_from, client_of, expiry, parcel_from
from openmas.adapters.packing import (
    Item,
    counts,
    given,
    key,
    law_text,
    read_counts,
    read_string,
    read_time,
    read_whole,
    string,
    time,
    to_law,
    to_refused,
    to_tally,
    whole,
)
from openmas.domain.calendar import day_start_at
from openmas.domain.content_kinds import ContentKind
from openmas.domain.cutting import CutStage, Cutting, OfDay
from openmas.domain.ids import SHARDS, check_batch, day_of, partition
from openmas.domain.message import ParcelTally, cancelled_in

# Behind the batch, and before the # of its parcels.
_MARK = "!cut"
# A batch is sent within its validity, so its last parcel is no later than this.
_SENT_WITHIN = timedelta(days=4)


def cutting_key(client: str, batch: str) -> Item:
    return key(partition(client, check_batch(batch)), f"{batch}{_MARK}")


def cutting_item(cutting: Cutting) -> Item:
    """Shape: it lies in the part of the index `due` that its batch's first parcel lies in, or would."""
    return {
        **cutting_key(cutting.client, cutting.batch),
        **given(
            size=whole(cutting.size),
            stage=string(cutting.stage),
            version=whole(cutting.version),
            rows=whole(cutting.rows),
            recipients=whole(cutting.recipients),
            units=whole(cutting.units),
            weighed=whole(cutting.weighed) if cutting.weighed else None,
            fitting=whole(cutting.fitting) if cutting.fitting else None,
            held={"B": bytes(cutting.held)} if cutting.held else None,
            doubtful={"L": [{"N": str(place)} for place in cutting.doubtful]} if cutting.doubtful else None,
            refused=counts(cutting.refused) if cutting.refused else None,
            parcels=whole(cutting.parcels),
            settled=whole(cutting.settled),
            code=string(cutting.code),
            stopped_under=string(law_text(cutting.stopped_under)) if cutting.stopped_under else None,
            due_shard=string(f"d{int(cutting.batch[8]) % SHARDS}") if cutting.due_at else None,
            due_at=time(cutting.due_at),
            expires_at=expiry(day_start_at(day_of(cutting.batch)) + _SENT_WITHIN),
        ),
    }


def cutting_from(item: Item) -> Cutting:
    return Cutting(
        client=client_of(item["pk"]["S"]),
        batch=due_name_of(item),
        size=int(item["size"]["N"]),
        stage=CutStage(item["stage"]["S"]),
        version=int(item["version"]["N"]),
        rows=int(item["rows"]["N"]),
        recipients=int(item["recipients"]["N"]),
        units=read_whole(item, "units") or 0,
        weighed=read_whole(item, "weighed") or 0,
        fitting=read_whole(item, "fitting") or 0,
        held=tuple(map(ContentKind, item["held"]["B"])) if "held" in item else (),
        doubtful=tuple(int(place["N"]) for place in item["doubtful"]["L"]) if "doubtful" in item else (),
        refused=read_counts(item["refused"]) if "refused" in item else {},
        parcels=int(item["parcels"]["N"]),
        settled=int(item["settled"]["N"]),
        code=read_string(item, "code"),
        stopped_under=to_law(item["stopped_under"]["S"]) if "stopped_under" in item else None,
        due_at=read_time(item, "due_at"),
    )


def waiting_item(client: str, batch: str, units: int, *, in_file: bool) -> Item:
    """Shape: units that wait in files lie apart: those are asked for some days longer."""
    pk, mark = _waiting(client, in_files=in_file)
    over_at = day_start_at(day_of(batch)) + _SENT_WITHIN
    return {**key(pk, f"{mark}{batch}"), "units": whole(units), "expires_at": expiry(over_at, timedelta(0))}


def waiting_from(item: Item) -> tuple[str, int]:
    return item["sk"]["S"].partition("#")[2], int(item["units"]["N"])


def waiting_range(client: str, since: date, *, in_files: bool) -> tuple[str, str, str]:
    """The partition of what waits, and the first and last keys of a day and all later ones."""
    pk, mark = _waiting(client, in_files=in_files)
    return pk, f"{mark}{since:%Y%m%d}", f"{mark}~"


def _waiting(client: str, *, in_files: bool) -> tuple[str, str]:
    return f"{client}#waiting", "file#" if in_files else "batch#"


def of_day_from(item: Item) -> OfDay:
    """Whichever of the kinds that share their partitions the item is."""
    if "numbers" in item:
        return parcel_from(item)
    return cutting_from(item) if "stage" in item else batch_from(item)


def tally_from(item: Item) -> ParcelTally:
    """How a parcel stands, of which nothing more was read."""
    refused = to_refused(item["refused"]) if "refused" in item else {}
    return ParcelTally(due_name_of(item), to_tally(item["tally"]), cancelled_in(refused))


def due_name_of(item: Item) -> str:
    """The id of the parcel that the item is, or of the batch whose cutting it is."""
    return str(item["sk"]["S"]).removesuffix(_MARK).replace("#", "-")
