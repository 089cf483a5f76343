"""The time and the randomness of the machine we run on."""

import os
from datetime import UTC, datetime


class AwsClock:
    """The machine's clock, in whole milliseconds so that what is stored reads back the same."""

    def now(self) -> datetime:
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)


class AwsEntropy:
    """The machine's own source of randomness."""

    def draw(self, count: int) -> bytes:
        return os.urandom(count)
