from hashlib import sha256
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.webhook import Door
from openmas.errors import NotAllowed

OLD, NEW = (sha256(key.encode()).hexdigest() for key in ("old-key", "new-key"))
ANYWHERE = Door((OLD, NEW))
NEAR = Door((OLD,), (ip_network("192.0.2.0/24"), ip_network("2001:db8::/32")))


def test_while_a_key_is_changed_both_let_in() -> None:
    for key in ("old-key", "new-key"):
        ANYWHERE.admit(key, "203.0.113.9")


@pytest.mark.parametrize(
    ("door", "key", "source", "code"),
    [
        (ANYWHERE, None, "192.0.2.1", "key_missing"),
        (ANYWHERE, "", "192.0.2.1", "key_missing"),
        (ANYWHERE, "older-key", "192.0.2.1", "key_unknown"),
        (ANYWHERE, OLD, "192.0.2.1", "key_unknown"),
        (Door(()), "old-key", "192.0.2.1", "key_unknown"),
        (NEAR, "older-key", "203.0.113.9", "key_unknown"),
        (NEAR, "old-key", "203.0.113.9", "address_not_allowed"),
        (NEAR, "old-key", "2001:db9::1", "address_not_allowed"),
        (NEAR, "old-key", "", "address_not_allowed"),
        (NEAR, "old-key", "192.0.2.1, 203.0.113.9", "address_not_allowed"),
    ],
)
def test_strangers_stay_outside(door: Door, key: str | None, source: str, code: str) -> None:
    with pytest.raises(NotAllowed) as caught:
        door.admit(key, source)

    assert caught.value.code == code


@pytest.mark.parametrize("source", ["192.0.2.255", "2001:db8:1::7", "::ffff:192.0.2.1"])
def test_neighbours_with_a_key_come_in(source: str) -> None:
    NEAR.admit("old-key", source)


@given(st.text().filter(lambda key: key not in ("old-key", "new-key")))
def test_no_other_text_is_a_key(key: str) -> None:
    with pytest.raises(NotAllowed):
        ANYWHERE.admit(key, "192.0.2.1")
