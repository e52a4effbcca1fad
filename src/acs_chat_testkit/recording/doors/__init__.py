"""Doors: where the requests of HTTP clients come in. Each is put in once per process and stays.

Every door does the same: it asks `active` for the recorder, asks the recorder for an answer, and where there is none
lets the request out and hands in what came back.
"""

from __future__ import annotations

import functools
import importlib
import sys
from contextlib import suppress
from functools import partial
from types import ModuleType

from acs_chat_testkit.errors import UsageError
from acs_chat_testkit.recording.imports import when_imported

CLIENTS = {
    "requests.adapters": "doors.requests",
    "urllib3.connectionpool": "doors.urllib3",
    "http.client": "doors.http_client",
    "httplib2": "doors.httplib2",
    "httpcore": "doors.httpcore",
    "httpx": "doors.httpx",
    "aiohttp.client": "doors.aiohttp",
    "azure.core.pipeline.transport": "doors.azure_core",
    "tornado.httpclient": "_vcr",
    "httpx2": "_vcr",
    "httpx_curl_cffi": "_vcr",
    "pyreqwest.compatibility.httpx": "_vcr",
    "vcr": "nested",
}
"""The module of a client, and the module of this package that holds its door; vcrpy comes after those it patches."""

_PACKAGE = __name__.rpartition(".")[0]


def prepare() -> None:
    """Puts the doors in before somebody needs them, unless a cassette of vcrpy is open."""
    with suppress(UsageError):
        install()


def install() -> None:
    """Puts in the doors of all clients that are imported, and of the others as soon as they are.

    Raises:
        UsageError: A cassette of vcrpy is open.
    """
    _install()
    if (httpcore := sys.modules.get(f"{_PACKAGE}.doors.httpcore")) is not None:
        httpcore.stand()


@functools.cache
def _install() -> None:
    if "vcr" in sys.modules:
        importlib.import_module(f"{_PACKAGE}.nested").look_for_open()
    for client, door in CLIENTS.items():
        when_imported(client, partial(_put_in, door))


def _put_in(door: str, client: ModuleType) -> None:
    name = f"{_PACKAGE}.{door}"
    if not hasattr(importlib.import_module(name), "install"):
        # Who imports a door has it import its client, and comes here in the midst of that; now the client is there.
        del sys.modules[name]
    importlib.import_module(name).install(client)
