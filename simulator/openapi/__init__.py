"""BILL's API as the simulator serves it, as an OpenAPI 3.1 document.

Everything in it is read from what the resources declare: nothing is kept by hand.
"""

from simulator.openapi.document import document, encoded

__all__ = ["document", "encoded"]
