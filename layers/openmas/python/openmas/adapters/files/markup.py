"""XML of strangers, pushed through in chunks.

Whatever is dangerous in XML begins with a document type, which is refused; depth and tokens have an end.
"""

from collections.abc import Callable, Iterable, Iterator
from xml.parsers import expat

from openmas.adapters.files.cells import damaged

DEPTH_MAX = 64
TOKEN_BYTES_MAX = 1 << 22

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]


def parsed(chunks: Iterable[bytes], start: Start, end: End, text: Callable[[str], None]) -> Iterator[None]:
    """The chunks have been told to the three, each when this is asked to go on.

    Shape: names without their prefix.
    Raises: InvalidInput for what is not well-formed, or has a document type.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    locals_: dict[str, str] = {}
    depth = 0

    def local(name: str) -> str:
        if name not in locals_:
            if len(locals_) >= 1_000:
                raise damaged()
            locals_[name] = name.rpartition(":")[2]
        return locals_[name]

    def open_(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH_MAX:
            raise damaged()
        start(local(name), attributes)

    def close(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(local(name))

    parser.StartElementHandler, parser.EndElementHandler = open_, close
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    fed = 0
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
            fed += len(chunk)
            if fed - parser.CurrentByteIndex > TOKEN_BYTES_MAX:
                raise damaged()
            yield
        parser.Parse(b"", True)
    except expat.ExpatError:
        raise damaged() from None
    yield


def read(chunks: Iterable[bytes], start: Start, end: End, text: Callable[[str], None]) -> None:
    """The whole document has been told."""
    for _ in parsed(chunks, start, end, text):
        pass


def _refuse(*_: object) -> None:
    raise damaged()
