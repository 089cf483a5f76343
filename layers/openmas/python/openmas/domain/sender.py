"""Who a message comes from: the port and the signature that a submission gets, named or by default."""

from dataclasses import dataclass
from datetime import date

from openmas.domain.contract import Category, Contract
from openmas.domain.port import Port
from openmas.domain.profile import Profile
from openmas.domain.reasons import PORT_FOR_OTHER_PURPOSE, rejected
from openmas.domain.signature import may_carry_english
from openmas.domain.texts import bracketed
from openmas.errors import NotAllowed


@dataclass(frozen=True, slots=True)
class Sender:
    """The port and the signature of a batch, before anybody asked whether they are good."""

    port: str
    signature: str
    english: bool = False

    def suits(self, text: str) -> bool:
        """Whether the signature may stand before this text: an English one before pure English only.

        Shape: the text as it goes on the air, so what the platform adds counts, too.
        """
        return not self.english or may_carry_english(text.removeprefix(bracketed(self.signature)))


def sender_for(
    port: str | None,
    signature: str | None,
    category: Category,
    contract: Contract,
    profile: Profile,
    on: date,
) -> Sender:
    """The port and the signature that are named; else the client's first port for the purpose that has not
    expired on that day, or the bare access code; else the contract's own signature, or the first that the
    port may carry.

    Shape: a closed port is not passed over, as what the operator keeps back would find another way.
    Raises: NotAllowed for the bare code where a port is registered for the purpose: that is what it is for.
    """
    number = _number(port, category, contract, profile, on)
    return sender_of(number, signature or _default(profile.port(number), contract), profile)


def sender_of(port: str, signature: str, profile: Profile) -> Sender:
    """The sender that was chosen before."""
    entry = profile.signatures.get(signature)
    return Sender(port, signature, english=entry is not None and entry.english)


def _number(named: str | None, category: Category, contract: Contract, profile: Profile, on: date) -> str:
    code = contract.access_code.code
    ports = [port for port in profile.ports_for(category) if port.access_code == code]
    good = [port for port in ports if not port.expired(on)]
    chosen = named or next((port.number for port in (*good, *ports)), code)
    bare = profile.port(code)
    if chosen == code and ports and (bare is None or bare.any_purpose):
        raise rejected(NotAllowed, PORT_FOR_OTHER_PURPOSE)
    return chosen


def _default(port: Port | None, contract: Contract) -> str:
    allowed = port.terms.signatures if port else ()
    return contract.signature if not allowed or contract.signature in allowed else allowed[0]
