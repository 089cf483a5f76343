"""What both stacks have in common: where they stand, and how they say what they made."""

from __future__ import annotations

from aws_cdk import CfnOutput, CliCredentialsStackSynthesizer, Stack
from aws_cdk import Environment as Place
from constructs import Construct

from infra.environment import Environment


class EnvironmentStack(Stack):
    """A stack in the region of its environment, kept from deletion where that is protected."""

    def __init__(self, scope: Construct, name: str, environment: Environment, description: str) -> None:
        super().__init__(
            scope,
            name,
            description=description,
            env=Place(region=environment.region),
            synthesizer=CliCredentialsStackSynthesizer() if environment.emulated else None,
            termination_protection=environment.protected,
        )
        self.emulated = environment.emulated

    def say(self, name: str, value: str) -> None:
        """The stack has an output of exactly this name."""
        CfnOutput(self, f"{name}Output", value=value).override_logical_id(name)
