"""Snapshots hold no ids, times, secrets or records of others; the page escapes what it shows."""

from __future__ import annotations

from typing import Any

import pytest

from contract_tests.page import page
from contract_tests.redaction import REDACTED, Redaction
from contract_tests.snapshots import FOREIGN, Scrubber

OWN, OTHER = "00902AAAAAAAAAAaaaaa", "00902BBBBBBBBBBbbbbb"
BILL = "00n02CCCCCCCCCCccccc"
RUN = "3fa91c02"


@pytest.fixture
def scrubber() -> Scrubber:
    return Scrubber(RUN, {OWN, BILL})


def test_ids_become_references_in_the_order_of_their_coming(scrubber: Scrubber) -> None:
    assert scrubber.text(f"{BILL} {OWN} {OTHER} {OWN}") == (
        "<bill:1> <vendor:1> <vendor:2> <vendor:1>"
    )


def test_ids_in_a_query_become_references(scrubber: Scrubber) -> None:
    assert scrubber.path(f"/v3/vendors?filters=id:in:%22{OWN},{OTHER}%22") == (
        '/v3/vendors?filters=id:in:"<vendor:1>,<vendor:2>"'
    )


def test_a_policys_id_becomes_one_reference(scrubber: Scrubber) -> None:
    assert scrubber.text("/policies/00802KOOXEYKRUV9v9xx-0dmuhfb6laqh") == "/policies/<policy:1>"


def test_a_uuid_becomes_a_reference(scrubber: Scrubber) -> None:
    assert scrubber.text("a 11111111-2222-4333-8444-555555555555") == "a <uuid:1>"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("2026-08-21T21:19:50.992+00:00", "<time>"),
        ("2026-08-21T21:19:50Z", "<time>"),
        ("Invalid Process Date : 2026-08-21", "Invalid Process Date : <date>"),
        (f"Contract {RUN}-007 vendor", "Contract <run> vendor"),
        ("228.99", "228.99"),
    ],
)
def test_times_and_names_become_patterns(scrubber: Scrubber, text: str, kept: str) -> None:
    assert scrubber.text(text) == kept


def test_a_cursor_in_a_path_becomes_a_pattern(scrubber: Scrubber) -> None:
    assert scrubber.path("/v3/bills?page=W1tdLDAsMCwiIiwiIl0&max=2") == (
        "/v3/bills?page=<cursor>&max=2"
    )
    assert scrubber.path("/v3/bills?page=nonsense") == "/v3/bills?page=nonsense"


def test_values_stay_what_they_are(scrubber: Scrubber) -> None:
    body = {"amount": 10.05, "archived": False, "lines": [{"price": 1}], "status": "OPEN"}
    assert scrubber.answer("GET", "/v3/bills", body) == body


@pytest.mark.parametrize(
    ("method", "path", "body", "kept"),
    [
        ("GET", "/v3/vendors", {"results": [{"id": OWN}]}, {"results": [FOREIGN]}),
        (
            "GET",
            "/v3/vendors?filters=x",
            {"results": [{"id": OWN}, {"id": OTHER, "name": "Theirs"}], "nextPage": "abc"},
            {"results": [{"id": "<vendor:1>"}, FOREIGN], "nextPage": "<cursor>"},
        ),
        ("GET", "/v3/vendors/x", {"id": OTHER, "name": "Theirs"}, FOREIGN),
        (
            "GET",
            "/v3/bills/x",
            {"id": BILL, "payments": [{"id": OTHER}]},
            {"id": "<bill:1>", "payments": [{"id": "<vendor:1>"}]},
        ),
        ("GET", "/v3/policies", [{"id": OTHER}], [FOREIGN]),
        ("GET", "/v3/policies", [{"id": OWN}], [FOREIGN]),
        ("POST", "/v3/bills/bulk", [{"id": BILL}], [{"id": "<bill:1>"}]),
        ("GET", "/v3/catalog", [{"type": "x"}], [{"type": "x"}]),
        ("GET", "/v3/pending", {"bills": [{"billId": OTHER}]}, {"bills": [FOREIGN]}),
    ],
)
def test_records_of_others_are_left_out(
    scrubber: Scrubber, method: str, path: str, body: Any, kept: Any
) -> None:
    assert scrubber.answer(method, path, body) == kept


def test_secrets_are_left_out_and_masks_are_kept(scrubber: Scrubber) -> None:
    body = {
        "sessionId": "abcdef0123456789",
        "accountNumber": "******2333",
        "account": {"accountNumber": "111222333"},
    }
    assert scrubber.answer("GET", "/v3/login", body) == {
        "sessionId": REDACTED,
        "accountNumber": "******9999",
        "account": {"accountNumber": REDACTED},
    }


def test_numbers_that_bill_makes_up_become_patterns(scrubber: Scrubber) -> None:
    body = {"invoiceNumber": "1001", "invoice": {"invoiceNumber": f"{RUN}-007"}}
    assert scrubber.answer("GET", "/v3/invoices", body) == {
        "invoiceNumber": "<number>",
        "invoice": {"invoiceNumber": "<run>"},
    }


def test_secrets_that_were_met_are_taken_out_of_any_text() -> None:
    redaction = Redaction(("hunter2",))
    redaction.learn({"deep": [{"sessionId": "abcdef0123456789"}], "token": "123456"})
    told = redaction.text("hunter2 signed in as abcdef0123456789 with 123456 for 228.99")
    assert told == f"{REDACTED} signed in as {REDACTED} with {REDACTED} for 228.99"


def test_a_secret_that_json_writes_otherwise_is_taken_out_too() -> None:
    secret = 'p\u00e4ss"word'
    assert Redaction((secret,)).value({"told": [f"it is {secret}"], "n": 1}) == {
        "told": [f"it is {REDACTED}"],
        "n": 1,
    }


def test_a_secret_within_a_secret_leaves_nothing() -> None:
    redaction = Redaction(("secret", "secret-and-more"))
    assert redaction.text("secret-and-more") == REDACTED


def test_the_page_escapes_what_it_shows_and_asks_no_network() -> None:
    evil = "<script>alert(1)</script>"
    exchange = {
        "request": evil,
        "status": 200,
        "codes": [evil],
        "milliseconds": 1,
        "answer": {"name": evil},
    }
    check = {
        "id": f"test_x::{evil}",
        "title": evil,
        "behaviours": [evil],
        "outcome": "failed",
        "seconds": 0.1,
        "reason": evil,
        "exchanges": [exchange],
    }
    report = {"target": evil, "baseUrl": evil, "date": evil, "run": evil, "left": [evil]}
    text = page({**report, "stays": [evil], "checks": [check]})
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "http:" not in text
    assert "https:" not in text
    assert " src=" not in text
