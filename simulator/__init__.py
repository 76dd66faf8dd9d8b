"""A simulator of the BILL (bill.com) v3 API."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from simulator.version import VERSION as __version__

if TYPE_CHECKING:
    from simulator.server import Simulator
    from simulator.settings import Behaviour, ServerSettings

__all__ = ["Behaviour", "ServerSettings", "Simulator", "__version__"]

_HOMES = {
    "Behaviour": "simulator.settings",
    "ServerSettings": "simulator.settings",
    "Simulator": "simulator.server",
}


def __getattr__(name: str) -> Any:
    # pytest and the commands that only call a server import this package, too; they need no server.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
