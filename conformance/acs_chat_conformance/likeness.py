"""What one implementation did, as what another must do."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from acs_chat_conformance.judge import kind_of
from acs_chat_testkit.http import Request

Case = dict[str, Any]
NOBODY_ASKED = {"status": 418, "body": {}}


def case_of(case: Mapping[str, Any], outcome: Mapping[str, Any], seen: list[Request]) -> Case:
    """A case that says what was done with it.

    Args:
        case: The question, with the answers of its server.
        outcome: What the adapter told.
        seen: What came in.
    """
    asked = {key: value for key, value in case.items() if key not in {"want", "request", "respond"}}
    if "exchanges" in case or "respond" in case:
        answers = [one["respond"] for one in case.get("exchanges", [case])]
        answers += [NOBODY_ASKED] * (len(seen) - len(answers))
        asked["exchanges"] = [
            {"request": _request(request), "respond": answer} for request, answer in zip(seen, answers, strict=False)
        ]
    if "error" not in outcome:
        return asked | {"want": outcome.get("value")}
    error = outcome["error"]
    told = error.get("told")
    return asked | {"error": {"kind": kind_of(error)} | ({"told": told} if isinstance(told, dict) else {})}


def _request(seen: Request) -> Case:
    path, _, query = seen.url.partition("?")
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        values.setdefault(name, []).append(value)
    media = seen.headers.get("content-type")
    return {
        "method": seen.method,
        "path": path,
        "query": {name: one[0] if len(one) == 1 else one for name, one in values.items()},
        "headers": {"content-type": media and {"$match": f"{re.escape(media.partition(';')[0])}.*"}},
    } | _body(seen.body)


def _body(raw: bytes) -> Case:
    if not raw:
        return {}
    try:
        return {"body": json.loads(raw)}
    except ValueError:
        return {"body": {"$bytes": raw.decode("latin-1")}}
