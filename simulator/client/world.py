"""A world of a running simulator. Everything is read anew whenever it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from simulator.client import records
from simulator.client.records import (
    Advance,
    Credentials,
    Delivery,
    Diff,
    Message,
    Request,
    Snapshot,
    Verdict,
    camel,
)
from simulator.client.session import Session, sign_in, trust
from simulator.client.transport import ControlRefusal, Transport, segment


class _Part:
    def __init__(self, transport: Transport, path: str) -> None:
        self._transport = transport
        self._path = path

    def _call(
        self,
        method: str,
        path: str = "",
        body: Any = None,
        query: Mapping[str, Any] | None = None,
    ) -> Any:
        return self._transport.call(method, self._path + path, body, query)

    def _results(self, path: str = "", query: Mapping[str, Any] | None = None) -> Any:
        return self._call("GET", path, query=query)["results"]


class Clock(_Part):
    """The clock of a world."""

    @property
    def now(self) -> datetime:
        """The instant that it shows, with an offset."""
        return datetime.fromisoformat(self._call("GET")["now"])

    @property
    def mode(self) -> str:
        """`live` if it runs with the real time, `frozen` if it stands."""
        return str(self._call("GET")["mode"])

    def freeze(self, at: datetime | str | None = None) -> datetime:
        """Let it stand, where it is or at a later instant; what falls due on the way happens."""
        return self._set({"mode": "frozen"}, at)

    def run(self, at: datetime | str | None = None) -> datetime:
        """Let it run with the real time, from where it is or from a later instant."""
        return self._set({"mode": "live"}, at)

    def _set(self, wanted: dict[str, Any], at: datetime | str | None) -> datetime:
        if at is not None:
            wanted["now"] = _written(at)
        return datetime.fromisoformat(self._call("PATCH", body=wanted)["now"])

    def advance(
        self,
        *,
        seconds: float | None = None,
        days: float | None = None,
        business_days: int | None = None,
        to: datetime | str | None = None,
    ) -> Advance:
        """Move it on, by exactly one of these.

        Returns when everything due has happened and every webhook due has been tried.
        """
        wanted = {
            "seconds": seconds,
            "days": days,
            "businessDays": business_days,
            "to": None if to is None else _written(to),
        }
        given = {name: value for name, value in wanted.items() if value is not None}
        return Advance.read(self._call("POST", "/advance", given))


def _written(instant: datetime | str) -> str:
    return instant if isinstance(instant, str) else instant.isoformat()


class Limits(_Part):
    """How much a world allows its callers."""

    def read(self) -> dict[str, Any]:
        """All limits by BILL's spelling (`requestsPerHour`), and what is `used` of each."""
        return dict(self._call("GET"))

    def set(self, **limits: int | None) -> dict[str, Any]:
        """Change some: `set(requests_per_hour=3)`; None switches one off."""
        body = {camel(name): value for name, value in limits.items()}
        return dict(self._call("PATCH", body=body))


class Faults(_Part):
    """Trouble that calls to a world, or its webhooks, get into."""

    def __iter__(self) -> Iterator[records.Fault]:
        """The faults in force, newest first."""
        return iter([records.Fault.read(one) for one in self._results()])

    def add(
        self,
        effect: Mapping[str, Any],
        *,
        method: str | None = None,
        path: str | None = None,
        event: str | None = None,
        times: int | None = None,
        probability: float | None = None,
    ) -> records.Fault:
        """Put one in force: `add({"code": "BDC_1322"}, path="/v3/bills", times=1)`.

        `effect` is one of {"code", "status"?}, {"latencyMs"} and {"drop": "before" | "after"}
        for calls, or {"delivery"} and {"delayMs"} for webhooks. `path` is BILL's, `event` a
        type of webhook; `*` stands for anything in both.
        """
        match = {"method": method, "path": path, "event": event}
        body = {
            "match": {name: value for name, value in match.items() if value is not None},
            "effect": dict(effect),
            "times": times,
            "probability": probability,
        }
        given = {name: value for name, value in body.items() if value is not None}
        return records.Fault.read(self._call("POST", body=given))

    def clear(self) -> None:
        """Take all back."""
        self._call("DELETE")


class World(_Part):
    """One isolated BILL: its credentials, its clock, what happened in it.

    Methods raise ControlRefusal for what the control plane refuses, and OSError if
    the server is not reached.
    """

    def __init__(self, transport: Transport, credentials: Credentials) -> None:
        super().__init__(transport, f"/_sim/worlds/{segment(credentials.world)}")
        self.credentials = credentials
        self.clock = Clock(transport, f"{self._path}/clock")
        self.limits = Limits(transport, f"{self._path}/limits")
        self.faults = Faults(transport, f"{self._path}/faults")

    def __repr__(self) -> str:
        return f"<World {self.name} of {self._transport.url}>"

    @property
    def name(self) -> str:
        """Its id in the control plane."""
        return self.credentials.world

    @property
    def base_url(self) -> str:
        """What a client takes for BILL; it ends in /connect."""
        return self.credentials.base_url

    @property
    def events_url(self) -> str:
        """What a client takes for BILL's webhook service; it ends in /connect-events."""
        return self.credentials.events_url

    def login(self, role: str = "ADMINISTRATOR", *, trusted: bool = False) -> Session:
        """Sign in the user of a role; `trusted` passes MFA as well, with codes of the outbox.

        Raises LookupError for a role that nobody has, SignInRefused if BILL's side refuses.
        """
        session = sign_in(self.credentials, self.credentials.user(role))
        if trusted:
            trust(session, self.code)
        return session

    @property
    def outbox(self) -> list[Message]:
        """What BILL would have sent, newest first."""
        return self.messages()

    def messages(self, kind: str | None = None) -> list[Message]:
        """Text messages (`kind` sms) or e-mails (email), newest first."""
        found = self._results("/outbox", {"kind": kind})
        return [Message.read(one) for one in found]

    def code(self) -> str:
        """The MFA code of the newest text message. Raises LookupError if there is none."""
        for message in self.messages("sms"):
            if message.code is not None:
                return message.code
        raise LookupError(f"no text message with a code was sent in {self.name}")

    @property
    def requests(self) -> list[Request]:
        """The calls that were made, newest first."""
        return self.find_requests()

    def find_requests(
        self,
        *,
        operation: str | None = None,
        status: int | str | None = None,
        code: str | None = None,
        method: str | None = None,
        path: str | None = None,
        since: str | None = None,
        max: int | None = None,
    ) -> list[Request]:
        """The calls that fit all of this, newest first.

        `operation` as in `POST /v3/bills`, `status` as in 422 or `4xx`, `code` as in
        BDC_1205, `path` with `*` for anything, `since` the id of a call, `max` how many.
        """
        query = {
            "operation": operation,
            "status": status,
            "code": code,
            "method": method,
            "path": path,
            "since": since,
            "max": max,
        }
        return [Request.read(one) for one in self._results("/requests", query)]

    def request(self, request_id: str) -> Request:
        """One call with what was sent and answered, and why."""
        return Request.read(self._call("GET", f"/requests/{segment(request_id)}"))

    @property
    def deliveries(self) -> list[Delivery]:
        """Every attempt at telling a webhook, newest first."""
        return [Delivery.read(one) for one in self._results("/deliveries")]

    def replay(self, delivery_id: str) -> Delivery:
        """Send a notification once more; answers when it has been tried."""
        return Delivery.read(self._call("POST", f"/deliveries/{segment(delivery_id)}/replay"))

    def simulate(self, event: str, id: str, **details: Any) -> dict[str, Any]:
        """Let something happen on BILL's side, such as payment.returned; returns the record.

        `details` are spelled as BILL does.
        """
        body = {**details, "event": event, "id": id}
        return dict(self._call("POST", "/simulate", body)["record"])

    def reset(self) -> None:
        """Go back to the world's beginning, its clock included."""
        self._call("POST", "/reset")

    def fork(self) -> World:
        """A copy with credentials of its own."""
        return World(self._transport, Credentials.read(self._call("POST", "/fork")))

    @property
    def snapshots(self) -> list[Snapshot]:
        """The states kept, newest first."""
        return [Snapshot.read(one) for one in self._results("/snapshots")]

    def snapshot(self, name: str) -> Snapshot:
        """Keep the present state under a name, which may have another one already."""
        return Snapshot.read(self._call("POST", "/snapshots", {"name": name}))

    def restore(self, name: str) -> Snapshot:
        """Go back to a state kept, the clock included."""
        return Snapshot.read(self._call("POST", f"/snapshots/{segment(name)}/restore"))

    def diff(self, since: str | None = None) -> Diff:
        """What changed since a state kept, or since the beginning."""
        return Diff.read(self._call("GET", "/diff", query={"from": since}))

    def evaluate(self, expect: Mapping[str, Any] | None = None) -> Verdict:
        """Grade what clients did, by `expect` or by the world's scenario."""
        body = {} if expect is None else {"expect": dict(expect)}
        return Verdict.read(self._call("POST", "/evaluate", body))

    def state(self) -> bytes:
        """The whole world as a JSON document."""
        return self._transport.raw("GET", f"{self._path}/state")

    def load_state(self, document: bytes) -> None:
        """Become what a document shows; name and keys stay, people and passwords do not."""
        self._transport.raw("PUT", f"{self._path}/state", document)
        self.credentials = Credentials.read(self._call("GET"))

    @property
    def counts(self) -> dict[str, int]:
        """How many records of each kind there are."""
        return dict(self._call("GET")["counts"])

    def remove(self) -> None:
        """Forget the world; one that is gone already is none to complain of."""
        try:
            self._call("DELETE")
        except ControlRefusal as refusal:
            if refusal.status != 404:
                raise
