"""Signatures (【…】): whose name may stand before a message (clause 2.1.9)."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from openmas.domain.characters import is_unseen

HAN_MIN = 3
HAN_MAX = 8
ENGLISH_MAX = 16

_ENGLISH = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 .,&'()/-]*[A-Za-z0-9.)])?")


class Judged(StrEnum):
    """Pass; review: a person may pass it with a reason; refuse: nobody may."""

    PASS = "pass"  # noqa: S105 (a verdict, not a password)
    REVIEW = "review"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules say of a signature, and why."""

    outcome: Judged
    why: str


def judge_signature(full_name: str, signature: str) -> Judgement:
    """Whether a Chinese signature is made of the client's full name.

    Shape: without its brackets.
    """
    fault = form_fault(signature)
    if fault is not None:
        return Judgement(Judged.REFUSE, fault)
    doubt = _doubt(full_name, signature)
    if doubt is not None:
        return Judgement(Judged.REVIEW, doubt)
    return Judgement(Judged.PASS, f"characters of the full name, in order, {len(signature)} Han")


def judge_english_signature(signature: str) -> Judgement:
    """Whether an English signature has its form; that it means what the Chinese one does, a person says."""
    if len(signature) > ENGLISH_MAX:
        return Judgement(Judged.REFUSE, f"{len(signature)} characters, more than {ENGLISH_MAX}")
    if _ENGLISH.fullmatch(signature) is None or not _has_letter(signature):
        return Judgement(Judged.REFUSE, "an English signature is Latin letters, digits and plain punctuation")
    return Judgement(Judged.REVIEW, "it must mean the same as the Chinese signature")


def may_carry_english(text: str) -> bool:
    """Whether a text is pure English, before which alone an English signature may stand."""
    return all(" " <= character <= "~" or character in "\r\n" for character in text) and _has_letter(text)


def form_fault(signature: str) -> str | None:
    """What is wrong with the form of a Chinese signature, which nobody may pass; None if nothing is."""
    if any(is_unseen(character) for character in signature):
        return "an invisible character is inside"
    if any(character.isspace() for character in signature):
        return "spaces"
    if not all(map(_is_han, signature)):
        return "a Chinese signature is Han characters only"
    if len(signature) < HAN_MIN:
        return f"{len(signature)} Han, fewer than {HAN_MIN}"
    return f"{len(signature)} Han, more than {HAN_MAX}" if len(signature) > HAN_MAX else None


def _doubt(full_name: str, signature: str) -> str | None:
    """What only a person may pass, or None."""
    strange = [character for character in dict.fromkeys(signature) if character not in full_name]
    if strange:
        return f"{'、'.join(strange)} {'is' if len(strange) == 1 else 'are'} not in the full name"
    if not _in_order(signature, full_name):
        return "order differs from the full name"
    if signature != full_name and len(full_name) <= HAN_MAX:
        return f"the full name has no more than {HAN_MAX} Han, so it is to be used whole"
    return None


def _in_order(signature: str, full_name: str) -> bool:
    rest = iter(full_name)
    return all(character in rest for character in signature)


def _is_han(character: str) -> bool:
    return unicodedata.name(character, "").startswith("CJK UNIFIED IDEOGRAPH-")


def _has_letter(text: str) -> bool:
    return any(character.isalpha() for character in text)
