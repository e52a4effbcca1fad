"""Looks for examples that break a law, makes them as small as they get, and gives each as a vector."""

from __future__ import annotations

import datetime
import json
import shlex
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.configuration import set_hypothesis_home_dir

from acs_chat_conformance import counterexamples, likeness
from acs_chat_conformance.check import of_interest
from acs_chat_conformance.exemptions import Exempted
from acs_chat_conformance.implementation import Implementation, find, kind_of
from acs_chat_conformance.laws import LAWS, Case, Law, subjects
from acs_chat_conformance.report import Report
from acs_chat_conformance.results import BAD, Result, Status
from acs_chat_conformance.runner import Runner
from acs_chat_conformance.session import Session
from acs_chat_conformance.surface import surface
from acs_chat_conformance.vectors import Level, Vector
from acs_chat_testkit.contract import Contract, load

EXAMPLES = 20
SHRINKING_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is looked for.

    Args:
        name: The implementation, as `find` takes it.
        python: The interpreter of its environment; without one Python adapters run in this process.
        against: Another implementation; then what must follow is what that one does, not what the contract says.
        against_python: The interpreter of its environment.
        seed: Of the random examples; the same one draws the same examples.
        examples: How many of them each check draws.
        only: The id of the check to run, or a pattern of ids.
        home: Where counterexamples are written, as vector files; nowhere where left out.
    """

    name: str = "ours"
    python: str | None = None
    against: str | None = None
    against_python: str | None = None
    seed: int = 0
    examples: int = EXAMPLES
    only: str | None = None
    home: Path | None = None

    @property
    def is_whole(self) -> bool:
        """Whether every check is run, on as many examples as usual."""
        return self.only is None and self.examples >= EXAMPLES

    @property
    def command(self) -> tuple[str, ...]:
        """What draws the same examples again, but for the implementation and the check."""
        numbers = {"--seed": str(self.seed), "--examples": str(self.examples)}
        return ("acs-chat", "conformance", "properties", *_words(numbers | self._other))

    @property
    def again(self) -> str:
        """The whole of that command, for every check."""
        return shlex.join([*self.command, *_words({"--impl": self.name, "--python": self.python})])

    @property
    def _other(self) -> dict[str, str | None]:
        return {"--against": self.against, "--against-python": self.against_python}

    def wants(self, check: Check) -> bool:
        """Whether a check is asked for."""
        return self.only is None or check.id == self.only or fnmatchcase(check.id, self.only)


@dataclass(frozen=True, slots=True)
class Check:
    """One law about one subject of a set.

    Args:
        law: The law.
        set: The set.
        subject: The model or the operation.
        group: ``law`` where the contract says what must follow, ``like`` where another implementation does.
    """

    law: Law
    set: str
    subject: str
    group: str

    @property
    def id(self) -> str:
        """Such as ``wire/2024-03-07/send_message#law.calls``."""
        return f"{self.set}/{self.subject}#{self.group}.{self.law.name}"

    @property
    def level(self) -> Level:
        """How binding it is; a model need not have methods that nothing documents."""
        return Level(surface().models.get(self.subject, {}).get("level", Level.RECOMMENDED))

    def content(self, case: Case, source: str) -> dict[str, Any]:
        """A case as the content of a vector file."""
        about = "operation" if kind_of(self.set) == "wire" else "model"
        one = {"id": counterexamples.name_of(case), "level": str(self.level), **case}
        return {
            about: self.subject,
            "source": source,
            "groups": [{"id": "law", "title": self.law.says, "cases": [one]}],
        }

    def vector(self, case: Case, place: str = "") -> Vector:
        """A case as a vector that has the id of the check."""
        made = counterexamples.vector(self.set, self.content(case, "the contract"))
        return replace(made, id=self.id, place=place)


def _words(options: Mapping[str, str | None]) -> Iterator[str]:
    yield from (word for name, value in options.items() if value is not None for word in (name, value))


class Broken(Exception):
    """A case that breaks a law."""

    def __init__(self, case: Case, result: Result) -> None:
        super().__init__(result.vector.id)
        self.case = case
        self.result = result


@dataclass(slots=True)
class Search:
    """Runs the cases of one check, each of them once: making an example smaller asks for the same ones again.

    Args:
        check: What is looked at.
        judge: Runs a case.
        exempted: The known failures of the implementation.
    """

    check: Check
    judge: Callable[[Check, Case], tuple[Case, Result]]
    exempted: Exempted
    known: set[str] = field(default_factory=set)
    last: Vector | None = None
    _done: dict[str, tuple[Case, Result]] = field(default_factory=dict)
    _until: float | None = None

    def look(self, case: Case) -> None:
        """Runs a case.

        Raises:
            Broken: It breaks the law.
        """
        key = json.dumps(case, sort_keys=True)
        if key not in self._done:
            if self._until is not None and time.monotonic() > self._until:
                return  # small enough: what broke the law still does, and nothing else is tried
            self._done[key] = self._run(case)
        case, result = self._done[key]
        if result.status in BAD:
            self._until = self._until or time.monotonic() + SHRINKING_SECONDS
            raise Broken(case, result)

    def _run(self, case: Case) -> tuple[Case, Result]:
        case, result = self.judge(self.check, case)
        self.last = result.vector
        reason = self.exempted.reason(self.check.id, case, result) if result.status in BAD else None
        if reason is not None:
            self.known.add(reason)
            result = replace(result, status=Status.KNOWN)
        return case, result


def check_laws(plan: Plan, today: datetime.date | None = None) -> Report:
    """Looks for examples that break a law; each law about each model or operation is one check.

    Args:
        plan: What is looked for.
        today: For known failures that expire.

    Raises:
        UsageError: An implementation cannot be asked.
    """
    mine = find(plan.name)
    declared = [check for check in _checks(mine, "law" if plan.against is None else "like") if plan.wants(check)]
    exempted = Exempted(mine, today or datetime.datetime.now(datetime.UTC).date())
    with ExitStack() as stack:
        stack.enter_context(_no_folder_here())
        runner = _runner(stack, mine, plan.python)
        judge = _by_the_contract(runner)
        if plan.against is not None:
            other = find(plan.against)
            other.must_answer({check.set for check in declared})
            judge = _by_the_other(runner, _runner(stack, other, plan.against_python))
        results = [
            _result(Search(check, judge, exempted), _contracts(mine, check.set), plan)
            for check in declared
            if check.level in mine.levels
        ]
    problems = (*mine.problems, *(exempted.unused(check.id for check in declared) if plan.is_whole else ()))
    versions = of_interest(runner.session.versions)
    return Report(mine.name, len(declared), tuple(results), problems, (), versions, plan.python, plan.command)


@contextmanager
def _no_folder_here() -> Iterator[None]:
    """Keeps the files that hypothesis makes out of the folder that the command is called in."""
    with tempfile.TemporaryDirectory() as folder:
        set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            set_hypothesis_home_dir(None)


def _runner(stack: ExitStack, implementation: Implementation, python: str | None) -> Runner:
    return stack.enter_context(Runner(stack.enter_context(Session(implementation, python))))


def _by_the_contract(runner: Runner) -> Callable[[Check, Case], tuple[Case, Result]]:
    return lambda check, case: (case, runner.run(check.vector(case)))


def _by_the_other(runner: Runner, other: Runner) -> Callable[[Check, Case], tuple[Case, Result]]:
    def judge(check: Check, case: Case) -> tuple[Case, Result]:
        question = {key: value for key, value in case.items() if key != "error"} | {"want": None}
        case = likeness.case_of(question, *other.observe(check.vector(question)))
        return case, runner.run(check.vector(case))

    return judge


def _checks(implementation: Implementation, group: str) -> Iterator[Check]:
    for name in implementation.sets:
        kind = kind_of(name)
        laws = [law for law in LAWS if law.kind == kind and (law.judged or group == "like")]
        about = subjects(kind, _contracts(implementation, name)[0]) if laws else ()
        yield from (Check(law, name, subject, group) for law in laws for subject in about)


def _contracts(implementation: Implementation, name: str) -> list[Contract]:
    """The contract of a set; of the documented surface those of all api-versions that its clients speak."""
    sets = [name] if "/" in name else [one for one in implementation.sets if kind_of(one) == "wire"]
    return [load(one.partition("/")[2]) for one in sets] or [load()]


def _result(search: Search, contracts: list[Contract], plan: Plan) -> Result:
    check = search.check

    @seed(plan.seed)
    @settings(
        max_examples=plan.examples,
        database=None,
        deadline=None,
        verbosity=Verbosity.quiet,
        report_multiple_bugs=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(check.law.cases(contracts, check.subject))
    def look(case: Case) -> None:
        search.look(case)

    try:
        look()
    except Broken as broken:
        return _written(check, broken, plan)
    assert search.last is not None
    status = Status.KNOWN if search.known else Status.PASSED
    return Result(search.last, status, note="; ".join(sorted(search.known)))


def _written(check: Check, broken: Broken, plan: Plan) -> Result:
    """The result of a check whose law is broken; the smallest example is written down."""
    if plan.home is None:
        return broken.result
    source = f"counterexample of {check.id} with seed {plan.seed}"
    path = counterexamples.write(plan.home, check.set, check.content(broken.case, source), check.law.name)
    return replace(broken.result, vector=replace(broken.result.vector, place=str(path)))
