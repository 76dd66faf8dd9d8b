"""Postal addresses, as vendors, customers and organizations have them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from simulator.core.body import NOT_BLANK, Body, Country, NotBlank, Text, countries
from simulator.core.errors import refuse, together
from simulator.core.rows import Shape, changed, shape

Line1 = Annotated[NotBlank, Field(max_length=1000)]
ShortLine = Annotated[Text, Field(max_length=100)]
City = Annotated[NotBlank, Field(max_length=100)]
Postcode = Annotated[NotBlank, Field(max_length=30)]


class AddressBody(Body):
    """A whole address; the country is an ISO 3166 alpha-2 code."""

    line1: Line1
    line2: ShortLine | None = None
    city: City
    state_or_province: ShortLine | None = None
    zip_or_postal_code: Postcode
    country: Country


class AddressPatch(Body):
    """The members of an address that change."""

    line1: Line1 | None = None
    line2: ShortLine | None = None
    city: City | None = None
    state_or_province: ShortLine | None = None
    zip_or_postal_code: Postcode | None = None
    country: Country | None = None


@shape
class Address(Shape):
    """A postal address; the country's English name is BILL's addition."""

    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    state_or_province: str | None = None
    zip_or_postal_code: str | None = None
    country: str | None = None
    country_name: str | None = None


def address(body: AddressBody | AddressPatch, old: Address | None = None) -> Address:
    """`old`, or an empty address, with the members that `body` gives."""
    given = {name: getattr(body, name) for name in body.given}
    if body.country is not None:
        given["country_name"] = countries()[body.country]
    return changed(old or Address(), **given)


def merged(body: AddressPatch, old: Address | None, path: str) -> Address:
    """`old` with the members that `body`, the member at `path`, gives.

    Raises a 400 `Refusal` for what is missing of an address that was not there before.
    """
    if old is None:
        missing = [
            refuse(
                "field.blank" if NOT_BLANK in field.metadata else "field.null",
                field=f"{path}.{field.alias}",
            )
            for name, field in AddressBody.model_fields.items()
            if field.is_required() and name not in body.given
        ]
        if missing:
            raise together(missing)
    return address(body, old)
