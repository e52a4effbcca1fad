"""The documented Python surface: which models, attributes, wire keys and methods there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from acs_chat_conformance.source import read


@dataclass(frozen=True, slots=True)
class Surface:
    """The content of `surface.yaml`.

    Args:
        models: Each documented model with its attributes or, for the enumeration, its values.
        model_methods: What every model with a wire form can do.
        clients: Client, method, parameters with their defaults.
        credentials: Class and methods.
        outcomes: What an adapter tells of any other object.
        keywords: Method, its keywords beside the parameters, and what goes over the wire where one is left out.
        arguments: What each argument is called on the wire, and its type.
        returns: Method, where in the body of the answer its result lies, and its type.
    """

    models: Mapping[str, Mapping[str, Any]]
    model_methods: tuple[str, ...]
    clients: dict[str, Mapping[str, Mapping[str, Any]]]
    credentials: Mapping[str, tuple[str, ...]]
    outcomes: Mapping[str, tuple[str, ...]]
    keywords: Mapping[str, Mapping[str, Any]]
    arguments: Mapping[str, Mapping[str, str]]
    returns: Mapping[str, Mapping[str, Any]]

    @property
    def attributes(self) -> dict[str, list[str]]:
        """The attributes that an adapter tells, by class name."""
        models = {name: list(model["attributes"]) for name, model in self.models.items() if "attributes" in model}
        return models | {name: list(names) for name, names in self.outcomes.items()}

    def signature(self, method: str) -> dict[str, Any]:
        """The arguments of a documented method with their defaults; a star marks a required one."""
        client = self.client_of(method)
        return {**(self.clients[client][method] if client else {}), **self.keywords.get(method, {})}

    def client_of(self, method: str) -> str | None:
        """The client that has a method, the thread client where both do; None where no client has it."""
        return next((name for name, methods in reversed(self.clients.items()) if method in methods), None)


@lru_cache
def surface() -> Surface:
    """The documented surface."""
    return Surface(**read(Path(__file__).with_name("surface.yaml")).data)
