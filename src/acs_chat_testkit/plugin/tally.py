"""The tally: what the cassettes of a run did, in this process and in all workers, as values that can be merged."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

EVENTS = ("recorded", "replayed", "live", "blocked", "loopback", "missed")
Row = dict[str, Any]


class Tally:
    """What happened so far.

    Attributes:
        redactions: How often each redaction rule found something.
        strictly: The tests that a strict cassette would fail, by their cassette.
        orphans: Files that no collected test has.
        notes: What else to tell, a sentence each.
    """

    def __init__(self) -> None:
        self._events: Counter[str] = Counter()
        self._rows: dict[str, Row] = {}
        self.redactions: Counter[str] = Counter()
        self.strictly: dict[str, list[str]] = {}
        self.orphans: set[str] = set()
        self.notes: list[str] = []

    def add(self, row: Row) -> None:
        """A cassette was closed, here or elsewhere; what nobody has played is what all have left over.

        Of equal recordings each of several tests plays the first, so that only what is unlike those can be missed.
        """
        before = self._rows.get(row["path"])
        if before is None:
            self._rows[row["path"]] = dict(row)
            return
        tests = sorted({*before["tests"], *row["tests"]})
        unlike = sorted(set(before["unlike"]) & set(row["unlike"]))
        before.update(
            recorded=before["recorded"] + row["recorded"],
            replayed=before["replayed"] + row["replayed"],
            tests=tests,
            passed=sorted({*before["passed"], *row["passed"]}),
            of=max(before["of"], row["of"]),
            left=sorted(set(before["left"]) & set(row["left"])) if len(tests) == 1 else unlike,
            unlike=unlike,
        )

    @property
    def rows(self) -> Iterable[Row]:
        """A row for each cassette that was in use, by its path."""
        return [self._rows[path] for path in sorted(self._rows)]

    def report(self, events: Mapping[str, int]) -> dict[str, Any]:
        """All of it, with the events of this process.

        Args:
            events: The counts of this process.
        """
        rows = self.rows
        strictly = {path: set(tests) for path, tests in self.strictly.items()}
        for row in unplayed_by_all(rows):
            if row["lenient"]:
                strictly.setdefault(row["path"], set()).update(row["tests"])
        # A test that asked nothing and has nothing to ask for has no recording either.
        origins = {row["origin"] for row in rows if row["recorded"] or row["replayed"] or row["left"]}
        return {
            **{event: self._events[event] + events.get(event, 0) for event in EVENTS},
            "unplayed": sum(len(row["left"]) for row in rows),
            "origin": origins.pop() if len(origins) == 1 else "mixed" if origins else None,
            "redactions": dict(sorted(self.redactions.items())),
            "strictly": {path: sorted(tests) for path, tests in sorted(strictly.items())},
            "orphans": sorted(self.orphans - set(self._rows)),
            "notes": self.notes,
            "cassettes": [{**row, "unplayed": len(row["left"])} for row in rows],
        }

    def merge(self, report: Mapping[str, Any]) -> None:
        """Takes what another process reports."""
        self._events.update({event: report[event] for event in EVENTS})
        self.redactions.update(report["redactions"])
        for path, tests in report["strictly"].items():
            self.strictly[path] = [*self.strictly.get(path, ()), *tests]
        self.orphans.update(report["orphans"])
        self.notes.extend(note for note in report["notes"] if note not in self.notes)
        for row in report["cassettes"]:
            self.add({name: value for name, value in row.items() if name != "unplayed"})


def unplayed_by_all(rows: Iterable[Row]) -> Iterable[Row]:
    """Cassettes of several tests that all of these have passed and left something of."""
    every = list(rows)
    return [row for row in every if row["left"] and row["of"] > 1 and len(_passed(row, every)) == row["of"]]


def by_nobody(row: Mapping[str, Any]) -> str:
    """Whose the interactions are that such a cassette has left."""
    many = len(row["tests"])
    asked = f"none of its {many} tests" if many > 1 else f"{row['tests'][0]} never"
    return f"of {row['path']} that {asked} asked for"


def _passed(row: Row, every: Iterable[Row]) -> set[str]:
    """The tests that have passed, of those that may have a cassette; of one that the suite has named, any may."""
    if row["among"] is None:
        return set(row["passed"])
    return {test for each in every for test in each["passed"] if test.startswith(row["among"])}


def again(row: Row, seen: Callable[[str], str] = str) -> str:
    """The command that records a cassette anew with all of its tests; one of which nothing is asked can only go.

    Args:
        row: Of the report.
        seen: How a path of the report is typed where the command runs.
    """
    if not row["replayed"]:
        return shlex.join(["rm", seen(row["path"])])
    tests = [test.partition("::") for test in row["tests"]]
    return shlex.join(
        ["pytest", *(seen(file) + colons + name for file, colons, name in tests), "--record-mode=rewrite"]
    )
