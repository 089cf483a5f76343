"""What every test may rely on, whichever machine it runs on."""

import os

from infra.local.tools import NODE

# The CDK library runs on the Node that the lock file brings: the machine need not have one.
os.environ.setdefault("JSII_NODE", str(NODE))
os.environ.setdefault("JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION", "1")
