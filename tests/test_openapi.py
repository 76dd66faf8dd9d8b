"""The contract that the simulator serves: valid, whole, and as BILL's own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import openapi_spec_validator
import pytest

from simulator.cli import main
from simulator.core.errors import CATALOGUE
from simulator.core.resource import Access, Listed, Operation
from simulator.core.rows import Answer, Row, encoded
from simulator.fidelity import used_refusals
from simulator.openapi.answers import Form, answer_shape
from simulator.openapi.document import operation_id
from simulator.openapi.parameters import SECURITY, path_names
from simulator.openapi.refusals import refusal_keys
from simulator.resources.catalogue import known_operations, notices, operations
from simulator.resources.vendor_rows import Vendor, vendors
from tests.conftest import MakeClient
from tests.contract import NOT_THERE, OPERATIONS
from tests.goldens import check_golden
from tests.served import served

BUILT = operations()
DOCUMENT = served().document
SCHEMAS = DOCUMENT["components"]["schemas"]

# What is refused whatever the operation, or before there is one; nor is broken HTTP any of BILL's.
NO_OPERATION = {"gap", "BDC_1001", "BDC_1121", "method.unsupported", "fault.malformed"}


def documented() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in DOCUMENT["paths"].items():
        for method, told in item.items():
            yield f"{method.upper()} {path}", told


def test_the_document_is_valid_openapi_3_1() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    openapi_spec_validator.OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_every_operation_built_or_not_is_in_the_document() -> None:
    told = dict(documented())
    assert told.keys() == BUILT.keys() | {one.key for one in known_operations()}
    assert {key for key, one in told.items() if one.get("x-gap")} == told.keys() - BUILT.keys()


def test_a_gap_answers_501_and_names_itself() -> None:
    gap = served().operation("GET /connect/v3/spend/reimbursements")
    [(status, response)] = gap["responses"].items()
    assert status == "501"
    assert response["headers"]["X-Sim-Gap"]["schema"] == {
        "const": "GET /connect/v3/spend/reimbursements"
    }


def test_every_operation_tells_what_it_answers() -> None:
    shapes = {key: answer_shape(one) for key, one in BUILT.items()}
    empty = {key for key, one in shapes.items() if one.kind is None}
    assert {key.split(" ")[0] for key in empty} <= {"GET", "POST", "DELETE"}
    assert {key for key in empty if shapes[key].form is Form.BYTES} == {
        "GET /is/BillFileServlet/{fileId}"
    }


def test_a_function_that_does_not_say_what_it_answers_is_found() -> None:
    def silent(ctx: Any):  # type: ignore[no-untyped-def]
        return None

    def vague(ctx: Any) -> Answer:
        return encoded(b"{}")

    def plain(ctx: Any) -> str:
        return ""

    get = BUILT["GET /connect/v3/vendors/{vendorId}"]
    for run in (silent, vague, plain):
        operation = Operation("GET", "/x", run, get.evidence, vendors)
        with pytest.raises(TypeError, match="GET /x"):
            answer_shape(operation)


def test_what_is_declared_for_all_resources_alike_answers_the_resource_s_rows() -> None:
    shape = answer_shape(BUILT["GET /connect/v3/vendors/{vendorId}"])
    assert (shape.form, shape.kind) == (Form.ONE, Vendor)
    listed = Operation("GET", "/x", lambda: None, vendors.operations[0].evidence, vendors)
    listed.run.__annotations__["return"] = Listed
    assert (answer_shape(listed).form, answer_shape(listed).kind) == (Form.PAGE, Vendor)


def test_operation_ids_are_unique_and_stay_as_they_are() -> None:
    names = {told["operationId"]: key for key, told in documented()}
    assert len(names) == len(dict(documented()))
    lines = sorted(f"{name} {key}\n" for name, key in names.items())
    check_golden("openapi/operation_ids.txt", "".join(lines).encode())


def test_an_operation_id_is_made_of_method_and_path() -> None:
    assert operation_id("PATCH", "/connect/v3/vendors/{vendorId}") == "patchVendorsVendorId"
    assert (
        operation_id("GET", "/connect-events/v3/events/catalog") == "getConnectEventsEventsCatalog"
    )


def every_class(cls: type[Answer]) -> Iterator[type[Answer]]:
    for below in cls.__subclasses__():
        yield below
        yield from every_class(below)


def test_hidden_members_are_not_told() -> None:
    named = {
        (cls.__name__, field.name)
        for cls in every_class(Row)
        if "__dataclass_fields__" in vars(cls)
        for field in cls.__dataclass_fields__.values()
        if "exclude=True" in str(field.type) or "Hidden" in str(field.type)
    }
    assert ("User", "password") in named
    told = [
        (name, member)
        for name, member in named
        if name in SCHEMAS and member.replace("_", "").lower() in map(str.lower, members(name))
    ]
    assert told == []


def members(name: str) -> list[str]:
    return list(SCHEMAS[name].get("properties", ()))


def test_members_that_may_be_left_out_are_not_required_and_never_null() -> None:
    vendor = SCHEMAS["Vendor"]
    assert "shortName" not in vendor["required"]
    assert "networkStatus" in vendor["required"]
    assert vendor["properties"]["shortName"] == {"type": "string"}
    assert vendor["properties"]["createdTime"] == {"type": "string", "format": "date-time"}
    assert SCHEMAS["Bill"]["properties"]["amount"] == {"type": "number"}
    assert SCHEMAS["VendorCreate"]["properties"]["shortName"] == {
        "anyOf": [{"type": "string", "maxLength": 40}, {"type": "null"}]
    }


def test_bounds_of_bodies_are_told() -> None:
    percentage = SCHEMAS["ItemBody"]["properties"]["percentage"]["anyOf"][0]
    assert (percentage["minimum"], percentage["type"]) == (0, "number")
    assert SCHEMAS["PaymentCreate"]["properties"]["amount"]["exclusiveMinimum"] == 0
    assert SCHEMAS["VendorCreate"]["properties"]["name"] == {
        "type": "string",
        "maxLength": 100,
        "pattern": r"\S",
    }
    routing = SCHEMAS["BankCreate"]["properties"]["routingNumber"]
    assert routing == {"type": "string", "pattern": "^[0-9]{9}$", "format": "aba-routing-number"}


def test_the_two_records_of_one_name_are_told_apart() -> None:
    assert {"Invoice", "BillInvoice"} <= SCHEMAS.keys()
    assert not [name for name in SCHEMAS if "__" in name or "simulator" in name]


def test_every_kind_of_access_has_its_headers() -> None:
    assert SECURITY.keys() == set(Access)
    schemes = DOCUMENT["components"]["securitySchemes"]
    asked = {name for one in SECURITY.values() for way in one for name in way}
    assert asked == schemes.keys()
    assert {one["in"] for one in schemes.values()} == {"header"}


def parameter(key: str, name: str) -> dict[str, Any]:
    [found] = [one for one in served().operation(key)["parameters"] if one["name"] == name]
    return dict(found)


def test_the_list_grammar_is_told_with_its_fields() -> None:
    key = "GET /connect/v3/vendors"
    assert parameter(key, "max")["schema"]["maximum"] == 100
    fields = parameter(key, "filters")["x-fields"]
    grammar = BUILT[key].listing
    assert grammar is not None
    assert fields.keys() == grammar.filters.keys()
    assert fields["accountType"] == {"kind": "enumeration", "operators": ["eq", "ne", "in", "nin"]}
    assert parameter(key, "sort")["x-fields"] == list(grammar.sorts)


@pytest.mark.parametrize(
    ("name", "text", "fits"),
    [
        ("filters", "name:sw:Hap", True),
        ("filters", "archived:eq:false,createdTime:gte:2026-01-01T00:00:00.000Z", True),
        ("filters", 'accountType:in:"BUSINESS,PERSON"', True),
        ("filters", "archived:sw:false", False),
        ("filters", "shoeSize:eq:43", False),
        ("filters", "accountType:eq:CAT", False),
        ("sort", "name:asc,createdTime:desc", True),
        ("sort", "name", True),
        ("sort", "shoeSize", False),
    ],
)
def test_patterns_of_lists_say_what_is_taken(name: str, text: str, fits: bool) -> None:
    pattern = parameter("GET /connect/v3/vendors", name)["schema"]["pattern"]
    assert bool(re.search(pattern, text)) is fits


@pytest.mark.parametrize("key", [key for key, one in BUILT.items() if one.listing])
async def test_what_fits_the_pattern_of_a_list_is_read(key: str) -> None:
    grammar = BUILT[key].listing
    assert grammar is not None
    sample = {"boolean": "true", "date": "2026-01-01", "instant": "2026-01-01", "number": "1.5"}
    for field in grammar.filters.values():
        value = field.kind.members[0] if field.kind.members else sample.get(field.kind.name, "x")
        for op in field.ops:
            text = f"{field.name}:{op}:{value}"
            assert re.search(parameter(key, "filters")["schema"]["pattern"], text), text
            grammar.read_filters(text)


def test_every_refusal_of_an_operation_s_code_is_told() -> None:
    told = {key for one in BUILT.values() for key in refusal_keys(one)}
    beside = {key for key in used_refusals() - told if not key.startswith("http.")}
    assert beside == NO_OPERATION
    assert DOCUMENT["components"]["x-refusals"].keys() == told


@pytest.mark.parametrize(
    ("key", "refused", "not_refused"),
    [
        ("GET /connect/v3/bills", {"BDC_1130", "BDC_1131", "BDC_1109"}, {"BDC_1205", "field.null"}),
        ("GET /connect/v3/bills/{billId}", {"BDC_1205"}, {"BDC_1130", "BDC_1361"}),
        ("POST /connect/v3/payments", {"BDC_1361", "BDC_1152", "field.null"}, {"BDC_1246"}),
        ("POST /connect/v3/payments/bulk", {"BDC_1246"}, {"BDC_1130"}),
        ("POST /connect/v3/login", {"BDC_1101", "BDC_1102"}, {"BDC_1109", "header.missing"}),
        ("POST /connect/v3/mfa/challenge", {"limit.texts"}, {"BDC_1246"}),
        ("POST /connect/v3/partner/users", {"user.duplicate", "header.missing"}, {"BDC_1130"}),
    ],
)
def test_refusals_are_those_that_the_code_can_reach(
    key: str, refused: set[str], not_refused: set[str]
) -> None:
    found = refusal_keys(BUILT[key])
    assert refused <= found
    assert not not_refused & found


def test_a_status_that_a_setting_chooses_is_told_in_each_way() -> None:
    responses = served().operation("POST /connect/v3/login")["responses"]
    for status in ("400", "401"):
        assert {"BDC_1101", "BDC_1102"} <= set(responses[status]["x-refusals"])
    of_vendors = served().operation("GET /connect/v3/vendors")["responses"]
    assert "BDC_1102" in of_vendors["401"]["x-refusals"]
    assert "BDC_1102" not in of_vendors["400"]["x-refusals"]


def test_refusals_are_told_with_code_text_and_evidence() -> None:
    told = DOCUMENT["components"]["x-refusals"]
    assert told["BDC_1109"]["code"] == "BDC_1109"
    assert told["BDC_1152/filled"]["code"] == "BDC_1152"
    assert "code" not in told["field.null"]
    assert told["BDC_1109"]["evidence"]["basis"] == CATALOGUE["BDC_1109"].evidence.basis


def links(key: str) -> dict[str, Any]:
    responses = served().operation(key)["responses"]
    found: dict[str, Any] = responses[str(BUILT[key].status)].get("links", {})
    return found


def test_a_new_vendor_leads_to_what_is_done_with_it() -> None:
    found = links("POST /connect/v3/vendors")
    assert found["getVendorsVendorId"]["parameters"] == {"vendorId": "$response.body#/id"}
    assert {
        "patchVendorsVendorId",
        "postVendorsVendorIdArchive",
        "postAttachmentsVendorsVendorId",
    } <= found.keys()
    assert found["postBills"]["requestBody"] == {"vendorId": "$response.body#/id"}
    assert "getCustomersCustomerId" not in found


def test_links_of_a_part_bring_its_owner_along() -> None:
    found = links("POST /connect/v3/customers/{customerId}/contacts")
    assert found["patchCustomersCustomerIdContactsContactId"]["parameters"] == {
        "customerId": "$request.path.customerId",
        "contactId": "$response.body#/id",
    }


def test_links_of_a_list_begin_with_its_first_record() -> None:
    found = links("GET /connect/v3/funding-accounts/banks")
    assert found["getFundingAccountsBanksBankAccountId"]["parameters"] == {
        "bankAccountId": "$response.body#/results/0/id"
    }
    # Customers have bank accounts of their own, whose parameter has the same name.
    assert "getCustomersCustomerIdBankAccountsBankAccountId" not in found


def test_classifications_do_not_lead_to_one_another() -> None:
    found = links("POST /connect/v3/classifications/items")
    assert found
    assert all("ClassificationsItems" in name for name in found)


def test_links_bring_all_that_their_operation_asks_for() -> None:
    by_id = {told["operationId"]: key for key, told in documented()}
    for key in BUILT:
        for link in links(key).values():
            target = by_id[link["operationId"]]
            asked = set(path_names(target.split(" ")[1]))
            assert set(link.get("parameters", ())) == asked, (key, target)


def test_every_webhook_of_the_catalog_is_told_with_its_signature() -> None:
    told = DOCUMENT["webhooks"]
    assert told.keys() == notices().keys()
    for webhook in told.values():
        assert [one["name"] for one in webhook["post"]["parameters"]] == ["x-bill-sha-signature"]


@pytest.mark.parametrize("event_type", sorted(notices()))
def test_the_sample_of_an_event_is_of_its_schema(event_type: str) -> None:
    metadata = {
        "eventId": "2f0d4b8e-6a0c-4c8e-9a53-1d9e2f6f3c11",
        "subscriptionId": "2f0d4b8e-6a0c-4c8e-9a53-1d9e2f6f3c12",
        "organizationId": "00802KOOXEYKRUV9v9xx",
        "eventType": event_type,
        "version": "1",
    }
    payload = json.loads(notices()[event_type].sample.wire())
    assert served().webhook_faults(event_type, {"metadata": metadata, **payload}) == []
    assert served().webhook_faults(event_type, payload)
    assert served().webhook_faults(event_type, {"metadata": metadata, **dict.fromkeys(payload, 1)})


async def test_real_answers_are_held_against_the_contract(make_client: MakeClient) -> None:
    client = await make_client(trusted=True)
    vendor = await client.new_vendor()
    key, path = "GET /connect/v3/vendors/{vendorId}", f"/connect/v3/vendors/{vendor['id']}"
    answer = await client.get(f"/v3/vendors/{vendor['id']}")
    unknown = await client.get("/v3/vendors/00902AAAAAAAAAAAAAAA")
    assert (answer.status, unknown.status) == (200, 404)

    def faults(status: int, body: Any) -> list[str]:
        return served().faults("GET", path, status, body)

    assert faults(200, answer.body) == []
    assert faults(404, unknown.body) == []
    for body in (
        {**answer.body, "shoeSize": 43},
        {**answer.body, "id": 7},
        {**answer.body, "createdTime": "yesterday"},
        {name: value for name, value in answer.body.items() if name != "name"},
        {**answer.body, "shortName": None},
        None,
    ):
        assert faults(200, body), body
    [item] = unknown.body
    assert faults(404, [{**item, "code": "BDC_1109"}]) == [
        f"{key}: 'Not Found: BDC_1205' lists none of {{'BDC_1109'}}"
    ]
    assert (
        faults(404, [{**item, "code": "BDC_9999"}])[0] == f"{key}: BDC_9999 is not in the contract"
    )
    assert faults(404, [])
    assert faults(404, {"message": "no"})
    assert faults(418, [item])


def test_the_command_prints_the_document(capsys: pytest.CaptureFixture[str]) -> None:
    main(["openapi"])
    assert json.loads(capsys.readouterr().out) == DOCUMENT


# Members of BILL's answers that are not simulated; test_contract_members tells why.
NOT_ANSWERED = {
    "virtualCard",
    "vcardDisbursement",
    "vendorCredits",
    "groupId",
    "groupName",
    "users",
    "brand",
    "conditions",
    "deliveryDate",
    "feeInfo",
    "processDate",
    "reason",
    "remittanceEmail",
    "disbursementStatus",
    "createdTime",
    "downloadLink",
    "name",
    "value",
    "description",
}

needs_contract = pytest.mark.skipif(not OPERATIONS, reason=NOT_THERE)


def resolved(schema: Any) -> list[dict[str, Any]]:
    """A schema without references, in each of its alternatives."""
    if "$ref" in schema:
        return resolved(SCHEMAS[schema["$ref"].rsplit("/", 1)[1]])
    return [part for one in schema.get("anyOf", ()) for part in resolved(one)] or [schema]


def unnamed(value: Any, schema: Any) -> set[str]:
    """The names of members in `value` that `schema` has not at their place."""
    kinds = resolved(schema)
    if isinstance(value, list):
        [items] = [one["items"] for one in kinds if "items" in one]
        return {name for one in value for name in unnamed(one, items)}
    if not isinstance(value, dict) or any(one.get("additionalProperties") for one in kinds):
        return set()
    known = {name: part for one in kinds for name, part in one.get("properties", {}).items()}
    found = {name for name in value if name not in known}
    return found.union(*(unnamed(value[name], known[name]) for name in value if name in known))


@needs_contract
@pytest.mark.parametrize("key", [key for key in OPERATIONS if key in BUILT])
def test_what_bill_s_collection_shows_of_an_operation_is_in_the_document(key: str) -> None:
    shown, told = OPERATIONS[key], served().operation(key)
    names = {one["name"] for one in told["parameters"] if one["in"] == "query"}
    assert {one["key"] for one in shown["query"]} <= names
    if shown["requestExample"] is not None:
        [media] = told["requestBody"]["content"].values()
        assert unnamed(shown["requestExample"], media["schema"]) == set()
    answer = told["responses"][str(shown["success"])]
    assert ("content" in answer) == (shown.get("responseShape") is not None)
    if shown["responseShape"] is not None:
        schema = answer["content"]["application/json"]["schema"]
        assert unnamed(shown["responseShape"], schema) <= NOT_ANSWERED
