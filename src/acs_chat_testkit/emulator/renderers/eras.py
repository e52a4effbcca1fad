"""The headers around the answers, which changed with the years rather than with the versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

_EXPOSED = {"x-cache": "CONFIG_NOCACHE", "access-control-expose-headers": "*"}


@dataclass(frozen=True, slots=True)
class Era:
    """How the service answered at one time.

    Args:
        supported: The api-versions that it named.
        chunked: Answers carry no Content-Length.
        security: The Strict-Transport-Security header.
        headers: What else was there.
    """

    supported: tuple[str, ...]
    chunked: bool = False
    security: str = "max-age=2592000"
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def length_fact(self) -> str:
        """What it rests on that answers have a length, or have none."""
        return "answer.chunked" if self.chunked else "answer.length"

    def listed(self, since: str) -> str:
        """The api-supported-versions header of an operation that versions before `since` do not list."""
        return _listed(self.supported, since)


@cache
def _listed(versions: tuple[str, ...], since: str) -> str:
    return ", ".join(version for version in versions if version >= since)


MARCH_2021 = Era(
    ("2020-09-21-preview2", "2020-11-01-preview3", "2021-01-27-preview4", "2021-03-01-preview5", "2021-03-07"),
    chunked=True,
)
SEPTEMBER_2021 = Era(
    (*MARCH_2021.supported, "2021-04-05-preview6", "2021-09-07"), chunked=True, headers={"x-cache": "CONFIG_NOCACHE"}
)
_KEPT = ("2021-03-07", "2021-04-05-preview6", "2021-09-07", "2023-04-01-preview", "2023-07-01-preview")
NOVEMBER_2023 = Era((*_KEPT, "2023-11-07", "2023-11-15-preview"), headers=_EXPOSED)
FEBRUARY_2024 = Era((*NOVEMBER_2023.supported, "2024-03-07", "2024-03-15-preview"), headers=_EXPOSED)
JUNE_2025 = Era(
    (
        *NOVEMBER_2023.supported,
        "2024-03-01-preview",
        "2024-03-07",
        "2024-03-15-preview",
        "2024-06-05-preview",
        "2025-03-15",
    ),
    security="max-age=31536000;includeSubDomains",
    headers=_EXPOSED,
)
_IDENTITY_2023 = ("2021-10-31-preview", "2021-11-01", "2022-06-01", "2022-10-01", "2023-10-01")
_REQUEST_CONTEXT = {"request-context": "appId="}
IDENTITY_2021 = Era(
    ("2020-07-20-preview2", "2021-02-22-preview1", "2021-03-07"), chunked=True, headers=_REQUEST_CONTEXT
)
IDENTITY_2023 = Era((*IDENTITY_2021.supported, *_IDENTITY_2023), headers={**_REQUEST_CONTEXT, **_EXPOSED})
