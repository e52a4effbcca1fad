"""The door of httplib2: its connections are http.client's but for the way they connect."""

from __future__ import annotations

from types import ModuleType

from acs_chat_testkit.recording.doors.http_client import wait_to_connect


def install(module: ModuleType) -> None:
    """Lets connections wait until somebody asks for the answer."""
    for connection in (module.HTTPConnectionWithTimeout, module.HTTPSConnectionWithTimeout):
        connection.connect = wait_to_connect(connection.connect)
