"""BillSimulatorContainer with testcontainers itself, but a process in the engine's place."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from testcontainers.core import container as testcontainers
from testcontainers.core.config import ConnectionMode, testcontainers_config

from simulator.client import ControlRefusal, NotReady, Server
from simulator.containers import BillSimulatorContainer
from tests.servers import Served, plain_environment, start


@dataclass
class Process:
    """What the engine calls a container: `bill-simulator serve` with its environment."""

    served: Served
    id: str = "0123456789ab"
    short_id: str = "0123456789"
    status: str = "running"

    def reload(self) -> None:
        pass

    def remove(self, force: bool, v: bool) -> None:
        self.served.stop()


@dataclass
class Engine:
    """Takes testcontainers' calls to an engine."""

    directory: Path
    client: Any = None
    created: dict[str, Any] = field(default_factory=dict)
    started: list[Process] = field(default_factory=list)

    def __call__(self, **options: Any) -> Engine:
        self.client = self
        return self

    def create(self, image: str, **options: Any) -> Process:
        self.created = {"image": image, **options}
        environment = {**plain_environment(), **options["environment"], "BILLSIM_PORT": "0"}
        command = [sys.executable, "-m", "simulator", "serve"]
        self.started.append(Process(start(command, self.directory, environment)))
        return self.started[-1]

    def start(self, process: Process) -> None:
        assert process in self.started

    def get_connection_mode(self) -> ConnectionMode:
        return ConnectionMode.docker_host

    def host(self) -> str:
        return "localhost"

    def port(self, container_id: str, port: int) -> int:
        assert (container_id, port) == (self.started[-1].id, 8080)
        return int(self.started[-1].served.url.rpartition(":")[2])

    def close(self) -> None:
        pass


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    engine = Engine(tmp_path)
    monkeypatch.setattr(testcontainers, "DockerClient", engine)
    monkeypatch.setattr(testcontainers_config, "ryuk_disabled", True)
    yield engine
    for process in engine.started:
        process.served.process.kill()


def test_the_container_serves_worlds_until_the_block_ends(engine: Engine) -> None:
    container = BillSimulatorContainer().with_behaviour(mfa="bypassed").with_setting("seed", 5)
    with container:
        world = container.world(start="2026-06-03T16:00:00Z")
        assert world.base_url == container.base_url
        assert world.login().call("GET", "/v3/login/session").body["mfaBypass"] is True
        url = container.url
    assert not Server(url).is_ready()
    assert engine.created["image"] == "bill-simulator"
    assert engine.created["ports"] == {"8080": None}


def test_its_control_plane_asks_for_a_token_that_it_knows(engine: Engine) -> None:
    with BillSimulatorContainer() as container:
        assert container.server.world().name == "default"
        with pytest.raises(ControlRefusal, match="Authorization: is missing"):
            Server(container.url, "").world()
    assert BillSimulatorContainer().token != container.token
    assert BillSimulatorContainer(token="mine").env["BILLSIM_TOKEN"] == "mine"


def test_a_scenario_is_played_in_the_default_world(engine: Engine) -> None:
    with BillSimulatorContainer("registry.example/sim:1").with_scenario("mfa-wall") as container:
        assert container.server.world().evaluate().findings
    assert engine.created["image"] == "registry.example/sim:1"


def test_settings_are_written_as_the_environment_has_them(engine: Engine) -> None:
    container = (
        BillSimulatorContainer()
        .with_behaviour(newer_fields=True, process_cutoff_hour=17)
        .with_allowed_hosts("bill.example", "docker.example")
    )
    del container.env["BILLSIM_TOKEN"]
    assert container.env == {
        "BILLSIM_BEHAVIOUR__NEWER_FIELDS": "true",
        "BILLSIM_BEHAVIOUR__PROCESS_CUTOFF_HOUR": "17",
        "BILLSIM_ALLOWED_HOSTS": "bill.example,docker.example",
    }


def test_a_container_that_does_not_get_ready_is_removed(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.containers._READY_WITHIN", 0)
    monkeypatch.setattr(Server, "is_ready", lambda self: False)
    with pytest.raises(NotReady), BillSimulatorContainer():
        pytest.fail("it is not ready")
    assert engine.started[0].served.process.poll() is not None


def test_without_testcontainers_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("testcontainers")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "testcontainers", None)
    monkeypatch.delitem(sys.modules, "simulator.containers")
    with pytest.raises(ImportError, match=r"pip install 'bill-simulator\[testing\]'"):
        import simulator.containers  # noqa: F401
