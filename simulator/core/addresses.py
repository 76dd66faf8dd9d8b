"""Which network addresses are near: on this machine or in a private network."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address


def is_near(address: str) -> bool:
    """Whether an IP address is of this machine or of a private network.

    Link-local addresses are not: clouds answer them with secrets.
    """
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return found.is_loopback or (
        found.is_private and not found.is_link_local and not found.is_unspecified
    )
