from __future__ import annotations

import socket
import threading

import pytest

from simulator import Simulator
from simulator.client import Server
from simulator.threaded import threaded


def servers_running() -> list[str]:
    return [one.name for one in threading.enumerate() if one.name == "bill-simulator"]


def test_the_thread_lasts_as_long_as_the_block() -> None:
    with threaded(Simulator) as url:
        assert Server(url).is_ready()
        assert len(servers_running()) == 1
    assert not Server(url).is_ready()
    assert servers_running() == []


def test_a_server_that_cannot_be_made_ends_the_thread() -> None:
    with pytest.raises(LookupError), threaded(lambda: Simulator(scenario="no-such-scenario")):
        pytest.fail("there is no server")
    assert servers_running() == []


def test_a_taken_port_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError), threaded(lambda: Simulator(port=port)):  # noqa: PT011
            pytest.fail("the port is taken")
    assert servers_running() == []


def test_what_fails_within_the_block_is_raised_and_the_server_ends() -> None:
    with pytest.raises(ZeroDivisionError), threaded(Simulator):
        raise ZeroDivisionError
    assert servers_running() == []
