"""Known failures: each must be run, fail, fail in the way that is written down, and not be expired."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from packaging.specifiers import SpecifierSet

from acs_chat_conformance.implementation import Deviation, Implementation
from acs_chat_conformance.results import Result, Status
from acs_chat_conformance.source import Problem


def weigh(
    results: Iterable[Result], implementation: Implementation, versions: Mapping[str, str], today: datetime.date
) -> Iterator[Result]:
    """Each result in the light of what is known: a listed failure is known, a listed pass is stale.

    Args:
        results: As the runner gives them.
        implementation: What was run.
        versions: The distributions of its environment.
        today: For what expires.
    """
    for result in results:
        listed = implementation.deviations.get(result.vector.id, ())
        known = next((deviation for deviation in listed if applies(deviation, versions)), None)
        yield result if known is None else _weighed(result, known, today)


def applies(deviation: Deviation, versions: Mapping[str, str]) -> bool:
    """Whether an environment is one of those in which the check is known to fail."""
    return all(
        name in versions and SpecifierSet(ranges).contains(versions[name], prereleases=True)
        for name, ranges in deviation.when.items()
    )


def _weighed(result: Result, deviation: Deviation, today: datetime.date) -> Result:
    if result.status is Status.PASSED:
        return replace(result, status=Status.STALE, note=f"passes, but is listed in {deviation.place}: take it out")
    if today > deviation.expires:
        return replace(result, note=f"was known until {deviation.expires}, see {deviation.place}")
    if {difference.at for difference in result.differences} != deviation.at:
        wanted = ", ".join(sorted(deviation.at))
        return replace(result, note=f"fails otherwise than {deviation.place} says: it differs at {wanted} there")
    return replace(result, status=Status.KNOWN, note=deviation.reason)


def never_run(implementation: Implementation, results: Iterable[Result]) -> list[Problem]:
    """A problem for each listed check that a whole run did not come across."""
    run = {result.vector.id for result in results}
    return [
        Problem(file, int(line), ("deviations", one.check), f"{one.check} is listed, but there is no such check to run")
        for listed in implementation.deviations.values()
        for one in listed
        if one.check not in run
        for file, _, line in [one.place.rpartition(":")]
    ]


def listing(results: Iterable[Result]) -> str:
    """The failures of a run as entries for an implementation's file; the reasons are still to be written."""
    by_places: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for result in results:
        if result.status in {Status.FAILED, Status.CRASHED}:
            by_places[tuple(sorted({difference.at for difference in result.differences}))].append(result.vector.id)
    entries = []
    for places, checks in by_places.items():
        at = ", ".join(places) if all(places) else '""'
        lines = [f"      {check}: [{at}]" for check in checks]
        entries.append("\n".join(["  - reason: TODO", "    expires: TODO", "    checks:", *lines]))
    return "\n".join(["deviations:", *entries]) if entries else "deviations: []"
