"""What a wire table says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from azure.communication.chat._kinds import Writing
from azure.communication.chat._operations import Operation


class Wire(NamedTuple):
    """How the documented surface looks on the wire of one api-version.

    Args:
        api_version: As the query says it.
        operations: By the name of the documented method.
        writing: How models and identifiers are sent.
    """

    api_version: str
    operations: Mapping[str, Operation]
    writing: Writing


OBJECTS = Writing()
PLAIN = Writing(plain_identifiers=True, plain_keys=True)
