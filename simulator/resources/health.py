"""Whether BILL's two services are up. /connect/v3/health and /connect-events/v3/health"""

from __future__ import annotations

from simulator.core.context import Ctx
from simulator.core.evidence import assumed, documented
from simulator.core.resource import CONNECT_EVENTS, Access, Resource
from simulator.core.rows import Answer, Row, shape


@shape
class Health(Answer):
    """Which application answers, and where it runs."""

    app_id: str
    app_env: str
    app_version: str
    bdc_region: str


health = Resource("health", "/v3/health", Row)
events_health = Resource("events health", "/v3/health", Row, root=CONNECT_EVENTS)
health.rule(
    "The health of both services is told in the same members; their values are made up.",
    assumed("the members stand in BILL's collection for /connect alone, with random values"),
)
_REFERENCE = documented("BILL reference: Check app health; without any header")


@health.operation("GET", "", access=Access.NOTHING, evidence=_REFERENCE)
def get_health(ctx: Ctx) -> Health:
    """Tell that the service is up."""
    return _health("connect")


@events_health.operation("GET", "", access=Access.NOTHING, evidence=_REFERENCE)
def get_events_health(ctx: Ctx) -> Health:
    """Tell that the webhook service is up."""
    return _health("connect-events")


def _health(app_id: str) -> Health:
    return Health(app_id=app_id, app_env="sandbox", app_version="1.0.0", bdc_region="us-west-2")
