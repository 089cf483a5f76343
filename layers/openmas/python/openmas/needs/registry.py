"""What stands about clients, the addresses that nobody may call from, and the operator's words."""

from collections.abc import Sequence
from typing import Protocol

from openmas.domain.activation import Activation, Holder
from openmas.domain.addresses import AddressChange, AddressList
from openmas.domain.client_document import ClientDocument
from openmas.domain.content import WordList
from openmas.domain.contract import Contract
from openmas.domain.measures import Measure
from openmas.domain.port import Port
from openmas.domain.profile import ApiKey, Client, Profile
from openmas.domain.signing import Signature
from openmas.domain.template import Template
from openmas.domain.words import WordBook, WordChange


class Registry(Protocol):
    """Clients with their keys, contracts, templates, ports and signatures."""

    def profile(self, client: str, *, fresh: bool = False) -> Profile | None:
        """All that is known of a client; may be up to 5 s old, unless it is asked for fresh."""
        ...

    def client_of_port(self, access_code: str) -> str | None: ...

    def clients(self) -> Sequence[str]: ...

    def keep_client(self, client: Client) -> None:
        """The version of its record is stored over the one before and kept for good.

        Raises: Conflict if what is stored is not the version before.
        """
        ...

    def client_versions(self, client: str) -> Sequence[Client]:
        """All versions of a client's record, the first one first."""
        ...

    def keep_key(self, client: str, key: ApiKey) -> None: ...

    def drop_key(self, client: str, sha256: str) -> None: ...

    def holder_of(self, access_code: str) -> Holder | None:
        """Whose access code it is, read consistently; it stays so until another client's takes it over."""
        ...

    def codes_within(self, code: str) -> Sequence[str]:
        """Every access code that begins with this one, itself among them, whoever holds it or held it last.

        Shape: in their order; one that was last taken before this was kept is missing.
        """
        ...

    def keep_contract(self, client: str, contract: Contract) -> None:
        """The version is stored, a draft until it is activated.

        Raises: Conflict if this version is stored with other content.
        """
        ...

    def activate(
        self,
        client: str,
        activation: Activation,
        code: str,
        seen: Holder | None,
        before: int,
        given: int | None = None,
    ) -> None:
        """The version counts from now on, and its access code leads to the client.

        Shape: `before` is how many versions of the contract were activated when this one was judged; `given`
        how many codes had been given out, None where the code is the client's already.
        Raises: Conflict if it counts already, if another version was activated since, or the code has changed
        hands since its holder was seen; Unavailable if any code was given out since.
        """
        ...

    def codes_given(self) -> int:
        """How many times an access code was given out: those beside a new one are the same until it moves."""
        ...

    def keep_document(self, client: str, document: ClientDocument) -> None: ...

    def withdraw_document(self, client: str, document: ClientDocument) -> ClientDocument:
        """A document that was kept stands as withdrawn, by this word or by one that was there first."""
        ...

    def keep_template(self, client: str, template: Template, before: Template | None = None) -> None:
        """The version stands as given, in place of what it was before; a new one that stands is left.

        Raises: Conflict if something else than `before` stands there.
        """
        ...

    def keep_measure(self, client: str, measure: Measure, before: Measure | None = None) -> None:
        """The measure stands as given, in place of what it was before; a new one that stands already is left.

        Raises: Conflict if something else than `before` stands there.
        """
        ...

    def keep_port(self, client: str, port: Port, left_by: str | None = None) -> None:
        """The version is stored over the one before and kept for good; its number leads to the client.

        Shape: `left_by` is a client that left the number behind when its access code became this one's.
        Raises: Conflict if what is stored is not the version before, or the number is another client's or in
        quarantine after it.
        """
        ...

    def port_versions(self, client: str, number: str) -> Sequence[Port]:
        """All versions of a port, the first one first."""
        ...

    def keep_signature(self, client: str, signature: Signature) -> None:
        """The version is stored over the one before and kept for good.

        Raises: Conflict if what is stored is not the version before.
        """
        ...

    def signature_versions(self, client: str, text: str) -> Sequence[Signature]:
        """All versions of a signature, the first one first."""
        ...


class Addresses(Protocol):
    """The black list of addresses."""

    def current(self) -> AddressList:
        """The list as callers are held to it; at most 5 s old."""
        ...

    def newest(self) -> AddressList:
        """The list as it stands, read consistently."""
        ...

    def keep(self, listed: AddressList, change: AddressChange) -> None:
        """The list is the newest one, and the change that led to it is on record, both or neither.

        Raises: Conflict if the version before it is not the newest any more.
        """
        ...

    def changes(self, after: str | None, limit: int) -> tuple[Sequence[AddressChange], str | None]:
        """What led to the newest list, the newest first, and where to go on; None at the end."""
        ...


class Words(Protocol):
    """The operator's words."""

    def current(self) -> WordList:
        """The words as they are looked for; at most 5 s old."""
        ...

    def book(self) -> WordBook:
        """The newest words with who put them there, read consistently."""
        ...

    def keep(self, book: WordBook, change: WordChange) -> None:
        """The book is the newest one, all at once, and the change that led to it is on record.

        Raises: Conflict if the version before it is not the newest any more.
        """
        ...

    def changes(self, after: str | None, limit: int) -> tuple[Sequence[WordChange], str | None]:
        """What led to the newest book and to those before it, the newest first, and where to go on.

        Shape: a page ends once it is full, but a change is never parted; None at the end.
        """
        ...
