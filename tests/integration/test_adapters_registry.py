"""The registry: the fake and the real store keep the same promises."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import count

import pytest

from openmas.adapters.items_registry import client_item
from openmas.adapters.registry import AwsRegistry
from openmas.adapters.table import Table
from openmas.domain.activation import Activation, Holder
from openmas.domain.change import Change
from openmas.domain.contract import AccessCode, Contract, DocumentKind
from openmas.domain.port import Flow, FlowState, Terms
from openmas.domain.profile import ApiKey, Client, Mode, Profile, Scope
from openmas.domain.signing import Basis, Ruling, SignatureKind, SignatureStatus
from openmas.domain.template import TemplateStatus
from openmas.errors import Conflict, Unavailable
from openmas.needs import Registry
from tests.fakes import sample
from tests.fakes.world import FakeClock, FakeWorld
from tests.integration.conftest import Platform

KEY = ApiKey("a" * 64, Mode.TEST, frozenset({Scope.SEND, Scope.READ}), ("192.0.2.0/24",), sample.NOW, "desk")
TODAY = sample.TODAY
QUARANTINE = timedelta(days=90)
_names = count()


@pytest.fixture(params=["fake", "aws"])
def registry(request: pytest.FixtureRequest) -> Registry:
    if request.param == "fake":
        return FakeWorld().registry
    platform: Platform = request.getfixturevalue("platform")
    return platform.world().registry


@pytest.fixture
def client() -> Client:
    return Client(f"registry-{next(_names)}", "塔城市疾病预防控制中心")


def profile_of(registry: Registry, client: Client) -> Profile:
    profile = registry.profile(client.id)
    assert profile is not None
    return profile


def test_a_client_that_nobody_entered_has_no_profile(registry: Registry, client: Client) -> None:
    registry.keep_key(client.id, KEY)

    assert registry.profile(client.id) is None
    assert client.id not in registry.clients()


@pytest.mark.parametrize("name", ["client", "clients", "port"])
def test_a_client_may_be_called_as_a_part_of_the_registry_is(registry: Registry, name: str) -> None:
    client = Client(name, "塔城市疾病预防控制中心")

    assert registry.profile(name) is None
    registry.keep_client(client)

    assert registry.profile(name) == Profile(client)
    assert name in registry.clients()


def test_a_client_can_be_entered_and_suspended(registry: Registry, client: Client) -> None:
    registry.keep_client(client)
    assert profile_of(registry, client) == Profile(client)

    stopped = replace(
        client, suspended=True, effective_on=TODAY, notice_given_on=TODAY, change=sample.CHANGE, version=2
    )
    registry.keep_client(stopped)

    assert profile_of(registry, client).client == stopped
    assert list(registry.client_versions(client.id)) == [client, stopped]
    assert list(registry.clients()).count(client.id) == 1


def test_of_two_who_change_a_clients_record_at_once_one_is_told(registry: Registry, client: Client) -> None:
    registry.keep_client(client)
    stopped = replace(client, suspended=True, version=2)
    registry.keep_client(stopped)

    for late in (client, replace(client, full_name="别的", version=2), replace(client, version=4)):
        with pytest.raises(Conflict) as told:
            registry.keep_client(late)
        assert told.value.code == "client_moved_on"

    assert list(registry.client_versions(client.id)) == [client, stopped]


def test_a_record_from_before_versions_were_kept_is_the_first_one(platform: Platform, client: Client) -> None:
    dynamodb = platform.session.client("dynamodb", endpoint_url=platform.environ["AWS_ENDPOINT_URL"])
    old = {name: value for name, value in client_item(client).items() if name != "version"}
    Table(dynamodb, platform.environ["REGISTRY_TABLE"]).put(old)
    registry, stopped = platform.world().registry, replace(client, suspended=True, version=2)
    assert profile_of(registry, client).client == client

    registry.keep_client(stopped)

    assert profile_of(registry, client).client == stopped
    with pytest.raises(Conflict, match="client_moved_on"):
        registry.keep_client(replace(client, version=2))


def test_a_profile_holds_all_that_was_entered(registry: Registry, client: Client) -> None:
    port = f"10650973{next(_names):06d}"
    first = sample.contract(code=port)
    second = replace(first, version=2, effective_on=date(2025, 11, 20))
    third = replace(first, version=3)
    templates = [sample.template(version=n) for n in (1, 2, 10)]
    late, early = (sample.document(DocumentKind.QUALIFICATION, TODAY, days_ago=n) for n in (1, 2))

    registry.keep_client(client)
    registry.keep_key(client.id, KEY)
    for contract in (second, first):
        sample.put_in_force(registry, client.id, contract)
    registry.keep_contract(client.id, third)
    for document in (late, early):
        registry.keep_document(client.id, document)
    for template in reversed(templates):
        registry.keep_template(client.id, template)

    found = profile_of(registry, client)
    assert found == Profile(
        client=client,
        keys={KEY.sha256: KEY},
        contracts=(first, second),
        drafts=(third,),
        activations=found.activations,
        documents=(early, late),
        templates={"flu-notice": tuple(templates)},
    )
    assert found.activations.keys() == {(first.number, 1), (first.number, 2)}
    assert registry.client_of_port(port) == client.id
    assert registry.client_of_port("1065000000000") is None


def test_a_document_is_withdrawn_once_and_stays(registry: Registry, client: Client) -> None:
    registry.keep_client(client)
    one, two = (sample.document(DocumentKind.QUALIFICATION, TODAY, days_ago=n) for n in (2, 1))
    registry.keep_document(client.id, one)
    registry.keep_document(client.id, two)
    gone = replace(one, withdrawn=Change("olga", sample.NOW, "another client's"))

    assert registry.withdraw_document(client.id, gone) == gone
    assert registry.withdraw_document(client.id, replace(gone, withdrawn=sample.CHANGE)) == gone

    assert profile_of(registry, client).documents == (gone, two)


def test_a_dropped_key_opens_nothing(registry: Registry, client: Client) -> None:
    registry.keep_client(client)
    registry.keep_key(client.id, KEY)

    registry.drop_key(client.id, KEY.sha256)
    registry.drop_key(client.id, KEY.sha256)

    assert profile_of(registry, client).keys == {}


def test_a_contract_version_cannot_be_written_over(registry: Registry, client: Client) -> None:
    contract = sample.contract(code=f"10650974{next(_names):06d}")
    registry.keep_client(client)
    registry.keep_contract(client.id, contract)
    registry.keep_contract(client.id, contract)

    with pytest.raises(Conflict) as told:
        registry.keep_contract(
            client.id, replace(contract, signature="别的名", access_code=AccessCode("1065090000001"))
        )

    assert told.value.code == "contract_version_stored"
    assert profile_of(registry, client).drafts == (contract,)
    assert registry.client_of_port("1065090000001") is None


def activation(contract: Contract) -> Activation:
    return Activation(contract=contract.number, version=contract.version, by="operator", at=sample.NOW)


def test_a_draft_counts_for_nothing_until_it_is_activated(registry: Registry, client: Client) -> None:
    contract = sample.contract(code=f"10650976{next(_names):06d}")
    code = contract.access_code.code
    registry.keep_client(client)
    registry.keep_contract(client.id, contract)
    assert (profile_of(registry, client).contracts, registry.holder_of(code)) == ((), None)

    registry.activate(client.id, activation(contract), code, None, 0)

    profile = profile_of(registry, client)
    assert (profile.contracts, profile.drafts) == ((contract,), ())
    assert profile.activations == {(contract.number, 1): activation(contract)}
    assert registry.holder_of(code) == Holder(client.id, contract.number, 1)


def test_a_version_is_activated_once(registry: Registry, client: Client) -> None:
    contract = sample.contract(code=f"10650978{next(_names):06d}")
    code = contract.access_code.code
    registry.keep_client(client)
    sample.put_in_force(registry, client.id, contract)

    with pytest.raises(Conflict) as told:
        registry.activate(client.id, activation(contract), code, registry.holder_of(code), 1)

    assert told.value.code == "contract_activated"
    assert profile_of(registry, client).activations != {(contract.number, 1): activation(contract)}


@pytest.mark.parametrize("same_code", [True, False])
def test_a_version_is_activated_only_after_all_that_were_before_it(
    registry: Registry, client: Client, same_code: bool
) -> None:
    first = sample.contract(code=f"10650979{next(_names):06d}")
    code = first.access_code.code
    other_code = code if same_code else f"10650979{next(_names):06d}"
    registry.keep_client(client)
    sample.put_in_force(registry, client.id, first)
    seen, seen_other = registry.holder_of(code), registry.holder_of(other_code)
    second, third = (replace(first, version=n) for n in (2, 3))
    for version in (second, third):
        registry.keep_contract(client.id, version)

    registry.activate(client.id, activation(third), code, seen, 1)
    with pytest.raises(Conflict) as told:
        registry.activate(client.id, activation(second), other_code, seen_other, 1)

    assert told.value.code == "contract_moved_on"
    assert profile_of(registry, client).contracts == (first, third)
    assert registry.holder_of(code) == Holder(client.id, first.number, 3)
    registry.activate(client.id, activation(second), other_code, registry.holder_of(other_code), 2)
    assert profile_of(registry, client).activated(first.number) == 3


def test_the_access_codes_that_begin_with_another_are_found_whoever_has_them(
    registry: Registry, client: Client
) -> None:
    short = f"10650971{next(_names):06d}"
    codes = [short, f"{short}0", f"{short}04", f"10650970{next(_names):06d}"]
    for number, code in enumerate(codes):
        holder = replace(client, id=f"{client.id}-{number}")
        registry.keep_client(holder)
        sample.put_in_force(registry, holder.id, sample.contract(code=code))
    registry.keep_port(client.id, replace(sample.port(), number=f"{short}05", access_code=short))

    assert list(registry.codes_within(short)) == codes[:3]


def test_no_access_code_is_given_out_since_those_beside_it_were_looked_at(
    registry: Registry, client: Client
) -> None:
    given, contracts = registry.codes_given(), {}
    for name in ("one", "two"):
        holder = replace(client, id=f"{client.id}-{name}")
        contracts[holder.id] = sample.contract(code=f"10650974{next(_names):06d}")
        registry.keep_client(holder)
        registry.keep_contract(holder.id, contracts[holder.id])
    (one, first), (two, second) = contracts.items()

    registry.activate(one, activation(first), first.access_code.code, None, 0, given)
    with pytest.raises(Unavailable) as told:
        registry.activate(two, activation(second), second.access_code.code, None, 0, given)

    assert told.value.code == "codes_contended"
    assert (registry.codes_given(), registry.holder_of(second.access_code.code)) == (given + 1, None)
    registry.activate(two, activation(second), second.access_code.code, None, 0, given + 1)
    assert registry.client_of_port(second.access_code.code) == two


def test_an_access_code_goes_only_to_who_has_seen_its_holder(registry: Registry, client: Client) -> None:
    contract = sample.contract(code=f"10650975{next(_names):06d}")
    code, other = contract.access_code.code, Client(f"{client.id}-other", "别的")
    for each in (client, other):
        registry.keep_client(each)
        registry.keep_contract(each.id, contract)
    sample.put_in_force(registry, client.id, contract)
    seen = registry.holder_of(code)
    later = replace(contract, version=2)
    sample.put_in_force(registry, client.id, later)

    for stale in (None, seen):
        with pytest.raises(Conflict) as told:
            registry.activate(other.id, activation(contract), code, stale, 0)
        assert told.value.code == "access_code_taken"

    assert profile_of(registry, other).contracts == ()
    assert registry.client_of_port(code) == client.id
    registry.activate(other.id, activation(contract), code, Holder(client.id, contract.number, 2), 0)
    assert registry.client_of_port(code) == other.id


def test_a_template_version_cannot_be_written_over(registry: Registry, client: Client) -> None:
    template = sample.template()
    registry.keep_client(client)
    registry.keep_template(client.id, template)
    registry.keep_template(client.id, template)

    with pytest.raises(Conflict) as told:
        registry.keep_template(client.id, replace(template, status=TemplateStatus.STOPPED))

    assert told.value.code == "template_version_stored"
    assert profile_of(registry, client).templates == {"flu-notice": (template,)}


def test_what_was_decided_of_a_template_version_stands_in_place_of_what_it_was(
    registry: Registry, client: Client
) -> None:
    pending = replace(sample.template(), status=TemplateStatus.PENDING)
    passed = replace(
        pending, status=TemplateStatus.APPROVED, change=Change("p-operator", sample.NOW, "as it reads")
    )
    stopped = replace(
        passed,
        status=TemplateStatus.WITHDRAWN,
        change=Change("p-operator", sample.NOW + timedelta(seconds=1), "misread"),
    )
    registry.keep_client(client)
    registry.keep_template(client.id, pending)

    registry.keep_template(client.id, passed, pending)
    registry.keep_template(client.id, passed, pending)
    registry.keep_template(client.id, stopped, passed)

    assert profile_of(registry, client).templates == {"flu-notice": (stopped,)}
    for late, before in ((replace(passed, status=TemplateStatus.REFUSED), pending), (passed, pending)):
        with pytest.raises(Conflict, match="template_version_stored"):
            registry.keep_template(client.id, late, before)
    with pytest.raises(Conflict, match="template_version_stored"):
        registry.keep_template(client.id, replace(passed, version=2), replace(pending, version=2))


def registry_with(platform: Platform, clock: FakeClock) -> AwsRegistry:
    dynamodb = platform.session.client("dynamodb", endpoint_url=platform.environ["AWS_ENDPOINT_URL"])
    return AwsRegistry(Table(dynamodb, platform.environ["REGISTRY_TABLE"]), clock)


def test_a_profile_is_at_most_5_s_old(platform: Platform, client: Client) -> None:
    clock = FakeClock()
    here, elsewhere = registry_with(platform, clock), platform.world().registry
    here.keep_client(client)
    assert not profile_of(here, client).client.suspended

    elsewhere.keep_client(replace(client, suspended=True, version=2))

    clock.tick(4.9)
    assert not profile_of(here, client).client.suspended
    fresh = here.profile(client.id, fresh=True)
    assert fresh is not None
    assert fresh.client.suspended
    clock.tick(0.1)
    assert profile_of(here, client).client.suspended


def test_what_this_process_changes_it_sees_at_once(platform: Platform, client: Client) -> None:
    here = registry_with(platform, FakeClock())
    here.keep_client(client)
    assert profile_of(here, client).keys == {}

    here.keep_key(client.id, KEY)

    assert profile_of(here, client).keys == {KEY.sha256: KEY}


def test_a_flood_of_unknown_clients_is_not_remembered(platform: Platform) -> None:
    here = registry_with(platform, FakeClock())

    assert [here.profile(f"nobody-{n}") for n in range(3)] == [None] * 3
    assert len(here._profiles) == 0


def test_a_port_is_kept_version_by_version(registry: Registry, client: Client) -> None:
    code = f"10650976{next(_names):06d}"
    first = replace(sample.port(valid_until=date(2026, 1, 1), rate_per_s=9, signatures=("塔城", "疾控")),
                    number=f"{code}7", access_code=code)  # fmt: skip
    second = first.with_flow(Flow(FlowState.LIMITED, sample.CHANGE, 5))
    registry.keep_client(client)

    registry.keep_port(client.id, first)
    registry.keep_port(client.id, second)

    assert profile_of(registry, client).ports == {first.number: second}
    assert list(registry.port_versions(client.id, first.number)) == [first, second]
    assert list(registry.port_versions(client.id, code)) == []
    assert registry.client_of_port(first.number) == client.id
    assert registry.client_of_port(code) is None


def test_of_two_who_change_a_port_at_once_one_is_told(registry: Registry, client: Client) -> None:
    first = sample.port(number=f"1065097332714{next(_names):04d}")
    closed = first.with_flow(Flow(FlowState.CLOSED, sample.CHANGE))
    limited = first.with_flow(Flow(FlowState.LIMITED, sample.CHANGE, 5))
    registry.keep_client(client)
    registry.keep_port(client.id, first)
    registry.keep_port(client.id, closed)

    for late in (first, limited):
        with pytest.raises(Conflict) as told:
            registry.keep_port(client.id, late)
        assert told.value.code == "port_moved_on"

    assert list(registry.port_versions(client.id, first.number)) == [first, closed]


def test_a_number_is_one_clients_until_its_quarantine_is_over(registry: Registry, client: Client) -> None:
    port = sample.port(number=f"1065097332714{next(_names):04d}")
    other = Client(f"{client.id}-other", "别的")
    for each in (client, other):
        registry.keep_client(each)
    registry.keep_port(client.id, port)

    with pytest.raises(Conflict) as told:
        registry.keep_port(other.id, port)
    assert told.value.code == "port_taken"
    assert profile_of(registry, other).ports == {}

    # The fake's clock stands in 2025, and the real one goes on: 30 years are long, and 0 days are over.
    resting = port.reclaimed(sample.TODAY, 365 * 30, sample.CHANGE)
    registry.keep_port(client.id, resting)
    with pytest.raises(Conflict):
        registry.keep_port(other.id, port)
    assert registry.client_of_port(port.number) == client.id

    registry.keep_port(client.id, resting.again(port))
    registry.keep_port(client.id, resting.again(port).reclaimed(sample.TODAY, 0, sample.CHANGE))
    registry.keep_port(other.id, port)
    assert registry.client_of_port(port.number) == other.id


def test_a_number_in_quarantine_says_so_and_goes_only_to_who_has_seen_that(
    registry: Registry, client: Client
) -> None:
    port = sample.port(number=f"1065097332714{next(_names):04d}")
    other = Client(f"{client.id}-other", "别的")
    for each in (client, other):
        registry.keep_client(each)
    registry.keep_port(client.id, port)
    registry.keep_port(client.id, port.reclaimed(sample.TODAY, QUARANTINE.days, sample.CHANGE))

    contract, seen = sample.contract(code=port.number), registry.holder_of(port.number)
    assert seen is not None
    assert (seen.client, seen.contract, seen.free_on) == (client.id, None, sample.TODAY + QUARANTINE)
    for stale in (None, replace(seen, free_on=None), replace(seen, contract=contract.number, version=1)):
        with pytest.raises(Conflict) as told:
            registry.activate(other.id, activation(contract), port.number, stale, 0)
        assert told.value.code == "access_code_taken"

    registry.activate(other.id, activation(contract), port.number, seen, 0)

    assert registry.holder_of(port.number) == Holder(other.id, contract.number, contract.version)


def test_an_access_code_stays_its_contracts_whatever_is_registered_for_it(
    registry: Registry, client: Client
) -> None:
    code = f"10650977{next(_names):06d}"
    bare = replace(sample.port(), number=code, access_code=code, terms=Terms(None))
    registry.keep_client(client)
    sample.put_in_force(registry, client.id, sample.contract(code=code))
    holder = registry.holder_of(code)

    registry.keep_port(client.id, bare)
    assert list(registry.port_versions(client.id, code)) == [bare]
    registry.keep_port(client.id, bare.reclaimed(sample.TODAY, 0, sample.CHANGE))

    assert registry.holder_of(code) == holder


def test_a_signature_is_kept_version_by_version(registry: Registry, client: Client) -> None:
    first = sample.signature(
        status=SignatureStatus.PENDING,
        basis=Basis.TRADE_MARK,
        evidence="1",
        trade_mark="塔",
        product_kind="城",
    )
    second = replace(first, case="review#signature#1").judged(Ruling.PASS, sample.CHANGE)
    english = sample.signature("T & C/1", kind=SignatureKind.ENGLISH, chinese=first.text)
    registry.keep_client(client)

    for each in (first, second, english):
        registry.keep_signature(client.id, each)

    assert profile_of(registry, client).signatures == {first.text: second, english.text: english}
    assert list(registry.signature_versions(client.id, first.text)) == [first, second]
    with pytest.raises(Conflict) as told:
        registry.keep_signature(client.id, second)
    assert told.value.code == "signature_moved_on"


def test_a_number_that_was_left_behind_is_the_next_clients(registry: Registry, client: Client) -> None:
    port = sample.port(number=f"1065097332714{next(_names):04d}")
    other = Client(f"{client.id}-other", "别的")
    for each in (client, other):
        registry.keep_client(each)
    registry.keep_port(client.id, port)

    with pytest.raises(Conflict):
        registry.keep_port(other.id, port, f"{client.id}-elsewhere")
    registry.keep_port(other.id, port, client.id)
    # Reclaimed between the look and the write, it rests like any other.
    rests = sample.port(number=f"{port.number}1")
    registry.keep_port(client.id, rests)
    registry.keep_port(client.id, rests.reclaimed(sample.TODAY, 365 * 30, sample.CHANGE))
    with pytest.raises(Conflict):
        registry.keep_port(other.id, rests, client.id)

    assert registry.client_of_port(port.number) == other.id
    with pytest.raises(Conflict):
        registry.keep_port(client.id, port.reclaimed(sample.TODAY, 5, sample.CHANGE))
