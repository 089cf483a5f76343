"""Items and domain facts are two forms of the same: nothing is lost on the way there and back."""

import string
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmas.adapters import (
    items,
    items_activation,
    items_refused,
    items_registry,
    items_sender,
    items_told,
    packing,
)
from openmas.adapters.packing import Item, key
from openmas.domain.activation import Activation, Holder
from openmas.domain.batch import Batch, Intent, OwnTexts
from openmas.domain.change import Change
from openmas.domain.client_document import ClientDocument
from openmas.domain.content_kinds import ContentKind
from openmas.domain.contract import Category, DocumentKind, ServiceKind
from openmas.domain.ids import CLIENT, PARCEL_RECIPIENTS_MAX, SHARDS, batch_id, parcel_id
from openmas.domain.inbound import Inbound, KeptInbound, Mo
from openmas.domain.parcel import Law, Parcel, Refusal, State
from openmas.domain.port import Flow, FlowState, Port, Terms
from openmas.domain.profile import ApiKey, Client, Mode, Scope
from openmas.domain.receipts import Receipt, Report
from openmas.domain.refused_submission import RefusedSubmission
from openmas.domain.signing import Basis, Claim, Renewal, Signature, SignatureKind, SignatureStatus
from openmas.domain.units import Counting
from openmas.domain.variables import Variable, VariableKind
from openmas.errors import Unavailable
from tests.fakes import sample

ONE_WRITE_UNIT_BYTES = 1024

clients = st.from_regex(r"[a-z][a-z0-9-]{1,30}[a-z0-9]", fullmatch=True)
batches_named = st.builds(
    batch_id, st.dates(date(2024, 1, 1), date(2099, 1, 1)), st.binary(min_size=8, max_size=8)
)
parcels_named = st.builds(parcel_id, batches_named, st.integers(0, 49))
numbers = st.integers(13_000_000_000, 19_999_999_999).map(str)
times = st.datetimes(datetime(2020, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
seconds = times.map(lambda at: at.replace(microsecond=0))
codes = st.text(string.ascii_letters + string.digits + ":_.-", min_size=1, max_size=16)
reasons = st.sampled_from(
    ["number_on_black_list", "contract_ended", "carrier_number_refused", "content_refused.12"]
)
texts = st.text(max_size=80)
maybe = st.none() | texts
laws = st.builds(Law, st.text("新移塔分[]0123456789", min_size=1), st.integers(1, 9_999))
refusals = st.builds(Refusal, reasons, st.none() | st.text(max_size=16), st.none() | laws)
# A value has no control characters.
values = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=12) | st.just("塔城")


@st.composite
def parcels(draw: st.DrawFn) -> Parcel:
    found = tuple(draw(st.lists(numbers, min_size=1, max_size=20)))
    places = st.integers(0, len(found) - 1)
    same = draw(st.booleans())
    variables = draw(st.integers(0, 3))
    units = tuple(1 if same else n % 9 + 1 for n in range(len(found)))
    return Parcel(
        client=draw(clients),
        id=draw(parcels_named),
        numbers=found,
        units=units,
        values=tuple(draw(st.tuples(*[values] * variables)) for _ in found) if variables else (),
        category=draw(st.sampled_from(Category)),
        carrier=draw(codes),
        accepted_at=draw(times),
        valid_until=draw(times),
        test=draw(st.booleans()),
        state=draw(st.sampled_from(State)),
        version=draw(st.integers(1, 10**6)),
        attempt=draw(st.integers(0, 9)),
        ambiguous_since=draw(st.none() | times),
        called_at=draw(st.none() | times),
        submitted_at=draw(st.none() | times),
        group=draw(maybe),
        refused=draw(st.dictionaries(places, refusals)),
        receipts=frozenset(draw(st.lists(st.builds(Receipt, places, codes, seconds)))),
        due_at=draw(st.none() | times),
        send_at=draw(st.none() | times),
        lists_clock=draw(st.none() | st.integers(0, 10**9)),
    )


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    return Batch(
        client=draw(clients),
        id=draw(batches_named),
        accepted_at=draw(times),
        valid_until=draw(times),
        test=draw(st.booleans()),
        service=draw(st.sampled_from(ServiceKind)),
        category=draw(st.sampled_from(Category)),
        template=draw(maybe),
        template_version=draw(st.none() | st.integers(1, 99)),
        text=draw(texts),
        units_each=draw(st.integers(1, 9)),
        port=draw(texts),
        signature=draw(texts),
        carrier=draw(codes),
        contract=draw(texts),
        contract_version=draw(st.integers(1, 99)),
        lists_clock=draw(st.integers(0, 10**9)),
        recipients=draw(st.integers(1, 5_000)),
        consent=draw(st.sampled_from([None, sample.CONSENT])),
        reference=draw(maybe),
        parcel_size=draw(st.integers(1, PARCEL_RECIPIENTS_MAX)),
        own=draw(st.none() | st.builds(OwnTexts, st.sampled_from(Counting), st.integers(0, 10**5))),
        refused=draw(st.dictionaries(reasons, st.lists(st.integers(0, 4_999)).map(tuple))),
        send_at=draw(st.none() | times),
        warnings=draw(st.lists(reasons).map(tuple)),
        held=tuple(sorted(draw(st.sets(st.sampled_from(ContentKind))))),
        noted=draw(st.none() | st.binary(min_size=4, max_size=4)),
    )


@given(parcels())
def test_a_parcel_is_read_as_it_was_stored(parcel: Parcel) -> None:
    assert items.parcel_from(items.parcel_item(parcel)) == parcel


@given(parcels())
def test_a_parcels_tally_counts_its_messages_and_units_by_state(parcel: Parcel) -> None:
    found = packing.to_tally(items.parcel_item(parcel)["tally"])

    states = parcel.states()
    assert {state: tally.messages for state, tally in found.items()} == Counter(states)
    for state, tally in found.items():
        assert tally.units == sum(n for n, each in zip(parcel.units, states, strict=True) if each is state)


@given(batches())
def test_a_batch_is_read_as_it_was_stored(batch: Batch) -> None:
    assert items.batch_from(items.batch_item(batch)) == batch


@given(batches(), st.sampled_from(["0" * 64, "f" * 64]))
def test_an_intent_is_read_as_it_was_stored(batch: Batch, key: str) -> None:
    intent = Intent("d" * 64, batch)

    assert items.intent_from(items.intent_item(key, intent)) == intent


INBOUND = st.builds(Inbound, id=codes, client=clients, number=numbers, port=texts, text=texts, at=times)


@given(st.builds(KeptInbound, INBOUND, times, st.booleans()))
def test_an_inbound_message_is_read_as_it_was_stored(kept: KeptInbound) -> None:
    item = items_told.inbound_item(kept)

    assert items_told.kept_inbound_from(item) == kept
    assert items_told.inbound_from(item) == kept.inbound


REFUSED = st.builds(
    RefusedSubmission,
    client=clients,
    at=times,
    idempotency_key=codes,
    test=st.booleans(),
    recipients=st.integers(0, 5_000),
    reason=reasons,
    law=st.none() | laws,
    category=st.none() | st.sampled_from(Category),
    **dict.fromkeys(("port", "signature", "template", "file", "reference"), maybe),
)


@given(REFUSED)
def test_a_refused_submission_is_read_as_it_was_stored(refused: RefusedSubmission) -> None:
    assert items_refused.refusal_from(items_refused.refusal_item(refused)) == refused


def test_a_refused_submission_costs_one_write_unit_and_is_kept_as_long_as_messages() -> None:
    item = items_refused.refusal_item(sample.refused_submission(key="k" * 128))

    assert packing.size_bytes({"M": item}) <= ONE_WRITE_UNIT_BYTES
    assert item["expires_at"] == items.batch_item(sample.batch())["expires_at"]


@given(codes, codes, clients, parcels_named)
def test_a_reference_is_read_as_it_was_stored(carrier: str, group: str, client: str, parcel: str) -> None:
    assert items_told.reference_from(items_told.reference_item(carrier, group, client, parcel)) == (
        client,
        parcel,
    )


@given(
    st.builds(
        Client,
        clients,
        texts,
        st.booleans(),
        effective_on=st.none() | st.dates(),
        notice_given_on=st.none() | st.dates(),
        change=st.none() | st.builds(Change, texts, times, texts),
        version=st.integers(1, 9_999),
    )
)
def test_a_client_is_read_as_it_was_stored(client: Client) -> None:
    item = items_registry.client_item(client)

    assert items_registry.client_from(item) == client
    assert items_registry.client_from(items_sender.versioned(client.id, item)) == client


@given(
    clients,
    st.builds(
        ApiKey,
        sha256=st.just("a" * 64),
        mode=st.sampled_from(Mode),
        scopes=st.frozensets(st.sampled_from(Scope)),
        addresses=st.lists(st.just("192.0.2.0/24")).map(tuple),
        expires_at=st.none() | times,
        label=texts,
    ),
)
def test_a_key_is_read_as_it_was_stored(client: str, key: ApiKey) -> None:
    assert items_registry.api_key_from(items_registry.api_key_item(client, key)) == key


@given(
    clients,
    st.builds(
        Activation,
        contract=st.just(sample.contract().number),
        version=st.integers(1, 9_999),
        by=texts,
        at=times,
        signature_passed_because=st.none() | texts,
    ),
)
def test_an_activation_is_read_as_it_was_stored(client: str, activation: Activation) -> None:
    assert (
        items_activation.activation_from(items_activation.activation_item(client, activation)) == activation
    )


@given(
    clients,
    st.builds(
        ClientDocument,
        kind=st.sampled_from(DocumentKind),
        reference=texts,
        filed=st.builds(Change, texts, times, texts),
        sha256=st.none() | st.just("a" * 64),
        valid_until=st.none() | st.dates(),
        withdrawn=st.none() | st.builds(Change, texts, times, texts),
    ),
)
def test_a_document_is_read_as_it_was_stored(client: str, document: ClientDocument) -> None:
    stored = items_activation.client_document_item(client, document)

    assert items_activation.client_document_from(stored) == document


@given(
    st.builds(Holder, clients, st.none() | texts, st.none() | st.integers(1, 9_999), st.none() | st.dates())
)
def test_the_holder_of_a_number_is_read_as_it_was_stored(holder: Holder) -> None:
    assert items_activation.holder_from(items_activation.holder_item("10650", holder)) == holder


def test_the_sample_contract_and_template_are_read_as_they_were_stored() -> None:
    contract, template = sample.contract(), sample.template()

    assert items_registry.contract_from(items_registry.contract_item(sample.CLIENT, contract)) == contract
    assert items_registry.template_from(items_registry.template_item(sample.CLIENT, template)) == template


VARIABLES = st.one_of(
    st.builds(Variable, st.just("place"), st.sampled_from(VariableKind), st.integers(1, 200)),
    st.builds(
        Variable,
        st.just("place"),
        st.just(VariableKind.NUMBER),
        st.integers(1, 200),
        st.integers(0, 6),
        st.booleans(),
    ),
)


@given(VARIABLES)
def test_a_templates_variable_is_read_as_it_was_stored(variable: Variable) -> None:
    change = Change("p-operator", sample.NOW, "as it reads")
    template = replace(sample.template(), variables=(variable,), change=change)

    assert items_registry.template_from(items_registry.template_item(sample.CLIENT, template)) == template


def test_variables_that_were_stored_before_they_had_types_read_as_short_texts() -> None:
    stored = items_registry.template_item(sample.CLIENT, sample.template())

    read = items_registry.template_from(stored | {"variables": {"L": [{"S": "place"}]}})

    assert read.variables == (Variable("place", VariableKind.TEXT, 32),)


OTHER_FORMS = [
    lambda item: {**item, "document": {"S": "{}"}},
    lambda item: {**item, "document": {"S": "no JSON"}},
    lambda item: {**item, "document": {"S": "[]"}},
    lambda item: {name: item[name] for name in ("pk", "sk")},
]


@pytest.mark.parametrize("changed", OTHER_FORMS)
def test_a_stored_contract_of_another_form_is_no_fault_of_the_caller(changed: Callable[[Item], Item]) -> None:
    stored = changed(items_registry.contract_item(sample.CLIENT, sample.contract()))

    with pytest.raises(Unavailable) as told:
        items_registry.contract_from(stored)

    assert told.value.code == "stored_unreadable"


@pytest.mark.parametrize(
    "other", [{"text": {"S": "{other}"}}, {"category": {"S": "none"}}, {"version": {"N": "x"}}, {"text": {}}]
)
def test_a_stored_template_of_another_form_is_no_fault_of_the_caller(other: Item) -> None:
    stored = items_registry.template_item(sample.CLIENT, sample.template()) | other

    with pytest.raises(Unavailable) as told:
        items_registry.template_from(stored)

    assert told.value.code == "stored_unreadable"


@given(clients, st.from_regex(r"[a-z][a-z0-9_-]{0,31}", fullmatch=True), codes)
def test_no_client_can_be_called_so_that_its_partitions_are_anothers(
    client: str, carrier: str, group: str
) -> None:
    report = Report("13800130001", "DELIVRD", sample.NOW, group)

    others = [
        key(items_registry.DIRECTORY, client),
        items_sender.owner_key("1065097332714"),
        items_told.reference_key(carrier, group),
        items_told.orphan_item(carrier, report, sample.NOW),
        items_told.orphan_inbound_item(
            carrier, Mo("m1", "13800130001", "10650", "R", sample.NOW), sample.NOW
        ),
    ]

    assert all(items.client_of(item["pk"]["S"]) != client for item in others)
    assert not any(CLIENT.fullmatch(items.client_of(item["pk"]["S"])) for item in others)


DAYS = st.dates(date(2000, 1, 1), date(2199, 12, 31))
CHANGES = st.builds(Change, texts, times, texts)
FLOWS = st.one_of(
    st.builds(Flow, st.sampled_from([FlowState.OPEN, FlowState.CLOSED]), CHANGES),
    st.builds(Flow, st.just(FlowState.LIMITED), CHANGES, st.integers(1, 10_000)),
)
PORTS = st.builds(
    Port,
    number=st.sampled_from(["1065097332714", "10650973327149876543"]),
    access_code=st.just("1065097332714"),
    terms=st.builds(
        Terms,
        st.none() | st.sampled_from(Category),
        st.none() | DAYS,
        st.none() | st.integers(1, 10_000),
        st.lists(texts, max_size=3).map(tuple),
    ),
    registered=CHANGES,
    flow=FLOWS,
    change=CHANGES,
    reclaimed_on=st.none() | DAYS,
    free_on=st.none() | DAYS,
    version=st.integers(1, 9_999),
)
CLAIMED = st.builds(
    Claim,
    text=st.just("T & C/1.(塔)"),
    kind=st.sampled_from(SignatureKind),
    basis=st.sampled_from(Basis),
    evidence=maybe,
    trade_mark=maybe,
    product_kind=maybe,
    chinese=maybe,
)
SIGNATURES = st.builds(
    Signature,
    claim=CLAIMED,
    renewal=st.none() | st.builds(Renewal, CLAIMED, st.booleans()),
    status=st.sampled_from(SignatureStatus),
    found=texts,
    change=CHANGES,
    case=maybe,
    version=st.integers(1, 9_999),
)


@given(clients, PORTS)
def test_a_port_is_read_as_it_was_stored_now_and_in_its_history(client: str, port: Port) -> None:
    item = items_sender.port_item(client, port)

    assert items_sender.port_from(item) == port
    assert items_sender.port_from(items_sender.versioned(client, item)) == port


@given(clients, SIGNATURES)
def test_a_signature_is_read_as_it_was_stored_now_and_in_its_history(
    client: str, signature: Signature
) -> None:
    item = items_sender.signature_item(client, signature)

    assert items_sender.signature_from(item) == signature
    assert items_sender.signature_from(items_sender.versioned(client, item)) == signature


@given(times, times)
def test_times_keep_their_order_as_numbers(one: datetime, other: datetime) -> None:
    stored = [float(packing.from_time(at)["N"]) for at in sorted([one, other])]

    assert stored == sorted(stored)


def full(state: State = State.QUEUED) -> Parcel:
    """A parcel of a hundred as it really looks, with the longest client id."""
    parcel = sample.parcel(PARCEL_RECIPIENTS_MAX)
    exact = sample.NOW + timedelta(milliseconds=123)
    return replace(parcel, client="c" * 32, accepted_at=exact, due_at=exact, state=state)


def test_a_law_that_was_stored_for_all_refusals_of_a_parcel_is_read_as_each_ones() -> None:
    (parcel,) = sample.parcels(sample.batch(3))
    item = items.parcel_item(parcel.refuse({0: Refusal("number_too_often"), 2: Refusal("cancelled")}))

    read = items.parcel_from({**item, "refused_under": {"S": "[2024]02445号#2"}})

    assert [each.under for each in read.refused.values()] == [Law("[2024]02445号", 2)] * 2
    assert "refused_under" not in item


def test_a_queued_parcel_of_a_hundred_costs_one_write_unit() -> None:
    size = packing.item_bytes(items.parcel_item(full()))

    assert size <= ONE_WRITE_UNIT_BYTES, size


def test_a_submitted_parcel_of_a_hundred_still_costs_one_write_unit() -> None:
    at = sample.NOW + timedelta(milliseconds=123)
    called = replace(
        full(State.SUBMITTED), version=3, attempt=1, called_at=at, submitted_at=at, group="G" * 32
    )

    size = packing.item_bytes(items.parcel_item(called)) + len("mark") + 6

    assert size <= ONE_WRITE_UNIT_BYTES, size


def test_a_settled_parcel_of_a_hundred_costs_two_write_units() -> None:
    receipts = frozenset(Receipt(i, "DELIVRD" if i % 9 else "MK:0001", sample.NOW) for i in range(100))

    size = packing.item_bytes(items.parcel_item(replace(full(State.SUBMITTED), receipts=receipts)))

    assert size <= 2 * ONE_WRITE_UNIT_BYTES, size


def test_a_parcel_of_a_hundred_with_a_code_each_costs_two_write_units() -> None:
    codes = tuple((f"{n * 7919 % 10**6:06d}", "五分钟") for n in range(100))
    parcel = replace(full(), values=codes)
    receipts = frozenset(Receipt(i, "DELIVRD", sample.NOW) for i in range(100))

    queued = packing.item_bytes(items.parcel_item(parcel))
    settled = packing.item_bytes(items.parcel_item(replace(parcel, receipts=receipts)))

    assert queued <= 1_500, queued
    assert settled <= 2 * ONE_WRITE_UNIT_BYTES, settled


def test_the_largest_values_that_a_text_can_hold_fit_into_an_item() -> None:
    # 500 UTF-16 units a text, each of three bytes, in 50 variables.
    each = tuple(chr(0x4E00 + n) * 10 for n in range(50))
    values = tuple((*each[:49], chr(0x5000 + n) * 10) for n in range(100))

    spread = tuple(tuple(chr(0x4E00 + (n + k) % 2_000) * 10 for k in range(50)) for n in range(100))

    for own in (values, spread):
        assert packing.item_bytes(items.parcel_item(replace(full(), values=own))) < 200_000


def test_a_parcel_at_rest_leaves_the_index_of_open_parcels() -> None:
    resting = items.parcel_item(replace(full(), due_at=None))

    assert not {"due_at", "due_shard"} & resting.keys()


def test_a_large_batch_lies_in_every_shard_of_the_index() -> None:
    batch = sample.batch(5_000)

    shards = {items.due_shard(parcel.id) for parcel in sample.parcels(batch)}

    assert len(shards) == SHARDS


def test_every_item_of_a_client_begins_its_key_with_the_client() -> None:
    batch = sample.batch()
    inbound = Inbound("i1", sample.CLIENT, "13800130001", "1065097332714", "R", sample.NOW)

    made = [
        items.batch_item(batch),
        items.parcel_item(sample.parcel()),
        items.intent_item("ab" * 32, Intent("d", batch)),
        items_told.inbound_item(KeptInbound(inbound, sample.NOW)),
        items_refused.refusal_item(sample.refused_submission()),
    ]

    assert {items.client_of(item["pk"]["S"]) for item in made} == {sample.CLIENT}


@pytest.mark.parametrize(
    ("item", "kept"),
    [
        (items.batch_item(sample.batch()), timedelta(days=180)),
        (items.parcel_item(sample.parcel()), timedelta(days=180)),
        (items.intent_item("ab" * 32, Intent("d", sample.batch())), timedelta(hours=24)),
    ],
)
def test_what_the_retention_rule_lets_go_expires(item: packing.Item, kept: timedelta) -> None:
    expires_at = datetime.fromtimestamp(int(item["expires_at"]["N"]), UTC)

    assert expires_at == sample.batch().accepted_at + kept


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "疾控"}, 6),
        ({"N": "1763946000"}, 5),
        ({"N": "-10"}, 3),
        ({"B": b"12345"}, 5),
        ({"BOOL": True}, 1),
        ({"M": {"ab": {"S": "c"}}}, 7),
        ({"L": [{"S": "c"}]}, 5),
    ],
)
def test_values_weigh_what_the_developer_guide_says(value: packing.Value, size: int) -> None:
    assert packing.size_bytes(value) == size
