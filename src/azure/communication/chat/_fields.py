"""How a model declares its fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ._kinds import Kind


class Field:
    """One declared field of a model; `field` makes it and says what the arguments mean."""

    __slots__ = ("default", "init", "key", "keys", "kind", "name", "readonly", "required")

    def __init__(
        self,
        key: str,
        kind: Kind,
        *,
        plain_key: str | None = None,
        required: bool = False,
        readonly: bool = False,
        init: bool = True,
        default: Callable[[], Any] | None = None,
    ) -> None:
        self.name = ""
        self.key = key
        self.keys = (key,) if plain_key is None else (key, plain_key)
        self.kind = kind
        self.required = required
        self.readonly = readonly
        self.init = init
        self.default = default

    def describe(self) -> dict[str, str]:
        """What key transformers and extractors are shown; a fresh copy each time."""
        return {"key": self.key, "type": self.kind.name}

    def filled(self, value: Any) -> Any:
        """The value, or the default where there is none."""
        return self.default() if value is None and self.default else value


def field(
    key: str,
    kind: Kind,
    *,
    plain_key: str | None = None,
    required: bool = False,
    readonly: bool = False,
    init: bool = True,
    default: Any = None,
) -> Any:
    """Declares a field.

    Args:
        key: The wire key where identifiers are objects (2021 and later).
        kind: What the field holds.
        plain_key: The wire key where identifiers are text (2020), if it is another one; reading accepts both.
        required: Whether the constructor insists on it and `validate` reports None.
        readonly: Whether only the service fills it, so that it is not sent.
        init: Whether the constructor takes it; otherwise it is ignored there with a warning.
        default: Makes the value of a field that is missing; None makes it None. An empty value is then not written.
    """
    return Field(key, kind, plain_key=plain_key, required=required, readonly=readonly, init=init, default=default)
