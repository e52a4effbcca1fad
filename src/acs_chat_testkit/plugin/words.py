"""What the fixtures that a suite may override say; where it does not, they are not set up, which takes a while each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from acs_chat_testkit.errors import UsageError
from acs_chat_testkit.plugin import names
from acs_chat_testkit.plugin.settings import default_of


def cassette_name(item: pytest.Item) -> str:
    """The name of a test's own cassette, or the one that its mark `default_cassette` sets.

    Raises:
        UsageError: The mark has other arguments than one name.
    """
    mark = item.get_closest_marker("default_cassette")
    if mark is None:
        return names.cassette(item)
    if len(mark.args) != 1 or mark.kwargs:
        raise UsageError('the mark default_cassette takes one name: @pytest.mark.default_cassette("room.yaml")')
    return str(mark.args[0])


OURS: dict[str, Callable[[pytest.Item], Any]] = {
    "vcr_config": lambda _item: {},
    "vcr_cassette_dir": lambda item: str(names.directory(item.path)),
    "default_cassette_name": cassette_name,
    "record_mode": lambda item: default_of(item.config).record_mode,
}
"""What our fixtures say of a test, by their names."""
ALIAS = {"vcr_cassette_name": "default_cassette_name"}
"""Fixtures that others of ours take their word from."""
ASKED = {*OURS, *ALIAS}
WATCHED = {*ASKED, "vcr"}


class Words:
    """Asks fixtures, as long as a suite may have overridden them.

    The tests of one module outside its classes see the same fixtures, and so do those of one class. So once one of
    them has asked, and nobody else's fixture of that name was ever set up, the others need not.
    """

    def __init__(self) -> None:
        self._overridden = set(WATCHED)
        self._asked: set[object] = set()

    def watched(self) -> None:
        """From now on, before any test, `set_up` is told of all fixtures."""
        self._overridden.clear()

    def set_up(self, fixturedef: pytest.FixtureDef[Any]) -> None:
        """A fixture is about to be set up."""
        name = fixturedef.argname
        if name in WATCHED and fixturedef.func.__module__ != "acs_chat_testkit.plugin.fixtures":
            self._overridden.add(ALIAS.get(name, name))

    def asked(self, item: pytest.Function) -> None:
        """A test has asked all fixtures, and been given its cassette by ours."""
        self._asked.add(item.parent)

    def known(self, item: pytest.Function) -> bool:
        """Whether a test need ask nothing at all."""
        return item.parent in self._asked and not self._overridden and ASKED.isdisjoint(item.fixturenames)

    def ask(self, name: str, request: pytest.FixtureRequest) -> Any:
        """What the fixture of this name says."""
        item = request.node
        # One that is a parameter of the test is another fixture for it alone.
        given = any(each in item.fixturenames for each in (name, *(old for old, new in ALIAS.items() if new == name)))
        if item.parent in self._asked and name not in self._overridden and not given:
            return OURS[name](item)
        return request.getfixturevalue(name)
