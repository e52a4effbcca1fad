"""What comes from outside is shown, and never obeyed."""

from __future__ import annotations

import io
import unicodedata
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from acs_chat_testkit.printable import block, line, markup

ANYTHING = st.text(st.characters(codec=None), max_size=60) | st.text("\x1b[;m:#]\n\r </&\u202e\ud800", max_size=30)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text: ümlaut 😀 ", "plain text: ümlaut 😀 "),
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("\x9b31mred", "\\x9b31mred"),
        ("a\r\nb", "a\\x0d\\x0ab"),
        ("::error file=x::no", "\\x3a:error file=x::no"),
        ("  ::set-output::", "  \\x3a:set-output::"),
        ("a ##vso[task.fail]", "a \\x23#vso[task.fail]"),
        ("\u202etxt.exe", "\\u202etxt.exe"),
        ("half \ud83d", "half \\ud83d"),
        ("a\U000e0041", "a\\U000e0041"),
    ],
)
def test_what_is_obeyed_somewhere_is_shown_as_an_escape(text: str, shown: str) -> None:
    """Escape sequences, log commands, turned writing and halves of characters; all else stays as it is."""
    assert line(text) == shown


@given(ANYTHING)
@example("\n::error::")
@example("###[x")
def test_nothing_passes_that_is_obeyed(text: str) -> None:
    """On one line, printable, encodable, no command of a build log, and the same when it is shown again."""
    shown = line(text)
    shown.encode()
    assert not [char for char in shown if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")]
    assert not shown.lstrip().startswith("::")
    assert "##" not in shown
    assert line(shown) == shown


@given(ANYTHING)
def test_a_block_has_the_lines_of_its_text(text: str) -> None:
    """Line feeds stay, and no line of it is a command."""
    assert block(text).split("\n") == [line(part) for part in text.split("\n")]


@given(ANYTHING)
def test_markup_is_text_to_a_parser(text: str) -> None:
    """An XML parser reads the shown line back, with no element in it."""
    element = ElementTree.fromstring(f"<a b='{markup(text)}'>{markup(text)}</a>")
    assert (element.text or "", len(element)) == (line(text), 0)


@given(ANYTHING)
def test_rich_prints_the_line_as_it_is(text: str) -> None:
    """No markup of rich's and no escape of ours is lost on the way to the terminal."""
    file = io.StringIO()
    Console(file=file, width=1000, highlight=False).print(Text(line(text)), soft_wrap=True, end="")
    assert file.getvalue().replace("\n", "") == line(text)
