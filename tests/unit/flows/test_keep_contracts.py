"""The registry holds what an operator put there, once, and tells a key's text never again."""

from dataclasses import replace
from hashlib import sha256

import pytest

from openmas.domain.ids import CLIENT as CLIENT_FORM
from openmas.domain.profile import ApiKey, Client, Mode, Profile, Scope
from openmas.domain.template import TemplateStatus
from openmas.errors import Conflict, InvalidInput, NotFound
from openmas.flows.keep_contracts import (
    drop_key,
    issue_key,
    keep_client,
    keep_contract,
    keep_template,
    show_client,
)
from tests.fakes import sample
from tests.fakes.registry import FakeRegistry
from tests.fakes.world import FakeWorld

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
        lambda: keep_template(world, "nobody", sample.template()),
        lambda: drop_key(world, "nobody", "0" * 64),
    ):
        with pytest.raises(NotFound, match="client_unknown"):
            act()

    assert not world.registry.ports
    assert not world.registry.contracts


def test_a_template_gets_a_new_version_whenever_it_reads_otherwise() -> None:
    world = FakeWorld().with_sample()
    wanted = sample.template(version=0)
    stopped = replace(wanted, status=TemplateStatus.STOPPED)

    versions = [
        keep_template(world, sample.CLIENT, each).version for each in (wanted, stopped, stopped, wanted)
    ]

    assert versions == [1, 2, 2, 3]
    assert [each.version for each in show_client(world, sample.CLIENT).templates[wanted.id]] == [1, 2, 3]


def test_a_template_that_carries_a_signature_of_its_own_is_not_kept() -> None:
    world = FakeWorld().with_sample()

    with pytest.raises(InvalidInput) as caught:
        keep_template(world, sample.CLIENT, replace(sample.template(version=0), text="【别的单位】{place}"))

    assert (caught.value.code, caught.value.clause) == ("text_has_signature", "2.1.9")
    assert len(world.registry.templates[sample.CLIENT]) == 1


class Stale(FakeRegistry):
    """Tells what it knew before anybody kept anything, also to whoever asks it for the newest."""

    def profile(self, client: str, *, fresh: bool = False) -> Profile | None:
        return Profile(sample.client())


class Remembering(FakeRegistry):
    """Tells what it knew before, unless it is asked for the newest."""

    def profile(self, client: str, *, fresh: bool = False) -> Profile | None:
        return super().profile(client) if fresh else Profile(sample.client())


def test_an_operator_decides_on_what_is_kept_now() -> None:
    world = FakeWorld()
    world.registry = Remembering()
    keep_client(world, sample.client())
    wanted = sample.template(version=0)

    versions = [
        keep_template(world, sample.CLIENT, replace(wanted, text=f"{{place}}{n}")).version for n in (1, 2)
    ]
    _, key = issue_key(world, sample.CLIENT, WANTED)
    drop_key(world, sample.CLIENT, key.sha256)

    assert versions == [1, 2]
    assert not world.registry.keys[sample.CLIENT]


def test_of_two_operators_who_change_a_template_at_once_one_is_told() -> None:
    world = FakeWorld()
    world.registry = Stale()
    one, other = (replace(sample.template(version=0), text=f"{{place}}{n}。") for n in range(2))
    keep_template(world, sample.CLIENT, one)

    with pytest.raises(Conflict, match="template_version_stored"):
        keep_template(world, sample.CLIENT, other)
