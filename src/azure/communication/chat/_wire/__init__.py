"""The wire tables: one file for each api-version that the clients speak."""

from __future__ import annotations

from ._table import Wire
from ._v2020_11_01_preview3 import WIRE as _V2020_11_01_PREVIEW3
from ._v2024_03_07 import WIRE as _V2024_03_07

__all__ = ["DEFAULT", "Wire", "wire"]

DEFAULT = _V2024_03_07
_BY_VERSION = {table.api_version: table for table in (_V2024_03_07, _V2020_11_01_PREVIEW3)}


def wire(api_version: str | None) -> Wire:
    """The table of an api-version; the default one for None.

    Raises:
        ValueError: No table speaks it.
    """
    if api_version is None:
        return DEFAULT
    try:
        return _BY_VERSION[api_version]
    except (KeyError, TypeError):
        raise ValueError(f"api_version {api_version!r} is not supported; use one of {', '.join(_BY_VERSION)}") from None
