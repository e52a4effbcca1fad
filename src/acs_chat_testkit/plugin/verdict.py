"""The verdict on a test by its cassette: what it left over, what it did not notice, how old it is, what has drifted."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from acs_chat_testkit.errors import CassetteError

if TYPE_CHECKING:
    from acs_chat_testkit.plugin.settings import Settings
    from acs_chat_testkit.plugin.tape import Tape

SHOWN = 3


class CassetteWarning(pytest.PytestWarning):
    """Something about a cassette that was to be warned of."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Args:
        policy: What becomes of it: ignore, warn or fail.
        text: What it is, and what to do next.
    """

    policy: str
    text: str


def enforce(item: pytest.Item, findings: Sequence[Finding]) -> None:
    """Warns, then fails the test for all that must fail it.

    Raises:
        CassetteError: Something fails the test.
    """
    failing = [each.text for each in findings if each.policy == "fail" or (each.policy == "warn" and _warn(item, each))]
    if failing:
        raise CassetteError("\n".join(failing))


def _warn(item: pytest.Item, finding: Finding) -> bool:
    """Whether the suite has made errors of warnings."""
    try:
        item.warn(CassetteWarning(finding.text))
    except CassetteWarning:
        return True
    return False


def policy(chosen: str | None, tape: Tape) -> str:
    """What was chosen; else a cassette of ours is strict, and another recorder's is as that recorder was."""
    return chosen or ("ignore" if tape.legacy else "fail")


def left_over(tape: Tape) -> list[int]:
    """The places of the interactions of the cassette itself that nothing asked for, where it is replayed alone."""
    if tape.recording:
        return []
    played = tape.playlist.played
    return [place for place in range(min(len(tape.cassette.interactions), len(played))) if not played[place]]


def unlike(tape: Tape, left: Sequence[int]) -> list[int]:
    """Of places that a test left over, those of other requests than it made; of equal ones each test has the first."""
    made = {tape.key(tape.playlist.request(place)) for place in tape.play_counts}
    return [place for place in left if tape.key(tape.playlist.request(place)) not in made]


def verdict(tape: Tape, asked: Settings, left: Sequence[int], *, alone: bool = True) -> Iterator[Finding]:
    """What is wrong after a test that passed.

    Args:
        tape: Its cassette, closed.
        asked: Its settings.
        left: The places of what it left over.
        alone: Whether no other test may ask for that.
    """
    for text in tape.misses:
        yield Finding(policy(asked.on_swallowed, tape), text)
    if left and alone:
        yield Finding(policy(asked.on_unplayed, tape), unplayed(tape, left))
    if not tape.recording and (age := tape.overdue(tape.cassette.header)) is not None:
        yield Finding(asked.on_stale, _stale(tape, age))
    yield from drifted(tape, alone=alone)


def drifted(tape: Tape, *, alone: bool = True) -> Iterator[Finding]:
    """Where the service's answers have drifted, which is most often why a test fails that passes in replay."""
    lines = [str(each) for each in tape.drift if alone or not each.unmade]
    if any(each.startswith("error") for each in lines):
        yield Finding("fail", "\n  ".join([f"the service no longer answers as {tape.path} says", *lines]))
    elif lines:
        said = f"the service answers otherwise than {tape.path} says"
        nothing = f"nothing is recorded in {tape.path}; {tape.advice()}"
        yield Finding("warn", "\n  ".join([said if len(tape.cassette.interactions) else nothing, *lines]))


def strictly(tape: Tape, asked: Settings, left: Sequence[int]) -> bool:
    """Whether a test that passed would fail, had this recorder written its cassette."""
    return tape.legacy and bool(
        tape.lenient or (left and asked.on_unplayed is None) or (tape.misses and asked.on_swallowed is None)
    )


def unplayed(tape: Tape, left: Sequence[int]) -> str:
    """What a test left over, and what to do about it."""
    from acs_chat_testkit.recording import report

    lines = [report.line(tape.playlist.request(place)) for place in left[:SHOWN]]
    more = [f"and {len(left) - SHOWN} more"] if len(left) > SHOWN else []
    return (
        f"{len(left)} of {len(tape.cassette.interactions)} interactions of {tape.path} were not asked for "
        f"({', '.join([*lines, *more])}); {_next(tape)}"
    )


def _next(tape: Tape) -> str:
    """To record it again would change nothing where nothing is asked for."""
    if any(tape.playlist.played) or tape.misses or not tape.path.exists():
        return tape.advice()
    return f"where that is meant, remove them: rm {shlex.quote(str(tape.path))}"


def _stale(tape: Tape, age: timedelta) -> str:
    limit = (tape.max_age or timedelta()) / timedelta(days=1)
    return f"{tape.path} was recorded {age.days} days ago, and max_age is {limit:g} days; {tape.advice()}"
