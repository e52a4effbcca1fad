"""The two documented models behave as observed, row by row, or as decided where the observation was a defect."""

from __future__ import annotations

import logging
from collections import Counter

import pytest
from tests.sdk.rows import Row, shown
from tests.sdk.rows_in import ROWS_IN
from tests.sdk.rows_out import ROWS_OUT

ROWS = [*ROWS_OUT, *ROWS_IN]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_row(row: Row, caplog: pytest.LogCaptureFixture) -> None:
    """The call gives what the row says, and logs what the row says and nothing else."""
    with caplog.at_level(logging.WARNING):
        if isinstance(row.gives, type) and issubclass(row.gives, Exception):
            with pytest.raises(row.gives):
                row.call()
        else:
            assert shown(row.call()) == shown(row.gives)
    messages = [record.getMessage() for record in caplog.records]
    assert len(messages) == len(row.logs), messages
    for message, beginning in zip(messages, row.logs, strict=True):
        assert message.startswith(beginning)


def test_no_row_is_missing() -> None:
    """All 221 rows are here, each once; each decision says why."""
    sections = Counter(row.id[0] for row in ROWS)
    assert sections == {
        "c": 11,
        "s": 20,
        "d": 23,
        "a": 20,
        "i": 27,
        "k": 12,
        "t": 39,
        "f": 28,
        "v": 8,
        "x": 19,
        "e": 14,
    }
    assert len({row.id for row in ROWS}) == sum(sections.values()) == 221
    assert [row.id for row in ROWS if row.level == "quirk" and not row.why] == []
