"""Chat's redaction rules and matchers: the one place where the tape machine meets chat."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import parse_qs, urlsplit

from acs_chat_testkit.http import Request
from acs_chat_testkit.recording.profile import Profile
from acs_chat_testkit.recording.redaction import Kind, Rule, Rules
from acs_chat_testkit.recording.redaction.rules import SECRETS, VOLATILE_RESPONSE_HEADERS, Naming

ENDPOINT = "https://chat.communication.example"
"""What a cassette says instead of the endpoint that was used; the name is reserved (RFC 6761), it never resolves."""

_GUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_OURS = r"[0-9a-f]{8}-0000-4000-8000-0000\d{8}"
_NAMED_GUID = r"(?P<tag>[0-9a-f]{8})-0000-4000-8000-0000(?P<number>\d{8})"
_NAMED_THREAD = r"(?P<tag>[0-9a-f]{8})(?P<number>0{8,}\d+)"
_NAMED_PHONE = r"\+1555000(?P<number>\d{4})"
_COLON = r"(?::|%3[Aa])"
_AZURE = r"https?://[\w-]+(?:\.[\w-]+)*\.communication\.azure\.(?:com|us|cn)(?::\d+)?"


def _guid(tag: str, number: int, _raw: str) -> str:
    return f"{tag}-0000-4000-8000-{number:012d}"


def _thread(tag: str, number: int, raw: str) -> str:
    """As long as the id that it replaces, because cursors hold ids with their length."""
    end = "1" if len(raw) == 44 else ""
    return f"{tag}{number:0{max(len(raw) - len(tag) - len(end), 16)}d}{end}"


def _phone(_tag: str, number: int, _raw: str) -> str:
    return f"+1555000{number:04d}"


RESOURCE = Kind("resource", _NAMED_GUID, _guid, shared=True)
USER = Kind("user", _NAMED_GUID, _guid)
THREAD = Kind("thread", _NAMED_THREAD, _thread)
PHONE = Kind("phone", _NAMED_PHONE, _phone, shared=True)
REQUEST = Kind("request", _NAMED_GUID, _guid)


def _user_id(match: re.Match[str], name: Naming) -> str:
    return f"{match['head']}{name(RESOURCE, match['resource'].lower())}_{name(USER, match['user'].lower())}"


IDS = (
    Rule(
        "user id",
        re.compile(rf"(?P<head>8{_COLON}acs{_COLON})(?!{_OURS}_)(?P<resource>{_GUID})_(?P<user>{_GUID})"),
        _user_id,
    ),
    Rule(
        "Teams id",
        re.compile(rf"(?P<head>(?:8|28){_COLON}(?:orgid|dod|gcch|teamsvisitor){_COLON})(?!{_OURS})(?P<user>{_GUID})"),
        lambda match, name: match["head"] + name(USER, match["user"].lower()),
    ),
    Rule(
        "phone number",
        re.compile(rf"(?<!\d)(?P<head>4{_COLON})(?!(?:\+|%2B)1555000)(?P<number>(?:\+|%2[Bb])\d{{6,15}})"),
        lambda match, name: match["head"] + name(PHONE, match["number"].replace("%2B", "+").replace("%2b", "+")),
    ),
    Rule(
        "thread id",
        re.compile(
            rf"(?P<head>19{_COLON})(?![0-9a-f]{{8}}0{{8}})(?P<core>[\w-]{{16,80}})(?P<tail>(?:@|%40)thread\.)", re.ASCII
        ),
        lambda match, name: match["head"] + name(THREAD, match["core"]) + match["tail"],
    ),
)
"""Ids keep their type and shape, so a redacted recording still replays."""

REQUEST_ID = Rule(
    "request id",
    re.compile(rf"(?!{_OURS}){_GUID}"),
    lambda match, name: name(REQUEST, match[0].lower()),
)
"""The id that a client makes for a call that it may repeat; random, so that it would differ in every recording."""


def chat_profile(endpoints: Iterable[str] = ()) -> Profile:
    """The profile of Azure Communication Services Chat.

    Args:
        endpoints: What the tests call beside Azure's own hosts, such as an emulator's address.
    """
    origins = "|".join([_AZURE, *(re.escape(endpoint.rstrip("/")) for endpoint in endpoints)])
    endpoint = Rule("endpoint", re.compile(rf"(?:{origins})(?![\w.-])"), lambda _match, _name: ENDPOINT)
    return Profile(
        name="chat",
        rules=Rules(
            texts=(endpoint, *SECRETS, *IDS),
            headers={"repeatability-request-id": REQUEST_ID},
            kinds=(RESOURCE, USER, THREAD, PHONE, REQUEST),
            volatile_response_headers=VOLATILE_RESPONSE_HEADERS | {"x-azure-fdid"},
        ),
        api_version=_api_version,
    )


def _api_version(request: Request) -> str | None:
    return next(iter(parse_qs(urlsplit(request.url).query).get("api-version", ())), None)
