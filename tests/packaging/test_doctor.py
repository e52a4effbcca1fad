"""`acs-chat doctor` beside what it must tell about: the official SDK and another recording plugin."""

from collections.abc import Callable
from pathlib import Path

from .conftest import Environment
from .test_install import OFFICIAL


def test_it_names_the_official_sdk_what_was_done_to_it_and_the_clashing_plugin(
    environment: Callable[[str], Environment], wheel: Path
) -> None:
    """Theirs answers and is untouched; a changed file is an error; pytest-recording keeps its names."""
    place = environment("doctor")
    place.pip("install", f"{wheel}[recording]", OFFICIAL, "pytest-recording")
    said = place.run("acs-chat", "doctor").stdout
    assert (
        "ok    sdk       azure.communication.chat is azure-communication-chat 1.3.0, because it is installed; "
        "its files are untouched\n"
    ) in said
    assert "note  plugins   pytest-recording" in said
    assert said.count("note  extra") == 3  # all but recording
    [model] = place.place.glob("lib/python*/site-packages/azure/communication/chat/_models.py")
    model.write_text("", encoding="utf-8")
    refused = place.run("acs-chat", "doctor", check=False)
    assert refused.returncode == 1
    [error] = [line for line in refused.stdout.splitlines() if line.startswith("error")]
    assert "azure-communication-chat 1.3.0 was changed after it was installed, 1 files, first azure" in error
    assert error.endswith("; pip install --force-reinstall azure-communication-chat==1.3.0")
