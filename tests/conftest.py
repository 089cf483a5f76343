"""What every test may rely on, whichever machine it runs on."""

import os

from hypothesis import HealthCheck, settings

from infra.local.tools import NODE

# The CDK library runs on the Node that the lock file brings: the machine need not have one.
os.environ.setdefault("JSII_NODE", str(NODE))
os.environ.setdefault("JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION", "1")

# A machine that is busy with other things makes no property wrong.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", settings.get_profile("patient"), max_examples=20)
settings.load_profile("patient")
