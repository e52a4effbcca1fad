"""Api-version 2024-03-07: identifiers are objects, participants are removed by POST, typing has an (empty) object."""

from __future__ import annotations

from azure.communication.chat._operations import OPERATIONS

from ._table import OBJECTS, Wire

WIRE = Wire("2024-03-07", OPERATIONS, OBJECTS)
