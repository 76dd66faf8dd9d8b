"""The outbox: text messages and e-mails that BILL would have sent."""

from __future__ import annotations

from simulator.core.rows import Instant, Row, shape

# The oldest go first; nobody reads back further than this.
MOST_MESSAGES = 10_000


@shape
class Message(Row):
    """`kind` is `sms` or `email`; `code` is the one-time code in it, if any."""

    id: str
    kind: str
    to: str
    text: str
    code: str | None
    time: Instant
