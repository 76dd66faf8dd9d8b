"""report.html: one page that needs nothing else."""

from __future__ import annotations

import json
from collections import Counter
from html import escape
from typing import Any

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem;
  color: #1c2430; background: #fff }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin-top: 2rem }
details { border-top: 1px solid #d8dde3; padding: .3rem 0 }
summary { cursor: pointer; display: flex; gap: .6rem; align-items: baseline }
summary .title { flex: 1 }
.outcome { font-weight: 600; width: 4.5rem }
.passed { color: #17663a } .failed, .error { color: #a4161a } .skipped { color: #6b5b00 }
.note { color: #566170; font-size: .88rem }
pre { background: #f3f5f7; padding: .6rem; overflow-x: auto; font-size: .82rem }
@media (prefers-color-scheme: dark) {
  body { color: #e4e8ee; background: #14181d } pre { background: #20262d }
  details { border-color: #333b44 } .note { color: #9aa5b1 }
  .passed { color: #6fcf97 } .failed, .error { color: #ff8a8a } .skipped { color: #e0c65a }
}
"""
_ORDER = ("failed", "error", "passed", "skipped")


def page(report: dict[str, Any]) -> str:
    """The page of a report as `report.json` holds it."""
    checks = report["checks"]
    counts = Counter(check["outcome"] for check in checks)
    told = ", ".join(f"{counts[outcome]} {outcome}" for outcome in _ORDER if counts[outcome])
    groups: dict[str, list[dict[str, Any]]] = {}
    for check in checks:
        groups.setdefault(check["id"].partition("::")[0], []).append(check)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Contract report: {_text(report['target'])}</title>"
        f"<style>{_STYLE}</style></head><body>\n"
        f"<h1>Contract report: {_text(report['target'])}</h1>\n"
        f"<p>{_text(report['baseUrl'] or 'a simulator of its own')}, {_text(report['date'])},"
        f" run {_text(report['run'])}. {len(checks)} checks: {told}.</p>\n"
        + _records("Not taken back", report["left"])
        + _records("Stays, for BILL has no way to take it back", report["stays"])
        + "".join(_group(name, found) for name, found in groups.items())
        + "</body></html>\n"
    )


def _text(value: object) -> str:
    return escape(str(value))


def _records(heading: str, records: list[str]) -> str:
    if not records:
        return ""
    told = "".join(f"<li>{_text(one)}</li>" for one in records)
    return f"<h2>{heading}</h2><ul>{told}</ul>\n"


def _group(name: str, checks: list[dict[str, Any]]) -> str:
    heading = name.removeprefix("test_").replace("_", " ").capitalize()
    return f"<h2>{_text(heading)}</h2>\n" + "".join(map(_check, checks))


def _check(check: dict[str, Any]) -> str:
    about = ", ".join(check["behaviours"])
    bad = check["outcome"] in ("failed", "error")
    reason = f"<pre>{_text(check['reason'])}</pre>" if check["reason"] else ""
    return (
        f"<details{' open' if bad else ''}><summary>"
        f'<span class="outcome {_text(check["outcome"])}">{_text(check["outcome"])}</span>'
        f'<span class="title">{_text(check["title"])}</span>'
        f'<span class="note">{check["seconds"]:.2f} s</span></summary>'
        f'<p class="note">{_text(check["id"])}<br>{_text(about)}</p>{reason}'
        + "".join(map(_exchange, check["exchanges"]))
        + "</details>\n"
    )


def _exchange(exchange: dict[str, Any]) -> str:
    codes = " ".join(code or "no code" for code in exchange["codes"])
    answer = json.dumps(exchange["answer"], indent=1, ensure_ascii=False)
    return (
        f"<p>{_text(exchange['request'])}: {exchange['status']} {_text(codes)}"
        f' <span class="note">{exchange["milliseconds"]} ms</span></p><pre>{_text(answer)}</pre>'
    )
