"""`serve` ends on SIGTERM whatever its clients are at."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from simulator.client import Server, World
from tests.servers import Served, plain_environment, start

# Longer than whatever a container engine waits before it kills.
LATENCY_MS = 60_000


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    command = [sys.executable, "-m", "simulator", "serve", "--port", "0"]
    running = start(command, tmp_path, plain_environment())
    yield running
    running.process.kill()


def connected(served: Served) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(served.url.rpartition(":")[2])), 10)


def idle(connection: socket.socket, world: World) -> None:
    """Keeps a connection whose request was answered."""
    connection.sendall(b"GET /_sim/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")


def under_way(connection: socket.socket, world: World) -> None:
    """Waits for an answer that a fault holds back."""
    session = world.login()
    world.faults.add({"latencyMs": LATENCY_MS}, path="/v3/bills")
    head = "".join(f"{name}: {value}\r\n" for name, value in session.headers.items())
    connection.sendall(f"GET /connect/v3/bills HTTP/1.1\r\nHost: localhost\r\n{head}\r\n".encode())
    # The fault has struck: the request is there, and its answer is being held back.
    while not any(fault.struck for fault in world.faults):
        pass


def half_sent(connection: socket.socket, world: World) -> None:
    """Has announced more of a body than it sends."""
    head = "POST /connect/v3/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
    connection.sendall(f"{head}Content-Type: application/json\r\n\r\n{{".encode())


def half_a_head(connection: socket.socket, world: World) -> None:
    """Has not even told which path it wants."""
    connection.sendall(b"GET /conn")


CLIENTS = [idle, under_way, half_sent, half_a_head]


@pytest.mark.parametrize("client", CLIENTS, ids=lambda one: one.__name__)
def test_a_server_with_a_client_ends_on_sigterm(
    served: Served, client: Callable[[socket.socket, World], None]
) -> None:
    world = Server(served.url).world()
    with connected(served) as connection:
        client(connection, world)
        # It has ten seconds, a sixth of the time for which the answer is held back.
        _, told = served.stop(signal.SIGTERM)
        assert (served.process.returncode, told) == (0, "")
        assert connection.recv(1000) == b""


def test_a_server_with_many_clients_ends_on_sigterm(served: Served) -> None:
    world = Server(served.url).world()
    connections = [(client, connected(served)) for client in CLIENTS for _ in range(3)]
    for client, connection in connections:
        client(connection, world)
    _, told = served.stop(signal.SIGTERM)
    assert (served.process.returncode, told) == (0, "")
    for _, connection in connections:
        connection.close()
