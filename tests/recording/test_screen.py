"""The first look at a text, and what is remembered of it: both change nothing but the time that redaction takes."""

from __future__ import annotations

import base64
import gzip
import json
import random
import re
import string
import sys
import zlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.recording.test_redaction import RESOURCE, THREAD, USER, redactor

from acs_chat_testkit.chat_profile import chat_profile
from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording.cassette import Cassette, Interaction
from acs_chat_testkit.recording.editing import HEADS, redacted
from acs_chat_testkit.recording.leakage import Leak, leaks
from acs_chat_testkit.recording.profile import Profile
from acs_chat_testkit.recording.redaction import SECRET, Known, Numbered, Pseudonyms, Redactor, Rule, Rules, encodings
from acs_chat_testkit.recording.redaction.inert import LONGEST, ROOM, Inert
from acs_chat_testkit.recording.redaction.rules import SECRET_FIELDS, SECRET_HEADERS, SECRETS, values
from acs_chat_testkit.recording.redaction.screen import folded, shape


def deflated(data: bytes) -> bytes:
    """A stream without any head (RFC 1951)."""
    engine = zlib.compressobj(wbits=-15)
    return engine.compress(data) + engine.flush()


def test_an_id_that_was_unknown_is_replaced_when_it_is_known() -> None:
    """What a rule has looked at is not remembered as a text without findings, though it stayed as it was."""
    rules, pseudonyms = chat_profile().rules, Pseudonyms()
    text = f"[see {USER}]"
    assert Redactor(rules, Known(pseudonyms)).text(text) == text
    Redactor(rules, Numbered(pseudonyms, "abcdef01")).text(USER)
    assert USER not in Redactor(rules, Known(pseudonyms)).text(text)


def test_a_finding_beside_an_unknown_id_is_not_all_that_is_found_later() -> None:
    """What became of a text is remembered only when nothing in it waits for an id to become known."""
    clean, text = redactor(), f"sig=abcd1234 [{RESOURCE}]"
    assert clean.text(text) == f"sig={SECRET} [{RESOURCE}]"
    clean.text(USER)
    assert clean.text(text) == f"sig={SECRET} [00000000-0000-4000-8000-000000000001]"


@pytest.mark.parametrize("text", ["sig=abcd1234", f"[{USER}]", base64.b64encode(b"sig=abcd1234").decode()])
def test_what_comes_again_is_found_again(text: str) -> None:
    """Each time it is counted and told, also where what becomes of it is known."""
    found: list[tuple[str, str]] = []
    clean = Redactor(chat_profile().rules, Numbered(Pseudonyms(), "aaaaaaaa"), lambda *each: found.append(each))
    first = clean.text(text)
    told, counted = list(found), clean.hits.copy()
    assert told
    assert clean.text(text) == first
    assert found == told * 2
    assert clean.hits == counted + counted
    header = Headers({"X-Api-Key": "k-12345678"})
    assert [clean.headers(header), clean.hits["secret"]] == [clean.headers(header), counted["secret"] + 1]
    assert clean.hits["secret"] == counted["secret"] + 2


def test_an_interaction_with_an_unknown_id_is_looked_at_again() -> None:
    """It is remembered only when nothing in it waits for an id to become known."""
    rules, pseudonyms = chat_profile().rules, Pseudonyms()
    request = Request("GET", "https://a.example/", body=f'{{"resource": "{RESOURCE}"}}'.encode())
    waiting, clean = Interaction(request, None, "reset"), Redactor(rules, Numbered(pseudonyms, "abcdef01"))
    assert redacted(waiting, clean) is waiting
    assert not rules.inert.knows_very(waiting)
    clean.text(USER)
    after = redacted(waiting, clean)
    assert RESOURCE.encode() not in after.request.body
    assert redacted(after, clean) is after
    assert rules.inert.knows_very(after)


def test_the_shortest_word_that_is_opened() -> None:
    """Of sixteen characters."""
    word = base64.b64encode(b"sig=abcd1234").decode()
    assert len(word) == 16
    assert Redactor(Rules()).text(word) != word


def test_other_rules_have_found_nothing_yet() -> None:
    """What rules remember is theirs alone: rules that are made of them look at every text themselves."""
    rules = Rules()
    assert Redactor(rules).text("open sesame") == "open sesame"
    more = replace(rules, texts=(*SECRETS, values("secret", ["sesame"])))
    assert Redactor(more).text("open sesame") == f"open {SECRET}"


CHAT = chat_profile(["http://localhost:8080"], secrets=["open-sesame/1"]).rules


@given(rule=st.sampled_from(CHAT.texts), data=st.data())
def test_a_rule_finds_nothing_without_what_it_needs(rule: Rule, data: st.DataObject) -> None:
    """A text that a rule is not run on is one in which it would find nothing."""
    text = data.draw(st.from_regex(rule.pattern))
    assert rule.needs is None or any(need in folded(text) for need in rule.needs)
    assert rule.shape in shape(text)
    assert rule.mark in text


@given(data=st.data())
def test_every_secret_name_has_a_part_by_which_it_is_known(data: st.DataObject) -> None:
    """No name hides its value that the first look at a text passes over."""
    name = data.draw(st.from_regex(SECRET_FIELDS, fullmatch=True) | st.sampled_from(sorted(SECRET_HEADERS)))
    screen = Rules().screen
    assert screen is not None
    texts = (f"{name}=x", f"<{name}>x</{name}>", json.dumps({name: 1}))
    assert not any(map(screen.passes, texts))


def test_letters_that_a_pattern_takes_for_others_are_folded() -> None:
    """Patterns that ignore case take some letters beyond ASCII for one of ASCII, such as the sign of Kelvin."""
    odd = re.findall("(?i)[a-z]", "".join(map(chr, range(128, sys.maxunicode + 1))))
    meant = {char: [plain for plain in string.ascii_lowercase if re.fullmatch(plain, char, re.I)] for char in odd}
    assert "\u212a" in meant
    assert all(letters == [folded(char)] for char, letters in meant.items())


PIECES = [
    *(
        "token",
        "x-api-key",
        "password=",
        '"password": "x1"',
        "sig=",
        "SIG%3D",
        "\u017fig=abcd",
        "p\u0131n=12",
        "Bearer ",
        "key=",
    ),
    *(
        "AccountKey=abcd1234",
        "://",
        "u:p@a",
        "eyJhbGciOiJI.abcdef.gh",
        "sk-",
        "a" * 20,
        "8:acs:",
        RESOURCE,
        "_",
        THREAD,
    ),
    *("4:+491701234567", "+491701234567", "x.communication.azure.com", "http://localhost:8080", "open-sesame/1"),
    *(
        '"',
        '\\"',
        "\\",
        "\\u0074oken",
        "\n",
        "{",
        "}",
        "[",
        "]",
        '": ',
        '="',
        "=",
        "&",
        "?",
        "/",
        "%",
        "%3D",
        "<pin>1</pin>",
    ),
    *("password: ", "password: x\n", "'token': 'x'", 'token : "x"', '"name": "password"', '"value": "abc"', '{"', '"}'),
    *('<input name="token" value="x">', "&quot;", "&lt;pin&gt;1&lt;/pin&gt;", "-H 'X-Api-Key: abc'", "Cookie: a=b"),
    *('"X-Api-Key", "abc"', '[["', '"--token", "abc"', "--pin a1 ", "curl -u a:b", "password: |\n  x", "&#46;", "=2E"),
    *('"rawHeaders": [', '"auth": "dXNlcjpwYXNz"', "eyJhbGciOiJI=2Eabcd=2Egh", '"], ["', "auth=a,pin=b"),
    *("'", " = ", "pass => abc", "\n  - pin: 12", "code=abcdefghij0123456789", "Basic dXNlcjpwYXNz", ": ", ':"', "`"),
    *(
        "\u00fc",
        "\0",
        "\ufeff",
        " ",
        "senderDisplayName",
        '"n": 1234567890123456789',
        "application/json",
        '"content": "a"',
    ),
]


def thorough(rules: Rules) -> Rules:
    """The same rules, and one of which nothing is known, so that every text is taken apart; and nothing beside that."""
    never = Rule("never", re.compile("(?!)"), lambda match, _naming: match[0])
    more = replace(rules, texts=(*rules.texts, never))
    object.__setattr__(more, "across", rules.across)
    return more


@given(pieces=st.lists(st.sampled_from(PIECES), max_size=8), wrap=st.sampled_from(["{}", "{{{}", '{{"a": ["{}"]}}']))
@example(pieces=['{"\\u0074oken": "abc"}'], wrap="{}")
@example(pieces=['{"content": "abc"}'], wrap="{}")
@example(pieces=['"content": "abc"'], wrap="{{{}")
@example(pieces=["%73ig%3Dabcd"], wrap="{}")
@example(pieces=["key=", "%3D", "\u017fig=abcd"], wrap="{}")
@example(pieces=["example/messages/1", "\u017fig=abcd"], wrap='{{"a": ["{}"]}}')
@pytest.mark.parametrize("rules", [CHAT, Rules(), chat_profile(content="mask").rules], ids=["chat", "any", "mask"])
def test_one_look_passes_only_what_needs_no_other(rules: Rules, pieces: list[str], wrap: str) -> None:
    """Rules of which nothing is known, so that every text is taken apart, replace the same."""
    assert (rules.screen is not None, thorough(rules).screen) == (True, None)
    text = wrap.format("".join(pieces))
    fields = Headers({"Content-Type": "application/json", "X-Note": text, "Set-Cookie": text})
    request = Request("POST", f"https://a.example/{text}", fields, text.encode())
    quick, slow = (Redactor(each, Numbered(Pseudonyms(), "aaaaaaaa")) for each in (rules, thorough(rules)))
    assert quick.request(request) == slow.request(request)
    assert quick.text(text) == slow.text(text)
    assert quick.hits == slow.hits


@given(
    texts=st.lists(st.lists(st.sampled_from(PIECES), max_size=4).map("".join), max_size=6),
    escaped=st.booleans(),
    names=st.lists(st.sampled_from(["id", "rawId", "content", "name", "value", "token"]), min_size=6, max_size=6),
)
@example(texts=["a", f"[{USER}]", f"[{USER}]", "\u00fc \\n"], escaped=True, names=["id"] * 6)
@example(texts=["password", "x1"], escaped=True, names=["name", "value"] * 3)
@pytest.mark.parametrize("rules", [CHAT, Rules()], ids=["chat", "any"])
def test_texts_of_json_are_cleaned_together_as_each_by_itself(
    rules: Rules, texts: list[str], escaped: bool, names: list[str]
) -> None:
    """Also where some of them are known, one names what another is, or letters are escaped."""
    quick, slow = (Redactor(each, Numbered(Pseudonyms(), "aaaaaaaa")) for each in (replace(rules), thorough(rules)))
    value = [{name: text} for name, text in zip(names, texts, strict=False)]
    for text in (
        json.dumps(value, ensure_ascii=escaped),
        json.dumps({"all": value, "id": texts}, ensure_ascii=escaped),
    ):
        assert quick.text(text) == slow.text(text)
    assert quick.hits.keys() == slow.hits.keys()


HIDDEN = st.builds(
    lambda before, text, charset, coding: before + coding(text.encode(charset)),
    st.binary(max_size=3),
    st.sampled_from(
        [
            *("sig=abcd1234", "pwd=12345678", "<pin>12345</pin>", '{"pin": "1"}', "\u017fig=abcdefg", "messages"),
            *('{"topic":"abc"}', "4:+491701234567", "x://u:p@a.example", "%70wd%3D12345", "Bearer abcdefgh"),
        ]
    ),
    st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-16-le"]),
    st.sampled_from([bytes, bytes, bytes, deflated, zlib.compress, gzip.compress]),
)
PARTS = st.one_of(
    st.text(string.ascii_letters + string.digits + "+-_", max_size=20),
    HIDDEN.map(lambda data: base64.b64encode(data).decode()),
    HIDDEN.map(lambda data: base64.urlsafe_b64encode(data).decode().rstrip("=")),
    HIDDEN.map(bytes.hex),
)


@given(
    parts=st.lists(PARTS, min_size=1, max_size=4),
    between=st.sampled_from(["/", "/a/", "/chat/threads/", "", "\n", "/\n", "/\\n", " "]),
)
@example(parts=["000000000000", "c0lnPS000I000I0"], between="/\n")
@example(parts=["messages", "c2lnPWFiY2QxMjM0"], between="/")
@example(parts=["+", "c2lnPWFiY2QxMjM0"], between="")
@example(parts=["H4sIABbbB2sC/yvOTLdNTEpOMTQyNgEAdWvAtwwAAAA=", "0"], between="\n")
@pytest.mark.parametrize("rules", [CHAT, chat_profile(content="mask").rules], ids=["chat", "mask"])
def test_one_look_at_a_word_passes_only_one_that_hides_nothing(rules: Rules, parts: list[str], between: str) -> None:
    """Also where a word starts behind a slash that may be its own, and whatever it is written in."""
    both = replace(rules), thorough(rules)
    quick, slow = (Redactor(each, Numbered(Pseudonyms(), "aaaaaaaa")) for each in both)
    text = between.join(parts)
    assert quick.text(text) == slow.text(text)
    assert quick.url(f"https://a.example/{text}?{text}") == slow.url(f"https://a.example/{text}?{text}")
    assert quick.hits == slow.hits


@given(
    bodies=st.lists(st.lists(st.sampled_from(PIECES) | PARTS, max_size=6).map("".join), min_size=2, max_size=3),
    header=st.sampled_from(["X-Note", "X-Api-Key", "Set-Cookie", "Content-Type"]),
)
@example(bodies=["sig=abcd1234 sig=abcd1234", "sig=abcd1234"], header="X-Note")
@pytest.mark.parametrize("profile", [chat_profile(), chat_profile(content="mask")], ids=["keep", "mask"])
def test_one_look_and_what_is_remembered_lose_no_leak(profile: Profile, bodies: list[str], header: str) -> None:
    """Whoever takes every text apart, each place anew, finds the same in the same places."""

    def found(rules: Rules, interactions: Sequence[Interaction]) -> list[Leak]:
        return list(leaks(Cassette(tuple(interactions)), replace(profile, rules=rules)))

    taken = [
        Interaction(
            Request("POST", f"https://a.example/{body}", Headers({header: body}), body.encode()),
            Response(200, Headers({"Content-Type": "application/json"}), f'{{"a": "{body}"}}'.encode(), body),
            others={"url": body},
        )
        for body in (*bodies, bodies[0])
    ]
    slow = [
        replace(leak, number=number)
        for number, each in enumerate(taken, 1)
        for leak in found(thorough(profile.rules), [each])
    ]
    assert found(replace(profile.rules), taken) == slow


def test_what_is_hidden_deeper_is_found_where_it_was_not_looked_for() -> None:
    """A text that was looked at with few encodings left to open is looked at again with more."""
    text = base64.b64encode(b"AccountKey=aaaa1111bbbb2222").decode()
    redactor = Redactor(Rules())
    assert redactor.text(text, depth=0) == text
    assert redactor.text(text) != text


def test_no_more_is_remembered_than_there_is_room_for() -> None:
    """A long run does not fill the memory, and goes on to remember what comes now."""
    inert = Inert()
    inert.add("a" * (LONGEST + 1), 1, LONGEST + 1)
    assert not inert.knows("a" * (LONGEST + 1), 0)
    texts = [f"{number:x}".rjust(LONGEST) for number in range(ROOM // LONGEST + 1)]
    for text in texts:
        inert.add(text, 1, len(text))
    assert inert.knows(texts[-1], 1)
    assert not inert.knows(texts[0], 0)


def test_a_picture_is_looked_through_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it comes again in another body; and a secret in one is replaced every time."""
    opened: list[str] = []

    def open_word(word: str, *how: Any) -> str:
        opened.append(word)
        return original(word, *how)

    original = encodings.open_word
    monkeypatch.setattr(encodings, "open_word", open_word)
    picture = base64.b64encode(b"\x89PNG" + random.Random(1).randbytes(LONGEST)).decode()
    holed = base64.b64encode(b"\x89PNG\xff AccountKey=aaaa1111bbbb2222 " + bytes(LONGEST)).decode()
    rules = Rules()
    for body in (f'{{"a": "{picture}"}}', f'{{"b": "data:image/png;base64,{picture}"}}'):
        assert Redactor(rules).body(body.encode(), "application/json") == body.encode()
    assert opened.count(picture) == 1
    for _ in range(2):
        assert b"-REDACTED-" in base64.b64decode(Redactor(rules).text(holed))


def test_interactions_without_a_body_take_room_too() -> None:
    """The oldest of very many are forgotten."""
    rules = Rules()
    clean = Redactor(rules)
    every = [Interaction(Request("GET", "https://a.example/"), None, "reset") for _ in range(ROOM // HEADS + 1)]
    assert [redacted(each, clean) for each in every] == every
    assert rules.inert.knows_very(every[-1])
    assert not rules.inert.knows_very(every[0])


def test_an_interaction_that_nobody_can_look_into_is_not_known_as_harmless() -> None:
    """It is told of whenever it is looked at."""
    headers = Headers({"Content-Encoding": "unknown"})
    each = Interaction(Request("GET", "https://a.example/"), Response(200, headers, b"\x00\xff"))
    rules = Rules()
    assert redacted(each, Redactor(rules)) is each
    assert not rules.inert.knows_very(each)
