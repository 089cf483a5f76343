"""Processor time of whole families of processes, those that have ended included."""

from __future__ import annotations

import os
import time
from pathlib import Path

from infra.local.fault import LocalFault

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")
_PARENT, _FIRST_TIME = 1, 11


def family_cpu_s(pid: int) -> float:
    """What a process, its living descendants and all children that they have waited for have used.

    Source: proc(5), /proc/[pid]/stat: fields 14 to 17 are utime, stime, cutime, cstime.
    """
    stats = {each: stat for each in _pids() if (stat := _stat(each))}
    family = {pid}
    while more := {each for each, stat in stats.items() if int(stat[_PARENT]) in family} - family:
        family |= more
    ticks = sum(sum(map(int, stats[each][_FIRST_TIME : _FIRST_TIME + 4])) for each in family if each in stats)
    return ticks / _TICKS_PER_S


def need_processors() -> None:
    """Raises: LocalFault where the system does not tell what its processes use."""
    if not (_PROC / "self" / "stat").exists():
        raise LocalFault("The load is measured through /proc, which only Linux has.")


def own_cpu_s() -> float:
    """What this process has used."""
    return time.process_time()


def _pids() -> list[int]:
    return [int(each.name) for each in _PROC.iterdir() if each.name.isdigit()]


def _stat(pid: int) -> list[str] | None:
    """The fields after the name, which may hold spaces; None when the process is gone."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
