"""The layout that `serializer.dump` writes, as a grammar over bytes: narrower than YAML on purpose.

What these patterns match, PyYAML reads in the same way. All else is left to PyYAML: anchors, comments, tabs, folded
scalars, other keys, another order of keys.
"""

from __future__ import annotations

import re

from acs_chat_testkit.recording.codings import WRITTEN
from acs_chat_testkit.recording.layout import LAYOUTS

PRINTABLE = bytes([0x09, 0x0A, *range(0x20, 0x7F), *range(0x80, 0x100)])
"""The bytes that a file of ours may hold; PyYAML takes no others."""
UNPRINTABLE = re.compile("[\x80-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""Characters that PyYAML refuses or takes for the end of a line; dump escapes them."""

_SAFE = rb"[A-Za-z0-9_./+=;%@~?&()$-]"
_PLAIN = (
    # A word that YAML takes for something else than a text; its first letter tells that of few.
    rb"(?:(?=[^FNOTYfnoty])|(?!(?i:y|n|yes|no|true|false|on|off|null)\n))"
    rb"[A-Za-z/]%s*+(?:(?:[:,](?=%s)|,? )%s++)*+" % (_SAFE, _SAFE, _SAFE)
)
_SINGLE = rb"'(?:[^'\n\t]++|'')*+'"
_DOUBLE = (
    rb'"(?:[^"\\\n\t]++|\\(?:["\\nrt]|x[0-9a-f]{2}|u(?!d[89a-f])[0-9a-f]{4}'
    rb"|U000(?!0d[89a-f])[0-9a-f]{5}|U0010[0-9a-f]{4}))*+\""
)
SCALAR = rb"(?:%s|%s|%s)" % (_PLAIN, _SINGLE, _DOUBLE)
"""A text on one line."""
_KEY = rb"(?:%s|%s|%s)" % (_PLAIN.replace(rb")\n)", rb"):[ \n])"), _SINGLE, _DOUBLE)


def _lines(indent: int) -> bytes:
    """Lines that start with so many blanks, one at least."""
    blanks = b" " * indent
    return rb"%s(?:.*+\n%s)*+.*+\n" % (blanks, blanks)


def _body(indent: int) -> bytes:
    """A body whose lines start with so many blanks."""
    blanks = b" " * indent
    base64 = rb"[A-Za-z0-9+/]"
    # A literal block finds its indentation by its first line, or is told that it is two.
    starts = rb"[-+]?\n(?=%s[^ \t\n])|2[-+]?\n(?=(?:(?:%s)?\n)*+%s[^\n])" % (blanks, blanks, blanks)
    literal = rb"\|(?:%s)(?:%s|\n)*+" % (starts, _lines(indent))
    last = rb"(?:%s{4})*+(?:%s{2}==|%s{3}=)?\n" % (base64, base64, base64)
    binary = rb"!!binary \|\n(?:%s%s{76}\n)*+(?:%s(?=%s)%s)?" % (blanks, base64, blanks, base64, last)
    return rb"(?:%s|%s\n|%s)" % (literal, SCALAR, binary)


_HEADERS = rb"    headers:( \{\}\n|\n%s)" % _lines(6)
_LAYOUT = "|".join(LAYOUTS).encode()
BORDERS = re.compile(
    rb"- request:\n"
    rb"    method: (%s)\n"
    rb"    uri: (%s)\n"
    rb"%s"
    rb"    body: (?:null\n|%s)"
    rb"(?:  request_layout: (?:%s)\n)?"
    rb"(?:"
    rb"  response: null\n"
    rb"  error: %s\n"
    rb"|"
    rb"  response:\n"
    rb"    status:\n"
    rb"      code: [1-9]\d{0,5}+\n"
    rb"      message: %s\n"
    rb"%s"
    rb"    body:\n"
    rb"      string: %s"
    rb"(?:      layout: (?:%s)\n)?"
    rb"(?:      pieces: \[(?:0|[1-9]\d*+)(?:, (?:0|[1-9]\d*+))*+\]\n)?"
    rb"(?:      coding: (?:%s)\n)?"
    rb")" % (SCALAR, SCALAR, _HEADERS, _body(6), _LAYOUT, SCALAR, SCALAR, _HEADERS, _body(8), _LAYOUT, WRITTEN.encode())
)
"""One interaction: method, uri, and the lines of header fields, which are only told from others.

It has few groups, because each one slows every loop behind it.
"""
INTERACTION = re.compile(
    rb"- request:\n"
    rb"    method: .*\n"
    rb"    uri: .*\n"
    rb"    headers:(?P<sent_fields>.*\n(?:      .*\n)*+)"
    rb"    body: (?P<sent>.*\n(?:      .*\n|\n)*+)"
    rb"(?:  request_layout: (?P<sent_layout>.*)\n)?"
    rb"(?:"
    rb"  response: null\n"
    rb"  error: (?P<error>.*)\n"
    rb"|"
    rb"  response:\n"
    rb"    status:\n"
    rb"      code: (?P<code>.*)\n"
    rb"      message: (?P<message>.*)\n"
    rb"    headers:(?P<got_fields>.*\n(?:      .*\n)*+)"
    rb"    body:\n"
    rb"      string: (?P<got>.*\n(?:        .*\n|\n)*+)"
    rb"(?:      layout: (?P<got_layout>.*)\n)?"
    rb"(?:      pieces: \[(?P<pieces>.*)\]\n)?"
    rb"(?:      coding: (?P<coding>.*)\n)?"
    rb")"
)
"""The pieces of what `BORDERS` has taken for one interaction."""
_FIELD = rb"      %s:\n(?:      - %s\n)++" % (_KEY, SCALAR)
FIELDS = re.compile(rb"(?: \{\}\n|\n(?:%s)++)" % _FIELD)
"""The header fields of a request or a response."""
FIELD = re.compile(rb"      ([^-].*):\n((?:      - .*\n)++)")
"""The pieces of one header field, with its values, of what `FIELDS` has taken."""
HEAD = re.compile(
    rb"header:\n(?P<entries>(?:  [a-z_]++:(?: %s\n|\n(?:    %s: %s\n)++))++)interactions:(?P<empty> \[\])?\n"
    % (SCALAR, _KEY, SCALAR)
)
"""All in front of the first interaction."""
ENTRIES = re.compile(rb"  ([a-z_]++):(?: (.*)\n|\n((?:    .*\n)++))")
"""The pieces of one entry of the header, a text or a mapping of texts, of what `HEAD` has taken."""
PAIRS = re.compile(rb"    (%s): (.*)\n" % _KEY)
"""The pieces of one pair of such a mapping."""
TAIL = b"version: 1\n"
"""The last line of a file that was written to its end."""
