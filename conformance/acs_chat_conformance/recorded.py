"""Judges recorded traffic: every interaction of every cassette against the contract of its api-version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from acs_chat_conformance.coverage import Coverage
from acs_chat_conformance.verdict import Exit, verdict
from acs_chat_testkit.contract import Exchange, Tier, Violation, contract_of, violations
from acs_chat_testkit.errors import CassetteError, NotACassette
from acs_chat_testkit.recording import Cassette, Interaction
from acs_chat_testkit.recording.importers import files, read

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
        broken: One sentence for each file or directory that can not be read.
        judged: How many interactions were judged.
        outside: How many were not, because they call no chat path, or an api-version that has no contract.
        origins: How many of the judged ones were recorded where; files that do not say count as unknown.
        operations: How often each operation was seen.
        coverages: By api-version, what was seen of its contract.
    """

    findings: list[Finding] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    judged: int = 0
    outside: int = 0
    origins: Counter[str] = field(default_factory=Counter)
    operations: Counter[str] = field(default_factory=Counter)
    coverages: dict[str, Coverage] = field(default_factory=dict)

    @property
    def tiers(self) -> Counter[Tier]:
        """How many findings each tier has."""
        return Counter(finding.violation.tier for finding in self.findings)

    @property
    def live_share(self) -> float:
        """The percentage of the judged interactions that were recorded against the service itself."""
        return 100 * self.origins["live"] / self.judged if self.judged else 0.0

    @property
    def exit_code(self) -> Exit:
        """What the command ends with: warnings and information are no failure."""
        return verdict(run=self.judged, broken=len(self.broken), failed=self.tiers[Tier.ERROR])

    def short_of(self, *, require_live: float, least: Mapping[str, float]) -> list[str]:
        """A sentence for each share, in percent, that is smaller than it must be.

        Args:
            require_live: Of what was recorded against the service itself.
            least: Of the contract, by the names of `coverage.GATES`.
        """
        short = []
        if self.live_share < require_live:
            short.append(f"{self.live_share:.1f} % were recorded live, and {require_live:g} % must be")
        if least and not self.coverages:
            short.append("nothing of a contract was seen")
        for version, coverage in self.coverages.items():
            shares = coverage.shares()
            for name, percent in least.items():
                seen, there = shares[name]
                if 100 * seen < percent * there:
                    share = 100 * seen / there
                    short.append(f"{version}: {share:.1f} % of the {name} were seen, and {percent:g} % must be")
        return short

    def as_json(self) -> dict[str, Any]:
        """The report for machines."""
        return {
            "judged": self.judged,
            "outside": self.outside,
            "tiers": {tier: self.tiers[tier] for tier in Tier},
            "origins": dict(self.origins),
            "live_share": round(self.live_share, 1),
            "operations": dict(self.operations),
            "coverage": {version: one.as_json() for version, one in self.coverages.items()},
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
    """Judges one cassette, or every one below a directory; what can not be read is named and the rest still judged."""
    recorded = Recorded()
    for file in files([path], lambda closed: recorded.broken.append(str(closed))):
        try:
            imported = read(file)
            if imported is not None:
                judge_cassette(recorded, file, imported.cassette)
            elif file == path:
                raise NotACassette(f"{file} is no cassette")
        except CassetteError as broken:
            recorded.broken.append(str(broken))
    return recorded


def judge_cassette(recorded: Recorded, file: Path, cassette: Cassette) -> None:
    """Judges one cassette that was read already, and adds what is found."""
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
    exchange = Exchange(interaction.request, interaction.response)
    found = violations(exchange, contract)
    recorded.findings += [Finding(place, violation) for violation in found]
    if contract and operation and not any(violation.tier is Tier.ERROR for violation in found):
        recorded.coverages.setdefault(contract.version, Coverage(contract)).add(operation.id, exchange)


def _is_chat(interaction: Interaction) -> bool:
    try:
        return urlsplit(interaction.request.url).path.startswith("/chat/")
    except ValueError:  # such as half of an IPv6 address: nobody ever answered there
        return False
