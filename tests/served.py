"""The served contract as a check of whatever the tests are answered.

Stricter than the contract itself: an answer has no member that its schema does not name.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import jsonschema_rs

from simulator.core.resource import Operation
from simulator.gateway.app import make_router
from simulator.gateway.pipeline import Target
from simulator.gateway.routing import MethodUnknown, Router
from simulator.openapi import encoded

_URN = "urn:served"


def _closed(schema: Any) -> Any:
    """The same, with every object of named members closed to others."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    told = {key: _closed(value) for key, value in schema.items()}
    if told.get("type") == "object" and "properties" in told:
        told.setdefault("additionalProperties", False)
    return told


class Served:
    """The document of this checkout, ready to judge answers."""

    def __init__(self) -> None:
        self.document: dict[str, Any] = json.loads(encoded())
        resources = [(_URN, _closed(self.document))]
        self._registry = jsonschema_rs.Registry(resources, draft=jsonschema_rs.Draft202012)
        self._router: Router[Target] = make_router()
        self._validators: dict[tuple[str, int], jsonschema_rs.Draft202012Validator] = {}

    def operation(self, key: str) -> dict[str, Any]:
        """The operation object of `POST /connect/v3/bills`."""
        method, path = key.split(" ")
        found: dict[str, Any] = self.document["paths"][path][method.lower()]
        return found

    def codes(self, response: dict[str, Any]) -> set[str | None]:
        """The codes that a refusal may have, None where it may have none."""
        catalogue = self.document["components"]["x-refusals"]
        return {catalogue[key].get("code") for key in response["x-refusals"]}

    def faults(self, method: str, raw_path: str, status: int, body: Any) -> list[str]:
        """What in an answer to a call is not as the contract says; nothing for unknown paths."""
        try:
            found = self._router.find(method, raw_path)
        except MethodUnknown:
            found = None
        # A crash that a test brings about is in no contract.
        if found is None or not isinstance(found[0], Operation) or status == 500:
            return []
        key = found[0].key
        response = self.operation(key)["responses"].get(str(status))
        if response is None:
            return [f"{key}: {status} is not in the contract: {body}"]
        if "content" not in response:
            return [] if body is None else [f"{key}: {status} has a body"]
        told = [
            f"{key}: {status}: {'.'.join(map(str, error.instance_path))}: {error.message}"
            for error in self._validator(key, status).iter_errors(body)
        ]
        if "x-refusals" in response and not told:
            told += self._untold(key, response, {item.get("code") for item in body})
        return told

    def _untold(self, key: str, response: dict[str, Any], given: set[str | None]) -> list[str]:
        """One of several reasons sets the status; the others may be of another."""
        refused = [one for one in self.operation(key)["responses"].values() if "x-refusals" in one]
        known = {code for one in refused for code in self.codes(one)}
        told = [f"{key}: {code} is not in the contract" for code in given - known]
        if not given & self.codes(response):
            told.append(f"{key}: {response['description']!r} lists none of {given}")
        return told

    def webhook_faults(self, event_type: str, body: Any) -> list[str]:
        """What in a notification is not as the contract says."""
        place = f"/webhooks/{event_type}/post/requestBody/content/application~1json/schema"
        errors = self._validating(place).iter_errors(body)
        return [f"{event_type}: {'.'.join(map(str, e.instance_path))}: {e.message}" for e in errors]

    def _validator(self, key: str, status: int) -> jsonschema_rs.Draft202012Validator:
        known = self._validators.get((key, status))
        if known is None:
            method, path = key.split(" ")
            escaped = path.replace("~", "~0").replace("/", "~1").replace("{", "%7B")
            response = f"/paths/{escaped.replace('}', '%7D')}/{method.lower()}/responses/{status}"
            known = self._validating(f"{response}/content/application~1json/schema")
            self._validators[key, status] = known
        return known

    def _validating(self, place: str) -> jsonschema_rs.Draft202012Validator:
        return jsonschema_rs.Draft202012Validator(
            {"$ref": f"{_URN}#{place}"}, registry=self._registry, validate_formats=True
        )


@cache
def served() -> Served:
    """The contract, read once for all tests."""
    return Served()
