"""The redactor: applies rules to requests, responses and texts. Twice is the same as once."""

from __future__ import annotations

import json
import re
from collections import Counter
from email.utils import parsedate_to_datetime
from urllib.parse import quote, unquote

from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording.redaction import encodings
from acs_chat_testkit.recording.redaction.placeholders import placeholder
from acs_chat_testkit.recording.redaction.rules import COOKIE_HEADERS, Naming, Rule, Rules

_JSON_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"(?P<colon>\s*:)?|[{}\[\]]|-?\d[\d.eE+-]*', re.DOTALL)
_PARAMETERS = re.compile(r"(?P<name>[^=&;?#\s]+)=(?P<value>[^&;#\s]*)")
_COOKIE_VALUE = re.compile(r"(?P<name>[^=;,\s]+)=(?P<value>[^;]*)")
_DEPTH = 4
"""How many encodings inside each other are opened."""


class Redactor:
    """Replaces what must not be written.

    Args:
        rules: What to replace.
        naming: Gives an id its pseudonym; by default ids stay as they are.

    Attributes:
        hits: How many findings there were of each rule, by its name.
    """

    def __init__(self, rules: Rules, naming: Naming = lambda _kind, raw: raw) -> None:
        self._rules = rules
        self._naming = naming
        self.hits: Counter[str] = Counter()

    def request(self, request: Request) -> Request:
        """The request as it may be written."""
        content_type = request.headers.get("content-type", "")
        headers = self._headers(request.headers, self._rules.volatile_request_headers)
        return Request(request.method, self.url(request.url), headers, self.body(request.body, content_type))

    def response(self, response: Response) -> Response:
        """The response as it may be written; a gzip body is opened, because clients differ in how they replay one."""
        headers, body = response.headers, response.body
        if headers.get("content-encoding", "").strip().lower() == "gzip":
            opened = encodings.open_gzip(body)
            if opened is not None:
                headers, body = headers.without("content-encoding", "content-length"), opened
        date = headers.get("date")
        clean = self.body(body, headers.get("content-type", ""))
        kept = self._headers(headers, self._rules.volatile_response_headers, date)
        if clean != body and "content-length" in kept:
            fields = ((n, str(len(clean)) if n.lower() == "content-length" else v) for n, v in kept.fields)
            kept = Headers(fields)
        return Response(response.status, kept, clean, response.reason)

    def url(self, url: str) -> str:
        """The address with secret parameters and every finding in path and query replaced."""
        path, mark, query = url.partition("?")
        return self.text(path) + mark + _PARAMETERS.sub(self._parameter, query)

    def text(self, text: str, depth: int = _DEPTH) -> str:
        """The text with every finding replaced, also inside base64, hex and gzip."""
        for rule in self._rules.texts:
            text = rule.pattern.sub(lambda match, rule=rule: self._apply(rule, match), text)  # type: ignore[misc]
        if depth:
            text = encodings.open_words(text, lambda data: self._bytes(data, depth - 1))
        return text

    def body(self, data: bytes, content_type: str) -> bytes:
        """The body with every finding replaced: by member in JSON, by field in forms, by text in all else."""
        if not data:
            return data
        if "form-urlencoded" in content_type:
            return _PARAMETERS.sub(self._parameter, data.decode("latin-1")).encode("latin-1")
        return self._bytes(data, _DEPTH)

    def _bytes(self, data: bytes, depth: int) -> bytes:
        if depth and (opened := encodings.open_gzip(data)) is not None:
            clean = self._bytes(opened, depth - 1)
            return data if clean == opened else encodings.close_gzip(clean)
        for charset in ("utf-8", "latin-1"):
            try:
                text = data.decode(charset)
            except UnicodeDecodeError:
                continue
            clean_text = self._json(text, depth) if text.lstrip()[:1] in ("{", "[") else self.text(text, depth)
            return data if clean_text == text else clean_text.encode(charset)
        return data

    def _json(self, text: str, depth: int) -> str:
        """Walks over the tokens, so that spacing, order and numbers stay as they are."""
        secret = False

        def token(match: re.Match[str]) -> str:
            nonlocal secret
            word = match[0]
            if match["colon"] is not None:
                secret = self._rules.secret_fields.fullmatch(_string(word[: -len(match["colon"])])) is not None
                return word
            if word in "{}[]":
                secret = secret and word == "["
                return word
            if word[0] != '"':
                return "0" if secret else word
            value = _string(word)
            clean = self._secret(value) if secret else self.text(value, depth)
            return word if clean == value else json.dumps(clean, ensure_ascii=word.isascii())

        return _JSON_TOKENS.sub(token, text)

    def _headers(self, headers: Headers, volatile: frozenset[str], date: str | None = None) -> Headers:
        return Headers(
            (name, self.header(name, value, date)) for name, value in headers.fields if name.lower() not in volatile
        )

    def header(self, name: str, value: str, date: str | None = None) -> str:
        """The value of a header field with every finding replaced.

        Args:
            name: The field's name.
            value: Its value.
            date: The Date of the response, which tells whether a cookie was to expire later.
        """
        name = name.lower()
        if name in self._rules.secret_headers:
            return self._secret(value)
        if name in COOKIE_HEADERS:
            return self._cookies(value, everything=name == "cookie", date=date)
        rule = self._rules.headers.get(name)
        if rule is not None:
            value = rule.pattern.sub(lambda match: self._apply(rule, match), value)
        return self.text(value)

    def _cookies(self, value: str, *, everything: bool, date: str | None) -> str:
        """Replaces the values: of all pairs in Cookie, of the first one in Set-Cookie (RFC 6265)."""
        clean = _COOKIE_VALUE.sub(self._cookie, value, count=0 if everything else 1)
        return clean if everything else _without_expiry(clean, date)

    def _cookie(self, match: re.Match[str]) -> str:
        return f"{match['name']}={self._secret(match['value'])}"

    def _parameter(self, match: re.Match[str]) -> str:
        name, value = match["name"], match["value"]
        plain = unquote(value)
        secret = self._rules.secret_fields.fullmatch(unquote(name))
        clean = self._secret(plain) if secret else self.text(plain)
        return match[0] if clean == plain else f"{name}={quote(clean, safe='')}"

    def _secret(self, value: str) -> str:
        clean = placeholder(value)
        if clean != value:
            self.hits["secret"] += 1
        return clean

    def _apply(self, rule: Rule, match: re.Match[str]) -> str:
        clean = rule.replace(match, self._naming)
        if clean != match[0]:
            self.hits[rule.name] += 1
        return clean


def _string(token: str) -> str:
    """The value of a JSON string token; a token that is none gives its own text."""
    try:
        value: str = json.loads(token, strict=False)
    except ValueError:
        return token
    return value


def _without_expiry(cookie: str, date: str | None) -> str:
    """A cookie that was to expire later stays for the session, so that a recording does not rot with the clock."""
    found = re.search(r"(?i);\s*expires=([^;]+)", cookie)
    if found is None or date is None:
        return cookie
    try:
        later = parsedate_to_datetime(found[1]) > parsedate_to_datetime(date)
    except (TypeError, ValueError):
        return cookie
    return cookie[: found.start()] + cookie[found.end() :] if later else cookie
