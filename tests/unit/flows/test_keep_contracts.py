"""The registry holds what an operator put there, once, and tells a key's text never again."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from openmas.domain.change import Change
from openmas.domain.ids import CLIENT as CLIENT_FORM
from openmas.domain.profile import ApiKey, Client, Mode, Profile, Scope
from openmas.errors import Conflict, InvalidInput, NotFound
from openmas.flows import keep_contracts as flow
from openmas.flows.keep_contracts import (
    drop_key,
    issue_key,
    keep_contract,
    show_client,
)
from tests.fakes import sample
from tests.fakes.registry import FakeRegistry
from tests.fakes.world import FakeWorld


def keep_client(world: FakeWorld, client: Client) -> None:
    flow.keep_client(world, client, "p-operator", "as agreed")


WANTED = ApiKey(sha256="", mode=Mode.LIVE, scopes=frozenset({Scope.SEND}), label="crm")


def test_a_key_is_kept_by_its_hash_alone() -> None:
    world = FakeWorld().with_sample()

    text, key = issue_key(world, sample.CLIENT, WANTED)

    client, mode, secret = text.split(".")
    assert (client, mode, len(secret)) == (sample.CLIENT, "live", 43)
    assert key == replace(WANTED, sha256=sha256(text.encode()).hexdigest())
    assert show_client(world, sample.CLIENT).keys == {key.sha256: key}
    assert secret not in str(world.registry.keys)


def test_a_dropped_key_is_gone_and_others_stay() -> None:
    world = FakeWorld().with_sample()
    keys = [issue_key(world, sample.CLIENT, WANTED)[1] for _ in range(3)]

    drop_key(world, sample.CLIENT, keys[1].sha256)

    assert set(show_client(world, sample.CLIENT).keys) == {keys[0].sha256, keys[2].sha256}
    with pytest.raises(NotFound, match="key_not_kept"):
        drop_key(world, sample.CLIENT, keys[1].sha256)


@pytest.mark.parametrize(
    "name", ["", "a", "ab", "A-client", "x" * 33, "a#b", "-ab", "ab-", "a b", "ab\n", "塔城"]
)
def test_a_client_has_a_name_that_fits_into_a_key(name: str) -> None:
    world = FakeWorld()
    assert CLIENT_FORM.fullmatch(sample.CLIENT)

    with pytest.raises(InvalidInput, match="client_malformed"):
        keep_client(world, Client(name, "某单位"))

    assert not world.registry.kept


def test_a_client_is_kept_as_it_is_last_described() -> None:
    world = FakeWorld().with_sample()

    keep_client(world, Client(sample.CLIENT, "塔城市疾病预防控制中心", suspended=True))

    assert show_client(world, sample.CLIENT).client.suspended
    assert show_client(world, sample.CLIENT).contracts


def test_every_version_of_a_clients_record_is_kept_with_who_when_and_why() -> None:
    world = FakeWorld()
    named = Client(sample.CLIENT, "塔城市疾病预防控制中心")
    first, _ = flow.keep_client(world, named, "li", "new client")
    world.clock.tick(days=1)

    again, _ = flow.keep_client(world, named, "wang", "again")
    stopped, odd = flow.keep_client(world, replace(named, suspended=True), "wang", "an emergency")

    assert (again, odd) == (first, ())
    assert (first.effective_on, stopped.effective_on) == (sample.TODAY, sample.TODAY + timedelta(days=1))
    assert stopped.change == Change("wang", sample.NOW + timedelta(days=1), "an emergency")
    assert flow.client_versions(world, sample.CLIENT) == [first, stopped]
    assert show_client(world, sample.CLIENT).client == stopped


def test_a_new_name_that_is_not_the_contracts_is_told_and_holds_all_the_same() -> None:
    world = FakeWorld().with_sample()

    kept, odd = flow.keep_client(world, Client(sample.CLIENT, "塔城地区疾控中心"), "li", "they told us")
    known = replace(kept, effective_on=None, notice_given_on=sample.TODAY)
    told, later = flow.keep_client(world, known, "li", "their letter")

    assert [each.path for each in odd] == ["/full_name", "/notice_given_on"]
    assert [each.path for each in later] == ["/full_name"]
    assert flow.client_versions(world, sample.CLIENT)[1:] == [kept, told]
    assert told.notice_given_on == sample.TODAY


def test_the_sample_contract_is_odd_in_three_ways_and_kept_all_the_same() -> None:
    world = FakeWorld()
    keep_client(world, sample.client())

    odd = keep_contract(world, sample.CLIENT, sample.contract())

    assert [each.clause for each in odd] == ["6.3", "3.2.1", "2.1.9"]
    assert show_client(world, sample.CLIENT).drafts == (sample.contract(),)
    assert show_client(world, sample.CLIENT).contracts == ()


def test_a_price_that_changes_without_an_agreement_is_told_when_the_version_is_kept() -> None:
    world = FakeWorld().with_sample()
    first = sample.contract()
    dearer = replace(first, version=2, tariff=replace(first.tariff, overage_hao_per_unit=500))

    odd = keep_contract(world, sample.CLIENT, dearer)

    assert [each.clause for each in odd] == ["6.3", "3.2.1", "2.1.9", "12.3", "3.2.4"]


def test_a_price_is_compared_with_what_is_in_force_and_not_with_a_draft() -> None:
    world = FakeWorld().with_sample()
    first = sample.contract()
    dearer = replace(first, version=2, tariff=replace(first.tariff, overage_hao_per_unit=500))
    keep_contract(world, sample.CLIENT, dearer)

    same_as_draft = keep_contract(world, sample.CLIENT, replace(dearer, version=3))
    same_as_in_force = keep_contract(world, sample.CLIENT, replace(first, version=4))

    assert "Prices differ from version 1" in same_as_draft[-1].text
    assert [each.clause for each in same_as_in_force] == ["6.3", "3.2.1", "2.1.9", "12.3"]


def test_the_versions_of_a_contract_have_no_gaps() -> None:
    world = FakeWorld()
    keep_client(world, sample.client())

    for version in (1, 2, 1):
        keep_contract(world, sample.CLIENT, replace(sample.contract(), version=version))
    with pytest.raises(Conflict) as told:
        keep_contract(world, sample.CLIENT, replace(sample.contract(), version=4))
    with pytest.raises(Conflict, match="contract_version_skipped"):
        keep_contract(world, sample.CLIENT, replace(sample.contract(), number="C-2", version=2))

    assert (told.value.code, told.value.clause) == ("contract_version_skipped", "10")
    assert [fault.pointer for fault in told.value.faults] == ["/version"]
    assert [each.version for each in show_client(world, sample.CLIENT).drafts] == [1, 2]


def test_nothing_is_kept_for_a_client_that_there_is_not() -> None:
    world = FakeWorld()

    for act in (
        lambda: issue_key(world, "nobody", WANTED),
        lambda: keep_contract(world, "nobody", sample.contract()),
        lambda: drop_key(world, "nobody", "0" * 64),
    ):
        with pytest.raises(NotFound, match="client_unknown"):
            act()

    assert not world.registry.ports
    assert not world.registry.contracts


class Remembering(FakeRegistry):
    """Tells what it knew before, unless it is asked for the newest."""

    def profile(self, client: str, *, fresh: bool = False) -> Profile | None:
        return super().profile(client) if fresh else Profile(sample.client())


def test_an_operator_decides_on_what_is_kept_now() -> None:
    world = FakeWorld()
    world.registry = Remembering()
    keep_client(world, sample.client())

    _, key = issue_key(world, sample.CLIENT, WANTED)
    drop_key(world, sample.CLIENT, key.sha256)

    assert not world.registry.keys[sample.CLIENT]
