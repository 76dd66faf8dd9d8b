"""What invoices come to over HTTP: lines, rounding, sales tax, bounds."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http import Answer, BillClient
from tests.resources.payables import NO_DATA, told
from tests.resources.receivables import INVOICES, ITEMS, invoice_body, new_customer, read_invoice

UNKNOWN_ITEM = "0ii02AAAAAAAAAAzzzzz"


async def post_lines(client: BillClient, lines: list[dict[str, Any]], **more: Any) -> Answer:
    customer = await new_customer(client)
    return await client.post(INVOICES, invoice_body(customer["id"], invoiceLineItems=lines, **more))


async def tax_item(client: BillClient, percentage: float | None, **more: Any) -> str:
    body = {"type": "SALES_TAX", "name": "State Sales Tax", "percentage": percentage, **more}
    answer = await client.post(ITEMS, body)
    assert answer.status == 201, answer.body
    return str(answer.body["id"])


@pytest.mark.parametrize(
    ("lines", "total"),
    [
        ([{"quantity": 2, "price": 100}, {"quantity": 1, "price": 50.25}], 250.25),
        ([{"quantity": 2, "price": 14.99}, {"quantity": 1, "price": 50}], 79.98),
        ([{"price": 10}], 10.0),
        ([{"quantity": 0, "price": 10}, {"quantity": 0.5, "price": 3}], 1.5),
        # Half a cent goes up, away from zero, and each line is rounded by itself.
        ([{"quantity": 1, "price": 0.005}], 0.01),
        ([{"quantity": 1, "price": 0.004999}], 0.0),
        ([{"quantity": 1, "price": 0.005}, {"quantity": 1, "price": 0.005}], 0.02),
        ([{"quantity": 3, "price": 0.335}], 1.01),
        ([{"quantity": 1.5, "price": 10.125}], 15.19),
        ([{"quantity": 1, "price": 1.015}], 1.02),
        ([{"price": 10}, {"quantity": 1, "price": -0.005}], 9.99),
        ([{"price": 10}, {"quantity": -2, "price": 2.5}], 5.0),
        ([{"price": 10}, {"price": -10}], 0.0),
        ([{"quantity": "2", "price": "100.10"}], 200.2),
        ([{"quantity": 1, "price": 999_999_999_999}], 999_999_999_999.0),
    ],
)
async def test_a_total_is_the_sum_of_rounded_lines(
    client: BillClient, lines: list[dict[str, Any]], total: float
) -> None:
    answer = await post_lines(client, lines)
    assert answer.status == 201, answer.body
    invoice = answer.body
    assert (invoice["totalAmount"], invoice["dueAmount"]) == (total, total)
    assert (invoice["status"], invoice["salesTaxTotal"]) == ("OPEN", 0.0)


@pytest.mark.parametrize(
    ("line", "price", "quantity", "total"),
    [
        # BILL's own sample replaces an invoice with such a line.
        ({"amount": 29.99, "quantity": 1}, 29.99, 1.0, 29.99),
        ({"amount": 29.99}, 29.99, 1.0, 29.99),
        ({"amount": 30, "quantity": 4}, 7.5, 4.0, 30.0),
        ({"amount": 10, "quantity": 3}, 10 / 3, 3.0, 10.0),
        ({"amount": 0.025, "quantity": 3}, 0.01, 3.0, 0.03),
        ({"amount": 99, "price": 5, "quantity": 2}, 5.0, 2.0, 10.0),
    ],
)
async def test_an_amount_stands_for_a_missing_price(
    client: BillClient, line: dict[str, Any], price: float, quantity: float, total: float
) -> None:
    invoice = (await post_lines(client, [line])).body
    (kept,) = invoice["invoiceLineItems"]
    assert (kept["price"], kept["quantity"], invoice["totalAmount"]) == (price, quantity, total)
    assert "amount" not in kept


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([{"price": -0.01}], "totalAmount: must be greater than or equal to 0"),
        ([{"price": 10}, {"price": -10.01}], "totalAmount: must be greater than or equal to 0"),
        (
            [{"quantity": 1_000_000, "price": 1_000_000}],
            "totalAmount: must be less than or equal to 999999999999",
        ),
        (
            [{"price": 999_999_999_999}, {"price": 0.01}],
            "totalAmount: must be less than or equal to 999999999999",
        ),
        (
            [{"quantity": -999_999_999_999, "price": 999_999_999_999, "taxable": True}],
            "totalAmount: must be less than or equal to 999999999999",
        ),
    ],
)
async def test_a_total_outside_its_bounds_is_refused(
    client: BillClient, lines: list[dict[str, Any]], message: str
) -> None:
    answer = await post_lines(client, lines)
    assert (answer.status, told(answer)) == (400, [(None, message)])
    assert (await client.get(INVOICES)).body == {"results": []}


@pytest.mark.parametrize(
    ("percentage", "lines", "tax", "total"),
    [
        (10, [(100, True), (50, False)], 10.0, 160.0),
        (10, [(100, False)], 0.0, 100.0),
        (8.25, [(79.98, True)], 6.6, 86.58),
        # 3 % of 14.50 is 0.435: half a cent goes up.
        (3, [(14.5, True)], 0.44, 14.94),
        # Rounded once, on their sum: line by line it would be 0.10.
        (5, [(0.9, True), (0.9, True)], 0.09, 1.89),
        (None, [(100, True)], 0.0, 100.0),
        (0, [(100, True)], 0.0, 100.0),
    ],
)
async def test_tax_is_the_percentage_of_the_taxable_lines(
    client: BillClient,
    percentage: float | None,
    lines: list[tuple[float, bool]],
    tax: float,
    total: float,
) -> None:
    item = await tax_item(client, percentage)
    body = [{"price": price, "taxable": taxable} for price, taxable in lines]
    invoice = (await post_lines(client, body, salesTaxItemId=item)).body
    assert invoice["salesTaxItemId"] == item
    assert invoice["salesTaxPercentage"] == (percentage or 0)
    assert (invoice["salesTaxTotal"], invoice["totalAmount"]) == (tax, total)
    assert invoice["dueAmount"] == total


async def test_taxable_lines_without_a_tax_item_are_not_taxed(client: BillClient) -> None:
    invoice = (await post_lines(client, [{"price": 100, "taxable": True}])).body
    assert (invoice["totalAmount"], invoice["salesTaxTotal"]) == (100.0, 0.0)
    assert "salesTaxPercentage" not in invoice
    assert "salesTaxItemId" not in invoice


@pytest.mark.parametrize("kind", ["SALES_TAX_GROUP", "SERVICE", "DISCOUNT"])
async def test_an_item_of_another_type_is_no_sales_tax(client: BillClient, kind: str) -> None:
    item = await tax_item(client, None, type=kind)
    answer = await post_lines(client, [{"price": 1, "taxable": True}], salesTaxItemId=item)
    text = f"Item {item} is not of type SALES_TAX."
    assert (answer.status, told(answer)) == (422, [(None, text)])


async def test_an_unknown_tax_item_is_404(client: BillClient) -> None:
    answer = await post_lines(client, [{"price": 1}], salesTaxItemId=UNKNOWN_ITEM)
    assert (answer.status, told(answer)) == (404, [NO_DATA])


async def test_an_invoice_keeps_the_percentage_it_was_made_with(client: BillClient) -> None:
    item = await tax_item(client, 10)
    lines = [{"price": 100, "taxable": True}]
    invoice = (await post_lines(client, lines, salesTaxItemId=item)).body
    await client.patch(f"{ITEMS}/{item}", {"percentage": 20})
    assert await read_invoice(client, invoice) == invoice
    path = f"{INVOICES}/{invoice['id']}"
    # Until the tax item is given again, in a PATCH or in a PUT.
    other = await client.patch(path, {"dueDate": "2026-07-01"})
    assert (other.body["salesTaxPercentage"], other.body["totalAmount"]) == (10.0, 110.0)
    again = await client.patch(path, {"salesTaxItemId": item})
    assert (again.body["salesTaxPercentage"], again.body["totalAmount"]) == (20.0, 120.0)
    await client.patch(f"{ITEMS}/{item}", {"percentage": 5})
    body = invoice_body(invoice["customerId"], invoiceLineItems=lines, salesTaxItemId=item)
    replaced = await client.put(path, body)
    assert (replaced.body["salesTaxPercentage"], replaced.body["totalAmount"]) == (5.0, 105.0)
    assert replaced.body["salesTaxTotal"] == 5.0


async def test_a_put_without_a_tax_item_takes_the_tax_away(client: BillClient) -> None:
    item = await tax_item(client, 10)
    lines = [{"price": 100, "taxable": True}]
    invoice = (await post_lines(client, lines, salesTaxItemId=item)).body
    body = invoice_body(invoice["customerId"], invoiceLineItems=lines)
    replaced = (await client.put(f"{INVOICES}/{invoice['id']}", body)).body
    assert (replaced["totalAmount"], replaced["salesTaxTotal"]) == (100.0, 0.0)
    assert "salesTaxPercentage" not in replaced
    assert "salesTaxItemId" not in replaced


async def test_a_patched_line_stays_taxable_unless_it_says_otherwise(client: BillClient) -> None:
    item = await tax_item(client, 10)
    invoice = (
        await post_lines(client, [{"price": 100, "taxable": True}], salesTaxItemId=item)
    ).body
    line_id = invoice["invoiceLineItems"][0]["id"]
    for change, tax in (({"price": 200}, 20.0), ({"taxable": False}, 0.0), ({"price": 50}, 0.0)):
        lines = {"invoiceLineItems": [{"id": line_id, **change}]}
        answer = await client.patch(f"{INVOICES}/{invoice['id']}", lines)
        assert answer.body["salesTaxTotal"] == tax
