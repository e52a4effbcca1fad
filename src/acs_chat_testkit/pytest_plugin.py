"""The pytest plugin: options, and what is registered when they are known. Imports pytest alone."""

from __future__ import annotations

import functools
import importlib.util

import pytest

PEERS = {"pytest_recording": "recording", "pytest_vcr": "vcr", "cassetter": "cassetter"}
"""Plugins that own the same names, by module: what pytest calls them."""


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Adds the options; those that another installed plugin owns are left to it."""
    from acs_chat_testkit.plugin.vocabulary import INI, TARGETS

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
        for name, text in INI.items():
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
        from acs_chat_testkit.plugin import specification

        pluginmanager.add_hookspecs(specification)


@functools.lru_cache(maxsize=1)
def peer(pluginmanager: pytest.PytestPluginManager) -> str | None:
    """The module of another plugin that owns --record-mode and the vcr marker; None where there is none."""
    for module, name in PEERS.items():
        if not pluginmanager.is_blocked(name) and importlib.util.find_spec(module) is not None:
            return module
    return None


def pytest_configure(config: pytest.Config) -> None:
    """Registers the chat fixtures and, where no other plugin does it, recording."""
    from acs_chat_testkit.plugin import chat, cleaning, evidence, fixtures, summary, tapes
    from acs_chat_testkit.plugin.vocabulary import MARKERS

    config.pluginmanager.register(chat, "acs_chat_testkit.chat")
    config.pluginmanager.register(cleaning.Cleaning(config), "acs_chat_testkit.cleaning")
    config.pluginmanager.register(evidence, "acs_chat_testkit.evidence")
    if peer(config.pluginmanager) is None:
        for marker in MARKERS:
            config.addinivalue_line("markers", marker)
        config.pluginmanager.register(fixtures, "acs_chat_testkit.fixtures")
        recorders = tapes.Tapes(config)
        config.pluginmanager.register(recorders, "acs_chat_testkit.tapes")
        config.pluginmanager.register(summary.Summary(config, recorders), "acs_chat_testkit.summary")


def pytest_report_header(config: pytest.Config) -> str | None:
    """Says when the names are left to another plugin."""
    other = peer(config.pluginmanager)
    if other is None:
        return None
    return (
        f"acs-chat-testkit: {other.replace('_', '-')} is installed and keeps --record-mode and the vcr marker; "
        "uninstall it to record with acs-chat-testkit"
    )
