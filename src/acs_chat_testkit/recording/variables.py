"""Variables: what a test keeps in the header of its recording; anything but a text is refused where it is set."""

from __future__ import annotations

from collections import UserDict
from typing import Any, Self

from acs_chat_testkit.errors import UsageError


class Variables(UserDict[str, str]):
    """Texts by name."""

    def __setitem__(self, name: str, text: str) -> None:
        """Keeps a text.

        Raises:
            UsageError: It is none, or its name is none.
        """
        for what, given in ((f"name {name!r}", name), (f"value of {name!r}", text)):
            if not isinstance(given, str):
                raise UsageError(
                    f"the variables of a cassette are texts, and the {what} is of type {type(given).__name__}; give "
                    "str(...) or json.dumps(...) of it"
                )
        super().__setitem__(name, text)

    def __ior__(self, others: Any) -> Self:  # type: ignore[misc, override]
        """Keeps others, too, and asks of each what is asked of one; a UserDict would not."""
        self.update(others)
        return self
