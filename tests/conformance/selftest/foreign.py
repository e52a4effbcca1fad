"""Mutants of the published clients, each installed into an environment of its own and changed as it is imported."""

from __future__ import annotations

import json
import random
import shlex
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from tests.conformance.selftest.judging import Job, Selection, checks_of, results
from tests.conformance.selftest.mutation import Mutant, mutants
from tests.conformance.upstream.run import LEGS, environment

from acs_chat_conformance.implementation import Implementation, find, kind_of
from acs_chat_conformance.results import Status
from acs_chat_conformance.session import Session

MUTATION = Path(__file__).with_name("mutation.py")
SEED, SAMPLE = 1, 250


@dataclass(frozen=True, slots=True)
class Package:
    """A published client.

    Args:
        implementation: As the suite knows it.
        leg: The environment that it is installed in.
        files: What of the environment is changed, as patterns below its site-packages.
    """

    implementation: str
    leg: str
    files: tuple[str, ...]


CHAT = "azure/communication/chat/**/*.py"
PACKAGES = (
    Package("microsoft-1.0.0b4", "1.0.0b4-newest-core", (CHAT, "msrest/serialization.py")),
    Package("microsoft-1.3.0", "1.3.0", (CHAT,)),
)


class Foreign:
    """A published client with the checks that pass on it, its mutants, and those in statements that the checks run.

    Args:
        package: What is changed.
        home: Keeps its environment.
    """

    def __init__(self, package: Package, home: Path) -> None:
        self._package = package
        (leg,) = (one for one in LEGS if one.name == package.leg)
        (_, self._python), _ = environment(home, leg)
        self._site = Path(_told(self._python, "import sysconfig; print(sysconfig.get_path('purelib'))"))
        self._implementation = replace(find(package.implementation), needs="")
        self.title = f"{leg.installs[0]}, a sample"
        with tempfile.TemporaryDirectory() as work:
            reports = {kind: Path(work) / kind for kind in self._implementation.adapters}
            traced = self._changed({kind: (str(self._site), str(report)) for kind, report in reports.items()})
            with Session(traced) as session:
                checks = checks_of(session)
                good = [one.status is Status.PASSED for one in results(checks)]
            told = {kind: json.loads(report.read_text(encoding="utf-8")) for kind, report in reports.items()}
        self._lines = {(file, line) for one in told.values() for file, line in one["lines"]}
        asked = {kind: iter(one["calls"]) for kind, one in told.items()}
        called = [{(file, line) for file, line in next(asked[kind_of(check.vector.set)])} for check in checks]
        kept = [(check, each) for check, each, passed in zip(checks, called, good, strict=True) if passed]
        at_import = {(file, line) for one in told.values() for file, line in one["at_import"]}
        self.selected = Selection([check for check, _ in kept], [each for _, each in kept], at_import)
        self.mutants = [(path, one) for path in self._files() for one in mutants(path.read_text(encoding="utf-8-sig"))]
        self.reached = [(path, one) for path, one in self.mutants if self._is_run(path, one)]

    def jobs(self) -> Iterator[Job]:
        """A sample of the mutants in statements that the checks run, chosen by the seed."""
        for path, mutant in random.Random(SEED).sample(self.reached, min(SAMPLE, len(self.reached))):
            name = path.relative_to(self._site).as_posix()
            session = partial(self._session, str(path), str(mutant.number))
            function = (str(path), mutant.function) if mutant.function else None
            yield Job(f"{name}:{mutant.line} {mutant.change}", name, function, session)

    def _files(self) -> list[Path]:
        return [one for files in self._package.files for one in sorted(self._site.glob(files))]

    def _is_run(self, path: Path, mutant: Mutant) -> bool:
        """Whether a check runs the statement that is changed: the rest serves what the chat surface has no call for."""
        if not mutant.function:
            return any(file == str(path) for file, _ in self._lines)
        return (str(path), mutant.statement) in self._lines

    def _session(self, file: str, number: str) -> Session:
        return Session(self._changed(dict.fromkeys(self._implementation.adapters, (file, number))))

    def _changed(self, arguments: dict[str, tuple[str, str]]) -> Implementation:
        """The implementation with adapters that are run by the mutation."""
        python = [self._python, "-W", "ignore", str(MUTATION)]
        return replace(
            self._implementation,
            adapters={
                kind: "exec:" + shlex.join([*python, adapter, *arguments[kind]])
                for kind, adapter in self._implementation.adapters.items()
            },
        )


def _told(python: str, code: str) -> str:
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
