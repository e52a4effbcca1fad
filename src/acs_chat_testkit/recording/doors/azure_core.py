"""Where azure-core's transports wait between retries: in replay there is nothing to wait for."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

from acs_chat_testkit.recording import active


def install(module: ModuleType) -> None:
    """Lets the transports not sleep while replaying."""
    for name in ("HttpTransport", "AsyncHttpTransport"):
        transport = getattr(module, name)
        transport.sleep = _awake(transport.sleep) if inspect.iscoroutinefunction(transport.sleep) else (
            active.unless_replaying(transport.sleep)
        )  # fmt: skip


def _awake(sleep: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(sleep)
    async def through(transport: Any, duration: float) -> None:
        if not active.replaying():
            await sleep(transport, duration)

    return through
