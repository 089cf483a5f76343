"""The HTTP API: which address leads to which function, how much gets through, and who is let in."""

from __future__ import annotations

import json

from aws_cdk import Duration, RemovalPolicy, Tags
from aws_cdk import aws_apigatewayv2 as gateway
from aws_cdk import aws_logs as logs
from aws_cdk.aws_apigatewayv2_authorizers import HttpJwtAuthorizer
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from infra.environment import Environment
from infra.parts.acknowledge import acknowledge
from infra.parts.function import PlatformFunction, retention_of

ANSWER_WITHIN_S = 29
_LOGGED = {
    "request": "$context.requestId",
    "at": "$context.requestTime",
    "route": "$context.routeKey",
    "status": "$context.status",
    "address": "$context.identity.sourceIp",
    "ms": "$context.responseLatency",
    "bytes": "$context.responseLength",
    "fault": "$context.integrationErrorMessage",
}
_METHODS = {method.value: method for method in gateway.HttpMethod}


class PlatformApi(Construct):
    """One HTTP API with one stage; nothing leads anywhere until `route` says so."""

    def __init__(self, scope: Construct, name: str, environment: Environment) -> None:
        super().__init__(scope, name)
        self._environment = environment
        self.api = gateway.HttpApi(
            self, "Api", api_name=f"openmas-{environment.name}", create_default_stage=False
        )
        if environment.api_id:
            # The emulator takes the API's id from this tag, so its address is known before it exists.
            Tags.of(self.api).add(
                "ms-custom-id", environment.api_id, include_resource_types=["AWS::ApiGatewayV2::Api"]
            )
        self._stage = self._make_stage()
        self._integrations: dict[str, HttpLambdaIntegration] = {}

    @property
    def url(self) -> str:
        """The base address, without a slash at its end."""
        return self._environment.platform_url or self.api.api_endpoint

    def _make_stage(self) -> gateway.CfnStage:
        log = logs.LogGroup(
            self, "AccessLog", retention=retention_of(self._environment), removal_policy=RemovalPolicy.DESTROY
        )
        throttle = self._environment.throttle
        return gateway.CfnStage(
            self,
            "Stage",
            api_id=self.api.api_id,
            stage_name="$default",
            auto_deploy=True,
            access_log_settings=gateway.CfnStage.AccessLogSettingsProperty(
                destination_arn=log.log_group_arn, format=json.dumps(_LOGGED)
            ),
            default_route_settings=gateway.CfnStage.RouteSettingsProperty(
                detailed_metrics_enabled=True,
                throttling_rate_limit=throttle.requests_per_s,
                throttling_burst_limit=throttle.burst,
            ),
        )

    def route(
        self,
        function: PlatformFunction,
        *keys: str,
        authorizer: gateway.IHttpRouteAuthorizer | None = None,
        open_because: str = "",
    ) -> None:
        """Requests such as `GET /v1/batches/{batch}` lead to the function.

        Shape: without an authorizer `open_because` says how the function itself checks who calls.
        """
        for key in keys:
            method, path = key.split()
            route = gateway.HttpRoute(
                self,
                _id(key),
                http_api=self.api,
                route_key=gateway.HttpRouteKey.with_(path, _METHODS[method]),
                integration=self._integration(function),
                authorizer=authorizer,
            )
            if authorizer is None:
                acknowledge(route, "APIG4", open_because)

    def throttle_route(self, key: str, requests_per_s: int, burst: int) -> None:
        """The route has a limit of its own, whatever the others use up."""
        limits = {
            "ThrottlingRateLimit": requests_per_s,
            "ThrottlingBurstLimit": burst,
            "DetailedMetricsEnabled": True,
        }
        self._stage.route_settings = {**(self._stage.route_settings or {}), key: limits}
        self._stage.node.add_dependency(self.node.find_child(_id(key)))

    def operators(self, issuer: str, audience: list[str]) -> HttpJwtAuthorizer:
        """Lets in who shows a token of the issuer."""
        return HttpJwtAuthorizer("Operators", issuer, jwt_audience=audience, authorizer_name="operators")

    def _integration(self, function: PlatformFunction) -> HttpLambdaIntegration:
        if function.name not in self._integrations:
            self._integrations[function.name] = HttpLambdaIntegration(
                f"To{function.node.id}",
                function.function,
                payload_format_version=gateway.PayloadFormatVersion.VERSION_2_0,
                timeout=Duration.seconds(ANSWER_WITHIN_S),
            )
        return self._integrations[function.name]


def _id(key: str) -> str:
    return key.replace(" ", "").replace("/", ".")
