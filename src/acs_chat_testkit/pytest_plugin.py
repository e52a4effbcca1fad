"""The pytest plugin: options, fixtures, and whether a suite needs more than that. Imports pytest alone."""

from __future__ import annotations

import functools
import importlib.metadata
import importlib.util
import os
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

import pytest

PEERS = {"pytest_recording": "recording", "pytest_vcr": "vcr", "cassetter": "cassetter"}
"""Plugins that own the same names, by module: what pytest calls them."""
SDKS = ("azure-communication-chat", "acs-chat-testkit")
"""What may have brought `azure.communication.chat`; the first one that is installed answers."""


class Plainly:
    """Imports our modules as Python does: pytest would look for asserts to rewrite in all that came with a plugin.

    That takes longer than the import itself, and there is nothing to rewrite.
    """

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The spec of a module of ours."""
        return PathFinder.find_spec(name, path, target) if name.startswith("acs_chat_testkit.") else None


PLAINLY = Plainly()


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Adds the options; those that another installed plugin owns are left to it."""
    sys.meta_path.insert(0, PLAINLY)
    from acs_chat_testkit.plugin.vocabulary import INI, REDACTION, TARGETS

    group = parser.getgroup("acs-chat-testkit", "record and replay (acs-chat-testkit)")
    group.addoption(
        "--chat-target",
        choices=TARGETS,
        default="cassettes",
        help="where chat tests run: replay cassettes (default), or call an emulator or a live resource",
    )
    group.addoption(
        "--chat-emulator",
        metavar="READY_FILE",
        help="with --chat-target=emulator, the running emulator that this file describes (acs-chat emulate "
        "--ready-file) instead of one of its own",
    )
    group.addoption("--cassette-report", metavar="FILE", help="write what was recorded and replayed as JSON")
    if peer(pluginmanager) is None:
        _add_recording_options(group)
        for name, text in {**INI, **REDACTION}.items():
            parser.addini(name, text, default="")


def _add_recording_options(group: pytest.OptionGroup) -> None:
    from acs_chat_testkit.plugin.vocabulary import MODES

    group.addoption("--record-mode", choices=MODES, default=None, help="what to record; default: none, replay alone")
    group.addoption("--block-network", action="store_true", help="refuse every connection of every test")
    group.addoption(
        "--allowed-hosts", metavar="HOSTS", default=None, help="hosts, addresses or networks that pass, comma separated"
    )
    group.addoption("--disable-recording", action="store_true", help="run as if no test were marked vcr")


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Adds pytest-recording's hook, where that does not do it."""
    if peer(pluginmanager) is None:
        from acs_chat_testkit.plugin import vocabulary

        pluginmanager.add_hookspecs(vocabulary)


@functools.lru_cache(maxsize=1)
def peer(pluginmanager: pytest.PytestPluginManager) -> str | None:
    """The module of another plugin that owns --record-mode and the vcr marker; None where there is none."""
    if os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD"):
        loaded = {getattr(each, "__name__", "").partition(".")[0] for each in pluginmanager.get_plugins()}
        return next((module for module in PEERS if module in loaded), None)
    for module, name in PEERS.items():
        if not pluginmanager.is_blocked(name) and importlib.util.find_spec(module) is not None:
            return module
    return None


def pytest_configure(config: pytest.Config) -> None:
    """Registers the fixtures, and refuses options that do not fit before anything runs."""
    from acs_chat_testkit.plugin import chat
    from acs_chat_testkit.plugin.vocabulary import MARKERS

    config.pluginmanager.register(chat, "acs_chat_testkit.chat")
    other = peer(config.pluginmanager)
    if other is not None:
        config.stash[chat.REFUSED] = _kept_by(other, "use chat_client and the like")
        if config.getoption("--chat-target") != "cassettes" or config.getoption("--cassette-report"):
            raise pytest.UsageError(_kept_by(other, "use --chat-target or --cassette-report"))
    else:
        from acs_chat_testkit.plugin import fixtures

        for marker in MARKERS:
            config.addinivalue_line("markers", marker)
        config.pluginmanager.register(fixtures, "acs_chat_testkit.fixtures")
        if config.getoption("dist", "no") == "each" and config.getoption("--record-mode") not in (
            None,
            "none",
            "verify",
        ):
            raise pytest.UsageError("with --dist=each every worker would record every test; record without it")
        if _asks(config):
            _studio(config)


def pytest_report_header(config: pytest.Config) -> str:
    """Mode, where cassettes lie, and which SDK answers; or that the names are left to another plugin."""
    other = peer(config.pluginmanager)
    if other is not None:
        return f"acs-chat-testkit: {_kept_by(other, 'record with acs-chat-testkit')}"
    target, mode = config.getoption("--chat-target"), config.getoption("--record-mode")
    if config.getoption("--disable-recording"):
        said = "recording is disabled"
    elif target != "cassettes" and mode is None:
        said = "no cassettes"
    else:
        said = f"mode {mode or 'none'}, cassettes/<file>/ beside each test file"
    where = "" if target == "cassettes" else f"chat target {target}, "
    return f"acs-chat-testkit: {where}{said}; azure.communication.chat is {_sdk()}"


def _kept_by(other: str, wanted: str) -> str:
    name = other.replace("_", "-")
    return f"{name} is installed and keeps --record-mode and the vcr marker; uninstall it to {wanted}"


def _sdk() -> str:
    """Which SDK answers, without importing it: the official one does where it is installed."""
    for name in SDKS:
        try:
            return f"{importlib.metadata.version(name)} of {name}"
        except importlib.metadata.PackageNotFoundError:
            continue
    return "not installed"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """Looks at everything before it is deselected, and at its marks when all plugins have set theirs."""
    everything = list(items)
    yield
    if peer(config.pluginmanager) is None and (_asks(config) or _records(everything)):
        _studio(config).collected(everything)


def pytest_unconfigure() -> None:
    """Leaves importing as it was; Python also takes longer to end as long as it holds a finder of ours."""
    if PLAINLY in sys.meta_path:
        sys.meta_path.remove(PLAINLY)


def _asks(config: pytest.Config) -> bool:
    """Whether the command line or the ini file asks for something, right or wrong."""
    from acs_chat_testkit.plugin.vocabulary import INI

    options = ("--block-network", "--allowed-hosts", "--cassette-report")
    return any(map(config.getoption, options)) or any(map(config.getini, INI))


def _records(items: Sequence[pytest.Item]) -> bool:
    """Whether a suite records, replays or blocks, or has cassettes that may be left over."""
    return any(_concerns(each) for each in items) or any(
        (file.parent / "cassettes" / file.stem).is_dir() for file in {each.path for each in items}
    )


def _concerns(item: pytest.Item) -> bool:
    marked = any(item.get_closest_marker(name) for name in ("vcr", "block_network"))
    return marked or "chat_target" in getattr(item, "fixturenames", ())


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tells a worker of pytest-xdist what it shares with the others; what they report is told here."""
    if peer(node.config.pluginmanager) is None:
        _studio(node.config).share(node)


def _studio(config: pytest.Config) -> Any:
    # Not by the name in the package, which pytester leaves behind where it has taken the module away.
    from acs_chat_testkit.plugin.studio import opened

    return opened(config)
