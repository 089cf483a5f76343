"""The whole platform in AWS: `python -m infra.app`, run by the CDK CLI.

cdk deploy --all -c environment=dev
cdk deploy --all -c environment=prod-cn -c issuer=https://… -c audience=…
"""

from __future__ import annotations

import sys

from aws_cdk import App, Tags, Validations
from cdk_nag import AwsSolutionsChecks

from infra.environment import Environment, Unusable, environment_from
from infra.parts.function import FolderMissing
from infra.parts.layers import LayerBroken
from infra.stacks.data import DataStack
from infra.stacks.platform import PlatformStack


def add_stacks(app: App, environment: Environment) -> tuple[DataStack, PlatformStack]:
    """Both stacks of one environment stand in the app and are checked against the AwsSolutions rules."""
    data = DataStack(app, f"OpenMas-{environment.name}-Data", environment)
    platform = PlatformStack(app, f"OpenMas-{environment.name}-Platform", environment, data)
    Tags.of(app).add("openmas:environment", environment.name)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return data, platform


def main() -> None:
    app = App()
    try:
        add_stacks(app, environment_from(app.node.try_get_context))
    except (Unusable, FolderMissing, LayerBroken) as error:
        sys.exit(str(error))
    app.synth()


if __name__ == "__main__":
    main()
