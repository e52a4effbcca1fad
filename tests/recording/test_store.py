"""The store: the old file or the new one, never anything else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from acs_chat_testkit.recording import store


@pytest.mark.parametrize("call", ["fsync", "replace", "chmod"])
def test_a_failing_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    """Where any step fails, the old text is there, whole, and nothing else is left behind."""
    file = tmp_path / "tape.yaml"
    store.replace(file, "old")

    def full(*_args: object, **_kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, call, full)
        with pytest.raises(OSError, match="No space left"):
            store.replace(file, "new")
    assert file.read_text(encoding="utf-8") == "old"
    assert os.listdir(tmp_path) == ["tape.yaml"]


def test_a_new_text_replaces_the_old_one(tmp_path: Path) -> None:
    """The directory is made, and the new text is the only file in it."""
    file = tmp_path / "deep" / "tape.yaml"
    store.replace(file, "old")
    store.replace(file, "néw")
    assert file.read_text(encoding="utf-8") == "néw"
    assert os.listdir(file.parent) == ["tape.yaml"]
