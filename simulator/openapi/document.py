"""The whole document, from the declarations of all resources."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from simulator.core.errors import CATALOGUE
from simulator.core.evidence import Evidence
from simulator.core.resource import CONNECT, Operation
from simulator.openapi.answers import AnswerShape, Form, answer_shape
from simulator.openapi.links import Links
from simulator.openapi.parameters import (
    SECURITY,
    SECURITY_SCHEMES,
    parameters,
    path_parameters,
)
from simulator.openapi.refusals import in_order, refusal_keys, statuses
from simulator.openapi.schemas import ANSWER, BODY, PLACE, Json, Mode, Schemas, referred
from simulator.openapi.webhooks import COMPONENTS, webhooks
from simulator.resources.catalogue import KnownOperation, known_operations, notices, operations
from simulator.version import VERSION

GAP_HEADER = "X-Sim-Gap"

_ABOUT = """\
The v3 API of BILL (bill.com) as a simulator of it serves it. It is not made by BILL.

`POST /connect/v3/login` answers a `sessionId`; most calls bring it with the `devKey`. Where an \
operation is known from is told as `x-evidence`: observed on the service, documented by BILL, or \
assumed. Operations with `x-gap` are BILL's but not built; they answer 501.

`x-refusals` names what a call may be refused with. Names that do not begin with `BDC_` are the \
simulator's own and never sent: BILL sends no code there, or none is known. Where one call is \
refused for several reasons, the status is that of the first that is not BDC_1246.\
"""

_REFUSED: Json = {
    "RefusalItem": {
        "type": "object",
        "description": "One reason of a refusal; those of body validation have no code.",
        "properties": {
            "timestamp": {"type": "string", "format": "date-time"},
            "code": {"type": "string", "pattern": "^BDC_[0-9]{4}$"},
            "severity": {"type": "string"},
            "category": {"type": "string"},
            "message": {"type": "string"},
        },
        "required": ["timestamp", "severity", "category", "message"],
    },
    "Refusal": {
        "type": "array",
        "description": "BILL's answer to a call that it refuses.",
        "items": {"$ref": PLACE + "RefusalItem"},
        "minItems": 1,
    },
}


@cache
def encoded() -> bytes:
    """The document as JSON in UTF-8."""
    return json.dumps(document(), separators=(",", ":"), ensure_ascii=False).encode()


def document() -> Json:
    """The OpenAPI 3.1 document of all operations, built or not."""
    return _Writing().document()


def operation_id(method: str, path: str) -> str:
    """`PATCH /connect/v3/vendors/{vendorId}` is `patchVendorsVendorId`."""
    words = re.findall(r"\w+", path.removeprefix(f"{CONNECT}/v3"))
    return method.lower() + "".join(word[0].upper() + word[1:] for word in words if word != "v3")


class _Writing:
    """What the parts of one document share."""

    def __init__(self) -> None:
        self.built = operations()
        self.known = {known.key: known for known in known_operations()}
        self.shapes = {key: answer_shape(one) for key, one in self.built.items()}
        self.schemas = Schemas(self._wanted())
        names = {key: operation_id(one.method, one.path) for key, one in self.built.items()}
        bodies = {key: self._members(one.body) for key, one in self.built.items()}
        self.links = Links(self.built.values(), self.shapes, bodies, names)

    def _wanted(self) -> Iterator[tuple[Any, Mode]]:
        for key, operation in self.built.items():
            kind = self.shapes[key].kind
            if kind is not None:
                yield kind, ANSWER
            if operation.body not in (None, bytes):
                yield operation.body, BODY
            if operation.query is not None:
                yield operation.query, BODY
        for notice in notices().values():
            yield type(notice.sample), ANSWER

    def _members(self, body: Any) -> frozenset[str]:
        if body in (None, bytes):
            return frozenset()
        return frozenset(self.schemas.resolved(self.schemas.of(body, BODY)).get("properties", ()))

    def document(self) -> Json:
        paths: dict[str, Json] = {}
        for key, known in self.known.items():
            operation = self.built.get(key)
            told = _gap(known) if operation is None else self._operation(operation)
            paths.setdefault(known.path, {})[known.method.lower()] = told
        for key, operation in self.built.items():
            if key not in self.known:
                told = self._operation(operation)
                paths.setdefault(operation.path, {})[operation.method.lower()] = told
        hooks = webhooks(notices(), self.schemas)
        components = {**self.schemas.components, **_REFUSED, **COMPONENTS}
        used = referred([paths, hooks], components)
        return {
            "openapi": "3.1.0",
            "info": {
                "title": "BILL v3 API, simulated",
                "version": VERSION,
                "description": _ABOUT,
                "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
            },
            "servers": [{"url": "/"}],
            "tags": self._tags(),
            "paths": paths,
            "webhooks": hooks,
            "components": {
                "schemas": {name: one for name, one in components.items() if name in used},
                "securitySchemes": SECURITY_SCHEMES,
                "x-refusals": self._refusals(),
            },
        }

    def _tags(self) -> list[Json]:
        groups = {known.group for known in self.known.values()}
        groups |= {self._group(operation) for operation in self.built.values()}
        return [{"name": name} for name in sorted(groups)]

    def _group(self, operation: Operation) -> str:
        known = self.known.get(operation.key)
        return known.group if known else operation.resource.name

    def _refusals(self) -> Json:
        used = {key for one in self.built.values() for key in refusal_keys(one)}
        told = {}
        for key in in_order(used):
            entry = CATALOGUE[key]
            told[key] = {
                "status": entry.status,
                **({"code": entry.code} if entry.code else {}),
                "category": entry.category,
                "severity": entry.severity,
                "message": entry.message,
                "evidence": _evidence(entry.evidence),
            }
        return told

    def _operation(self, operation: Operation) -> Json:
        query = operation.query
        model = None if query is None else self.schemas.resolved(self.schemas.of(query, BODY))
        told: Json = {
            "operationId": operation_id(operation.method, operation.path),
            "summary": operation.summary.removesuffix("."),
            "tags": [self._group(operation)],
            "security": SECURITY[operation.access],
            "parameters": parameters(operation, model),
        }
        if operation.trusted:
            told["x-trusted"] = True
        if operation.body is not None:
            told["requestBody"] = self._body(operation.body)
        told["responses"] = self._responses(operation)
        told["x-evidence"] = _evidence(operation.evidence)
        return told

    def _body(self, body: Any) -> Json:
        if body is bytes:
            schema = {"type": "string", "contentMediaType": "application/octet-stream"}
            return {"required": True, "content": {"*/*": {"schema": schema}}}
        schema = self.schemas.of(body, BODY)
        return {"required": True, "content": {"application/json": {"schema": schema}}}

    def _responses(self, operation: Operation) -> Json:
        shape = self.shapes[operation.key]
        answer: Json = {"description": HTTPStatus(operation.status).phrase}
        if shape.form is Form.BYTES:
            answer["content"] = {"application/octet-stream": {}}
        elif shape.kind is not None:
            schema = self._answer(operation, shape)
            answer["content"] = {"application/json": {"schema": schema}}
        links = self.links.of(operation)
        if links:
            answer["links"] = links
        by_status: dict[int, list[str]] = {}
        for key in in_order(refusal_keys(operation)):
            for status in statuses(operation, key):
                by_status.setdefault(status, []).append(key)
        refused = {str(status): _refusal(status, by_status[status]) for status in sorted(by_status)}
        return {str(operation.status): answer, **refused}

    def _answer(self, operation: Operation, shape: AnswerShape) -> Json:
        one = self.schemas.of(shape.kind, ANSWER)
        many = {"type": "array", "items": one}
        if shape.form is Form.PAGE:
            cursor = {"type": "string"}
            return _object(results=many, nextPage=cursor, prevPage=cursor, required=["results"])
        if shape.form is Form.MANY and operation.wrap:
            return _object(**{operation.wrap: many}, required=[operation.wrap])
        return many if shape.form is Form.MANY else one


def _object(required: list[str], **members: Json) -> Json:
    return {"type": "object", "properties": members, "required": required}


def _evidence(evidence: Evidence) -> Mapping[str, str]:
    return {"basis": evidence.basis, "source": evidence.source}


def _refusal(status: int, keys: list[str]) -> Json:
    codes = list(dict.fromkeys(CATALOGUE[key].code or "without a code" for key in keys))
    return {
        "description": f"{HTTPStatus(status).phrase}: {', '.join(codes)}",
        "content": {"application/json": {"schema": {"$ref": PLACE + "Refusal"}}},
        "x-refusals": keys,
    }


def _gap(known: KnownOperation) -> Json:
    named = {"description": "The operation.", "required": True, "schema": {"const": known.key}}
    return {
        "operationId": operation_id(known.method, known.path),
        "summary": "Not built",
        "tags": [known.group],
        "security": [],
        "parameters": path_parameters(known.path),
        "responses": {
            "501": {
                "description": "Not built in this simulator",
                "headers": {GAP_HEADER: named},
                "content": {"application/json": {"schema": {"$ref": PLACE + "Refusal"}}},
            }
        },
        "x-gap": True,
    }
