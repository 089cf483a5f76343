"""Cursors come back as they were handed out, or not at all."""

from base64 import urlsafe_b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.edge.seals import Listing, open_cursor, seal_cursor
from openmas.errors import InvalidInput

KEY = b"k" * 32


class Keys:
    def key(self, purpose: str) -> bytes:
        return purpose.encode() * 8


@given(place=st.text(max_size=64), client=st.text(max_size=32), listing=st.text(max_size=64))
def test_a_cursor_opens_where_it_was_made(place: str, client: str, listing: str) -> None:
    cursor = seal_cursor(KEY, client, listing, place)

    assert open_cursor(KEY, client, listing, cursor) == place
    assert cursor.replace("-", "").replace("_", "").isalnum()


@given(st.text(st.characters(codec="utf-8"), min_size=4, max_size=300))
def test_a_cursor_does_not_tell_its_place(place: str) -> None:
    cursor = seal_cursor(KEY, "tacheng-cdc", "inbound", place)

    seen = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    assert place.encode() not in seen
    assert b"place" not in seen


@pytest.mark.parametrize(
    ("key", "client", "listing"),
    [(b"other key", "tacheng-cdc", "inbound"), (KEY, "another", "inbound"), (KEY, "tacheng-cdc", "numbers")],
)
def test_a_cursor_is_good_for_one_key_one_client_and_one_listing(
    key: bytes, client: str, listing: str
) -> None:
    cursor = seal_cursor(KEY, "tacheng-cdc", "inbound", "100")

    with pytest.raises(InvalidInput, match="cursor_invalid"):
        open_cursor(key, client, listing, cursor)


def test_a_cursor_that_was_changed_anywhere_is_refused() -> None:
    cursor = seal_cursor(KEY, "tacheng-cdc", "inbound", "100")

    for place, old in enumerate(cursor[:-1]):
        changed = cursor[:place] + ("A" if old != "A" else "B") + cursor[place + 1 :]
        with pytest.raises(InvalidInput, match="cursor_invalid"):
            open_cursor(KEY, "tacheng-cdc", "inbound", changed)


@given(st.text(max_size=600))
def test_no_text_of_a_stranger_is_a_cursor(text: str) -> None:
    with pytest.raises(InvalidInput, match="cursor_invalid"):
        open_cursor(KEY, "tacheng-cdc", "inbound", text)


def test_a_listing_goes_on_where_its_page_ended() -> None:
    listing = Listing(Keys(), "tacheng-cdc", "inbound of 2025-11-24")

    page = listing.page("inbound", ["a"], "in-7")

    assert listing.place({"cursor": str(page["cursor"])}) == "in-7"
    assert listing.page("inbound", [], None) == {"inbound": [], "cursor": None}
    assert listing.place({}) is None
