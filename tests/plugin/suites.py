"""Suites for inner runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.recording.service import Service


def suite(pytester: pytest.Pytester, service: Service, body: str) -> Path:
    """Writes a test file; `URL` is the service's address, `get` fetches a path. Returns where its cassettes lie."""
    head = f"import pytest, requests\nURL = {service.url!r}\n\ndef get(path, **more):\n"
    pytester.makepyfile(test_it=f"{head}    return requests.get(URL + path, timeout=10, **more)\n{body}")
    return pytester.path / "cassettes" / "test_it"


def by_vcrpy(file: Path, url: str, *bodies: str) -> None:
    """Writes a cassette as vcrpy writes them: one POST for each body."""
    file.parent.mkdir(parents=True, exist_ok=True)
    rows = "".join(
        f"- request:\n    body: {body}\n    headers: {{}}\n    method: POST\n    uri: {url}\n"
        f"  response:\n    body: {{string: 'answer to {body}'}}\n    headers: {{}}\n"
        "    status: {code: 200, message: OK}\n"
        for body in bodies
    )
    file.write_text(f"interactions:\n{rows}version: 1\n", encoding="utf-8")
