"""Raw identifiers and the typed member that stands for them on the wire of the released versions."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from acs_chat_testkit.emulator.ids import USER_ID
from acs_chat_testkit.emulator.problems import Problem, bad_request
from acs_chat_testkit.emulator.reading import Fields

APP = "microsoftTeamsApp"
EXTENSION = "teamsExtensionUser"
KINDS = frozenset({"communicationUser", "phoneNumber", "microsoftTeamsUser"})
"""The typed members that all released versions know."""
_CLOUDS = {"public": "orgid", "dod": "dod", "gcch": "gcch"}
_RESOURCES = {"public": "acs", "dod": "dod-acs", "gcch": "gcch-acs"}
_USERS = ("8:acs:", "8:spool:", "8:dod-acs:", "8:gcch-acs:")
_GUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_EXTENSION = re.compile(rf"8:(acs|dod-acs|gcch-acs):({_GUID})_({_GUID})_({_GUID})")


def to_wire(raw: str, kinds: Collection[str]) -> dict[str, Any]:
    """The identifier object of a raw id: `rawId` first, then the typed member that its prefix names.

    Args:
        raw: The raw id.
        kinds: The typed members of the version; an id of another kind has its raw id alone.
    """
    kind, member = _typed(raw)
    return {"rawId": raw, **({kind: member} if kind in kinds else {})}


def _typed(raw: str) -> tuple[str, dict[str, Any]]:
    if extension := _EXTENSION.fullmatch(raw):
        return EXTENSION, _extension_user(*extension.groups())
    if raw.startswith(_USERS):
        return "communicationUser", {"id": raw}
    if raw.startswith("4:"):
        return "phoneNumber", {"value": raw[2:]}
    if raw.startswith("8:teamsvisitor:"):
        return "microsoftTeamsUser", _teams_user(raw.removeprefix("8:teamsvisitor:"), True, "public")
    for cloud, prefix in _CLOUDS.items():
        if raw.startswith(f"8:{prefix}:"):
            return "microsoftTeamsUser", _teams_user(raw.removeprefix(f"8:{prefix}:"), False, cloud)
        if raw.startswith(f"28:{prefix}:"):
            return APP, {"appId": raw.removeprefix(f"28:{prefix}:"), "cloud": cloud}
    return "unknown", {}


def from_wire(fields: Fields, kinds: Collection[str]) -> str:
    """The raw id of an identifier object; the typed member wins over `rawId`.

    Args:
        fields: The object.
        kinds: The typed members that the version reads; it does not look at others.

    Raises:
        Problem: 400, there is no identifier in it, or more than one.
    """
    raw = fields.text("rawId")
    typed = [
        read(member) for name, read in _READERS.items() if name in kinds and (member := fields.object(name)) is not None
    ]
    if len(typed) > 1 or not (typed or raw):
        raise bad_request("request.field", "The identifier must have exactly one kind.")
    return check(typed[0] if typed else raw or "")


def is_user(raw: str) -> bool:
    """Whether it is the id of a user of some resource of the public cloud."""
    return USER_ID.fullmatch(raw) is not None


def check(raw: str) -> str:
    """A raw id of a known form, as is.

    Raises:
        Problem: 400 with the id in brackets.
    """
    kind, _, rest = raw.partition(":")
    if kind not in {"4", "8", "28"} or not rest or not raw.isprintable() or len(raw) > 256 or " " in raw:
        raise malformed(raw)
    if raw.startswith("8:acs:") and not (is_user(raw) or _EXTENSION.fullmatch(raw)):
        raise malformed(raw)
    if kind == "8" and ":" not in rest:
        raise malformed(raw)
    return raw


def malformed(raw: str) -> Problem:
    """400: the service quotes the id."""
    return bad_request("participant.malformed", f"Identifier format is invalid. [{raw[:256]}]")


def _teams_user(user_id: str, anonymous: bool, cloud: str) -> dict[str, Any]:
    return {"userId": user_id, "isAnonymous": anonymous, "cloud": cloud}


def _extension_user(prefix: str, resource: str, tenant: str, user: str) -> dict[str, Any]:
    cloud = next(name for name, one in _RESOURCES.items() if one == prefix)
    return {"userId": user, "tenantId": tenant, "resourceId": resource, "cloud": cloud}


def _user(member: Fields) -> str:
    return member.required_text("id")


def _phone(member: Fields) -> str:
    return "4:" + member.required_text("value")


def _teams(member: Fields) -> str:
    user_id = member.required_text("userId")
    if member.values.get("isAnonymous") is True:
        return f"8:teamsvisitor:{user_id}"
    return f"8:{_CLOUDS[_cloud(member)]}:{user_id}"


def _app(member: Fields) -> str:
    return f"28:{_CLOUDS[_cloud(member)]}:{member.required_text('appId')}"


def _extension(member: Fields) -> str:
    parts = [member.required_text(name) for name in ("resourceId", "tenantId", "userId")]
    return f"8:{_RESOURCES[_cloud(member)]}:{'_'.join(parts)}"


def _cloud(member: Fields) -> str:
    cloud = (member.text("cloud") or "public").lower()
    if cloud not in _CLOUDS:
        raise bad_request("request.field", f"The cloud must be one of {', '.join(_CLOUDS)}.")
    return cloud


_READERS = {
    "communicationUser": _user,
    "phoneNumber": _phone,
    "microsoftTeamsUser": _teams,
    APP: _app,
    EXTENSION: _extension,
}
