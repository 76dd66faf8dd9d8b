"""The simulator's image as a container of a test, by testcontainers.

    with BillSimulatorContainer().with_behaviour(mfa="bypassed") as container:
        world = container.world(start="2026-06-03T16:00:00Z")

Needs `pip install 'bill-simulator[testing]'` and a container engine.
"""

from __future__ import annotations

from secrets import token_urlsafe
from typing import Any, Self

try:
    from testcontainers.core.container import DockerContainer
except ImportError as failure:
    raise ImportError(
        "simulator.containers needs testcontainers: pip install 'bill-simulator[testing]'"
    ) from failure

from simulator.client import Server, World

_PORT = 8080
_READY_WITHIN = 60.0


class BillSimulatorContainer(DockerContainer):
    """A container of the image that the Dockerfile makes (`docker build -t bill-simulator .`).

    `token` is what its control plane asks for, by default one made here. Further
    arguments, and methods such as `with_network`, are those of testcontainers.
    """

    def __init__(self, image: str = "bill-simulator", *, token: str = "", **options: Any) -> None:
        super().__init__(image, **options)
        self.token = token or token_urlsafe(12)
        self.with_exposed_ports(_PORT)
        self.with_env("BILLSIM_TOKEN", self.token)

    def with_setting(self, name: str, value: object) -> Self:
        """Set a setting of docs/settings.md by its name, such as `seed` or `behaviour.mfa`."""
        written = str(value).lower() if isinstance(value, bool) else str(value)
        return self.with_env(f"BILLSIM_{name.upper().replace('.', '__')}", written)

    def with_behaviour(self, **settings: object) -> Self:
        """Set settings of `behaviour`: `with_behaviour(mfa="bypassed")`."""
        for name, value in settings.items():
            self.with_setting(f"behaviour.{name}", value)
        return self

    def with_scenario(self, name: str) -> Self:
        """Play a scenario that comes with the simulator in the default world."""
        return self.with_setting("scenario", name)

    def with_allowed_hosts(self, *names: str) -> Self:
        """Take calls under names beyond those that the setting `allowed_hosts` lists."""
        return self.with_setting("allowed_hosts", ",".join(names))

    def start(self) -> Self:
        """Start it; returns when it is ready. Raises NotReady after a minute."""
        super().start()
        self.server.wait(_READY_WITHIN)
        return self

    @property
    def url(self) -> str:
        """Where this process reaches it, without a path."""
        return f"http://{self.get_container_host_ip()}:{self.get_exposed_port(_PORT)}"

    @property
    def server(self) -> Server:
        """Its control plane."""
        return Server(self.url, self.token)

    @property
    def base_url(self) -> str:
        """What a client takes for BILL; which world a call is for, its devKey says."""
        return f"{self.url}/connect"

    def world(self, **options: Any) -> World:
        """A new world on it, by the arguments of `Server.make_world`."""
        return self.server.make_world(**options)
