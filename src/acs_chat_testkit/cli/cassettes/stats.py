"""`acs-chat cassettes stats`: what there is, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from acs_chat_testkit.chat_profile import chat_profile
from acs_chat_testkit.cli.cassettes.judging import judge
from acs_chat_testkit.cli.cassettes.shelf import PATHS, Shelf, shelf
from acs_chat_testkit.cli.output import FINDINGS, FORMAT, counted, show, tally

LARGEST = 5
UNKNOWN = "unknown"


class Stats:
    """The counts of a shelf.

    Args:
        found: What lies there.
    """

    def __init__(self, found: Shelf) -> None:
        self._found = found
        profile = chat_profile()
        recorded = judge(found)
        interactions = [one for each in found.cassettes for one in each.cassette.interactions]
        headers = [each.cassette.header for each in found.cassettes]
        answers = [one.response for one in interactions]
        self._counts = {
            "recorders": Counter(each.recorder for each in found.cassettes),
            "origins": Counter(header.origin or UNKNOWN for header in headers),
            "api-versions": Counter(profile.api_version(one.request) or UNKNOWN for one in interactions),
            "operations": Counter() if recorded is None else recorded.operations,
            "methods": Counter(one.request.method for one in interactions),
            "answers": Counter("none" if answer is None else str(answer.status) for answer in answers),
        }
        self._times = sorted(header.recorded_at for header in headers if header.recorded_at)
        self._sizes = sorted(((len(each.text.encode()), str(each.path)) for each in found.cassettes), reverse=True)

    def lines(self) -> Iterator[str]:
        """A line for each count, then the largest files."""
        kilobytes = sum(size for size, _ in self._sizes) / 1024
        files, whole = counted(len(self._sizes), "cassette"), counted(self._found.interactions, "interaction")
        yield f"{files}, {whole}, {kilobytes:.0f} kB"
        for name, counts in self._counts.items():
            if counts:
                yield f"{name:<13} {tally(counts.items())}"
        if self._times:
            yield f"{'recorded':<13} from {self._times[0]} to {self._times[-1]}"
        for size, path in self._sizes[:LARGEST]:
            yield f"{'largest':<13} {size / 1024:.0f} kB {path}"
        yield from self._found.broken_lines()

    def as_json(self) -> dict[str, Any]:
        """The same as values."""
        return {
            "cassettes": len(self._sizes),
            "interactions": self._found.interactions,
            "bytes": sum(size for size, _ in self._sizes),
            "recorded_at": self._times[:1] + self._times[-1:],
            "broken": self._found.broken,
            **{name: dict(counts) for name, counts in self._counts.items()},
        }


@click.command()
@PATHS
@FORMAT
@click.pass_context
def command(context: click.Context, paths: tuple[Path, ...], style: str) -> None:
    """Count what lies below PATH: recorders, origins, versions, operations, answers, ages and sizes.

    Exit code 1: a cassette can not be read.
    """
    found = shelf(paths)
    show(Stats(found), style)
    context.exit(FINDINGS if found.broken else 0)
