"""The figures of the README are those of the page that says how they were measured."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MEASURED = {
    "a replayed GET in a cassette of 1,000": (
        "the same, ours / vcrpy",
        "the same, ours / betamax",
        "the same, ours / cassetter",
    ),
    "opening a cassette of 6,000 interactions": ("opening 6,000 interactions, 10 MB / vcrpy",),
    "500 replayed tests": ("500 replayed tests / pytest-recording", "500 of them / pytest-recording"),
    "writing 1,000 exchanges that were recorded and redacted before": (
        "writing 1,000 exchanges that were recorded and redacted before: looked at once more, and to disk"
        " / vcrpy, which redacts nothing",
    ),
    "recording, redacting and writing them": (
        "writing 1,000 exchanges, recording them included: redacted, kept and to disk / vcrpy, which redacts nothing",
    ),
}
"""The rows of the README with the rows that they are taken from; of several of one name the first."""


def rows(page: str) -> dict[str, str]:
    """The second column of every table of a page by the first."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = re.findall(r"^\| ([^|]+) \| ([^|]+) \|", text, re.MULTILINE)
    return dict(reversed(found))


@pytest.mark.parametrize("name", MEASURED)
def test_the_readme_gives_the_medians_of_the_recorder(name: str) -> None:
    """A new measurement reaches both pages, and no median is left out; the README gives two digits."""
    told = re.sub(r"\d+\.\d+\.\d+", "", rows("README.md")[name])
    medians = [rows("docs/recorder-performance.md")[each] for each in MEASURED[name]]
    wanted = [float(f"{float(median):.2g}") for each in medians for median in each.split("; ")]
    assert [float(each) for each in re.findall(r"\d+\.\d+", told)] == wanted
