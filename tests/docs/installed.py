"""`pip install` for the blocks of the documentation: checks each requirement against what is installed."""

import sys
from importlib.metadata import metadata

from packaging.requirements import Requirement

ALONE = {"azure-communication-chat", "pytest-recording", "pytest-vcr", "vcrpy", "tox", "pre-commit"}
"""What pages name and what can not be in this environment, or need not."""

action, *words = sys.argv[1:]
for word in words:
    if word.startswith("-"):
        continue
    wanted = Requirement(word)
    if action == "install" and wanted.name not in ALONE:
        found = metadata(wanted.name)
        unknown = wanted.extras - set(found.get_all("Provides-Extra") or ())
        if unknown or found["Version"] not in wanted.specifier:
            sys.exit(f"{word} can not be installed: {wanted.name} {found['Version']} has no extra {sorted(unknown)}")
