"""Judges recorded traffic: every interaction of every cassette against the contract of its api-version."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from acs_chat_conformance.verdict import Exit, verdict
from acs_chat_testkit.contract import Exchange, Tier, Violation, contract_of, violations
from acs_chat_testkit.errors import CassetteError
from acs_chat_testkit.recording import Cassette, Interaction, load

UNKNOWN_ORIGIN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """One violation, and the file and line of the interaction that has it."""

    place: str
    violation: Violation


@dataclass(slots=True)
class Recorded:
    """What was found in a number of cassettes.

    Args:
        findings: In the order of files and interactions.
        broken: One sentence for each file that is no cassette.
        judged: How many interactions were judged.
        outside: How many were not, because they call no chat path, or an api-version that has no contract.
        origins: How many of the judged ones were recorded where; files that do not say count as unknown.
        operations: How often each operation was seen.
    """

    findings: list[Finding] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    judged: int = 0
    outside: int = 0
    origins: Counter[str] = field(default_factory=Counter)
    operations: Counter[str] = field(default_factory=Counter)

    @property
    def tiers(self) -> Counter[Tier]:
        """How many findings each tier has."""
        return Counter(finding.violation.tier for finding in self.findings)

    @property
    def exit_code(self) -> Exit:
        """What the command ends with: warnings and information are no failure."""
        return verdict(run=self.judged, broken=len(self.broken), failed=self.tiers[Tier.ERROR])

    def as_json(self) -> dict[str, Any]:
        """The report for machines."""
        return {
            "judged": self.judged,
            "outside": self.outside,
            "tiers": {tier: self.tiers[tier] for tier in Tier},
            "origins": dict(self.origins),
            "operations": dict(self.operations),
            "broken": self.broken,
            "findings": [
                {
                    "place": finding.place,
                    "tier": finding.violation.tier,
                    "check": finding.violation.check,
                    "operation": finding.violation.operation,
                    "where": finding.violation.where,
                    "message": finding.violation.message,
                }
                for finding in self.findings
            ],
        }


def judge_cassettes(path: Path) -> Recorded:
    """Judges one cassette, or every one below a directory; a broken file is named and the rest still judged."""
    recorded = Recorded()
    for file in [path] if path.is_file() else sorted([*path.rglob("*.yaml"), *path.rglob("*.yml")]):
        try:
            _judge_cassette(recorded, file, load(file))
        except CassetteError as broken:
            recorded.broken.append(str(broken))
    return recorded


def _judge_cassette(recorded: Recorded, file: Path, cassette: Cassette) -> None:
    for number, interaction in enumerate(cassette.interactions, 1):
        if not _is_chat(interaction):
            recorded.outside += 1
            continue
        recorded.judged += 1
        recorded.origins[cassette.header.origin or UNKNOWN_ORIGIN] += 1
        place = f"{file}:{interaction.line}" if interaction.line else f"{file}, interaction {number}"
        _judge(recorded, place, interaction)


def _judge(recorded: Recorded, place: str, interaction: Interaction) -> None:
    contract = contract_of(interaction.request)
    operation = contract and contract.find(interaction.request.method, urlsplit(interaction.request.url).path)
    if operation:
        recorded.operations[operation.id] += 1
    found = violations(Exchange(interaction.request, interaction.response), contract)
    recorded.findings += [Finding(place, violation) for violation in found]


def _is_chat(interaction: Interaction) -> bool:
    return urlsplit(interaction.request.url).path.startswith("/chat/")
