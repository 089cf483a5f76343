"""What goes wrong on this machine, said in one sentence."""

from __future__ import annotations

from pathlib import Path


class LocalFault(Exception):
    """The platform cannot run here, for the reason the sentence gives."""


def tail(log: Path, lines: int = 12) -> str:
    """The end of a log, for whoever wants to know more than the sentence."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
