"""Runs a module as a program that ends when its standard input closes: no child outlives its parent.

Environment: LEASH_ROOM, a folder that is gone when the program is.
"""

from __future__ import annotations

import os
import runpy
import shutil
import signal
import sys
import threading


def _end_with_the_parent() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Runs the module named first on the command line, with the rest as its arguments."""
    module = sys.argv.pop(1)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    finally:
        if room := os.environ.get("LEASH_ROOM"):
            shutil.rmtree(room, ignore_errors=True)


if __name__ == "__main__":
    main()
