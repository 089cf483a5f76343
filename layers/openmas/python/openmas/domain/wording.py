"""What a message says: a text whose {variables} are gaps, and the values that fill them.

A value is put in as it is and never read again, so it may hold braces.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain

from openmas.domain.texts import OPT_OUT_WORDS

VARIABLE = re.compile(r"\{([A-Za-z_\u4e00-\u9fff][A-Za-z0-9_\u4e00-\u9fff]{0,31})\}")


@dataclass(frozen=True, slots=True)
class Gapped:
    """A text cut where its variables stand.

    Shape: `names` are the variables in the order in which they first appear, which is also the order of
    values; `fixed` is the text before, between and behind the gaps; `gaps` says which value goes into each.
    """

    names: tuple[str, ...]
    fixed: tuple[str, ...]
    gaps: tuple[int, ...]
    _form: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        gaps = [*(f"{{{gap}}}" for gap in self.gaps), ""]
        fixed = [part.replace("{", "{{").replace("}", "}}") for part in self.fixed]
        form = "".join(chain.from_iterable(zip(fixed, gaps, strict=True)))
        object.__setattr__(self, "_form", form)

    def fill(self, values: Sequence[str]) -> str:
        """What is said with these values; opt-out words at its end stand there once, whoever wrote them."""
        said = self._form.format(*values)
        doubled = self.fixed[-1].endswith(OPT_OUT_WORDS) and said.endswith(2 * OPT_OUT_WORDS)
        return said.removesuffix(OPT_OUT_WORDS) if doubled else said

    def parts(self, values: Sequence[str]) -> list[str]:
        """The same in parts, at even places the fixed ones."""
        parts = [""] * (2 * len(self.gaps) + 1)
        parts[::2] = self.fixed
        parts[1::2] = [values[gap] for gap in self.gaps]
        return parts

    def values(self, parameters: Mapping[str, str]) -> tuple[str, ...]:
        """The values in their order."""
        return tuple([parameters[name] for name in self.names])


@lru_cache(maxsize=128)
def gapped(text: str) -> Gapped:
    """The text as its variables cut it."""
    parts = VARIABLE.split(text)
    names = tuple(dict.fromkeys(parts[1::2]))
    place = {name: n for n, name in enumerate(names)}
    return Gapped(names, tuple(parts[::2]), tuple(place[name] for name in parts[1::2]))
