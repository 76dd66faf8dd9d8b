"""What tests expect of the control plane's refusals."""

from __future__ import annotations

from http import HTTPStatus

from tests.http import Answer


def check_problem(answer: Answer, status: int, detail: str) -> None:
    """The answer is a problem document (RFC 9457) with `status` and exactly `detail`."""
    assert answer.status == status, answer.body
    assert answer.headers["Content-Type"].split(";")[0] == "application/problem+json"
    assert "Server" not in answer.headers
    assert answer.body == {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }


def check_told(answer: Answer, status: int, start: str) -> None:
    """As `check_problem`, for a detail that goes on after `start` in pydantic's words."""
    assert answer.body["detail"].startswith(start), answer.body
    check_problem(answer, status, answer.body["detail"])
