"""Runs the conformance suite on the published clients: each must fail in exactly the ways that are written down.

    python tests/conformance/upstream/run.py DIRECTORY

Makes an environment below DIRECTORY for each leg, and writes the reports beside them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Leg:
    """One environment with what is run in it.

    Args:
        name: Of the environment.
        installs: What pip puts into it, or npm where the names are npm's.
        implementations: What the suite is asked to check there.
        laws: Those of them that are held to the laws too, and against ours.
    """

    name: str
    installs: tuple[str, ...]
    implementations: tuple[str, ...]
    laws: tuple[str, ...] = ()


RELEASED = ("microsoft-1.3.0", "microsoft-1.3.0-aio")
BETA, BETA_AIO = "microsoft-1.0.0b4", "microsoft-1.0.0b4-aio"
LEGS = (
    Leg("1.0.0b4-newest-core", ("azure-communication-chat==1.0.0b4", "aiohttp"), (BETA, BETA_AIO), (BETA,)),
    Leg(
        "1.0.0b4-core-1.14",
        # azure-core of that age imports chardet, which newer aiohttp no longer brings
        ("azure-communication-chat==1.0.0b4", "azure-core==1.14.0", "aiohttp<3.9", "chardet"),
        (BETA, BETA_AIO),
    ),
    Leg("javascript", ("@azure/communication-chat@1.5.4",), ("microsoft-js-1.5.4",)),
    Leg("1.3.0", ("azure-communication-chat==1.3.0", "aiohttp"), RELEASED, RELEASED),
)


LAWS: dict[str, list[str]] = {"laws": [], "likeness to ours": ["--against", "ours"]}


def environment(home: Path, leg: Leg) -> tuple[list[str], dict[str, str]]:
    """Makes the environment of a leg where it is not there yet; gives the options and the variables that name it."""
    if leg.installs[0].startswith("@"):
        modules = home / leg.name / "node_modules"
        if not modules.exists():
            npm = ["npm", "install", "--silent", "--save-exact", "--prefix", str(home / leg.name)]
            subprocess.run([*npm, *leg.installs], check=True)
        return [], {"NODE_PATH": str(modules)}
    python = home / leg.name / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        venv.create(home / leg.name, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *leg.installs], check=True)
    return ["--python", str(python)], {}


def run(home: Path) -> Iterator[tuple[str, int]]:
    """Runs each implementation of each leg, and gives its name with the exit code."""
    for leg in LEGS:
        options, variables = environment(home, leg)
        for implementation in leg.implementations:
            report = home / f"{leg.name}.{implementation}"
            reports = [option for kind in ("json", "md", "html") for option in ("--report", f"{report}.{kind}")]
            asked = ["--impl", implementation, *options]
            yield f"{implementation} in {leg.name}", _conformance([*asked, *reports], variables)
            for name, other in LAWS.items() if implementation in leg.laws else ():
                found = ["--counterexamples", str(home / "counterexamples")]
                code = _conformance(["properties", *asked, *other, *found], variables)
                yield f"{name} on {implementation} in {leg.name}", code


def _conformance(options: list[str], variables: dict[str, str]) -> int:
    argv = [sys.executable, "-m", "acs_chat_testkit.cli", "conformance", *options]
    print("\n" + " ".join(argv[3:]), flush=True)  # noqa: T201
    return subprocess.run(argv, env=os.environ | variables, check=False).returncode


def main() -> int:
    """Runs all, and ends with the worst exit code."""
    codes = dict(run(Path(sys.argv[1]).resolve()))
    print("\n" + "\n".join(f"{'as known' if code == 0 else f'exit {code}':<9} {name}" for name, code in codes.items()))  # noqa: T201
    return max(codes.values())


if __name__ == "__main__":
    sys.exit(main())
