"""Chat's redaction rules and matchers: the one place where the tape machine meets chat."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import parse_qs, urlsplit

from acs_chat_testkit.errors import UsageError
from acs_chat_testkit.http import Request
from acs_chat_testkit.recording.profile import Profile
from acs_chat_testkit.recording.redaction import Kind, Naming, Rule, Rules
from acs_chat_testkit.recording.redaction.rules import SECRETS, environment, literally, values
from acs_chat_testkit.recording.redaction.screen import WORD

ENDPOINT = "https://chat.communication.example"
"""What a cassette says instead of the endpoint that was used; the name is reserved (RFC 6761), it never resolves."""
CONTENT = ("keep", "mask")
"""What happens to what people wrote: it stays, or each text becomes a numbered one."""

VARIABLES = ("ACS_CHAT_CONNECTION_STRING",)
"""The environment variables whose values are secrets by default."""

_HOST = urlsplit(ENDPOINT).netloc
_GUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_OURS = r"[0-9a-f]{8}-0000-4000-8000-0000\d{8}"
_COLON = r"(?::|%3[Aa])"
_AZURE = r"[\w-]+(?:\.[\w-]+)*\.communication\.azure\.(?:com|us|cn)(?::\d+)?"


def _guid(tag: str, number: int, _raw: str) -> str:
    return f"{tag}-0000-4000-8000-{number:012d}"


def _thread(tag: str, number: int, raw: str) -> str:
    """As long as the id that it replaces, because cursors hold ids with their length."""
    end = "1" if len(raw) == 44 else ""
    return f"{tag}{number:0{max(len(raw) - len(tag) - len(end), 16)}d}{end}"


def _phone(_tag: str, number: int, _raw: str) -> str:
    return f"+1555000{number:04d}"


def _text(tag: str, number: int, _raw: str) -> str:
    return f"text {number} of {tag}"


_GUIDS = r"(?P<tag>[0-9a-f]{8})-0000-4000-8000-0000(?P<number>\d{8})"
RESOURCE = Kind("resource", _GUIDS, _guid, shared=True)
USER = Kind("user", _GUIDS, _guid)
THREAD = Kind("thread", r"(?P<tag>[0-9a-f]{8})(?P<number>0{8,}\d+)", _thread)
PHONE = Kind("phone", r"\+1555000(?P<number>\d{4})", _phone, shared=True)
REQUEST = Kind("request", _GUIDS, _guid)
TEXT = Kind("text", r"text (?P<number>\d+) of (?P<tag>[0-9a-f]{8})", _text)


def _user_id(match: re.Match[str], name: Naming) -> str:
    return f"{match['head']}{name(RESOURCE, match['resource'].lower())}_{name(USER, match['user'].lower())}"


def _known_guid(match: re.Match[str], name: Naming) -> str:
    guid = match[0].lower()
    return name.known(RESOURCE, guid) or name.known(USER, guid) or match[0]


def _phone_number(match: re.Match[str], name: Naming) -> str:
    pseudonym = name(PHONE, "+" + match["digits"])
    return pseudonym if match["plus"] == "+" else pseudonym.replace("+", match["plus"])


IDS = (
    Rule(
        "user id",
        re.compile(
            rf"(?P<head>8{_COLON}(?i:acs|gcch-acs|dod-acs|spool){_COLON})(?!{_OURS}_)"
            rf"(?P<resource>{_GUID})_(?P<user>{_GUID})"
        ),
        _user_id,
        personal=True,
        needs=("8:", "8%3a"),
        shape=WORD,
    ),
    Rule(
        "Teams id",
        re.compile(
            rf"(?P<head>(?:8|28){_COLON}[A-Za-z][A-Za-z-]*{_COLON})(?!{_OURS})(?P<user>{_GUID}|[0-9a-f]{{32}})(?!_)"
        ),
        lambda match, name: match["head"] + name(USER, match["user"].lower()),
        personal=True,
        needs=("8:", "8%3a"),
        shape=WORD,
    ),
    Rule(
        "thread id",
        re.compile(
            rf"(?P<head>19{_COLON}(?:uni01_|meeting_|acsV1_)?+)(?![0-9a-f]{{8}}0{{8}})"
            r"(?P<core>[\w-]{16,100})(?P<tail>(?:@|%40)thread\.)",
            re.ASCII,
        ),
        lambda match, name: match["head"] + name(THREAD, match["core"]) + match["tail"],
        personal=True,
        needs=("thread.",),
        shape=WORD,
    ),
    Rule(
        "known id",
        re.compile(rf"(?<![\w-])(?!{_OURS}){_GUID}(?![\w-])"),
        _known_guid,
        personal=True,
        needs=("-",),
        shape="a" * 36,
    ),
    Rule(
        "phone number",
        # A time behind a blank in a form has more digits than a number of such a country.
        re.compile(
            r"(?<![\w.+%=])(?P<plus>\+|%2[Bb])(?!1555000\d{4}(?!\d)|(?:19|20)\d{11,12}(?!\d))"
            r"(?P<digits>[1-9]\d{7,14})(?![\w.-])"
        ),
        _phone_number,
        personal=True,
        needs=tuple(f"{plus}{digit}" for plus in ("+", "%2b") for digit in range(1, 10)),
    ),
    Rule(
        "phone number",
        re.compile(rf"(?<!\d)(?P<head>4{_COLON})(?P<plus>\+|%2[Bb])(?!1555000\d{{4}}(?!\d))(?P<digits>[1-9]\d{{6,}})"),
        lambda match, name: match["head"] + _phone_number(match, name),
        personal=True,
        needs=("4:+", "4:%2b", "4%3a+", "4%3a%2b"),
    ),
)
"""Ids keep their type and shape, so a redacted recording still replays."""

REQUEST_ID = Rule(
    "request id",
    re.compile(rf"(?!{_OURS}){_GUID}"),
    lambda match, name: name(REQUEST, match[0].lower()),
    personal=True,
)
"""The id that a client makes for a call that it may repeat; random, so that it would differ in every recording."""

WRITTEN = re.compile(r"content|message|topic|(?:sender)?[dD]isplayName")
"""The members of chat's JSON that hold what people wrote."""


def chat_profile(
    endpoints: Iterable[str] = (),
    *,
    content: str = "keep",
    secrets: Iterable[str] = (),
    variables: Iterable[str] = VARIABLES,
) -> Profile:
    """The profile of Azure Communication Services Chat.

    Args:
        endpoints: What the tests call beside Azure's own hosts, such as an emulator's address.
        content: ``"keep"`` leaves what people wrote; ``"mask"`` replaces each text by a numbered one.
        secrets: Values that must not be written wherever they are, such as an access key.
        variables: Names of environment variables whose values must not be written; unset ones are passed over.

    Raises:
        UsageError: There is no such treatment of content, a secret is too short, or a text is given for a list of them.
    """
    for name, given in (("endpoints", endpoints), ("secrets", secrets), ("variables", variables)):
        if isinstance(given, str):
            # Taken letter by letter, it would hide nothing and say nothing; and it may be a secret.
            raise UsageError(f"{name} is one text; put it into a list: {name}=[...]")
    if content not in CONTENT:
        raise UsageError(f"content={content!r} does not exist; it is one of {', '.join(CONTENT)}")
    others = [urlsplit(endpoint).netloc for endpoint in endpoints]
    hosts = rf"(?<![\w.-])(?:{'|'.join([_AZURE, *map(re.escape, others)])})(?![\w-])"
    called = literally([".communication.azure.", *others])
    texts = (
        values("secret", [*secrets, *environment(variables)]),
        Rule("endpoint", re.compile(rf"https?://{hosts}"), lambda _match, _name: ENDPOINT, personal=True, needs=called),
        Rule("endpoint", re.compile(hosts), lambda _match, _name: _HOST, personal=True, needs=called),
        *SECRETS,
        *IDS,
    )
    return Profile(
        name="chat",
        rules=Rules(
            texts=texts,
            headers={"repeatability-request-id": REQUEST_ID},
            members=((WRITTEN, TEXT),) if content == "mask" else (),
            kinds=(RESOURCE, USER, THREAD, PHONE, REQUEST, TEXT),
        ),
        api_version=_api_version,
    )


def _api_version(request: Request) -> str | None:
    try:
        query = urlsplit(request.url).query
    except ValueError:  # such as half of an IPv6 address
        return None
    return next(iter(parse_qs(query).get("api-version", ())), None)
