"""The words by which a recipient opts out (2.1.16)."""

import re
import unicodedata
from collections.abc import Collection, Iterable

from openmas.domain.characters import seen
from openmas.domain.contract import OptOutWord
from openmas.domain.han import SIMPLIFIED

# What the message itself asks for, hence no contract takes it away: 拒收请回复R.
_ALWAYS = frozenset({"r"})
# Who answers 拒收请回复R copies more of it than the word.
_COPIED = re.compile(r"(?:拒收|退订)?请?回(?:复|覆)?")
_LETTERS = re.compile(r"[a-z]+")
# Whoever asks 退订? has not opted out yet.
_ASKING = "?¿؟"


def is_opt_out(text: str, more: Iterable[str] = (), but: Collection[OptOutWord] = ()) -> bool:
    """Whether an inbound text is, to a reader, one of the words by which a recipient opts out, and no more.

    Shape: `more` are the contract's own words beside the usual ones, of which those in `but` do not hold.
    """
    usual = (each.lower() for each in OptOutWord if each not in but)
    words = _ALWAYS.union(usual, map(_plain, more))
    said = _plain(text)
    copied = _COPIED.match(said)
    return _is_word(said, words) or (copied is not None and _is_word(_bare(said[copied.end() :]), words))


def _is_word(said: str, words: frozenset[str]) -> bool:
    """One of the words, or one in letters and the same in Chinese: TD退订."""
    letters = _LETTERS.match(said)
    behind = _bare(said[letters.end() :]) if letters and letters[0] in words else ""
    return said in words or (not behind.isascii() and behind in words)


def _plain(text: str) -> str:
    """The text in one width, one case and simplified characters, without spaces and what stands around it."""
    one_width = "".join(unicodedata.normalize("NFKC", seen(text)).split())
    return _bare("".join(SIMPLIFIED.get(each, each) for each in one_width).lower())


def _bare(text: str) -> str:
    """The text without quotes, brackets, stops and signs around it."""
    inked = [
        n for n, each in enumerate(text) if each in _ASKING or unicodedata.category(each)[0] not in "PSZ"
    ]
    return text[inked[0] : inked[-1] + 1] if inked else ""
