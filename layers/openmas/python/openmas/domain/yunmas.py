"""China Mobile's cloud MAS HTTP interface (云MAS): the seal that its requests carry.

Source: public descriptions of the interface and its clients; the vectors in tests/vectors/mac.json.
"""

from collections.abc import Mapping
from hashlib import md5

_ORDINARY = ("mobiles", "content", "sign", "addSerial")
_TEMPLATE = ("templateId", "mobiles", "params", "sign", "addSerial")


def mac(request: Mapping[str, str], secret_key: str) -> str:
    """The `mac` of an ordinary request, or of a template request, which alone has a `templateId`.

    Shape: values as they stand after one JSON decode, so that every space and escape inside them counts;
    the key need not be part of the request.
    """
    names = _TEMPLATE if "templateId" in request else _ORDINARY
    parts = (request["ecName"], request["apId"], secret_key, *(request[name] for name in names))
    # The interface asks for MD5; whoever relies on it relies on the secret key and the address list.
    return md5("".join(parts).encode(), usedforsecurity=False).hexdigest()
