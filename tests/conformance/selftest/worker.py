"""Runs the checks on whatever SDK the import path has, until one fails by what it compares; says what came of it."""

from __future__ import annotations

from acs_chat_conformance.implementation import find
from acs_chat_conformance.judge import Difference
from acs_chat_conformance.results import Result, Status
from acs_chat_conformance.runner import run
from acs_chat_conformance.session import Session
from acs_chat_conformance.vectors import load

ORDER = (
    ("ours", "python-surface"),
    ("ours", "wire/2024-03-07"),
    ("ours", "wire/2020-11-01-preview3"),
    ("ours-aio", "wire/2024-03-07"),
)
UNPROMISED = {"crash", "attribute", "type"}


def by_comparison(result: Result) -> bool:
    """Whether a failure is more than the call having raised something that nothing promises."""
    return result.status is Status.FAILED and not all(map(_only_raised, result.differences))


def _only_raised(difference: Difference) -> bool:
    got = difference.got
    raised = isinstance(got, dict) and got.get("$error") in UNPROMISED and "rule" not in got
    return raised or (difference.at.startswith("/exchanges/") and got == {"$absent": True})


def main() -> str:
    """Killed with the id of the check, crashed, or survived."""
    crashed = False
    for name, each in ORDER:
        with Session(find(name)) as session:
            for result in run((one for one in load(each).vectors if "/waiting#" not in one.id), session):
                if by_comparison(result):
                    return f"killed {result.vector.id}"
                crashed = crashed or result.status is not Status.PASSED
    return "crashed" if crashed else "survived"


if __name__ == "__main__":
    print(main())  # noqa: T201
