"""The contract's word on cassettes, from the same code as `acs-chat conformance cassettes`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from acs_chat_testkit.cli.cassettes.shelf import Shelf
from acs_chat_testkit.cli.output import following

if TYPE_CHECKING:
    from acs_chat_conformance.recorded import Recorded

NOT_JUDGED = "not checked; it needs an extra: pip install 'acs-chat-testkit[conformance]'"


def judge(found: Shelf) -> Recorded | None:
    """What breaks the contract; None where the extra that reads it is not installed."""
    try:
        from acs_chat_conformance.recorded import Recorded, judge_cassette
    except ModuleNotFoundError:
        return None
    recorded = Recorded()
    for each in following(found.cassettes, "judging"):
        judge_cassette(recorded, each.path, each.cassette)
    return recorded
