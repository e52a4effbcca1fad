"""The identity calls' wire, as far as it differs by version."""

from __future__ import annotations

import json
from dataclasses import dataclass

from acs_chat_testkit.emulator.problems import Problem
from acs_chat_testkit.emulator.renderers.eras import Era


@dataclass(frozen=True, slots=True)
class Identity:
    """Writes the wire of one version.

    Args:
        name: The api-version.
        era: The headers of its time.
        flat: A user is its id alone, created with 200, and its token comes with it.
        lifetime: Tokens may be asked for by minutes, and for the join scopes.
    """

    name: str
    era: Era
    flat: bool = False
    lifetime: bool = False
    error_fact: str = "identity.error"

    def refusal(self, problem: Problem) -> tuple[bytes, str]:
        """The body of an error and its type."""
        error = {"code": problem.code, "message": problem.message or problem.code}
        return json.dumps({"error": error}, separators=(",", ":")).encode(), "application/json; charset=utf-8"
