"""An example that breaks a law, as a vector and as a vector file that the suite runs as it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from acs_chat_conformance import vectors
from acs_chat_conformance.source import Source

Content = Mapping[str, Any]


def name_of(case: Mapping[str, Any]) -> str:
    """A name for a case that is always the same and that no other case has."""
    return hashlib.sha256(json.dumps(case, sort_keys=True).encode()).hexdigest()[:8]


def vector(name: str, content: Content) -> vectors.Vector:
    """The one vector of the content of a file of a set."""
    return vectors.only(name, Source("counterexample.yaml", content, {}))


def write(home: Path, name: str, content: Content, law: str) -> Path:
    """Writes the content below a folder that `acs-chat conformance --vectors` takes, and gives the file."""
    subject = content.get("operation") or content["model"]
    path = home / name / f"{subject}.{law}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, sort_keys=False, width=120), encoding="utf-8")
    return path
