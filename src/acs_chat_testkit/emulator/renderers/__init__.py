"""One renderer per api-version: how one state looks on each wire."""

from __future__ import annotations

from acs_chat_testkit.emulator.renderers.preview3 import Preview3
from acs_chat_testkit.emulator.renderers.released import Json, Refused, Released

__all__ = ["DEFAULT", "Json", "Refused", "Released", "VERSIONS"]

_IN_2021 = "2020-09-21-preview2, 2020-11-01-preview3, 2021-01-27-preview4, 2021-03-01-preview5, 2021-03-07"
_IN_2024 = (
    "2021-03-07, 2021-04-05-preview6, 2021-09-07, 2023-04-01-preview, 2023-07-01-preview, "
    "2023-11-07, 2023-11-15-preview, 2024-03-07, 2024-03-15-preview"
)
_ALL = (
    Preview3("2020-11-01-preview3", _IN_2021, "Error", chunked=True, resequences=True, removes_by_post=False),
    Released("2021-03-07", _IN_2024),
    Released("2021-09-07", _IN_2024, metadata=True),
    Released("2023-11-07", _IN_2024, metadata=True, attachments=True),
    Released("2024-03-07", _IN_2024, metadata=True, attachments=True),
)
VERSIONS = {renderer.name: renderer for renderer in _ALL}
DEFAULT = VERSIONS["2024-03-07"]
