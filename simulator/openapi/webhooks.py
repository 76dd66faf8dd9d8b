"""What BILL tells by webhook, from the notices that resources declare."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.core.notices import Notice
from simulator.openapi.schemas import ANSWER, PLACE, Json, Schemas
from simulator.webhooks.signature import SIGNATURE

_TEXT: Json = {"type": "string"}
_ID: Json = {"type": "string", "format": "uuid"}
_METADATA: Json = {
    "type": "object",
    "description": "What every notification says of itself.",
    "properties": {
        "eventId": _ID,
        "subscriptionId": _ID,
        "organizationId": _TEXT,
        "eventType": _TEXT,
        "version": _TEXT,
    },
    "required": ["eventId", "subscriptionId", "organizationId", "eventType", "version"],
}
COMPONENTS: Mapping[str, Json] = {"NotificationMetadata": _METADATA}
_SIGNED: Json = {
    "name": SIGNATURE,
    "in": "header",
    "required": True,
    "description": "Base64 of the HMAC-SHA256 of the body, by the securityKey of the subscription.",
    "schema": _TEXT,
}


def webhooks(notices: Mapping[str, Notice], schemas: Schemas) -> Json:
    """The `webhooks` of a document: each event as the call that a subscriber gets."""
    return {event_type: {"post": _call(one, schemas)} for event_type, one in notices.items()}


def _call(notice: Notice, schemas: Schemas) -> Json:
    payload = schemas.resolved(schemas.of(type(notice.sample), ANSWER))
    schema = {
        "type": "object",
        "properties": {
            "metadata": {"$ref": PLACE + "NotificationMetadata"},
            **payload["properties"],
        },
        "required": ["metadata", *payload.get("required", ())],
    }
    return {
        "summary": notice.type,
        "tags": ["events"],
        "security": [],
        "parameters": [_SIGNED],
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {"200": {"description": "Taken; any other status is a failure"}},
        "x-evidence": {"basis": notice.evidence.basis, "source": notice.evidence.source},
        # Without a teller nothing here makes it happen, but a test notification shows it.
        **({} if notice.tell else {"x-gap": True}),
    }
