"""A simulator of the BILL (bill.com) v3 API."""

from simulator.server import Simulator
from simulator.settings import Behaviour, ServerSettings
from simulator.version import VERSION as __version__

__all__ = ["Behaviour", "ServerSettings", "Simulator", "__version__"]
