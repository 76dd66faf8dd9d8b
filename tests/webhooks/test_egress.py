"""Where webhooks may go."""

from __future__ import annotations

from typing import Any

import pytest
from yarl import URL

from simulator.core.addresses import is_near
from simulator.webhooks.egress import Egress, Forbidden


@pytest.mark.parametrize(
    ("address", "near"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("10.0.0.7", True),
        ("172.17.0.1", True),
        ("192.168.1.9", True),
        ("fd00::1", True),
        ("::ffff:10.0.0.7", True),
        ("8.8.8.8", False),
        ("::ffff:8.8.8.8", False),
        ("2606:4700::1111", False),
        ("169.254.169.254", False),
        ("::ffff:169.254.169.254", False),
        ("fe80::1%eth0", False),
        ("0.0.0.0", False),
        ("100.64.0.1", False),
    ],
)
def test_near_are_loopback_and_private_networks(address: str, near: bool) -> None:
    assert is_near(address) is near


@pytest.mark.parametrize("url", ["http://8.8.8.8/hook", "http://[2606:4700::1111]/hook"])
def test_a_foreign_address_is_refused_unless_a_setting_names_it(url: str) -> None:
    with pytest.raises(Forbidden):
        Egress([]).check(URL(url))
    Egress([URL(url).host or ""]).check(URL(url))


class Names:
    """A resolver with answers of its own."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    async def resolve(self, host: str, port: int, family: Any) -> list[dict[str, Any]]:
        return [{"host": address, "hostname": host, "port": port} for address in self.addresses]


async def resolved(egress: Egress, names: Names) -> list[str]:
    egress._resolver = names  # type: ignore[assignment]
    return [one["host"] for one in await egress.resolve("hooks.example.com", 443)]


async def test_a_name_leads_to_its_near_addresses_alone() -> None:
    assert await resolved(Egress([]), Names("8.8.8.8", "10.0.0.7")) == ["10.0.0.7"]


async def test_a_name_without_near_addresses_is_refused() -> None:
    with pytest.raises(Forbidden, match=r"hooks\.example\.com"):
        await resolved(Egress([]), Names("8.8.8.8"))


async def test_a_setting_allows_a_name_whatever_it_resolves_to() -> None:
    egress = Egress(["Hooks.Example.com"])
    assert await resolved(egress, Names("8.8.8.8")) == ["8.8.8.8"]
