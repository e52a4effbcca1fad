"""A hook of MkDocs: adds the generated reference, the project's own pages, and pages that no section names."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ("ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages and puts them into the navigation, which is made after this."""
    sys.path.insert(0, str(ROOT))  # a hook is loaded from its file, without its package
    from docs.tools import reference

    nav: list[Any] = config.nav or []
    _section(nav, "In depth").extend(sorted(_unnamed(files, nav)))
    for name, text in reference.pages():
        files.append(File.generated(config, name, content=text))
        _section(nav, "Reference").append({Path(name).stem if "python/" in name else text[2:].splitlines()[0]: name})
    for name in PROJECT:
        files.append(File.generated(config, name.lower(), abs_src_path=str(ROOT / name)))
        _section(nav, "Project").append(name.lower())
    return files


def _section(nav: list[Any], title: str) -> list[Any]:
    found: list[Any] = next(each[title] for each in nav if title in each)
    return found


def _unnamed(files: Files, nav: list[Any]) -> list[str]:
    named = repr(nav)
    return [each.src_uri for each in files.documentation_pages() if repr(each.src_uri) not in named]
