"""Cassette to text and back: vcrpy's version-1 YAML, with a header in front.

Plain vcrpy reads what `dump` writes: it looks at ``interactions`` and passes over keys that it does not know, except
inside ``request``, where none may be added. What it hands to the hooks of a suite is kept, whoever wrote it.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, repeat
from textwrap import indent as indented
from typing import Any

from acs_chat_testkit.errors import BrokenCassette, MissingExtra, NotACassette
from acs_chat_testkit.http import Fields, Headers, Request, Response
from acs_chat_testkit.recording import layout, scalars, scanner
from acs_chat_testkit.recording.cassette import Cassette, Header, Interaction
from acs_chat_testkit.recording.codings import known, open_body, taken_off

LARGEST = 512 * 1024 * 1024
"""No file of more bytes is read."""
LARGEST_VALUE = 8 * 1024 * 1024
"""No body that another recorder kept as a value may have more letters as JSON."""
ROOM = 32 * 1024 * 1024
"""All that a file keeps of its answers beside what is replayed may not have more, either."""


def dump(cassette: Cassette, entries: Callable[[Interaction], str] | None = None) -> str:
    """The text of a cassette; equal cassettes give equal texts.

    Args:
        cassette: What to write.
        entries: Gives what `entry` does, where somebody has it already.
    """
    if not cassette.interactions:
        return start(cassette.header).rstrip() + " []\n" + END
    return start(cassette.header) + "".join(map(entries or entry, cassette.interactions)) + END


END = "version: 1\n"
"""The last line; a text that lacks it is cut off."""


def start(header: Header) -> str:
    """All that stands before the first interaction."""
    # A file without our header is matched as vcrpy would, and stays so when it is written anew.
    ours = "\n".join([*(_header(header) if header.format else ()), ""]).lstrip()
    return f"{ours}{_library({'metadata': header.metadata}, '') if header.metadata else ''}interactions:\n"


def entry(interaction: Interaction) -> str:
    """The text of one interaction."""
    request, response = interaction.request, interaction.response
    body, how = _sent(request) if request.body else ("null", None)
    sent = (
        f"- request:\n    method: {_word(request.method)}\n    uri: {scalars.inline(request.url)}\n"
        f"{_fields(request.headers.fields)}    body: {body}\n{_line('  request_layout', how)}"
    )
    if response is None:
        return f"{sent}  response: null\n  error: {scalars.inline(interaction.error or 'reset')}\n"
    body, how = _body(response.body, "        ")
    pieces = f"[{', '.join(map(str, interaction.pieces))}]" if interaction.pieces else None
    return (
        f"{sent}  response:\n    status:\n      code: {response.status}\n      message: {_word(response.reason)}\n"
        f"{_fields(response.headers.fields)}    body:\n      string: {body}\n"
        f"{_line('      layout', how)}{_line('      pieces', pieces)}{_line('      coding', interaction.coding)}"
        f"{_library(interaction.others, '    ') if interaction.others else ''}"
    )


def _sent(request: Request) -> tuple[str, str | None]:
    """The scalar of a request's body and the name of its layout."""
    # vcrpy compares bodies of this one type as values and all others as texts.
    return _body(request.body, "      ", readable=request.headers.get("content-type") == "application/json")


def _line(key: str, value: str | None) -> str:
    return "" if value is None else f"{key}: {value}\n"


def _library(values: Mapping[str, Any], indent: str) -> str:
    """The lines of values of any shape, as PyYAML writes them; the scanner leaves files with such to it."""
    import yaml

    return indented(yaml.safe_dump(dict(values), sort_keys=False, width=math.inf), indent)


def _header(header: Header) -> Iterator[str]:
    yield "header:"
    yield f"  format: {header.format}"
    for name in ("origin", "api_version", "recorded_at"):
        value = getattr(header, name)
        if value is not None:
            yield f"  {name}: {scalars.inline(value)}"
    if header.variables:
        yield "  variables:"
        for name, value in sorted(header.variables.items()):
            yield f"    {scalars.inline(name)}: {scalars.inline(value)}"


_word = lru_cache(maxsize=256)(scalars.inline)
"""For methods and reasons; most messages of a recording have the same ones."""


@lru_cache(maxsize=256)
def _fields(fields: Fields) -> str:
    """The lines of header fields; most messages of a recording have the same ones."""
    grouped: dict[str, list[str]] = {}
    spelling: dict[str, str] = {}
    for name, value in fields:
        grouped.setdefault(spelling.setdefault(name.lower(), name), []).append(value)
    lines = ["    headers:\n" if fields else "    headers: {}\n"]
    for name, values in grouped.items():
        lines += [f"      {scalars.inline(name)}:\n", *(f"      - {scalars.inline(value)}\n" for value in values)]
    return "".join(lines)


def _body(data: bytes, indent: str, *, readable: bool = True) -> tuple[str, str | None]:
    """The scalar of a body and the name of its layout."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return scalars.binary(data, indent), None
    laid_out = layout.lay_out(data) if readable else None
    if laid_out is not None:
        return scalars.block(laid_out[0], indent), laid_out[1]
    return scalars.block(text, indent), None


def parse(data: bytes, name: str) -> Cassette:
    """Reads the text of a cassette, ours or another recorder's.

    Args:
        data: The content of the file, in UTF-8.
        name: The file's name for errors.

    Raises:
        BrokenCassette: It is no cassette, is cut off or is not safe to load; the text names file and line.
        MissingExtra: PyYAML is not installed.
    """
    if len(data) > LARGEST:
        raise BrokenCassette(f"{name} has more than {LARGEST >> 20} MB")
    try:
        scanned = scanner.scan(data, name)
    except UnicodeDecodeError as error:
        raise _refused(data, f"{name} is not UTF-8 (byte {error.start})") from error
    if scanned is not None:
        header, interactions = scanned
        return Cassette(interactions, _read_header(header))
    return by_library(data, name)


def by_library(data: bytes, name: str) -> Cassette:
    """Reads a cassette in any layout with PyYAML; `parse` gives the same and is faster where it knows the layout.

    Args:
        data: The content of the file.
        name: The file's name for errors.

    Raises:
        BrokenCassette: It is no cassette, is cut off or is not safe to load; the text names file and line.
        MissingExtra: PyYAML is not installed.
    """
    document, lines = document_of(data, name)
    if not looks_like_one(data) and not (isinstance(document, dict) and "interactions" in document):
        raise NotACassette(f"{name} is no cassette: it has no interactions")
    return of_document(document, name, lines, length_of(data))


def length_of(data: bytes) -> int:
    """How many lines a file has, whether or not the last one ends."""
    return data.count(b"\n", 0, -1) + 1


def of_document(document: Any, name: str, lines: Iterable[int] = (), length: int = 0) -> Cassette:
    """The cassette that a version-1 document holds, whether it was written as YAML or as JSON.

    Args:
        document: What a loader made of the file.
        name: The file's name for errors.
        lines: On which lines its interactions start, where that is known.
        length: How many lines it has, for errors.

    Raises:
        BrokenCassette: It is no cassette, or is cut off.
    """
    if document is None:
        raise BrokenCassette(f"{name} is empty")
    if not isinstance(document, dict) or not isinstance(document.get("interactions"), list):
        raise BrokenCassette(f"{name} has no list of interactions (lines 1 to {length})")
    if document.get("version") is None:
        raise BrokenCassette(f"{name} is cut off: its last line, the version, is missing after line {length}")
    from acs_chat_testkit.recording import misfits  # few cassettes are not in the layout of the scanner

    interactions, room = [], ROOM
    for number, (raw, line) in enumerate(zip(document["interactions"], chain(lines, repeat(0)), strict=False), 1):
        misfits.check(raw, misfits.of_version_1, f"{name}: interaction {number}", line)
        try:
            each = _read_interaction(raw, line, min(room, LARGEST_VALUE))
        except (TypeError, ValueError, RecursionError) as error:
            raise unreadable(name, number, error, line) from error
        interactions.append(each)
        room -= len(json.dumps(each.others)) if each.others else 0
    misfits.check(document, misfits.of_header, f"{name}: the header")
    header = _read_header(document.get("header"), document.get("metadata"))
    left = unread(document, "interactions", _MEMBERS)
    # What `plain` could not keep.
    metadata = document.get("metadata") or {}
    if isinstance(metadata, dict):
        left.update(f"metadata.{name}" for name in metadata if str(name) not in header.metadata)
    else:
        left["metadata"] += 1
    for raw, each in zip(document["interactions"], interactions, strict=True):
        names = raw.get("response") or ()
        left.update(f"response.{name}" for name in names if name not in _ANSWER and str(name) not in each.others)
    return Cassette(tuple(interactions), header, left)


Members = Mapping[str, "Members | None"]
"""The members that are read of a mapping, each with the members of its own, where those are told apart."""
ANY = "*"
"""Among `Members`: all others are read, too."""
_ANSWER: Members = {
    "status": {"code": None, "message": None},
    "headers": None,
    "body": {"string": None, "layout": None, "pieces": None, "coding": None},
    "status_code": None,
    "content": None,
}
_MEMBERS: Members = {
    "header": dict.fromkeys(["format", "origin", "api_version", "recorded_at", "variables"]),
    "metadata": {ANY: None},
    "version": None,
    "interactions": {
        "request": dict.fromkeys(["method", "uri", "headers", "body"]),
        "request_layout": None,
        "response": {**_ANSWER, ANY: None},
        "error": None,
    },
}


def unread(document: Mapping[str, Any], key: str, members: Members) -> Counter[str]:
    """What a file holds that nobody reads: the names of the members, and how often each is there with a value.

    Args:
        document: What a loader made of the file.
        key: Where its interactions are.
        members: What is read.
    """
    each = members[key] or {}
    around = _unknown(document, {**members, key: None})
    return Counter(chain(around, *(_unknown(one, each) for one in document[key])))


def _unknown(raw: Mapping[str, Any], members: Members, place: str = "") -> Iterator[str]:
    for name, value in raw.items():
        deeper = members.get(name)
        if name not in members and ANY not in members:
            if value is not None:
                yield f"{place}{name}"
        elif deeper is not None and isinstance(value, dict):
            yield from _unknown(value, deeper, f"{place}{name}.")


def looks_like_one(data: bytes) -> bool:
    """Whether a text is meant to be a cassette, be it empty, cut off or broken."""
    return (
        any(map(data.startswith, _STARTS))
        or _MARK.search(data) is not None
        or any(start.startswith(data) for start in _STARTS)
    )


_STARTS = (b"header:\n  format: acs-chat-testkit/", b"interactions:")
_MARK = re.compile(rb"""(?m)^[ {]*["']?interactions["']?:""")


class _TooLarge(ValueError):
    """A value has more letters than there is room for."""


class _Renamed(TypeError):
    """A member has another name, which a serializer of a suite's own gave it."""


def unreadable(name: str, number: int, error: Exception, line: int) -> BrokenCassette:
    """What is said of an interaction whose parts can not be read; what an error says may repeat what is in the file."""
    at = f", line {line}" if line else ""
    if isinstance(error, _Renamed):
        broken = BrokenCassette(f"{name}: interaction {number} has {error}{at}")
        broken.advice = "only the suite that registers the serializer which wrote it can read it"
    elif isinstance(error, json.JSONDecodeError):
        why = f"{error.msg} in line {error.lineno} of the body"
        broken = BrokenCassette(f"{name}: interaction {number} has a body that is no JSON ({why}){at}")
        broken.advice = "mend the body, or take out the line that names its layout"
    else:
        why = f"more than {LARGEST_VALUE >> 20} MB as JSON" if isinstance(error, _TooLarge) else "no JSON and no text"
        broken = BrokenCassette(f"{name}: interaction {number} has a body that is {why}{at}")
    return broken


def _refused(data: bytes, what: str) -> BrokenCassette:
    return BrokenCassette(what) if looks_like_one(data) else NotACassette(what)


def document_of(data: bytes, name: str) -> tuple[Any, list[int]]:
    """What PyYAML makes of a text, and the lines on which its interactions start.

    Raises:
        BrokenCassette: It is no YAML, or is not safe to load.
        MissingExtra: PyYAML is not installed.
    """
    try:
        import yaml

        from acs_chat_testkit.recording import _yaml
    except ModuleNotFoundError as missing:
        raise MissingExtra("reading cassettes", "recording", missing.name) from missing
    try:
        return _yaml.load(data.decode())
    except UnicodeDecodeError as error:
        raise _refused(data, f"{name} is not UTF-8 (byte {error.start})") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise _refused(data, f"{name}, line {line}: {without_secrets(error.problem or error.context)}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        why = without_secrets(" ".join(str(error).split()))
        raise _refused(data, f"{name} can not be read as YAML: {why}") from error


def without_secrets(why: str | None) -> str:
    """What a reader says of a text that it can not read: it may repeat a key or a name of it."""
    from acs_chat_testkit.recording.redaction import Redactor, Rules

    return Redactor(Rules()).text(why or "")


def is_ours(header: Any) -> bool:
    """Whether this recorder wrote a header."""
    return isinstance(header, dict) and str(header.get("format", "")).startswith("acs-chat-testkit/")


def _read_header(raw: Any, metadata: Any = None) -> Header:
    """Our header; of another recorder's file, the values that vcrpy keeps with it, each as JSON unless it is a text."""
    if not is_ours(raw):
        values = plain(metadata) if isinstance(metadata, dict) else {}
        texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}
        return Header(format=None, variables=texts, metadata=values)
    words = {key: raw.get(key) for key in ("format", "origin", "api_version", "recorded_at")}
    kept = plain(metadata) if isinstance(metadata, dict) else {}
    return Header(variables=dict(raw.get("variables") or {}), metadata=kept, **words)


def _read_interaction(raw: dict[str, Any], line: int, room: int) -> Interaction:
    request, response = raw["request"], raw.get("response")
    body = _of_name(request, "body")
    sent = Request(
        _scalar(request["method"]),
        _scalar(request["uri"]),
        read_fields(request.get("headers")),
        written(body) if isinstance(body, (dict, list)) else _read_body(body, raw.get("request_layout")),
    )
    if response is None:
        return Interaction(sent, None, _scalar(raw.get("error") or "reset"), (), line)
    # vcrpy once had other names for what httpx got.
    body = response["content"] if response.keys() & {"body", "content"} == {"content"} else _of_name(response, "body")
    status = response["status"] if "status" in response else _of_httpx(response["status_code"])
    if not isinstance(body, dict):
        body = {"string": body}
    string, how, pieces = body.get("string"), body.get("layout"), tuple(map(int, body.get("pieces") or ()))
    given = read_fields(response.get("headers"))
    came = _read_body(string, how)
    fields, content = open_body(given, came)
    coding = taken_off(given, came, fields, sent.headers) or known(body.get("coding"))
    got = Response(int(status["code"]), fields, content, _scalar(status.get("message") or ""))
    others = {name: value for name, value in response.items() if name not in _ANSWER}
    return Interaction(sent, got, None, pieces, line, coding, plain(others, room))


def _of_httpx(code: Any) -> dict[str, Any]:
    """The status of which vcrpy once kept the number alone: the reason is the one that httpx knows of it."""
    from http.client import responses

    return {"code": code, "message": responses.get(code, "")}


def plain(values: Mapping[Any, Any], room: int = LARGEST_VALUE) -> dict[str, Any]:
    """Values as JSON has them, without those that it can not hold, that hold half a character, or for which no room is.

    Behind one for which there is no room all are left out: aliases make very many large ones of a small file.
    """
    kept: dict[str, Any] = {}
    for name, value in values.items():
        try:
            text = written({str(name): value}, room)
            json.dumps(held := json.loads(text), ensure_ascii=False).encode()
        except _TooLarge:
            break
        except (TypeError, ValueError, RecursionError):
            continue
        room -= len(text)
        kept.update(held)
    return kept


def _of_name(message: dict[str, Any], name: str) -> Any:
    """What a message has under a name; None where it has nothing that is called like that.

    Raises:
        _Renamed: It is called otherwise, and without it the message would not be whole.
    """
    if name not in message:
        for other in message:
            if name in str(other):
                raise _Renamed(f"{other!r} in the place of {name!r}")
    return message.get(name)


def read_fields(raw: Any) -> Headers:
    """Header fields from a list of values a name, or from one value a name or pairs as older recorders wrote them.

    Null is no value: a client that is given None as one sends no such field.
    """
    pairs = []
    for name, values in raw if isinstance(raw, list) else (raw or {}).items():
        for value in values if isinstance(values, list) else [values]:
            if value is not None:
                pairs.append((str(name), _scalar(value)))
    return Headers(pairs)


def _scalar(value: Any) -> str:
    """The text of a value that is no list and no mapping: aliases make those as large as they like.

    Raises:
        TypeError: It is one.
    """
    if isinstance(value, (dict, list, set)):
        raise TypeError(f"a text was expected, not a {type(value).__name__}")
    # vcrpy keeps what botocore was given: bytes.
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _text_of(value: Any) -> str:
    """The content of a file that was given as a field."""
    if not isinstance(value, bytes):
        raise TypeError(f"a text was expected, not a {type(value).__name__}")
    return value.decode("latin-1")


_AS_AIOHTTP = json.JSONEncoder(default=_text_of)


def written(value: Any, most: int = LARGEST_VALUE, *, encoder: json.JSONEncoder = _AS_AIOHTTP) -> bytes:
    """The JSON of a body that a recorder kept as a value; by default as aiohttp writes it.

    vcrpy does not keep whether what aiohttp was given was a form.

    Raises:
        _TooLarge: Aliases make that of a small file.
        TypeError: JSON can not hold it.
    """
    pieces: list[str] = []
    for piece in encoder.iterencode(value):
        pieces.append(piece)
        most -= len(piece)
        if most < 0:
            raise _TooLarge
    return "".join(pieces).encode()


def _read_body(raw: Any, how: str | None) -> bytes:
    if raw is None:
        return b""
    if isinstance(raw, bytes):
        return raw
    if how is not None:
        return layout.restore(_scalar(raw).encode(), how)
    return _scalar(raw).encode()
