"""Looks through encodings: percent, base64, hex and compressed texts are opened, redacted inside, and closed again."""

from __future__ import annotations

import base64
import gzip
import re
import zlib
from binascii import a2b_base64
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from string import ascii_letters, digits
from urllib.parse import quote, unquote

from acs_chat_testkit.recording.redaction import screen
from acs_chat_testkit.recording.redaction.screen import SHORTEST_WORD

BOUND = 64 * 1024 * 1024
"""Nothing compressed is opened further than this number of bytes."""

# Each branch begins with one letter, by which it is looked for much faster.
_BREAK = r"(?:\n|\r\n|\\\\*(?:r\\+)?n)"
_WORDS = re.compile(rf"(?<![\w+/-])[\w+/-]{{16,}}={{0,2}}(?:{_BREAK}[\w+/-]+={{0,2}})*", re.ASCII)
_LINES = re.compile(f"({_BREAK})")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")
# Behind an escape, base64 with a slash looks as if it began two characters earlier.
_BYTE = r"%(?:u[0-9a-fA-F]{2})?[0-9a-fA-F]{2}"
_SIGNS = re.compile(rf"%(?:25)*(?:3[Dd]|2[Bb]|3[Aa]//|[35][Cc]/)|{_BYTE}(?=[\w+/-]{{16}})[\w+-]*/", re.ASCII)
# A run of these is looked at from its start alone; otherwise a long one would be gone over from each of its characters.
_HALF = r"[^&=?#;,\s\"'<>\\]"
_HALF_ESCAPED = re.compile(rf"(?<!{_HALF}){_HALF}*(?:{_SIGNS.pattern}){_HALF}*")
_PART = r"[^&=?/#;,\s\"'<>\\]"
_ESCAPED = re.compile(rf"(?<!{_PART}){_PART}*{_BYTE}{_PART}*")
_UNICODE = re.compile("%u((?![dD][89a-fA-F])[0-9a-fA-F]{4})")
"""An escape of one character by JavaScript's `escape`; a half of a pair is none."""
_QUOTED = re.compile(r"""(?:[^"'\\\r\n\t]|\\[^\r\n\t])+""")
_SPELLED = re.compile(
    r"""(?x) \\ (?: u (?P<code> (?![dD][89a-fA-F]) [0-9a-fA-F]{4} ) | x (?P<byte> [0-9a-fA-F]{2} )
    | (?P<octal> [0-3][0-7]{2} ) | (?P<sign> [bfnrt/\\"'] ) )"""
)
"""An escape of one character in JSON (RFC 8259, section 7), JavaScript, Python or C; a half of a pair is none."""
_LETTERS = frozenset(ascii_letters + digits)
_SIGN = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def wide(data: bytes) -> str | None:
    """The coding of a text in UTF-16 or UTF-32, by its mark and its zeros; None where it looks like none."""
    if b"\0" not in data:
        return None
    if data.count(0) * 2 > len(data):
        return "utf-32-be" if data[:1] == b"\0" else "utf-32-le"
    if data[:2] == b"\xff\xfe" or data[1::2].count(0) * 4 > len(data):
        return "utf-16-le"
    return "utf-16-be" if data[:2] == b"\xfe\xff" or data[::2].count(0) * 4 > len(data) else None


def decoded(data: bytes, charset: str | None) -> str | None:
    """The text of some bytes; None where this charset does not give the very bytes back."""
    if charset is None:
        return None
    try:
        text = data.decode(charset)
        return text if text.encode(charset) == data else None
    except (LookupError, UnicodeError):
        return None


def open_escapes(text: str, redact: Callable[[str], str]) -> str:
    """A text in which strings with escapes, as of scripts or of JSON that is cut off, are redacted from the inside.

    What stands before and behind all findings in a string stays as it was written; between, and in what stands for
    them, signs are escaped as they were somewhere in it.
    """

    def part(match: re.Match[str]) -> str:
        spelled: dict[str, str] = {}

        def char(escape: re.Match[str]) -> str:
            code, octal = escape["code"] or escape["byte"], escape["octal"]
            number = int(code, 16) if code else int(octal, 8) if octal else None
            plain = _SIGN.get(escape["sign"], escape["sign"]) if number is None else chr(number)
            spelled.setdefault(plain, escape[0])
            return plain

        plain = _SPELLED.sub(char, match[0]) if "\\" in match[0] else match[0]
        clean = plain if plain == match[0] else redact(plain)
        return match[0] if clean == plain else _spelled(match[0], plain, clean, spelled)

    return _QUOTED.sub(part, text) if "\\" in text else text


def _spelled(text: str, plain: str, clean: str, spelled: Mapping[str, str]) -> str:
    """What a string with escapes becomes, of which the plain text becomes a clean one."""
    start = _alike(plain, clean)
    end = _alike(plain[start:][::-1], clean[start:][::-1])
    # Letters need no escape: a word in which one has its own can not be read by people.
    between = [char if char in _LETTERS else spelled.get(char, char) for char in clean[start : len(clean) - end]]
    return "".join([text[: _place(text, start)], *between, text[_place(text, len(plain) - end) :]])


def _alike(one: str, other: str) -> int:
    """How many characters at the start of two texts are the same."""
    return next(
        (place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]),
        min(len(one), len(other)),
    )


def _place(text: str, place: int) -> int:
    """Where in a string with escapes that stands which is at a place of its plain text."""
    for escape in _SPELLED.finditer(text):
        if escape.start() >= place:
            break
        place += len(escape[0]) - 1
    return place


def open_percent(text: str, redact: Callable[[str], str]) -> str:
    """A text in which every percent-encoded part (RFC 3986, section 2.1) is redacted from the inside."""
    if "%" not in text:
        return text
    text = _ESCAPED.sub(lambda match: open_part(match[0], redact), text)
    return _HALF_ESCAPED.sub(lambda match: _half(match[0], redact), text) if _SIGNS.search(text) else text


def open_part(text: str, redact: Callable[[str], str], *, keeps: bool = False) -> str:
    """One such part, redacted from the inside; it may keep signs without encoding that it has without."""
    plain = unquoted(text)
    clean = redact(plain)
    return text if clean == plain else quoted(clean, text, "".join(set(text) - {"%"}) if keeps else "")


def _half(text: str, redact: Callable[[str], str]) -> str:
    """A text whose slashes were left as they are when the rest was encoded: they may belong to what is inside."""
    return open_part(text, redact, keeps=True) if "/" in text else text


def unquoted(text: str) -> str:
    """What percent-encoding stands for, also that of JavaScript's `escape`."""
    if "%u" not in text:
        return unquote(text)
    pieces = _UNICODE.split(text)
    pieces[::2] = map(unquote, pieces[::2])
    pieces[1::2] = [chr(int(code, 16)) for code in pieces[1::2]]
    return "".join(pieces)


def quoted(text: str, like: str, safe: str = "") -> str:
    """A text in percent-encoding; signs that another one has by `escape` are so, as clients send them in other ways."""
    if "%u" not in like:
        return quote(text, safe=safe)
    spelled = {chr(int(code, 16)): f"%u{code}" for code in _UNICODE.findall(like)}
    signs = ((char, quote(char, safe=safe)) for char in text)
    return "".join([sign if sign == char else spelled.get(char, sign) for char, sign in signs])


def open_words(text: str, each: Callable[[str], str]) -> str:
    """A text in which every base64 or hex word goes through a function, `open_word` in the end."""
    pieces, place = [], 0
    for match in screen.words(_WORDS, text, screen.shape(text)):
        pieces += [text[place : match.start()], each(match[0])]
        place = match.end()
    return "".join([*pieces, text[place:]]) if pieces else text


def words(text: str, form: str) -> list[str]:
    """The base64 and hex words of a text with this `shape`."""
    return [match[0] for match in screen.words(_WORDS, text, form)]


SPLITS = 8
"""So often at most a word is divided where something in it starts or ends."""


def open_word(
    word: str, redact: Callable[[bytes], bytes], harmless: Callable[[str], bool], splits: int = SPLITS
) -> str:
    """A word redacted from the inside; one without a finding stays as it is.

    Args:
        word: Base64 or hex.
        redact: Redacts what it may stand for.
        harmless: Whether one look shows that nothing is in a part of it; a long word as a whole seldom looks so.
        splits: How often it is divided.
    """
    whole = _word(word, redact)
    if whole is not None:
        return whole
    # A slash or a line break may belong to the word or stand between two.
    for start, end in _places(word) if splits else ():
        inner = _word(word[start:end], redact)
        if inner is not None:
            rest = [
                open_words(each, lambda part: open_word(part, redact, harmless, splits - 1))
                for each in (word[:start], word[end:])
            ]
            return inner.join(rest)
    lines = _LINES.split(word)
    if len(lines) > 1:
        lines[::2] = [line if harmless(line) else open_word(line, redact, harmless) for line in lines[::2]]
        return "".join(lines)
    parts = word.split("/")
    return "/".join(
        part if len(part) < SHORTEST_WORD or harmless(part) else _word(part, redact) or part for part in parts
    )


def _places(word: str) -> Iterator[tuple[int, int]]:
    """Where, at a slash or behind it, a word with a meaning of its own starts and ends that has slashes itself."""
    end = _end(word)
    if end:
        yield 0, end
    core = _core(word)
    read = None if _NO_BASE64.search(core) else _Reading(core)
    room = max(_ROOM, 16 * len(word))
    for start in _beginnings(word)[1:]:
        if read is not None and len(word) > start + _BLINK and not _may_mean(read.head(start, _BLINK // 4 * 3)):
            continue
        if any(len(word) > start + size and not _begins_well(word[start : start + size]) for size in (_BLINK, _GLANCE)):
            continue
        room -= len(word) - start
        if room < 0:
            return
        end = len(word) if _reads(word[start:]) else start + _end(word[start:])
        if end > start:
            yield start, end


def _reads(word: str) -> bool:
    """Whether a word as a whole has a meaning."""
    for decode, _ in _codecs(word):
        with suppress(ValueError):
            if _means_something(decode(word)):
                return True
    return False


def _end(word: str) -> int:
    """Where a compressed text ends in a word, at a slash that belongs to neither; 0 where none does."""
    core = _core(word)
    if "/" not in word[SHORTEST_WORD:] or _NO_WORD.search(core):
        return 0
    data, _ = _Reading(core).place(0)
    engine = zlib.decompressobj(wbits=_bits(data))
    try:
        engine.decompress(data, BOUND)
    except zlib.error:
        return 0
    end = -(-(len(data) - len(engine.unused_data)) * 4 // 3)
    return end if engine.eof and end >= SHORTEST_WORD and word[end : end + 1] == "/" else 0


_HEX_LINES = re.compile(rf"(?:[0-9a-fA-F]|{_BREAK})+")
_BLINK, _GLANCE = 64, 1024
"""So much is read of what may start anywhere in a long word: of a picture it shows already that it starts nowhere."""
_ROOM = 4 * 1024 * 1024
"""So many characters are read at least from where something may start, and shows only later that it does not."""


def _begins_well(head: str) -> bool:
    """Whether the beginning of a word may be the one of something that has a meaning."""
    if _HEX_LINES.fullmatch(head):
        return True
    for decode, _ in _codecs(head):
        try:
            data = decode(head)
        except ValueError:
            return True
        if _may_mean(data):
            return True
    return False


def _may_mean(head: bytes) -> bool:
    """Whether these may be the first bytes of a text or of a compressed one."""
    return (
        _is_cut_text(head)
        or (b"\0" in head and _is_cut_text(head.lstrip(b"\xff\xfe").replace(b"\0", b"")))
        or _inflates(head)
    )


def _is_cut_text(data: bytes) -> bool:
    try:
        return getincrementaldecoder("utf-8")().decode(data).isprintable()
    except UnicodeDecodeError:
        return False


def _inflates(data: bytes) -> bool:
    try:
        zlib.decompressobj(wbits=_bits(data)).decompress(data, BOUND)
    except zlib.error:
        return False
    return True


def _word(word: str, redact: Callable[[bytes], bytes]) -> str | None:
    """The word redacted from the inside; None where it has no meaning that can be told."""
    if len(word) < SHORTEST_WORD:
        return None
    for decode, encode in _codecs(word):
        try:
            data = decode(word)
        except ValueError:
            continue
        clean = redact(data)
        if clean != data:
            return encode(clean)
        if _means_something(data):
            return word
    return None


def _means_something(data: bytes) -> bool:
    """Whether bytes are a text or a compressed one, and not what comes out of a word that was read wrongly."""
    if data.count(0) * 4 > len(data):
        data = data.lstrip(b"\xff\xfe").replace(b"\0", b"")
    try:
        return data.decode().isprintable() or open_compressed(data) is not None
    except UnicodeDecodeError:
        return open_compressed(data) is not None


def readings(word: str) -> bytes | None:
    """All that `open_word` reads in a word of base64 or hex, one behind the other.

    Four characters are three bytes, so what is read from one place on is part of what is read from any other place that
    is a multiple of four before it.

    Returns:
        None where more than that may be in the word: lines, hex beside base64, a compressed text or UTF-16.
    """
    core = _core(word)
    plain = bytes.fromhex(core) if _HEX.fullmatch(core) else b""
    if not plain and _NO_BASE64.search(core):
        return None
    read = _Reading(core)
    if any(_starts_compressed(*read.place(start)) for start in _beginnings(word)) or _starts_compressed(plain, 0):
        return None
    data = b"\n".join([*read.all, plain])
    return None if _WIDE.search(data) or b"\xff\xfe" in data or b"\xfe\xff" in data else data


def _core(word: str) -> str:
    """A word of base64 in its first alphabet, without what fills it up."""
    return word.rstrip("=").replace("-", "+").replace("_", "/")


class _Reading:
    """Reads a word of base64 from any place on, though no more than four times as a whole."""

    def __init__(self, core: str) -> None:
        self._core = core
        self._read: dict[int, bytes] = {}

    @property
    def all(self) -> Iterable[bytes]:
        """All that was read."""
        return self._read.values()

    def place(self, start: int) -> tuple[bytes, int]:
        """What is read, and where in it that begins which is read from a place on."""
        first = start % 4
        if first not in self._read:
            core, length = self._core, len(self._core) - first
            self._read[first] = a2b_base64(core[first : len(core) - (length % 4 == 1)] + "=" * (-length % 4))
        return self._read[first], (start - first) // 4 * 3

    def head(self, start: int, size: int) -> bytes:
        """So many bytes of what is read from a place on."""
        data, place = self.place(start)
        return data[place : place + size]


def _beginnings(word: str) -> list[int]:
    """Where a word may start in a word: at a slash or behind it."""
    starts, last = [0], len(word) - SHORTEST_WORD
    if 0 <= word.find("/") <= last:
        for slash in _SLASH.finditer(word):
            if slash.start() <= last:
                starts += slash.span()
    return starts


_SLASH = re.compile(rf"/(?:{_BREAK})?")
_NO_WORD = re.compile(r"[\n\\=]")
"""What is in several words or lines of base64."""
_NO_BASE64 = re.compile(rf"{_NO_WORD.pattern}|(?:^|/)(?=[^/]{{{SHORTEST_WORD}}})(?:[0-9a-fA-F]{{2}})+(?:/|$)")
"""What is more than base64: several words or lines, or hex between slashes."""
_WIDE = re.compile(rb"\0[^\0]{0,21}\0[^\0]{0,21}\0[^\0]{0,21}\0")
"""Zeros as close as they are somewhere in twelve bytes or more of which a fourth are zeros."""


_PLAIN = str.maketrans("-_", "+/")
"""From base64's alphabet for urls to its own; a word may mix them."""

Codec = tuple[Callable[[str], bytes], Callable[[bytes], str]]


def _codecs(word: str) -> Iterator[Codec]:
    """How a word may be read, and how it is written again."""
    lines = re.split(_BREAK, word) if "\n" in word or "\\" in word else [word]
    bare = "".join(lines)
    if _HEX.fullmatch(bare):
        upper = any(char in "ABCDEF" for char in bare)
        yield (lambda _: bytes.fromhex(bare)), (lambda data: data.hex().upper() if upper else data.hex())
    url = "-" in bare or "_" in bare
    core, padded = bare.rstrip("="), len(bare) % 4 == 0

    def decode(_: str) -> bytes:
        return base64.b64decode(core.translate(_PLAIN) + "=" * (-len(core) % 4), validate=True)

    def encode(data: bytes) -> str:
        text = (base64.urlsafe_b64encode(data) if url else base64.b64encode(data)).decode()
        text = text if padded else text.rstrip("=")
        return text if bare == word else _folded(text, len(lines[0]), word[len(lines[0]) :])

    yield decode, encode


def _folded(text: str, width: int, rest: str) -> str:
    """In lines as wide as the first one was, with the break that followed it."""
    found = re.match(_BREAK, rest)
    between = found[0] if found else "\n"
    return between.join(text[place : place + width] for place in range(0, len(text), width))


def open_compressed(data: bytes) -> tuple[bytes, Callable[[bytes], bytes]] | None:
    """What a gzip (RFC 1952), zlib (RFC 1950) or deflate stream (RFC 1951) holds, and how it is closed again.

    None where it is none, or where something else than zeros stands behind it.
    """
    bits = _bits(data)
    plain, rest = inflate(data, bits) or (b"", b"")
    return (plain, _CLOSE[bits]) if plain and not rest.strip(b"\0") else None


def _starts_compressed(data: bytes, place: int) -> bool:
    """Whether a compressed stream may start at a place, whatever stands behind its end."""
    head = data[place : place + _GLANCE]
    engine = zlib.decompressobj(wbits=_bits(head))
    try:
        engine.decompress(head, BOUND)
    except zlib.error:
        return False
    return engine.eof or len(data) - place > _GLANCE


def _bits(data: bytes) -> int:
    """What kind of stream bytes may be: any may be a bare one, also such as are all ASCII."""
    if data[:2] == b"\x1f\x8b":
        return GZIP
    if data[:1] == b"\x78" and len(data) > 6 and int.from_bytes(data[:2], "big") % 31 == 0:
        return ZLIB
    return DEFLATE


GZIP, ZLIB, DEFLATE = 31, zlib.MAX_WBITS, -zlib.MAX_WBITS
"""How zlib is told what a stream is."""


def _gzip(data: bytes) -> bytes:
    # What one Python records is to replay on all: their levels differ, and some say in the tenth byte where they run.
    packed = gzip.compress(data, 6, mtime=0)
    return packed[:9] + b"\xff" + packed[10:]


def _deflate(data: bytes) -> bytes:
    engine = zlib.compressobj(wbits=DEFLATE)
    return engine.compress(data) + engine.flush()


_CLOSE: dict[int, Callable[[bytes], bytes]] = {GZIP: _gzip, ZLIB: zlib.compress, DEFLATE: _deflate}


def inflate(data: bytes, bits: int, *, whole: bool = True) -> tuple[bytes, bytes] | None:
    """A compressed stream, opened, and what stands behind it; None where it is broken, too large, or must be whole."""
    plain = b""
    while True:
        engine = zlib.decompressobj(wbits=bits)
        try:
            plain += engine.decompress(data, BOUND - len(plain))
        except zlib.error:
            return None
        if len(plain) >= BOUND or (whole and not engine.eof):
            return None
        data = engine.unused_data
        # Several gzip streams behind each other are one.
        if bits != GZIP or data[:2] != b"\x1f\x8b":
            return plain, data
