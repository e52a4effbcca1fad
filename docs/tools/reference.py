"""Writes the reference pages from what the code tells: docstrings, options, markers, fixtures, commands, checks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from docs.tools import commands, plugin, surface, tape


def pages() -> Iterator[tuple[str, str]]:
    """Each page by its place in the site."""
    yield "reference/plugin.md", _text(_plugin())
    yield "reference/commands.md", _text(_commands())
    yield "reference/cassette-keys.md", _text(_cassette())
    yield "reference/checks.md", _text(_checks())
    for module, names in surface.MODULES.items():
        yield f"reference/python/{module}.md", _text(_module(module, names))


def _text(lines: Iterable[str]) -> str:
    return "\n".join([*lines, ""])


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "|" + " --- |" * len(heads)
    for row in rows:
        yield "| " + " | ".join(map(_cell, row)) + " |"


def _cell(text: str) -> str:
    """Inside a code span a bar is a bar."""
    return text if text.startswith("`") else text.replace("|", "\\|").replace("\n", " ")


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _plugin() -> Iterator[str]:
    yield from ("# The pytest plugin", "", "## Options", "")
    yield from _table(
        ("option", "takes", "default", "does"),
        ((_code(each.name), _code(each.values), _code(each.default), each.help) for each in plugin.options()),
    )
    yield from ("", "## Markers", "")
    yield from _table(("marker", "does"), ((_code(each.signature), each.help) for each in plugin.markers()))
    yield from ("", "## Fixtures", "")
    yield from _table(
        ("fixture", "scope", "gives"), ((_code(each.name), each.scope, each.help) for each in plugin.fixtures())
    )


def _commands() -> Iterator[str]:
    yield "# Commands"
    for each in commands.all_of_them():
        arguments = " ".join(one.name for one in each.parameters if one.argument)
        yield from ("", f"## {each.name}", "", _code(f"{each.name} {arguments}".strip()), "", each.help, "")
        options = [(_code(one.name), _code(one.default), one.help) for one in each.parameters if not one.argument]
        if options:
            yield from _table(("option", "default", "does"), options)


def _cassette() -> Iterator[str]:
    yield from ("# Cassette keys, tokens and errors", "", "## Keys", "")
    yield from (f"- `{each}`" for each in tape.key_paths())
    yield from ("", "## What stands in the place of a secret or an id", "")
    yield from (f"- {what}: `{by}`" for what, by in (each.split(": ", 1) for each in tape.tokens()))
    yield from ("", "## Errors", "", "Each is described in [the module](python/acs_chat_testkit.errors.md).", "")
    yield from (f"- `{each}`" for each in tape.errors())


def _checks() -> Iterator[str]:
    files: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for line in surface.checks().splitlines():
        check, level = line.rsplit(" ", 1)
        file, _, name = check.partition("#")
        files[file].append((name, level))
    yield from ("# Check ids", "", "An id is the set, the file and the check: `set/file#check`.")
    for file, checks in files.items():
        yield from ("", f"## {file}", "")
        yield from _table(("check", "level"), ((_code(name), level) for name, level in checks))


def _module(module: str, names: tuple[str, ...]) -> Iterator[str]:
    yield from (f"# {module}", "", f"::: {module}", "    options:", "      show_root_heading: false")
    yield "      show_root_toc_entry: false"
    if names:
        yield "      members:"
        yield from (f"        - {name}" for name in names)
