"""One canonical log line for each unit of work, and the few metrics that alarms stand on.

A line holds ids, counts, codes and times; never a body, a key or a whole number of a recipient.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from openmas.errors import Rejected

_logger = Logger()
_metrics = Metrics(namespace="OpenMAS")


class Line(dict[str, object]):
    """The fields of a log line while its work goes on."""

    def failed(self, error: BaseException) -> None:
        """The line will say what went wrong; a fault of ours, which has no code, is logged with its stack."""
        self["outcome"] = "refused" if isinstance(error, Rejected) else "failed"
        self["code"] = getattr(error, "code", type(error).__name__)
        if not hasattr(error, "code"):
            _logger.error("fault", exc_info=error)


@contextmanager
def line(unit: str, **fields: object) -> Iterator[Line]:
    """The work inside is told in one line when it ends, however it ends."""
    started = perf_counter()
    noted = Line(fields)
    try:
        yield noted
    except BaseException as error:
        noted.failed(error)
        raise
    finally:
        noted["ms"] = round((perf_counter() - started) * 1000, 1)
        _logger.info(unit, extra=noted)
        if _metrics.metric_set:
            _metrics.flush_metrics()


def count(name: str, value: float = 1) -> None:
    """The metric grows; it is written with the line that is open."""
    _metrics.add_metric(name, MetricUnit.Count, value)
