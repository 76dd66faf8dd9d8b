"""The router alone: which operation a method and a raw path mean."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import pytest

from simulator.gateway.routing import MethodUnknown, Router


@dataclass(frozen=True)
class Route:
    method: str
    path: str


LIST = Route("GET", "/v3/bills")
CREATE = Route("POST", "/v3/bills")
BULK = Route("POST", "/v3/bills/bulk")
ONE = Route("GET", "/v3/bills/{billId}")
PATCH = Route("PATCH", "/v3/bills/{billId}")
ARCHIVE = Route("POST", "/v3/bills/{billId}/archive")
LINE = Route("GET", "/v3/bills/{billId}/lines/{lineId}")
BULK_ARCHIVE = Route("POST", "/v3/bills/bulk/archive/now")
ROUTES = (LIST, CREATE, BULK, ONE, PATCH, ARCHIVE, LINE, BULK_ARCHIVE)


@pytest.fixture
def router() -> Router[Route]:
    return Router(ROUTES)


@pytest.mark.parametrize(
    ("method", "path", "target", "parameters"),
    [
        ("GET", "/v3/bills", LIST, []),
        ("POST", "/v3/bills", CREATE, []),
        ("GET", "/v3/bills/00n1", ONE, ["00n1"]),
        ("POST", "/v3/bills/00n1/archive", ARCHIVE, ["00n1"]),
        ("GET", "/v3/bills/00n1/lines/7", LINE, ["00n1", "7"]),
        ("POST", "/v3/bills/bulk", BULK, []),
        # The literal segment leads nowhere, the parameter does.
        ("GET", "/v3/bills/bulk", ONE, ["bulk"]),
        ("POST", "/v3/bills/bulk/archive", ARCHIVE, ["bulk"]),
        ("POST", "/v3/bills/bulk/archive/now", BULK_ARCHIVE, []),
        ("GET", "/v3/bills/bulk/lines/7", LINE, ["bulk", "7"]),
    ],
)
def test_a_path_leads_to_its_operation(
    router: Router[Route], method: str, path: str, target: Route, parameters: list[str]
) -> None:
    assert router.find(method, path) == (target, parameters)


def test_the_order_of_declaration_does_not_matter() -> None:
    for routes in permutations((BULK, ONE, PATCH, ARCHIVE)):
        router = Router(routes)
        assert router.find("POST", "/v3/bills/bulk") == (BULK, [])
        assert router.find("GET", "/v3/bills/bulk") == (ONE, ["bulk"])
        assert router.find("PATCH", "/v3/bills/x") == (PATCH, ["x"])


@pytest.mark.parametrize(
    ("raw", "parameter"),
    [
        ("a%2Fb", "a/b"),
        ("a%2fb", "a/b"),
        ("%2E%2E", ".."),
        ("..", ".."),
        ("%252F", "%2F"),
        ("%C3%A9", "\u00e9"),
        ("%FF", "\ufffd"),
        ("%00", "\0"),
        ("%zz", "%zz"),
        ("a+b", "a+b"),
        ("{billId}", "{billId}"),
    ],
)
def test_a_parameter_is_decoded_once_and_stays_one_segment(
    router: Router[Route], raw: str, parameter: str
) -> None:
    assert router.find("GET", f"/v3/bills/{raw}") == (ONE, [parameter])


def test_a_literal_may_be_percent_encoded(router: Router[Route]) -> None:
    assert router.find("GET", "/v3/%62ills") == (LIST, [])


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "",
        "/v3",
        "/v3/",
        "/v3/Bills",
        "/V3/bills",
        "/v3/bills/",
        "/v3//bills",
        "//v3/bills",
        "/v3/bills//archive",
        "/v3/bills/00n1/",
        "/v3/bills/00n1/archive/",
        "/v3/bills/00n1/Archive",
        "/v3/bills/00n1/lines/",
        "/v3/bills/00n1%2Farchive/more",
        "/v3/nobody",
        "/v3/bills/../vendors",
    ],
)
def test_an_unknown_path_is_found_with_no_method(router: Router[Route], path: str) -> None:
    for method in ("GET", "POST", "PATCH"):
        assert router.find(method, path) is None


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v3/bills", ["GET", "POST"]),
        ("PUT", "/v3/bills/00n1", ["GET", "PATCH"]),
        ("GET", "/v3/bills/00n1/archive", ["POST"]),
        # Both the literal and the parameter take such a path.
        ("DELETE", "/v3/bills/bulk", ["GET", "PATCH", "POST"]),
        ("get", "/v3/bills", ["GET", "POST"]),
        ("HEAD", "/v3/bills", ["GET", "POST"]),
    ],
)
def test_a_known_path_with_another_method_tells_its_methods(
    router: Router[Route], method: str, path: str, allowed: list[str]
) -> None:
    with pytest.raises(MethodUnknown) as caught:
        router.find(method, path)
    assert caught.value.allowed == allowed


def test_two_operations_on_one_method_and_path_cannot_be() -> None:
    other_name = Route("GET", "/v3/bills/{id}")
    with pytest.raises(ValueError, match=r"GET /v3/bills/\{id\} is declared twice"):
        Router([ONE, other_name])
