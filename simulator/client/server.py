"""A running simulator, whoever started it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from time import monotonic, sleep
from typing import Any

from simulator.client.records import Credentials
from simulator.client.transport import Transport, segment
from simulator.client.world import World
from simulator.fetching import fetch, token_of_environment

# How long to let pass between two looks, in seconds.
_PAUSE = 0.1


class NotReady(Exception):
    """A server did not answer in time."""


class Server:
    """The simulator at `url`, given without a path: `http://127.0.0.1:8080`.

    `token` is what its control plane asks for, by default that of BILLSIM_TOKEN.
    """

    def __init__(self, url: str, token: str | None = None) -> None:
        self._transport = Transport(url, token_of_environment() if token is None else token)

    def __repr__(self) -> str:
        return f"<Server {self.url}>"

    @property
    def url(self) -> str:
        """Where it listens, without a path."""
        return self._transport.url

    def is_ready(self) -> bool:
        """Whether it answers."""
        try:
            return fetch("GET", f"{self.url}/_sim/health", None, {})[0] == 200
        except (OSError, ValueError):
            return False

    def wait(self, timeout: float = 30.0) -> None:
        """Return when it is ready. Raises NotReady after `timeout` seconds."""
        end = monotonic() + timeout
        while not self.is_ready():
            if monotonic() >= end:
                raise NotReady(f"{self.url} is not ready after {timeout:g} s")
            sleep(_PAUSE)

    def world(self, name: str = "default") -> World:
        """A world that is there. Raises ControlRefusal if there is none."""
        found = self._transport.call("GET", f"/_sim/worlds/{segment(name)}")
        return World(self._transport, Credentials.read(found))

    def worlds(self) -> list[World]:
        """All worlds, newest first."""
        found = self._transport.call("GET", "/_sim/worlds")["results"]
        return [World(self._transport, Credentials.read(one)) for one in found]

    def make_world(
        self,
        *,
        name: str | None = None,
        seed: int | None = None,
        start: datetime | str | None = None,
        scenario: str | Mapping[str, Any] | None = None,
        behaviour: Mapping[str, Any] | None = None,
    ) -> World:
        """A new, isolated world; with `start` its clock stands frozen there.

        `behaviour` holds the settings in which it differs from the server's, by the names
        of docs/settings.md; `scenario` is the name of one, or one whole. Raises ControlRefusal.
        """
        wanted = {
            "name": name,
            "seed": seed,
            "start": start.isoformat() if isinstance(start, datetime) else start,
            "scenario": scenario,
            "behaviour": None if behaviour is None else dict(behaviour),
        }
        given = {member: value for member, value in wanted.items() if value is not None}
        made = self._transport.call("POST", "/_sim/worlds", given)
        return World(self._transport, Credentials.read(made))
