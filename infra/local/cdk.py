"""The pinned CDK CLI with its own Node, for a real account: `python -m infra.local.cdk deploy --all …`."""

from __future__ import annotations

import os
import sys

from infra.local.fault import LocalFault
from infra.local.tools import NODE, ROOT, cdk_command, environment


def main() -> None:
    """The CLI takes the place of this process, with the caller's own AWS settings."""
    try:
        command = [*cdk_command(), *sys.argv[1:]]
    except LocalFault as fault:
        sys.exit(str(fault))
    os.chdir(ROOT)
    os.execve(NODE, command, {**os.environ, **environment()})  # noqa: S606 (a shell would add nothing)


if __name__ == "__main__":
    main()
