"""The scanner and PyYAML read the same, or the scanner leaves the file to PyYAML."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.recording.test_serializer import CASSETTES, NASTY

from acs_chat_testkit.errors import BrokenCassette
from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording import Cassette, Header, Interaction, serializer
from acs_chat_testkit.recording.scanner import scan
from acs_chat_testkit.recording.serializer import by_library, dump, parse

HEAD = "header:\n  format: acs-chat-testkit/1\ninteractions:\n"
ONE = Interaction(
    Request("POST", "https://x.example/a?b=1", Headers({"Content-Type": "application/json", "A": "b"}), b'{"a":[1,2]}'),
    Response(200, Headers([("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]), b'{"id":"\xc3\xbc","n":[1.50,{}]}', "OK"),
    None,
    (3, 4),
    coding="gzip",
)
OTHERS = (
    ONE,
    Interaction(Request("GET", "https://x.example/"), Response(200, Headers(), b"a\n  b\n\n", "it's")),
    Interaction(Request("GET", "https://x.example/"), None, "read timeout"),
    Interaction(Request("PUT", "https://x.example/", Headers(), bytes(range(256))), Response(204)),
)
TEXT = dump(Cassette(OTHERS, Header(origin="live", api_version="2024-03-07", variables={"user": "8:acs:1", "a": "b"})))
SNIPPETS = [
    "\n",
    " ",
    "  ",
    "\t",
    "'",
    '"',
    "''",
    "#",
    " #",
    ": ",
    ":",
    "- ",
    "&a ",
    "*a",
    "!!str ",
    "!",
    "|",
    "|+\n",
    "|2-",
    ">",
    "\\",
    "\\x41",
    "\\ud800",
    "\r",
    "\x00",
    "\x7f",
    "\x85",
    "\u2028",
    "\ufeff",
    "é",
    "😀",
    "null",
    "yes",
    "0x1f",
    "012",
    "{}",
    "[]",
    "---\n",
    "...\n",
    "      A:\n      - b\n",
    "- request:\n",
    "    method: GET\n",
    "  format: x\n",
    "version: 1\n",
    "      layout: compact\n",
    "      coding: deflate\n",
    "        {\n",
    "    a: b\n",
]


def outcome(data: bytes, read: object) -> object:
    """What a reader makes of a file: header and interactions with their lines, or that it refuses it."""
    try:
        cassette = read(data, "x.yaml")  # type: ignore[operator]
        return cassette.header, list(cassette.interactions)
    except BrokenCassette:
        return "refused"


@given(CASSETTES)
@example(Cassette((), Header(variables={"N:0": "", "on:off": "1"})))
def test_our_own_files_are_scanned(cassette: Cassette) -> None:
    """Whatever we write, the scanner reads, and it reads what PyYAML reads."""
    data = dump(cassette).encode()
    scanned = scan(data, "x.yaml")
    assert scanned is not None
    assert list(scanned[1]) == list(by_library(data, "x.yaml").interactions)
    assert parse(data, "x.yaml").header == cassette.header


@pytest.mark.parametrize(
    ("coding", "known"),
    [
        ("gzip", "gzip"),
        ("unasked gzip", "unasked gzip"),
        ("deflate, br", "deflate, br"),
        ("unasked cut gzip", "unasked cut gzip"),
        ("cut br", None),
        ("unasked odd", None),
        ("[gzip]", None),
    ],
)
def test_the_coding_of_an_answer_is_known_to_both(coding: str, known: str | None) -> None:
    """Whether it is said beside the body or the body still has it; one that can not be put on again is none."""
    packed = Response(200, Headers({"Content-Encoding": "gzip"}), gzip.compress(b"x"))
    cassette = Cassette((replace(ONE, response=packed, coding=None), ONE))
    data = dump(cassette).replace("coding: gzip", f"coding: {coding}").encode()
    assert outcome(data, parse) == outcome(data, by_library)
    assert [each.coding for each in parse(data, "x.yaml").interactions] == ["unasked gzip", known]


@settings(max_examples=400)
@given(
    st.lists(
        st.tuples(st.integers(0, len(TEXT)), st.integers(0, 12), st.sampled_from(SNIPPETS) | NASTY),
        min_size=1,
        max_size=3,
    )
)
@example([(0, 0, "\ufeff")])
@example([(0, 0, "\n"), (489, 12, "{}")])
@example([(0, 0, "? [a]\n: b\n")])
def test_an_edited_file_means_the_same_to_both(edits: list[tuple[int, int, str]]) -> None:
    """However a file of ours was changed by hand, the scanner and PyYAML agree on it or both refuse it."""
    text = TEXT
    for place, length, snippet in edits:
        text = text[:place] + snippet + text[place + length :]
    data = text.encode("utf-8", "surrogatepass")
    assert outcome(data, parse) == outcome(data, by_library)


GOOD = dump(Cassette((ONE, ONE)))
FOREIGN = {
    "a comment": GOOD.replace("  response:\n", "  response: # why\n"),
    "a comment of its own": GOOD.replace("  response:\n", "  # why\n  response:\n"),
    "an anchor": GOOD.replace("message: OK", "message: &a OK", 1).replace("message: OK", "message: *a"),
    "a tag": GOOD.replace("message: OK", "message: !!str OK"),
    "another order": GOOD.replace(
        "    method: POST\n    uri: https://x.example/a?b=1\n", "    uri: https://x.example/a?b=1\n    method: POST\n"
    ),
    "another key": GOOD.replace("version: 1\n", "more: 1\nversion: 1\n"),
    "a text over two lines": GOOD.replace("message: OK", "message: 'O\n        K'"),
    "an interaction inside a text": GOOD.replace("message: OK\n", 'message: "\n- request:\n"\n', 1),
    "lines that end as in Windows": GOOD.replace("\n", "\r\n"),
    "a number": GOOD.replace("code: 200", "code: 0o310"),
    "a switch": GOOD.replace("message: OK", "message: yes"),
}


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN)
def test_what_the_grammar_does_not_know_is_left_to_the_library(text: str) -> None:
    """Comments, anchors, tags and other layouts are no business of the scanner; the answer is PyYAML's."""
    data = text.encode()
    assert scan(data, "x.yaml") is None
    assert outcome(data, parse) == outcome(data, by_library)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("    method: POST\n", "    method: POST\n    method: PUT\n"),
        ("      A:\n      - b\n", "      A:\n      - b\n      A:\n      - c\n"),
        ("      A:\n      - b\n", "      A:\n      - b\n      'A':\n      - c\n"),
        ("  format: acs-chat-testkit/1\n", "  format: acs-chat-testkit/1\n  format: acs-chat-testkit/2\n"),
        ("  format: acs-chat-testkit/1\n", "  format: acs-chat-testkit/1\n  variables:\n    a: b\n    a: c\n"),
    ],
)
def test_a_key_that_comes_twice_is_refused(was: str, becomes: str) -> None:
    """Wherever it is, fast path or not: a reader sees the first and a loader takes the last."""
    with pytest.raises(BrokenCassette, match="comes twice"):
        list(parse(GOOD.replace(was, becomes, 1).encode(), "x.yaml").interactions)


def test_an_interaction_knows_its_line() -> None:
    """The line where it starts, as an editor counts."""
    lines = GOOD.splitlines()
    for read in (parse, by_library):
        assert [lines[each.line - 1] for each in read(GOOD.encode(), "x").interactions] == ["- request:"] * 2


def test_a_body_that_is_not_what_its_layout_says_is_refused_when_it_is_asked_for() -> None:
    """A body that somebody broke by hand names its interaction and the line in it, and what helps."""
    broken = GOOD.replace('"id": "ü"', '"id": ü').encode()
    for read in (parse, by_library):
        with pytest.raises(BrokenCassette, match=r"x\.yaml: interaction 1 has .* in line 2 of the body.*; mend"):
            list(read(broken, "x.yaml").interactions)


def test_a_bomb_of_aliases_is_refused() -> None:
    """Lists of lists of lists, a few lines long and ten to the seventh large, are no header field."""
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{last}'] * 10)}]\n" for last, name in zip("abcdef", "bcdefg", strict=True)
    )
    text = bomb + GOOD.replace("      A:\n      - b\n", "      A:\n      - *g\n", 1)
    with pytest.raises(BrokenCassette, match=r"the mapping at request\.headers, line 11; write headers"):
        parse(text.encode(), "x.yaml")


def test_what_many_answers_repeat_by_an_alias_is_kept_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that is small in the file and large in memory does not fill it; what is left out is told."""
    monkeypatch.setattr(serializer, "ROOM", 100, raising=False)
    answer = "    status: {code: 200, message: OK}\n    headers: {}\n    body: {string: ''}\n    x: *x\n"
    one = f"- request: {{method: GET, uri: 'http://a.example/', headers: {{}}, body: null}}\n  response:\n{answer}"
    text = f"x: &x [{', '.join('abcdefghij')}]\ninteractions:\n{one * 3}version: 1\n"
    cassette = parse(text.encode(), "x.yaml")
    assert [len(each.others) for each in cassette.interactions] == [1, 0, 0]
    assert cassette.unread["response.x"] == 2


@pytest.mark.parametrize("depth", [2_000, 100_000])
def test_a_deep_file_is_refused(depth: int) -> None:
    """Thousands of brackets inside each other end in a sentence and not in a crash."""
    with pytest.raises(BrokenCassette, match=r"x\.yaml"):
        parse(f"interactions: {'[' * depth}".encode(), "x.yaml")
    deep = GOOD.replace('        {\n          "id"', f'        {"[" * depth}\n          "id"')
    with pytest.raises(BrokenCassette, match=r"x\.yaml"):
        list(parse(deep.encode(), "x.yaml").interactions)
