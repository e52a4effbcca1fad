"""The redactor: applies rules to requests, responses and texts. Twice is the same as once."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable, Hashable, MutableSequence, Sequence
from functools import partial
from hashlib import sha256
from typing import TypeVar
from urllib.parse import unquote

from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording.codings import open_body
from acs_chat_testkit.recording.redaction import assignments, encodings, forms, heads
from acs_chat_testkit.recording.redaction.inert import LONGEST as LARGEST
from acs_chat_testkit.recording.redaction.inert import ROOM, Inert
from acs_chat_testkit.recording.redaction.innocent import EVERYWHERE, Innocent, innocent, is_innocent
from acs_chat_testkit.recording.redaction.placeholders import JWT, placeholder
from acs_chat_testkit.recording.redaction.pseudonyms import AS_IT_IS, Kind, Naming
from acs_chat_testkit.recording.redaction.rules import COOKIE_HEADERS, SHAPED, Rule, Rules
from acs_chat_testkit.recording.redaction.screen import BEYOND, WORD, folded, one_of, shape

DEPTH = 12
"""How many encodings inside each other are opened."""
MOST, LONGEST = 4096, 2048
"""So many texts with findings are remembered, none of more characters."""
ROUNDS = 8
"""So often at most is a text gone over until nothing in it changes."""
SHORT = 100
"""A text of no more characters is likely to come again, and is remembered also where one look is enough."""

_ADDRESSES = frozenset(["azure-asyncoperation", "content-location", "location", "operation-location", "referer"])
"""Header fields with an address: who follows it in replay asks for what was recorded."""
_ADDRESS = re.compile(r"https?://[^\s\"'<>\\;?]+\?[^\s\"'<>\\;]*")
"""An address with a query and nothing else, as links in JSON are; with a semicolon, it may be one in HTML."""
_COOKIE = re.compile(r'(?P<head>(?:^|;)\s*(?:[^=;,\s]*=)?)(?P<value>"[^"]*"(?=\s*(?:;|$))|[^;]*)')
_JOINED = re.compile(r"(,\s*)(?=[^=;,\s]+=)")
_PLAIN = re.compile(r"(?:[\d.]++(?:ms|[dhms])?)*+", re.IGNORECASE)
"""How many tokens a client may still use, or until when: by such names no secret."""
_BLANKS = " \t\r\n\ufeff"
_STARTS = ("{", "[", '"')
"""How JSON starts that holds a text."""
_NAME = re.compile(rb"(?i)\bname\*?=(?:utf-8'\w*'|[\"'])?([^\"';\r\n]+)")
_TYPE = re.compile(rb"(?im)^content-type:[ \t]*([^\r\n]+)")


class Redactor:
    """Replaces what must not be written; a message in which nothing is to be replaced is given back as it is.

    Args:
        rules: What to replace.
        naming: Gives an id its pseudonym; by default ids stay as they are.
        found: Gets the name of the rule and the text of every finding, decoded; it must not keep it for long.
        place: Writes what stands for a value that its name calls a secret.
        masks: Whether the members of the rules become pseudonyms; where they do not, they are found and looked into.

    Attributes:
        inert: Texts, and what else, in which nothing was found.
        hits: How many findings there were of each rule, by its name.
        matched: How often rules found something, also where it stayed as it is because its pseudonym is not known yet.
    """

    def __init__(
        self,
        rules: Rules,
        naming: Naming = AS_IT_IS,
        found: Callable[[str, str], None] = lambda _name, _text: None,
        place: Callable[[str], str] = placeholder,
        *,
        masks: bool = True,
    ) -> None:
        self._rules = rules
        self.inert = rules.inert
        self._naming = _Watched(naming)
        self._found = found
        self._place = place
        self._masks = masks
        self.matched = 0
        self._outcomes: dict[Hashable, tuple[str, Sequence[tuple[str, str]]]] = {}
        self._log: MutableSequence[tuple[str, str]] = deque(maxlen=0)
        # What is left of a text, because the text of which it is a part is gone over once more.
        self._left = Inert(longest=ROOM)
        self.hits: Counter[str] = Counter()

    def request(self, request: Request) -> Request:
        """The request as it may be written, its body without content coding."""
        lasting, late = heads.without(request.headers, self._rules.volatile_request_headers)
        headers, body = heads.one_boundary(*open_body(lasting, request.body))
        kept = self._clean(headers.without(*late) if late else headers, request.headers)
        url, clean = self.url(request.url), self.body(body, headers.get("content-type", ""))
        if ".vault." in url and forms.IN_A_VAULT.match(url):
            clean = forms.json_members(clean.decode("latin-1"), self._put_away, self._rules.hides).encode("latin-1")
        if clean != body:
            kept = heads.of_other_body(kept, clean)
        if kept is request.headers and url == request.url and clean == request.body:
            return request
        return Request(request.method, url, kept, clean)

    def _put_away(self, name: str | None, value: str) -> str:
        """A text in what is put into a vault."""
        return self._secret(value) if name == "value" else value

    def response(self, response: Response, came: float | None = None) -> Response:
        """The response as it may be written, its body without content coding.

        Args:
            response: The response.
            came: When it came, in seconds since 1970, which is told by its Date where it has one (RFC 9110, 6.6.1).
        """
        lasting, late = heads.without(response.headers, self._rules.volatile_response_headers)
        headers, body = open_body(lasting, response.body)
        clean = self.body(body, headers.get("content-type", ""))
        date = heads.date_of(response.headers, came) if "set-cookie" in headers else None
        kept = self._clean(headers.without(*late) if late else headers, response.headers, date)
        if clean != body:
            kept = heads.of_other_body(kept, clean)
        reason = self.text(response.reason)
        if kept is response.headers and clean == response.body and reason == response.reason:
            return response
        return Response(response.status, kept, clean, reason)

    def url(self, url: str) -> str:
        """The address with secret parameters and every finding in path and query replaced."""
        # A plus may be a blank, behind which another word starts than the one that is looked at.
        if not self._rules.members and '"' not in url and "+" not in url and self._passes(url, DEPTH):
            return url
        return self._address(url, DEPTH)

    def _address(self, url: str, depth: int) -> str:
        path, mark, query = url.partition("?")
        path = self.text(path, depth)
        if "%" in path and "=" in path:
            # Some clients take off the escape of this sign, and leave the one in front of the name.
            opened = partial(self.text, depth=depth)
            path = "/".join([encodings.open_part(part, opened, keeps=True) for part in path.split("/")])
        url = path + self._query(mark + query, depth)
        return self._ruled(url) if self._rules.across else url

    def _query(self, query: str, depth: int) -> str:
        """The query of an address with its mark; many addresses have the same one."""
        key = (query, "query")
        if self.inert.knows(key, depth):
            return query
        return self._remembered(key, query, depth, self._parameters)

    def _parameters(self, query: str, depth: int) -> str:
        return self._ruled(query[:1] + forms.parameters(query[1:], partial(self._parameter, depth=depth)))

    def body(self, data: bytes, content_type: str) -> bytes:
        """The body with every finding replaced: by member in JSON, by field in forms, by text in all else."""
        if not data:
            return data
        charset, boundary, layout = heads.kind_of(content_type)
        if boundary is not None:
            return forms.parts(data, boundary, self._part)
        return _settled(data, lambda data: self._bytes(self._fields(data, layout), DEPTH, charset))

    def _fields(self, data: bytes, layout: str) -> bytes:
        """The body with the fields of a form or the cells of a table replaced."""
        # Some clients, such as urllib, call every body a form; and what stands in none of its fields is a text.
        if layout == "form" and data.lstrip()[:1] not in (b"{", b"[", b"<"):
            return forms.parameters(data.decode("latin-1"), self._parameter).encode("latin-1")
        if layout == "table":
            charset = encodings.wide(data)
            text = encodings.decoded(data, charset)
            if charset is None or text is None:
                charset, text = "latin-1", data.decode("latin-1")
            table = forms.columns(forms.cells(text, self.text), self._named, self._rules.hides)
            return table.encode(charset, "backslashreplace")
        return data

    def headers(self, headers: Headers) -> Headers:
        """The header fields with every finding replaced."""
        return self._clean(headers, headers)

    def _clean(self, headers: Headers, before: Headers, date: str | None = None) -> Headers:
        """The fields with every finding replaced; what was there before where it is the same."""
        fields, matched = headers.fields, self.matched
        if not self.inert.knows(fields, DEPTH):
            clean = tuple([(name, self.header(name, value, date)) for name, value in fields])
            if clean != fields:
                headers = heads.headers_of(clean)
            elif matched == self.matched:
                self.inert.add(fields, DEPTH, sum(len(name) + len(value) for name, value in fields))
        return before if headers.fields == before.fields else headers

    def header(self, name: str, value: str, date: str | None = None) -> str:
        """The value of a header field with every finding replaced.

        Args:
            name: The field's name.
            value: Its value.
            date: The Date of the response, which tells whether a cookie was to expire later.
        """
        return _settled(value, lambda value: self._header(name.lower(), value, date))

    def _header(self, name: str, value: str, date: str | None) -> str:
        if name in COOKIE_HEADERS:
            return self._cookies(value, everything=name == "cookie", date=date)
        rule = self._rules.headers.get(name)
        sounds = rule is None and self._rules.hides_field(name) and not _PLAIN.fullmatch(value)
        if sounds or name in self._rules.secret_headers:
            # Of a session or a key that only a header field hides, the rest of a recording may speak openly.
            return self._secret(value, "secret" if self._rules.hides(name) else "header")
        if rule is not None:
            value = rule.pattern.sub(lambda match: self._apply(rule, match), value)
        return self.url(value) if name in _ADDRESSES else self.text(value)

    def text(self, text: str, depth: int = DEPTH) -> str:
        """The text with every finding replaced, also inside percent-encoding, base64, hex and compression."""
        key = _text_key(text)
        if self.inert.knows(key, depth) or self._left.knows(text, depth):
            return text
        if self._passes(text, depth):
            if len(text) <= SHORT:
                self.inert.add(text, depth, len(text))
            return text
        unknown = self._naming.unknown
        found = self._remembered(key, text, depth, self._text)
        if found != text and depth == DEPTH and unknown == self._naming.unknown:
            self._left.add(found, depth, len(found))
        return found

    def _word(self, word: str, depth: int) -> str:
        """A word of base64 or hex, redacted from the inside."""
        return word if self._hides_nothing(word, depth) else self._remembered(_key(word), word, depth, self._opened)

    def _opened(self, word: str, depth: int) -> str:
        return encodings.open_word(word, lambda data: self._bytes(data, depth), self._looks_harmless)

    def _remembered(self, key: Hashable, text: str, depth: int, clean: Callable[[str, int], str]) -> str:
        """What becomes of a text; remembers it, unless it may become something else as soon as an id is known."""
        outcome = self._outcomes.get((key, depth))
        if outcome is not None:
            self.matched += 1
            for hit in outcome[1]:
                self._hit(*hit)
            return outcome[0]
        matched, unknown = self.matched, self._naming.unknown
        outer, self._log = self._log, []
        # What is in it is gone over again with it: if each settled by itself, the rounds of all would multiply.
        found = _settled(text, lambda text: clean(text, depth)) if depth == DEPTH else clean(text, depth)
        hits, self._log = self._log, outer
        outer.extend(hits)
        if found == text and matched == self.matched:
            self.inert.add(key, depth, len(key if isinstance(key, bytes) else text))
        elif unknown == self._naming.unknown and len(text) <= LONGEST:
            if len(self._outcomes) >= MOST:
                self._outcomes.clear()
            self._outcomes[key, depth] = found, hits
        return found

    def _passes(self, text: str, depth: int) -> bool:
        """Whether one look shows that nothing is to be replaced in a text; most texts are like that."""
        screen = self._rules.screen
        if screen is None:
            return False
        if "\\" in text and '"' in text:
            if not self._plain_json(text):
                return False
            text = " ".join(forms.json_strings(text))
        form = screen.passes(text)
        if form is None:
            return False
        return all(self._hides_nothing(word, depth - 1) for word in encodings.words(text, form))

    def _plain_json(self, text: str) -> bool:
        """Whether a text is JSON in which no name makes its value a secret, nor may an option of a command."""
        return (
            '"--' not in text
            and text.lstrip(_BLANKS)[:1] in _STARTS
            and forms.is_json(text)
            and not self._rules.quoted(text)
        )

    def _hides_nothing(self, word: str, depth: int) -> bool:
        """Whether one look shows that nothing is to be replaced in a word of base64 or hex."""
        key = _key(word)
        if self.inert.knows(key, depth):
            return True
        harmless = self._looks_harmless(word)
        if harmless:
            self.inert.add(key, DEPTH, len(key if isinstance(key, bytes) else word))
        return harmless

    def _looks_harmless(self, word: str) -> bool:
        screen = self._rules.screen
        data = None if screen is None else encodings.readings(word)
        if data is None or screen is None:
            return False
        form = screen.passes(data.decode("latin-1"))
        return form is not None and WORD not in form and BEYOND.search(data) is None

    def _texts(self, texts: Sequence[str], depth: int) -> Sequence[str]:
        """Several texts with every finding replaced: one look is enough for all that are new and hold none."""
        harmless = self.inert.known(texts, depth)
        fresh = [text for text in texts if text not in harmless and (text, depth) not in self._outcomes]
        if self._passes(" ".join(fresh), depth):
            harmless.update(fresh)
        return [text if text in harmless else self.text(text, depth) for text in texts]

    def _text(self, text: str, depth: int) -> str:
        if depth and _ADDRESS.fullmatch(text):
            return self._address(text, depth - 1)
        among = innocent(text)

        def named(name: str | None, value: str) -> str:
            return self._named(name, value, among, depth)

        if depth and text.lstrip(_BLANKS)[:1] in _STARTS:
            if self._plain_json(text):
                return forms.json_texts(text, lambda texts: self._texts(texts, depth - 1))
            text = forms.json_members(
                text, lambda name, value: self._member(name, value, depth - 1, among), self._rules.hides
            )
            if forms.is_json(text):
                return text
        text = self._ruled(self._strings(text, depth, named))
        text = assignments.named_values(text, named, self._rules.hides)
        if depth:
            text = assignments.open_entities(text, lambda plain: self.text(plain, depth - 1))
            text = encodings.open_percent(text, lambda plain: self.text(plain, depth - 1))
            text = encodings.open_words(text, lambda word: self._word(word, depth - 1))
        return text

    def _strings(self, text: str, depth: int, named: Callable[[str | None, str], str]) -> str:
        """A text that is not JSON as a whole, with every finding replaced in JSON and in the strings that it holds."""
        if '"' in text and ":" in text:
            if depth:
                text = forms.json_behind(text, lambda rest: self.text(rest, depth))
            text = forms.json_members(text, named, self._rules.hides)
            text = forms.json_pairs(text, named)
        return encodings.open_escapes(text, lambda plain: self.text(plain, depth - 1)) if depth else text

    def _ruled(self, text: str) -> str:
        low, form = folded(text), shape(text)
        for rule in self._rules.texts:
            if rule.shape in form and rule.mark in low and (rule.needs is None or one_of(rule.needs, low)):
                clean = rule.pattern.sub(lambda match, rule=rule: self._apply(rule, match), text)  # type: ignore[misc]
                if clean != text:
                    text, low, form = clean, folded(clean), shape(clean)
        return text

    def _bytes(self, data: bytes, depth: int, charset: str | None = None) -> bytes:
        opened = encodings.open_compressed(data) if depth else None
        if opened is not None:
            plain, close = opened
            clean = self._bytes(plain, depth - 1)
            # A text might pass for a stream by chance.
            if clean != plain or not data.isascii():
                return data if clean == plain else close(clean)
        if charset is not None and charset.lower() != "utf-8":
            data = self._encoded(data, charset, depth) or data
        # It is looked at once more, because a head may be wrong, and an archive too is half zeros.
        wide = encodings.wide(data)
        if wide is not None:
            data = self._encoded(data, wide, depth) or data
        for name in ("utf-8", "latin-1"):
            clean_bytes = self._encoded(data, name, depth)
            if clean_bytes is not None:
                return clean_bytes
        return data

    def _encoded(self, data: bytes, charset: str | None, depth: int) -> bytes | None:
        text = encodings.decoded(data, charset)
        if text is None or charset is None:
            return None
        clean = self.text(text, depth)
        return data if clean == text else clean.encode(charset)

    def _member(self, name: str | None, value: str, depth: int, among: Sequence[Innocent] = EVERYWHERE) -> str:
        """A text in JSON, under the name of its member."""
        if name is None:
            return self.text(value, depth)
        for pattern, kind in self._rules.members:
            if value and pattern.fullmatch(name) and not re.fullmatch(kind.pattern, value):
                self.matched += 1
                self._hit(kind.name, value)
                if self._masks:
                    return self._naming(kind, value)
        return self._secret(value, depth=depth) if self._hides(name, value, among) else self.text(value, depth)

    def _named(self, name: str | None, value: str, among: Sequence[Innocent] = EVERYWHERE, depth: int = DEPTH) -> str:
        """A value that a text names; without a name it is like all else there."""
        if name is None or not self._hides(name, value, among):
            return value
        # In JSON of which nobody knows where its texts begin, it is still as it was written there.
        written = "\\" in value and is_innocent(name, forms.value_of(f'"{value}"'), among)
        return value if written else self._secret(value, depth=depth)

    def _hides(self, name: str, value: str, among: Sequence[Innocent]) -> bool:
        return self._rules.hides(name) and not is_innocent(name, value, among)

    def _part(self, head: bytes, content: bytes) -> tuple[bytes, bytes]:
        """A part of a multipart body: a field of a form, or a message of its own."""
        name, kind = _NAME.search(head), _TYPE.search(head)
        head = self._bytes(head, DEPTH)
        value = content.decode("latin-1")
        if name is not None and self._hides(_last_name(name[1].decode("latin-1")), value, EVERYWHERE):
            return head, self._secret(value).encode("latin-1")
        return head, self.body(content, kind[1].decode("latin-1") if kind else "")

    def _parameter(self, name: str | None, value: str, depth: int = DEPTH) -> str:
        """A parameter of a query or a form, or its name, as it is on the wire."""
        name = None if name is None else _last_name(name)
        # A plus is a blank in a form, and itself elsewhere.
        for plus in " +" if "+" in value else "+":
            plain = encodings.unquoted(value.replace("+", plus))
            clean = self._member(name, plain, depth)
            # What stood there without an escape stays so, but for what may part it from what follows.
            value = value if clean == plain else encodings.quoted(clean, value, "".join(set(value) - set("%+;")))
        return value

    def _cookies(self, value: str, *, everything: bool, date: str | None) -> str:
        """Replaces the values: of all pairs in Cookie, of the first one in Set-Cookie (RFC 6265)."""
        if everything:
            return self.text(_COOKIE.sub(self._cookie, value))
        # Some clients join several fields by commas.
        pieces = _JOINED.split(value)
        pieces[::2] = [heads.without_expiry(_COOKIE.sub(self._cookie, each, count=1), date) for each in pieces[::2]]
        return self.text("".join(pieces))

    def _cookie(self, match: re.Match[str]) -> str:
        return match["head"] + self._secret(match["value"], "cookie")

    def _secret(self, value: str, kind: str = "secret", depth: int = DEPTH) -> str:
        """What stands for a secret; a connection string keeps its shape, so that it can still be read."""
        return self._remembered((value, kind), value, depth, lambda text, depth: self._placed(text, kind, depth))

    def _placed(self, value: str, kind: str, depth: int) -> str:
        clean = self.text(value, depth - 1) if depth and SHAPED.search(value) else self._place(value)
        if clean != value:
            self.matched += 1
            self._hit("token" if JWT.search(value) else kind, value)
        return clean

    def _apply(self, rule: Rule, match: re.Match[str]) -> str:
        self.matched += 1
        clean = rule.replace(match, self._naming)
        if clean != match[0]:
            self._hit(rule.name, match[0])
        return clean

    def _hit(self, name: str, text: str) -> None:
        self.hits[name] += 1
        self._log.append((name, text))
        self._found(name, text)


def _key(word: str) -> Hashable:
    """By what a word is remembered: one that is too long to be kept, such as a picture, by its digest."""
    return (word,) if len(word) <= LARGEST else sha256(word.encode()).digest()


def _text_key(text: str) -> Hashable:
    """By what a text is remembered: it comes again for each order in which encodings in encodings may be opened."""
    return text if len(text) <= LARGEST else sha256(f"text {text}".encode(errors="surrogatepass")).digest()


Content = TypeVar("Content", str, bytes)


def _settled(content: Content, clean: Callable[[Content], Content]) -> Content:
    """What is left when nothing changes any more: what took the place of one finding may belong to another one."""
    for _ in range(ROUNDS):
        before, content = content, clean(content)
        if content == before:
            break
    return content


class _Watched(Naming):
    """Counts how often an id was asked for that has no pseudonym, and may have one later."""

    def __init__(self, naming: Naming) -> None:
        self._naming = naming
        self.unknown = 0

    def __call__(self, kind: Kind, raw: str) -> str:
        name = self._naming(kind, raw)
        self.unknown += name == raw
        return name

    def known(self, kind: Kind, raw: str) -> str | None:
        name = self._naming.known(kind, raw)
        self.unknown += name is None
        return name


def _last_name(name: str) -> str:
    """In a form that nests its fields, such as user[password] or tokens[], the last word is the name."""
    return unquote(name).rstrip("[]").rpartition("[")[2]
