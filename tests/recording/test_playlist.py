"""Looking recorded interactions up: one index for all sizes."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording import Interaction
from acs_chat_testkit.recording.cassette import Cassette, Interactions
from acs_chat_testkit.recording.matchers import LIKE_VCRPY, MATCHERS, STRICT, address, canonical, key
from acs_chat_testkit.recording.playlist import Lines, Playlist, Repeats
from acs_chat_testkit.recording.report import differences, explain
from acs_chat_testkit.recording.scanner import Scanned
from acs_chat_testkit.recording.serializer import dump, parse

PLAIN = ["a", "B", "~", "/", ":", ";", "+", "=", "?", "&", "ü", "a=1", "&b=1"]
ENCODED = ["%41", "%3A", "%3a", "%2F", "%20", "%2B", "%C3%BC", "%FF", "%7E"]
PIECES = st.sampled_from(PLAIN + ENCODED)
URLS = st.builds(
    lambda start, host, rest: f"{start}{host}{''.join(rest)}",
    st.sampled_from(["http://", "https://", "HTTP://", "http:", "//", ""]),
    st.sampled_from(["h", "H", "h:80", "h:443", "h:1234", "h:99999", "u@h", "[::1]", "[::1]:80", "[", ""]),
    st.lists(PIECES, max_size=6).map(lambda pieces: ["/", *pieces] if pieces else []),
)


@given(URLS, URLS)
@example("h/", "//h/")
@example("http:h/a", "http://h/a")
def test_one_spelling_for_one_address(a: str, b: str) -> None:
    """Two urls have the same address exactly where they have the same spelling, however they were written."""
    assert (address(a) == address(b)) == (canonical(a) == canonical(b))


@given(URLS)
@example("http://h/a")
@example("https://h:1234/%3A?b=1&a=%2B")
def test_a_url_that_needs_no_reading_is_spelled_as_if_it_were_read(url: str) -> None:
    """What is seen at a look, and what is read because of its scheme in capitals, are one wherever both can be read."""
    other = url.replace("http", "HTTP", 1)
    assert (address(url) == address(other)) == (canonical(url) == canonical(other))


class Watched(Interactions):
    """Interactions that count how often one is read."""

    def __init__(self, *interactions: Interaction) -> None:
        self.all = interactions
        self.reads = 0

    def __len__(self) -> int:
        return len(self.all)

    def read(self, index: int) -> Interaction:
        """Counts."""
        self.reads += 1
        return self.all[index]

    def heads(self) -> object:  # type: ignore[override]
        """Does not count."""
        return ((each.request.method, each.request.url) for each in self.all)


def said(number: int, *, url: str = "https://x.example/a", body: bytes = b"") -> Interaction:
    """An interaction whose status tells its number."""
    return Interaction(Request("POST", url, Headers(), body), Response(number))


MANY = [said(100 + number, url=f"https://x.example/threads/{number}/messages?page=1") for number in range(500)]


def test_only_what_is_asked_for_is_read() -> None:
    """Opening a cassette reads no interaction, and a request reads its own."""
    watched = Watched(*MANY)
    playlist = Playlist(watched, LIKE_VCRPY)
    assert watched.reads == 0
    assert playlist.take(MANY[400].request) == MANY[400]
    assert playlist.take(Request("GET", "https://x.example/none")) is None
    assert watched.reads == 1
    assert len(playlist.unplayed) == 499
    assert len(Playlist(watched[:400], LIKE_VCRPY)) == 400
    assert watched.reads == 1


def test_of_many_bodies_at_one_address_no_more_are_read_than_to_the_one_asked_for() -> None:
    """Replay in the recorded order reads each once, so the first request costs no more in a large cassette."""
    many = [said(100 + number, body=b'{"n": %d}' % number) for number in range(500)]
    watched = Watched(*many)
    playlist = Playlist(watched, STRICT)
    assert [playlist.take(each.request) for each in many[:3]] == many[:3]
    assert watched.reads == 3
    assert playlist.take(many[9].request) == many[9]
    assert playlist.take(many[5].request) == many[5]
    assert watched.reads == 10


def test_an_answer_is_repeated_only_when_no_other_one_waits_behind_it() -> None:
    """The last of equal answers is the one that is given again and again, also where others lie between them."""
    equal = [said(200), said(300, body=b"other"), said(201), said(202)]
    playlist = Playlist(equal, STRICT, "last")
    given_out = [playlist.take(equal[0].request) for _ in range(5)]
    assert [each and each.response and each.response.status for each in given_out] == [200, 201, 202, 202, 202]


def test_after_a_rewind_everything_waits_again() -> None:
    """Also for whoever asks what nobody has played."""
    playlist = Playlist([said(200), said(201)], STRICT)
    for _ in range(2):
        assert [playlist.take(said(0).request) for _ in range(3)] == [*playlist.interactions, None]
        assert len(playlist.unplayed) == 0
        playlist.rewind()
        assert len(playlist.unplayed) == 2


def test_a_miss_reads_a_few() -> None:
    """The report of a miss looks at the likely ones and not at all five hundred."""
    watched = Watched(*MANY)
    text = explain(Request("POST", "https://x.example/threads/77/messages?page=2"), Playlist(watched, STRICT))
    assert text.splitlines()[:2] == [
        "  recorded 78 of 500: POST https://x.example/threads/77/messages?page=1",
        "    query page: sent '2', recorded '1'",
    ]
    assert watched.reads <= 12


FORM = Headers([("Content-Type", "application/x-www-form-urlencoded")])


@pytest.mark.parametrize(
    ("sent", "stored", "lines"),
    [
        (
            Request("GET", "https://x.example/a?n=1&max=2&n=3"),
            Request("GET", "https://x.example/a?skip=&n=1"),
            [
                "query max: sent '2', recorded nothing",
                "query n: sent ['1', '3'], recorded '1'",
                "query skip: sent nothing, recorded ''",
            ],
        ),
        (
            Request("POST", "https://x.example/a", FORM, b"a=1&b=%C3%BC"),
            Request("POST", "https://x.example/a", FORM, b"b=2&a=1"),
            ["body b: sent 'ü', recorded '2'"],
        ),
        (
            Request("PUT", "https://x.example/a", Headers([("Accept", "a/b"), ("X-A", "1")]), b"plain"),
            Request("PUT", "https://x.example/a", Headers([("accept", "a/b"), ("X-B", "2")])),
            [
                "body: sent 'plain', recorded nothing",
                "header x-a: sent '1', recorded nothing",
                "header x-b: sent nothing, recorded '2'",
            ],
        ),
        (
            Request("PUT", "https://x.example/a/1", body=b"\xff"),
            Request("PUT", "https://x.example/a/2", body=b'{"a": [1]}'),
            ["path: sent '/a/1', recorded '/a/2'", "body: sent b'\\xff', recorded {'a': [1]}"],
        ),
        (
            Request("PUT", "https://x.example/a", body=b'{"a": [1, {"b": 2}]}'),
            Request("PUT", "https://x.example/a", body=b'{"a": [1, {"b": 3}, 4]}'),
            ["body.a[1].b: sent 2, recorded 3", "body.a[2]: sent nothing, recorded 4"],
        ),
        (
            Request("PUT", "https://x.example/a", body=b'{"a": "' + b"a" * 500 + b'day"}'),
            Request("PUT", "https://x.example/a", body=b'{"a": "' + b"a" * 500 + b'night"}'),
            [f"body.a: sent …{'a' * 20}day', recorded …{'a' * 20}night'"],
        ),
    ],
)
def test_every_difference_is_named_with_its_place(sent: Request, stored: Request, lines: list[str]) -> None:
    """Parameters, header fields and fields of forms stand on a line each, not in a heap."""
    assert differences(sent, stored, (*STRICT, "headers")) == lines


def test_an_equal_request_says_why_it_does_not_answer() -> None:
    """Either its answer was given, or a matcher that the suite wrote itself says no."""
    interactions = [said(200)]
    request = interactions[0].request
    used = Playlist(interactions, STRICT)
    used.take(request)
    assert explain(request, used).splitlines()[1] == "    equal, but its answer was already given"
    strict = Playlist(interactions, STRICT, conditions=[lambda _sent, _stored: False])
    assert strict.take(request) is None
    assert explain(request, strict).splitlines()[1] == "    equal, but a matcher of the suite does not take it"


def test_a_miss_shows_first_what_comes_next() -> None:
    """Among equally near requests, the report shows those behind the last answer."""
    playlist = Playlist(MANY, STRICT)
    playlist.take(MANY[249].request)
    text = explain(Request("POST", "https://x.example/other"), playlist)
    assert text.startswith("  recorded 251 of 500")


def test_a_miss_shows_another_query_before_another_path() -> None:
    """Also behind many others."""
    ends = [*(f"other/{number}" for number in range(99)), "one?page=1"]
    playlist = Playlist([said(200, url=f"https://x.example/a/{end}") for end in ends], STRICT)
    text = explain(Request("POST", "https://x.example/a/one?page=2"), playlist)
    assert text.startswith("  recorded 100 of 100")


def test_a_miss_shows_the_nearest_body() -> None:
    """Of many bodies to one address, the one with the fewest differences comes first."""
    bodies = [b'{"a":1,"b":%d,"c":%d}' % (number, number) for number in range(5)]
    playlist = Playlist([said(200, body=body) for body in bodies], STRICT)
    text = explain(Request("POST", "https://x.example/a", Headers(), b'{"a":1,"b":3,"c":9}'), playlist)
    assert text.splitlines()[:2] == [
        "  recorded 4 of 5: POST https://x.example/a",
        "    body.c: sent 9, recorded 3",
    ]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([b"1", b"2"])), max_size=8), st.randoms())
def test_each_answer_is_given_once_and_equal_requests_in_order(calls: list[tuple[str, bytes]], order: object) -> None:
    """In whatever order the requests come, each gets the first waiting answer of its equals, until none is left."""
    recorded = [said(place, url=f"https://x.example/{path}", body=body) for place, (path, body) in enumerate(calls)]
    playlist = Playlist(recorded, STRICT)
    asked = [each.request for each in recorded]
    order.shuffle(asked)  # type: ignore[attr-defined]
    given_out = [playlist.take(request) for request in asked]
    for request in asked:
        of_equals = [each.response.status for each in given_out if each and each.response and each.request == request]
        assert of_equals == sorted(of_equals)
        assert playlist.take(request) is None
    assert sorted(each.response.status for each in given_out if each and each.response) == list(range(len(recorded)))


def test_each_answer_may_be_repeated_where_only_a_suite_itself_compares() -> None:
    """Whatever its own matchers tell apart has a last answer of its own."""
    recorded = [said(200, body=b"a"), said(201, body=b"b"), said(202, body=b"b"), said(203, body=b"a")]
    playlist = Playlist(recorded, (), "last", None, [lambda sent, stored: sent.body == stored.body])
    given_out = [playlist.take(recorded[place].request) for place in (0, 1, 0, 0, 1, 1, 0)]
    assert [each.response.status for each in given_out if each and each.response] == [200, 201, 203, 203, 202, 202, 203]


FORM = Headers({"Content-Type": "application/x-www-form-urlencoded"})


@pytest.mark.parametrize(
    ("kind", "a", "b", "equal"),
    [
        (FORM, b"a=1&b=x+y", b"b=x%20y&a=1", True),
        (FORM, b"a=1&a=2", b"a=2&a=1", False),
        (FORM, b"a=1", b"a=2", False),
        (FORM, b"a=%FE", b"a=%FF", False),
        (FORM, b"plain&words", b"words&plain", False),
        (FORM, b'{"a": 1, "b": 2}', b'{"b": 2, "a": 1}', True),
        (Headers({"Content-Type": "application/merge-patch+json"}), b'{"a":1,"b":[]}', b'{ "b": [], "a": 1 }', True),
        (Headers({"Content-Type": "text/plain"}), b"a=1&b=2", b"b=2&a=1", False),
    ],
)
def test_bodies_are_compared_by_what_they_say(kind: Headers, a: bytes, b: bytes, equal: bool) -> None:
    """Forms by their fields and JSON by its value; a text by its bytes."""
    one, other = (Request("POST", "https://x.example/", kind, body) for body in (a, b))
    assert (key(one, ["body"]) == key(other, ["body"])) is equal


@pytest.mark.parametrize("body", [b'{"text": "a=b"}', b"plain", b"a=1&b=2", bytes(range(256)), b""])
def test_a_body_is_the_same_whatever_its_client_calls_it(body: bytes) -> None:
    """What one client recorded answers another: urllib declares every body a form, requests declares nothing."""
    one, other = (Request("POST", "https://x.example/", fields, body) for fields in (FORM, Headers()))
    assert key(one, ["body"]) == key(other, ["body"])


def test_a_body_is_compared_with_one_of_another_kind() -> None:
    """Also under `python -bb`, which refuses to compare bytes with text."""
    bodies = (b'{"a": 1}', b"a=1", b"plain", b"")
    assert {type(MATCHERS["body"](Request("POST", "https://x.example/", FORM, body))) for body in bodies} == {bytes}


@pytest.mark.parametrize("url", ["https://x.example/{}", "https://x.example/?a={}", "https://x.example/?a={}&A"])
def test_bytes_that_are_no_text_stay_apart_in_an_address(url: str) -> None:
    """Two addresses in another coding than UTF-8 are two, though both decode to the same sign for what is broken."""
    playlist = Playlist([said(200, url=url.format("%FE"))], STRICT)
    assert playlist.take(Request("POST", url.format("%FF"))) is None
    assert playlist.take(Request("POST", url.format("%FE"))) is not None


@pytest.mark.parametrize(("sent", "stored"), [(b'{"a": 1}', b'{"a": true}'), (b"[1]", b"[1.0]")])
def test_a_miss_names_what_python_takes_for_equal(sent: bytes, stored: bytes) -> None:
    """Two JSON values that do not match are told apart in the report too."""
    one, other = (Request("POST", "https://x.example/", Headers(), body) for body in (sent, stored))
    assert key(one, ["body"]) != key(other, ["body"])
    assert len(differences(one, other, ["body"])) == 1


@pytest.mark.parametrize("names", [STRICT, LIKE_VCRPY])
@pytest.mark.parametrize(
    "other",
    [
        Request("PUT", "https://x.example/a?b=1"),
        Request("POST", "http://x.example:443/a?b=1"),
        Request("POST", "https://y.example/a?b=1"),
        Request("POST", "https://x.example:8443/a?b=1"),
        Request("POST", "https://x.example/A?b=1"),
        Request("POST", "https://x.example/a?b=2"),
    ],
)
def test_every_part_of_a_request_is_compared(names: tuple[str, ...], other: Request) -> None:
    """Method, scheme, host, port, path and query, each by itself."""
    assert Playlist([said(200, url="https://x.example/a?b=1")], names).take(other) is None


@pytest.mark.parametrize("names", [[*LIKE_VCRPY, "uri"], ["uri", *LIKE_VCRPY, "body"]])
def test_a_url_is_compared_as_it_is_spelled_where_its_address_is_compared_too(names: list[str]) -> None:
    """Both that are chosen must agree."""
    playlist = Playlist([said(200, url="https://x.example/a")], names)
    assert playlist.take(Request("POST", "https://x.example:443/a")) is None
    assert playlist.take(Request("POST", "https://x.example/a")) is not None


@pytest.mark.parametrize("names", [["path"], ["uri"], ["method", "host"], ["headers"], list(MATCHERS)])
def test_every_choice_of_matchers_finds_what_it_says(names: list[str]) -> None:
    """A request is answered exactly where all chosen matchers agree."""
    one, other = said(200), said(201, url="https://y.example/a?b=1", body=b"x")
    playlist = Playlist([one], names)
    agree = key(one.request, names) == key(other.request, names)
    assert (playlist.take(other.request) == one) is agree


def test_unknown_words_are_looked_up_by_shape() -> None:
    """A request with an id that nobody knows yet reads only recordings of its own shape."""
    watched = Watched(*MANY, said(200, url="https://x.example/users/u-007?page=1"))
    playlist = Playlist(watched, STRICT)
    found = playlist.find(Request("POST", "https://x.example/users/Raw?page=1"), {"Raw": r"u-(?P<number>\d+)"})
    assert found == {"Raw": "u-007"}
    assert watched.reads == 1


def test_an_unknown_word_is_the_next_one_that_nobody_has_asked_for() -> None:
    """Of two users whose requests are alike, the second is not taken for the first."""
    ben, mia = (said(200, url=f"https://x.example/users/u-{number}") for number in (1, 2))
    playlist = Playlist([ben, mia], STRICT)
    assert playlist.take(ben.request) == ben
    found = playlist.find(Request("POST", "https://x.example/users/Raw"), {"Raw": r"u-(?P<number>\d+)"})
    assert found == {"Raw": "u-2"}


@pytest.mark.parametrize("words", [("+1555", "+15551"), ("+15551", "+1555")])
def test_an_unknown_word_may_be_the_start_of_another(words: tuple[str, str]) -> None:
    """As a phone number of one that is longer."""
    playlist = Playlist([said(200, url="https://x.example/4-1/4-2")], STRICT)
    pattern = r"4-(?P<number>\d+)"
    found = playlist.find(Request("POST", f"https://x.example/{'/'.join(words)}"), dict.fromkeys(words, pattern))
    assert found == dict(zip(words, ("4-1", "4-2"), strict=True))


def of_file(*bodies: bytes) -> Interactions:
    """The interactions of a file in which these bodies were sent to one address."""
    text = dump(Cassette(tuple(said(100 + number, body=body) for number, body in enumerate(bodies))))
    interactions = parse(text.encode(), "tape.yaml").interactions
    assert isinstance(interactions, Scanned)
    return interactions


def test_a_miss_among_many_bodies_does_not_read_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """A word that stands in none of them tells that none answers."""
    playlist = Playlist(of_file(*(b'{"content": "text %d"}' % number for number in range(500))), STRICT)
    places: list[int] = []
    read = Scanned.read

    def counted(self: Scanned, index: int) -> Interaction:
        places.append(index)
        return read(self, index)

    monkeypatch.setattr(Scanned, "read", counted)
    assert playlist.take(said(0, body=b'{"content": "another text"}').request) is None
    assert len(places) < 20
    assert playlist.take(said(0, body=b'{"content": "text 499"}').request) is not None


@pytest.mark.parametrize("repeats", [None, "first", "last"])
@pytest.mark.parametrize(
    "stored",
    [
        '{"ü":"plain text","n":[1]}'.encode(),
        '{"n": [1], "ü": "plain text"}'.encode(),
        b'{"n":[1],"\\u00fc":"pl\\u0061in text"}',
        '{"n":[1],"ü":"lost","ü":"plain text"}'.encode(),
        '{"n":[1],"\\u00fc":"plain text"}'.encode("utf-16-le"),
        '{"n":[1],"ü":"plain text"}'.encode("utf-16-le"),
        '{"n":[1],\r\n"ü":"plain text"}'.encode(),
    ],
)
def test_a_body_behind_many_is_found_however_it_is_spelled(stored: bytes, repeats: Repeats | None) -> None:
    """To be passed over unread, a body must be another one."""
    many = [b'{"content": "it\'s %d"}' % number for number in range(50)]
    playlist = Playlist(of_file(*many, stored), STRICT, repeats)
    asked = said(0, body='{"n": [1], "ü": "gone", "ü": "plain text"}'.encode()).request
    found = playlist.take(asked)
    assert found is not None
    assert found.response == Response(150)
    assert (playlist.take(asked) is None) == (repeats is None)


@given(st.lists(st.sampled_from(["a", "b", "ab", "ba", "aa"]), min_size=1, max_size=6), st.data())
def test_texts_are_searched_in_a_round(texts: list[str], data: st.DataObject) -> None:
    """From any of them on, each that starts like the wanted text is found once."""
    first, wanted = data.draw(st.integers(0, len(texts))), data.draw(st.sampled_from(["a", "b", "ab", "a\n", "ba\n"]))
    numbers = [*range(first, len(texts)), *range(first)]
    found = [number for number in numbers if f"{texts[number]}\n".startswith(wanted)]
    assert list(Lines(texts).starting(wanted, first)) == found
