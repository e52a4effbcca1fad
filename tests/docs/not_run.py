"""The blocks that the tests can not run, with the reason that also stands in front of each."""

LIVE = "it needs a live resource."

NOT_RUN: dict[tuple[str, str], str] = {
    (
        "README.md",
        "python3 -m venv .venv && .venv/bin/pip install -q tox && .venv/bin/tox run -e quickstart",
    ): "it makes an environment from a clone; `tests/quickstart` runs its steps.",
    (
        "README.md",
        "python3 -m venv .venv && .venv/bin/pip install -q tox && .venv/bin/tox run",
    ): "it is the run that they are part of.",
    (
        "README.md",
        "pip install 'acs-chat-testkit[all]'",
    ): "it needs cassettes of yours; `docs/how-to/from-pytest-recording.md` runs it on one.",
    (
        "docs/how-to/record-against-a-live-resource.md",
        "export ACS_CHAT_CONNECTION_STRING='endpoint=https://<your-resource>.communication.azure.com/;accesskey=<key>'",
    ): LIVE,
    (
        "docs/how-to/record-against-a-live-resource.md",
        "acs-chat cassettes review cassettes",
    ): LIVE,
    ("docs/recorder-performance.md", "tox run -e bench"): "it measures for many minutes.",
    (
        "docs/targets.md",
        "ACS_CHAT_CONNECTION_STRING='endpoint=https://<resource>.communication.azure.com;accesskey=<key>' "
        "pytest --chat-target=live",
    ): LIVE,
    ("docs/targets.md", "acs-chat-testkit: 3 tokens revoked, 2 users and 1 thread deleted"): LIVE,
    ("docs/targets.md", "acs-chat live sweep"): LIVE,
    ("docs/compat.md", "tox run -e compat"): "it downloads the tests of others.",
    ("docs/plugin.md", "import pytest, requests"): "service.example stands for a service of yours.",
    (
        "docs/plugin.md",
        "pytest --record-mode=once   # records what has no cassette yet",
    ): "service.example stands for a service of yours.",
    (
        "docs/shards.md",
        "pytest tests/rooms    --cassette-report=1.json     # machine 1",
    ): "it needs a suite of several directories.",
    (
        "docs/shards.md",
        "2 shards: 0 recorded, 7 replayed, 0 live, 0 blocked, 1 unplayed",
    ): "it needs a suite of several directories.",
    ("docs/shards.md", "# conftest.py"): "the store is yours.",
}

SLOW: tuple[str, ...] = ("conformance/README.md", "docs/how-to/record-against-the-emulator.md", "docs/how-to/shards.md")
"""Pages that take more than a few seconds; `tox run -e docs` runs them."""

OF_OFFICIAL = "docs/how-to/official-sdk.md"
"""The page that is followed in an environment with the official SDK; `tox run -e docs` runs it, too."""
