"""Who may come in, and that nobody else learns anything."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.domain.profile import ApiKey, Mode, Profile, Scope
from openmas.edge.access import Door, client_calling, operator_calling
from openmas.edge.problems import problem
from openmas.edge.request import Request
from openmas.errors import NotAllowed
from tests.fakes.world import FakeWorld

NOW = datetime(2025, 11, 24, 1, 30, tzinfo=UTC)
TEXT = "tacheng-cdc.live." + "s" * 43


def door(text: str = TEXT, mode: Mode = Mode.LIVE, **limits: object) -> Door:
    world = FakeWorld(at=NOW).with_sample()
    facts = {"scopes": frozenset(Scope), **limits}
    world.registry.keep_key("tacheng-cdc", ApiKey(sha256(text.encode()).hexdigest(), mode, **facts))  # type: ignore[arg-type]
    return world


def request(text: str, address: str = "192.0.2.7", scheme: str = "Bearer") -> Request:
    return Request("GET", "/v1/usage", headers={"authorization": f"{scheme} {text}"}, address=address)


def refused(asked: Request, way: Door, scope: Scope = Scope.READ) -> NotAllowed:
    with pytest.raises(NotAllowed) as caught:
        client_calling(asked, scope, way)
    return caught.value


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_right_key_opens(scheme: str) -> None:
    caller = client_calling(request(TEXT, scheme=scheme), Scope.SEND, door())

    assert (caller.client, caller.key.mode) == ("tacheng-cdc", Mode.LIVE)


STRANGERS = [
    "tacheng-cdc.live." + "t" * 43,
    "tacheng-cdc.test." + "s" * 43,
    "nobody-here.live." + "s" * 43,
    "tacheng-cdc.live.",
    "tacheng-cdc",
    "..",
    "Tacheng-CDC.live." + "s" * 43,
    "tacheng-cdc#x.live." + "s" * 43,
    TEXT + " ",
    TEXT + "s" * 200,
    "塔城." + "s" * 43,
    "\ud800.live.s",
    "s" * 10_000,
]


@pytest.mark.parametrize("text", [text for text in STRANGERS if text.strip() != TEXT])
def test_every_wrong_key_is_answered_in_the_same_words(text: str) -> None:
    known, unknown = door(), FakeWorld(at=NOW)

    told = {str(problem(refused(request(text), way), "r").document) for way in (known, unknown)}

    assert told == {str(problem(refused(request("x.live.y"), known), "r").document)}
    assert "tacheng" not in str(told)


@given(st.text(max_size=80))
def test_no_text_opens_by_chance(text: str) -> None:
    error = refused(request(text), door())

    assert error.code in {"key_unknown", "key_missing"}


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": ""}, {"authorization": "Bearer"}, {"authorization": f"Basic {TEXT}"}]
)
def test_without_a_key_nothing_opens(headers: dict[str, str]) -> None:
    error = refused(Request("GET", "/v1/usage", headers=headers), door())

    assert error.code == "key_missing"


def test_a_key_kept_for_the_other_mode_than_it_names_opens_nothing() -> None:
    assert refused(request(TEXT), door(mode=Mode.TEST)).code == "key_unknown"


def test_a_key_ends_at_its_time() -> None:
    assert refused(request(TEXT), door(expires_at=NOW)).code == "key_expired"
    assert client_calling(request(TEXT), Scope.READ, door(expires_at=NOW + timedelta(seconds=1)))


@pytest.mark.parametrize("address", ["198.51.100.1", "", "unknown", "::1", "127.0.0.1.evil"])
def test_a_key_bound_to_addresses_opens_from_nowhere_else(address: str) -> None:
    bound = door(addresses=("192.0.2.0/24", "2001:db8::/32"))

    assert refused(request(TEXT, address), bound).code == "address_not_allowed"
    assert client_calling(request(TEXT, "192.0.2.7"), Scope.READ, bound)
    assert client_calling(request(TEXT, "2001:db8::9"), Scope.READ, bound)


def test_a_key_does_only_what_its_scopes_say() -> None:
    reading = door(scopes=frozenset({Scope.READ}))

    assert refused(request(TEXT), reading, Scope.SEND).code == "scope_missing"
    assert client_calling(request(TEXT), Scope.READ, reading)


class Register:
    """Knows nobody, and remembers who was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def profile(self, client: str) -> Profile | None:
        self.asked.append(client)
        return None


def test_an_unknown_client_is_looked_up_by_a_well_formed_name_only() -> None:
    register, world = Register(), FakeWorld()

    for text in ["a#b.live.x", "A.live.x", "清.live.x", "ok-name.live.x"]:
        door = SimpleNamespace(registry=register, clock=world.clock, addresses=world.addresses)
        refused(request(text), door)

    assert register.asked == ["ok-name"]


OPERATOR = [
    {"cognito:groups": "[operator]"},
    {"cognito:groups": "[auditor operator]"},
    {"cognito:groups": ["operator"]},
    {"cognito:groups": '["operator","auditor"]'},
    {"roles": "operator"},
    {"roles": ["auditor", "operator"]},
]


@pytest.mark.parametrize("claims", OPERATOR)
@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
def test_an_operator_may_do_everything(claims: dict[str, object], method: str) -> None:
    asked = Request(method, "/v1/operator/clients", claims={"sub": "p-1", **claims})

    assert operator_calling(asked) == "p-1"


def test_an_auditor_may_look_and_nothing_else() -> None:
    claims = {"sub": "p-2", "cognito:groups": "[auditor]"}

    assert operator_calling(Request("GET", "/", claims=claims)) == "p-2"
    for method in ("PUT", "POST", "DELETE", "PATCH", ""):
        with pytest.raises(NotAllowed, match="role_missing"):
            operator_calling(Request(method, "/", claims=claims))


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"cognito:groups": "[client]"},
        {"cognito:groups": ""},
        {"cognito:groups": "[operators]"},
        {"roles": None},
        {"roles": 7},
        {"roles": {"operator": True}},
        {"scope": "operator"},
        {"sub": "operator"},
    ],
)
def test_whoever_is_neither_is_refused(claims: dict[str, object]) -> None:
    with pytest.raises(NotAllowed, match="role_missing"):
        operator_calling(Request("GET", "/", claims=claims))
