"""Values that any text names: `name=value`, `name: "value"`, lines of YAML or of a header, XML and HTML.

What is not cleaned stays as it is, to the byte.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from acs_chat_testkit.recording.redaction.placeholders import ABOUT
from acs_chat_testkit.recording.redaction.screen import ENTITY

_NAMED = re.compile(r"(?<!\w)(?<!\w[.-])(?P<name>[A-Za-z_][\w.-]{1,100}+)(?P<sign>\\*[\"']?(?:\]? ?(?:=>|:=|=)| ?:) ?)")
_QUOTED = re.compile(
    r"""(?x) (?P<quote> (?P<escape>\\+)? (?:\"\"\"|[\"']) )
        (?P<value> (?(escape) (?: (?!(?<!\\)(?P=quote)) [^<\r\n] )+
            | (?: \\[^\r\n] | (?=(?P=quote)) '' (?=[^']*') | (?!(?P=quote)) [^<\r\n\\] )+
        ) ) (?P=quote)
    """
)
"""A text in quotes, which may hold such quotes with a backslash in front, or ones that come twice."""
_BARE = re.compile(r"[\\\"']*(?P<value>[^=&;,\s\"'<>\\][^&;,\s\"'<>]*)")
_WORD = re.compile(r"(?!\w+\()(?P<value>[^=&;,\s\"'<>?{}()[\]|!]+={0,2})(?=[;,\s]|$)")
_INDENT, _DEEPEST, _GLANCE = re.compile(r"[ \t>-]*"), 32, 256
_REST = re.compile(r"[ \t]*(?P<value>[^\s|>{}[\]&*$!\"'][^\s\"'(]*(?<![,;{]))[ \t]*(?=\r?$)", re.MULTILINE)
_BLOCK_HEAD = re.compile(r" *[|>][\d+-]{0,2}[ \t]*\r?\n(?:[ \t]*\r?\n)*+(?P<indent> +)(?=\S)")
_BLOCK = re.compile(rf"""{_BLOCK_HEAD.pattern}(?P<value>[^\r\n]*(?:\r?\n(?:[ \t]*\r?\n)*+(?P=indent)[^\r\n]+)*+)""")
"""A block of YAML (1.2.2, section 8.1), which ends where a line is less indented."""
_OPTION = re.compile(
    r"""(?x) (?<![\w!-]) --(?P<name>[A-Za-z][\w-]{1,60}) [ \t]+ (?P<quote>\\*["'])?
        (?P<value> (?(quote) (?!\$\() (?:(?!(?P=quote))[^\r\n])+
            | (?! (?:id|type|src|env)= ) (?= [A-Za-z_/.:!?-]{0,99} (?: \d | [^\w\s/.,:;!?"'`|&<>()\\-]\S ) )
              [\w+/~!#^.] [^\s"'`,;|&<>()\\]*
        ) )
    """
)
"""An option of a command with its value; one of letters alone may be a word of a sentence about the option."""
FIELD = re.compile(r"(?i)(?:proxy-)?authorization|(?:set-)?cookie|[\w-]+-(?:key|token|secret|signature)")
_FIELD_VALUE = re.compile(r"[ \t]*(?P<value>[^\s'][^\r\n']*)")
_NONE = re.compile(rf"(?i)(?:{ABOUT}|await|function|id|new|void)[!?;,]*|\W+")
"""What stands behind a name in a schema, in source code or in a sentence, and is no value."""
_PART = re.compile(
    r"""(?xi) (?<=form-data;) [^\r\n]{0,99}? \bname="?
        (?:[^"\r\n;\[]{0,99}\[){0,3} (?P<name>[^"\r\n;\[\]]{1,99})  # of a nested field, the last word
        [^\r\n]{0,199} \r?\n (?:[^\r\n]{1,199}\r?\n){0,9}           # the rest of the head
        \r?\n (?P<value>[^\r\n]+)
    """
)
_ELEMENT = re.compile(
    r"""(?x) <(?P<name>[A-Za-z][\w.:-]{1,60}) (?:\s[^<>]*)?> (?:\s*<!\[CDATA\[)?
        (?P<value> [^<>]+? | (?<=\[CDATA\[) (?: (?!\]\]>) [\s\S] )+ )
        (?:\]\]>\s*)? </(?P=name)\s*>
    """
)
_PAIR = re.compile(
    r"""(?xi) <(?P<tag>key|name)> \s* (?P<name>[A-Za-z_][\w.:-]{0,60}) \s* </(?P=tag)> \s* (?:<value>\s*)?
        <(?P<kind>string|value)> (?P<value>[^<>]+) </(?P=kind)>
    """
)
"""A name and its value, each an element, as in property lists, XML-RPC and parameters of Azure and AWS."""
_ESCAPED = re.compile(rf"(?<![^<>\"'])[^<>\"']*?{ENTITY.pattern}[^<>\"']*")
_TAG = re.compile(r"<[A-Za-z][\w.:-]*(?=\s)[^<>]*>")
_ATTRIBUTE = re.compile(r"(?P<name>[\w:-]+)\s*=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s\"'>]+))")


def named_values(text: str, clean: Callable[[str, str], str], hides: Callable[[str], bool]) -> str:
    """Cleans the values that a text names: `name=value`, `name: "value"`, lines of `name: value`, XML and HTML.

    Args:
        text: Any text.
        clean: Gets a name and its value.
        hides: Says of a name whether its value is secret.
    """
    if "=" in text or ":" in text:
        text = _assigned(text, clean, hides)
    if "--" in text:
        text = _OPTION.sub(_valued(clean), text)
    if "form-data;" in text:
        text = _PART.sub(_valued(clean), text)
    if "</" in text:
        text = _PAIR.sub(_valued(clean), _ELEMENT.sub(_valued(clean), text))
    if "<" in text:
        text = _TAG.sub(lambda tag: _tag(tag[0], clean, hides), text)
    return text


def _assigned(text: str, clean: Callable[[str, str], str], hides: Callable[[str], bool]) -> str:
    pieces, done = [], 0
    for named in _NAMED.finditer(text):
        if named.start() < done or not hides(named["name"]):
            continue
        found = _assigned_value(text, named)
        # A key of the keyboard, in HTML.
        if found is not None and (found[1] - found[0] > 1 or named["name"].lower() != "accesskey"):
            value = text[slice(*found)]
            cleaned = clean(named["name"], value)
            # A value that stays may name another one; a long one is not gone over again for each of many names in it.
            if cleaned != value or len(value) > _GLANCE:
                pieces += [text[done : found[0]], cleaned]
                done = found[1]
    return "".join([*pieces, text[done:]])


def _assigned_value(text: str, named: re.Match[str]) -> tuple[int, int] | None:
    """Where the value of a name is; None where what stands there is none, but a word of a sentence or a type."""
    quoted = _QUOTED.match(text, named.end())
    if quoted is not None:
        return quoted.span("value")
    sign, start, end = named["sign"], *named.span()
    if "=" in sign:
        if " " not in sign or text[end : end + 1] in ("\\", '"', "'"):
            bare = _BARE.match(text, end)
        else:
            bare = _WORD.match(text, end) if _starts_line(text, start) or text[start - 1] == ";" else None
        return None if bare is None or (" " in sign and _NONE.fullmatch(bare["value"])) else bare.span("value")
    field = FIELD.fullmatch(named["name"]) if sign[0] == ":" else None
    starts_line = _starts_line(text, start) and "\n" in text
    head = _BLOCK_HEAD.match(text, end) if starts_line else None
    if head is not None and len(head["indent"]) > start - text.rfind("\n", 0, start) - 1:
        block = _BLOCK.match(text, end)
        return block and block.span("value")
    if starts_line or (field and (not start or text[start - 1] == "'")):
        rest = _FIELD_VALUE.match(text, end) if field else _REST.match(text, end) if sign[-1] == " " else None
        return None if rest is None or _NONE.fullmatch(rest["value"]) else rest.span("value")
    return None


def _starts_line(text: str, place: int) -> bool:
    """Whether nothing stands before it in its line."""
    before = text[max(place - _DEEPEST, 0) : place]
    return (place < _DEEPEST or "\n" in before) and _INDENT.fullmatch(before.rpartition("\n")[2]) is not None


def open_entities(text: str, clean: Callable[[str], str]) -> str:
    """Cleans what HTML or XML holds as a text, such as JSON in an attribute or XML in XML."""

    def part(match: re.Match[str]) -> str:
        plain = html.unescape(match[0])
        cleaned = clean(plain)
        return match[0] if cleaned == plain else html.escape(cleaned)

    return _ESCAPED.sub(part, text) if "&" in text and ENTITY.search(text) else text


def _tag(tag: str, clean: Callable[[str, str], str], hides: Callable[[str], bool]) -> str:
    """Cleans the value of a tag that says in another attribute what it is called, such as a field of a form."""
    attributes = [(each["name"].lower(), each) for each in _ATTRIBUTE.finditer(tag)]
    labels = [each[each.lastgroup or 0] for name, each in attributes if name in ("name", "key", "id", "property")]
    label = next(filter(hides, [*labels, tag[1:].split(maxsplit=1)[0]]), None)
    if label is not None:
        for name, each in reversed(attributes):
            if name in ("value", "content"):
                start, end = each.span(each.lastgroup or 0)
                tag = tag[:start] + clean(label, tag[start:end]) + tag[end:]
    return tag


def _valued(clean: Callable[[str, str], str]) -> Callable[[re.Match[str]], str]:
    def valued(match: re.Match[str]) -> str:
        start, end = match.start("value") - match.start(), match.end("value") - match.start()
        return match[0][:start] + clean(match["name"].rpartition(":")[2], match["value"]) + match[0][end:]

    return valued
