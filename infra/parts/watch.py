"""What wakes a person, with numbers, and one page that shows how the platform is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_apigatewayv2 as gateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.parts.function import PlatformFunction
from infra.parts.work_queue import DeadLetters, WorkQueue

URGENT_AGE_MAX_S = 60
BULK_AGE_MAX_S = 15 * 60
SETTLED_AGE_MAX_S = 5 * 60
RELEASE_AGE_MAX_S = 5 * 60
CUT_AGE_MAX_S = 15 * 60
TRANSFER_AGE_MAX_S = 15 * 60
NIGHT_AGE_MAX_S = 2 * 60 * 60
API_FAULTS_MAX = 5
# The night comes every 24 hours; two more let it start and work.
NIGHT_MISSED_AFTER_H = 26
AGE_MAX_S = {
    "urgent": URGENT_AGE_MAX_S,
    "bulk": BULK_AGE_MAX_S,
    "receipts": SETTLED_AGE_MAX_S,
    "cut": CUT_AGE_MAX_S,
    "release": RELEASE_AGE_MAX_S,
    "transfer": TRANSFER_AGE_MAX_S,
    "night": NIGHT_AGE_MAX_S,
}


@dataclass(frozen=True, slots=True)
class Watched:
    """All that is watched."""

    functions: Sequence[PlatformFunction]
    queues: Sequence[WorkQueue]
    dead_letters: Sequence[DeadLetters]
    api: gateway.HttpApi


class Watch(Construct):
    """Alarms that tell one topic, and a dashboard."""

    def __init__(self, scope: Construct, name: str, environment: str, watched: Watched) -> None:
        super().__init__(scope, name)
        self._watched = watched
        self.topic = sns.Topic(self, "Alarms", enforce_ssl=True)
        self._alarms: list[cloudwatch.Alarm] = []
        self._watch_queues()
        self._watch_functions()
        self._watch_api()
        self._watch_messages()
        self._show(environment)

    def _watch_queues(self) -> None:
        for queue in self._watched.dead_letters:
            name = queue.node.path.split("/")[-2]
            left = queue.metric_approximate_number_of_messages_visible(
                statistic="Maximum", period=Duration.minutes(1)
            )
            self._alarm(
                f"{name}DeadLetters",
                left,
                0,
                f"A record of {name} failed every time; a person must look at it.",
            )
        for work in self._watched.queues:
            if work.name in AGE_MAX_S:
                limit = AGE_MAX_S[work.name]
                age = work.queue.metric_approximate_age_of_oldest_message(
                    statistic="Maximum", period=Duration.minutes(1)
                )
                self._alarm(
                    f"{work.node.id}Age",
                    age,
                    limit,
                    f"The oldest record of {work.name} waits for over {limit} s.",
                )

    def _watch_functions(self) -> None:
        for function in self._watched.functions:
            errors, throttles = function.function.metric_errors(), function.function.metric_throttles()
            self._alarm(
                f"{function.node.id}Errors", errors, 0, f"{function.name} fell over in the last 5 minutes."
            )
            self._alarm(
                f"{function.node.id}Throttles",
                throttles,
                0,
                f"{function.name} was held back by Lambda's own limit.",
            )

    def _watch_api(self) -> None:
        faults = self._watched.api.metric_server_error(statistic="Sum", period=Duration.minutes(5))
        self._alarm(
            "ApiFaults", faults, API_FAULTS_MAX, f"More than {API_FAULTS_MAX} answers 5xx within 5 minutes."
        )

    def _watch_messages(self) -> None:
        unknown = _ours("ParcelsLeftUnknown", "sweep_parcels", Duration.minutes(5))
        self._alarm(
            "ParcelsLeftUnknown",
            unknown,
            0,
            "Nobody knows whether a carrier took a parcel, and no receipt came.",
        )
        orphans = _ours("ReceiptsOrphaned", "settle_receipts", Duration.minutes(5))
        self._alarm(
            "ReceiptsOrphaned",
            orphans,
            0,
            "A carrier reports on messages that it was not given.",
        )
        strays = _ours("InboundOrphaned", "settle_receipts", Duration.minutes(5))
        self._alarm("InboundOrphaned", strays, 0, "A carrier brings messages that are no client's.")
        breaks = _ours("BreaksFound", "reconcile_billing", Duration.minutes(5))
        self._alarm("BreaksFound", breaks, 0, "A client's day does not add up; its open cases say how.")
        # One sample for each client whose night came to its end, even if it had nothing to write.
        nights = _ours("StatementsWritten", "reconcile_billing", Duration.hours(1), statistic="SampleCount")
        self._alarm(
            "NightNotFinished",
            nights,
            1,
            f"No night has been reconciled for any client for {NIGHT_MISSED_AFTER_H} hours.",
            below=True,
            periods=NIGHT_MISSED_AFTER_H,
        )

    def _alarm(
        self,
        name: str,
        metric: cloudwatch.IMetric,
        limit: int,
        says: str,
        *,
        below: bool = False,
        periods: int = 1,
    ) -> None:
        compare = cloudwatch.ComparisonOperator
        silent = cloudwatch.TreatMissingData
        alarm = cloudwatch.Alarm(
            self,
            name,
            metric=metric,
            threshold=limit,
            evaluation_periods=periods,
            comparison_operator=compare.LESS_THAN_THRESHOLD if below else compare.GREATER_THAN_THRESHOLD,
            treat_missing_data=silent.BREACHING if below else silent.NOT_BREACHING,
            alarm_description=says,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        self._alarms.append(alarm)

    def _show(self, environment: str) -> None:
        watched = self._watched
        minute = Duration.minutes(1)
        waiting = [
            q.queue.metric_approximate_number_of_messages_visible(label=q.name, period=minute)
            for q in watched.queues
        ]
        ages = [
            q.queue.metric_approximate_age_of_oldest_message(label=q.name, period=minute)
            for q in watched.queues
        ]
        slow = [f.function.metric_duration(label=f.name, statistic="p99") for f in watched.functions]
        calls = [f.function.metric_invocations(label=f.name) for f in watched.functions]
        messages = [_ours(each, "submit_batches", minute) for each in ("MessagesAccepted", "MessagesRefused")]
        parcels = [
            _ours(f"Parcels{each}", "send_parcels", minute) for each in ("Submitted", "Refused", "Unknown")
        ]
        answers = [
            watched.api.metric_count(),
            watched.api.metric_client_error(),
            watched.api.metric_server_error(),
        ]
        cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=f"openmas-{environment}",
            widgets=[
                [cloudwatch.AlarmStatusWidget(title="Alarms", alarms=self._alarms, width=24)],
                [
                    _graph("Messages accepted and refused", messages),
                    _graph("Parcels offered to carriers", parcels),
                ],
                [_graph("Records waiting", waiting), _graph("Age of the oldest record, s", ages)],
                [_graph("Invocations", calls), _graph("Slowest hundredth, ms", slow)],
                [
                    _graph("Answers of the API", answers),
                    _graph("Latency of the API, ms", [watched.api.metric_latency()]),
                ],
            ],
        )


def _ours(metric: str, function: str, period: Duration, statistic: str = "Sum") -> cloudwatch.Metric:
    by = {"service": function}
    return cloudwatch.Metric(
        namespace="OpenMAS", metric_name=metric, dimensions_map=by, statistic=statistic, period=period
    )


def _graph(title: str, metrics: Sequence[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=12)
