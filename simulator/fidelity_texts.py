"""What the fidelity page says in its own words, and the rules that belong to no resource."""

from __future__ import annotations

from simulator.core.evidence import assumed, documented, observed
from simulator.core.resource import Rule

READING = """\
# What is known, and what is assumed

Written by `make docs` from what the code declares; not to be edited by hand.

## How to read this page

What the simulator does stands here with where it is known from:

- **observed**: somebody met it on the real service and recorded it in public.
- **documented**: BILL's own public pages say so.
- **assumed**: nobody has said; the text behind the word tells why this answer is the likely one.

The word holds for the statement as a whole. Where a part of it is weaker, the source says so
("status assumed", "text unknown"); [What is assumed](#what-is-assumed) lists those as well.
"The mission guide" is the guide this project was commissioned from: "Everything an AI agent can do
with the BILL API", 23 June 2026.
"""

UNCHECKED = """\
Nothing on this page has been checked against BILL's service by this project: its contract suite,
`contract_tests`, has not been run on BILL's sandbox yet.
"""
CHECKED = """\
{count} of the operations and refusals on this page were checked by this project's contract suite,
`contract_tests`, on BILL's {targets}, last on {last}. They are observed, with the day of the check
before what was known until then. Whatever else stands here has not been checked by this project.
"""

# What holds for every call and so belongs to no resource.
EVERYWHERE = (
    Rule(
        "Ids have 20 characters: a type of three, 02 for the sandbox, ten capitals, and a tail in"
        " lower-case base 36 that rises with every record of the type.",
        observed("ids of production and sandbox in public logs and fixtures"),
    ),
    Rule(
        "Times are written 2026-10-18T16:23:59.000+00:00, those of records in whole seconds.",
        observed("public recordings of the sandbox"),
    ),
    Rule(
        "Members without a value are left out of answers; unknown members of requests are ignored.",
        observed("public recordings of the sandbox"),
    ),
    Rule(
        "A refusal is a bare JSON array; items of body validation carry no code, and tell every"
        " faulty field.",
        observed("sandbox, 2025-10 and 2026-08"),
    ),
    Rule(
        "A list has 20 records unless max says otherwise, and 100 at most; cursors are opaque, and"
        " nextPage is left out on the last page.",
        documented("BILL guide: Search operations with lists"),
    ),
    Rule(
        "A list without sort is in order of creation, archived records included.",
        observed("one client's recordings of the service"),
    ),
    Rule(
        "The steps of a call are: route, body at login, key, session, MFA trust, role, body.",
        assumed("only that trust comes before the body's content is observed"),
    ),
    Rule(
        "A user whose role does not allow an operation gets 403 BDC_1145; which role may do what is"
        " told below for each operation.",
        assumed("the code was met by a client; the roles follow BILL's Help Center in outline"),
    ),
    Rule(
        "A path that BILL has with other methods only is 405; a path nobody knows is 404 BDC_1121.",
        assumed("405 as in Spring; the text of BDC_1121 is in BILL's FAQ"),
    ),
)

REFUSALS = """\
## Refusals

Every refusal is a bare JSON array of items with `timestamp`, `code`, `severity`, `category` and
`message`. Where BILL sends no code, or none is known, the item has no `code`; the name given here
instead never reaches the wire. `{name}` stands for a value; `${paramName0}` is sent as it stands,
which is what the real service does in the messages seen.
"""

GAPS = """\
## What is not built

These operations are BILL's, but not built. They answer 501 with the header `X-Sim-Gap`, so that a
gap is never taken for a refusal of BILL's. Operations marked 2026 are newer than BILL's collection
of November 2025.
"""
