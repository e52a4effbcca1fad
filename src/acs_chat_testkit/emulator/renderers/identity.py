"""The identity calls' wire, as far as it differs by version."""

from __future__ import annotations

from dataclasses import dataclass

from acs_chat_testkit.emulator.problems import Problem
from acs_chat_testkit.emulator.renderers.eras import Era
from acs_chat_testkit.emulator.renderers.released import swagger_refusal


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
        return swagger_refusal(problem)
