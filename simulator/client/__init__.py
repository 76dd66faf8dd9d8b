"""A typed, synchronous client of the control plane, from the standard library alone."""

from simulator.client.records import (
    Advance,
    Credentials,
    Delivery,
    Diff,
    Fault,
    Finding,
    Message,
    Partner,
    RecordChange,
    Request,
    Snapshot,
    SyncToken,
    Timer,
    User,
    Verdict,
    Write,
)
from simulator.client.server import NotReady, Server
from simulator.client.session import Answer, Session, SignInRefused
from simulator.client.transport import ControlRefusal
from simulator.client.world import Clock, Faults, Limits, World

__all__ = [
    "Advance",
    "Answer",
    "Clock",
    "ControlRefusal",
    "Credentials",
    "Delivery",
    "Diff",
    "Fault",
    "Faults",
    "Finding",
    "Limits",
    "Message",
    "NotReady",
    "Partner",
    "RecordChange",
    "Request",
    "Server",
    "Session",
    "SignInRefused",
    "Snapshot",
    "SyncToken",
    "Timer",
    "User",
    "Verdict",
    "World",
    "Write",
]
