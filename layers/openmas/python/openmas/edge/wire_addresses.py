"""What operators send and get about blocked addresses, as JSON."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import Field

from openmas.domain.addresses import BLOCKS_MAX, AddressBlock, AddressChange, AddressList
from openmas.edge.wire import Moment, Why, Wire, plain, to_moment

# What a range may be the domain says, with a fault for each; no range is longer.
Ranges = Annotated[list[Annotated[str, Field(max_length=64)]], Field(min_length=1, max_length=BLOCKS_MAX)]


class BlockBody(Wire):
    """POST /v1/operator/addresses."""

    ranges: Ranges
    until: Moment | None = None
    why: Why

    def ends_at(self) -> datetime | None:
        return to_moment(self.until) if self.until else None


class LiftBody(Wire):
    """DELETE /v1/operator/addresses."""

    ranges: Ranges
    why: Why


def kept_document(listed: AddressList) -> Mapping[str, object]:
    return {"version": listed.version, "of": len(listed.blocks)}


def block_document(block: AddressBlock) -> Mapping[str, object]:
    return {"range": str(block.range), "until": plain(block.until), **_who(block)}


def change_document(change: AddressChange) -> Mapping[str, object]:
    """A change of the list, and the version that it made."""
    told = {"version": change.version, "act": "lifted" if change.lifted else "blocked"}
    return {**told, "ranges": list(map(str, change.ranges)), "until": plain(change.until), **_who(change)}


def _who(told: AddressBlock | AddressChange) -> Mapping[str, object]:
    return {"by": told.change.by, "at": plain(told.change.at), "why": told.change.why}
