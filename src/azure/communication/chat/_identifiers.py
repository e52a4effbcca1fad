"""CommunicationUserIdentifier, and the two ways it looks on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Any


class CommunicationUserIdentifier:
    """A user of an Azure Communication resource, as a value: equal and hashed by its identifier.

    Args:
        identifier: Such as ``8:acs:<resource>_<user>``. Whatever else takes part in a thread (a phone number, a
            Teams user, an app) has its raw id here.
    """

    __slots__ = ("_identifier", "_raw")

    def __init__(self, identifier: str) -> None:
        self._identifier = identifier
        self._raw: Mapping[str, Any] | None = None

    identifier: str = property(attrgetter("_identifier"), doc="The identifier, as given.")  # type: ignore[assignment]
    # read-only; not a function of ours, because it is read for every message of a page

    @classmethod
    def _read(cls, value: Any) -> CommunicationUserIdentifier:
        """Reads an identifier object (2021 and later) or the identifier itself (2020).

        Raises:
            ValueError: The value is neither.
        """
        if isinstance(value, CommunicationUserIdentifier):
            return value
        if isinstance(value, str):
            return cls(value)
        if not isinstance(value, Mapping):
            raise ValueError(f"{value!r} is no identifier: an object with rawId or a text is expected")
        user = value.get("communicationUser")
        raw_id = value.get("rawId")
        own_id = user.get("id", raw_id) if isinstance(user, Mapping) else raw_id
        if not isinstance(own_id, str):
            raise ValueError("an identifier object needs rawId or communicationUser.id")
        found = cls(own_id)
        if user is None:
            found._raw = dict(value)
        return found

    def _as_object(self) -> dict[str, Any]:
        """The identifier object of the released versions; what was not a user goes back as it came."""
        if self._raw is not None:
            return dict(self._raw)
        if self._identifier.startswith("8:acs:"):
            return {"rawId": self._identifier, "communicationUser": {"id": self._identifier}}
        return {"rawId": self._identifier, **_typed_member(self._identifier)}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CommunicationUserIdentifier):
            return NotImplemented
        return self._identifier == other._identifier

    def __hash__(self) -> int:
        return hash(self._identifier)

    def __str__(self) -> str:
        return self._identifier

    def __repr__(self) -> str:
        return f"CommunicationUserIdentifier({self._identifier!r})"


def _typed_member(raw_id: str) -> dict[str, Any]:
    """The member beside rawId that the prefix of a raw id stands for."""
    for prefix, member in _MEMBERS:
        if raw_id.startswith(prefix):
            return member(raw_id, raw_id[len(prefix) :])
    return {}


def _teams_user(cloud: str, *, anonymous: bool = False) -> Any:
    return lambda raw_id, rest: {"microsoftTeamsUser": {"userId": rest, "isAnonymous": anonymous, "cloud": cloud}}


def _teams_app(cloud: str) -> Any:
    return lambda raw_id, rest: {"microsoftTeamsApp": {"appId": rest, "cloud": cloud}}


def _user(raw_id: str, rest: str) -> dict[str, Any]:
    return {"communicationUser": {"id": raw_id}}


_MEMBERS = (
    ("4:", lambda raw_id, rest: {"phoneNumber": {"value": rest}}),
    ("8:orgid:", _teams_user("public")),
    ("8:dod:", _teams_user("dod")),
    ("8:gcch:", _teams_user("gcch")),
    ("8:teamsvisitor:", _teams_user("public", anonymous=True)),
    ("28:orgid:", _teams_app("public")),
    ("28:dod:", _teams_app("dod")),
    ("28:gcch:", _teams_app("gcch")),
    ("8:", _user),
)
