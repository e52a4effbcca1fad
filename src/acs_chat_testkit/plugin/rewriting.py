"""vcrpy's filters and hooks, as hooks of the recorder."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial, reduce
from typing import Any
from urllib.parse import quote_plus, unquote_plus, urlsplit

from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.plugin.settings import Settings
from acs_chat_testkit.recording import _vcr, guard, matchers
from acs_chat_testkit.recording.cassette import Interaction
from acs_chat_testkit.recording.coded import as_it_came
from acs_chat_testkit.recording.codings import open_body
from acs_chat_testkit.recording.hooks import Hooks, unchanged

OnRequest = Callable[[Request], Request | None]
OnResponse = Callable[[Response], Response | None]
OnInteraction = Callable[[Interaction], Interaction | None]
Matcher = Callable[[Any, Any], bool | None]
Replacements = Sequence[tuple[str, Any]]
REMEMBERED = 64
"""So many requests may be between being looked for and being sent."""


def hooks(asked: Settings, own: Mapping[str, Matcher], cassette: Callable[[], Any]) -> Hooks:
    """The hooks that these settings ask for.

    Args:
        asked: The settings.
        own: The matchers that the suite registered, by name.
        cassette: Gives the open cassette, which vcrpy hands to the hooks of interactions.
    """
    # What a suite reads from a variable that is not set stands for nothing.
    secrets = {placeholder: text for placeholder, text in dict(asked.filter_sensitive_data).items() if text}
    headers = _of_headers(asked)
    filters = [*_of_parameters(asked), *([_hiding(secrets)] if secrets else [])]
    # Few compare headers, and a cassette that nothing changes is not read as a whole.
    compared = [*headers, *filters] if "headers" in (asked.match_on or ()) else filters
    again = [_answering(partial(_responses, asked, {}))] if asked.before_record_response else []
    shown = [_restoring(secrets)] if secrets else []
    return Hooks(
        request=_requests(asked, [*headers, *filters]),
        response=_chain(_responses(asked, secrets)),
        save=_chain([_of_vcrpy(each, cassette) for each in _each(asked.before_save_interaction)]),
        load=_chain(
            [
                *_stored(compared),
                *again,
                *shown,
                *(_of_vcrpy(each, cassette) for each in _each(asked.after_load_interaction)),
            ]
        ),
        foreign=_chain(_stored([_request(each) for each in _each(asked.before_record_request)])),
        matchers=tuple(_conditions(asked, own)),
        instead=frozenset(own).intersection(matchers.LIKE_VCRPY),
        opened=asked.decode_compressed_response,
    )


def _requests(asked: Settings, filters: Sequence[OnRequest]) -> OnRequest:
    steps = list(filters)
    if asked.ignore_hosts or asked.ignore_localhost:
        steps.append(_ignoring(asked))
    theirs = [_request(each) for each in _each(asked.before_record_request)]
    return _once(_chain([*steps, *theirs])) if theirs else _chain(steps)


def _responses(
    asked: Settings, secrets: Mapping[str, str], others: Mapping[str, Any] = _vcr.NOTHING
) -> list[OnResponse]:
    steps: list[OnResponse] = [_opened] if asked.decode_compressed_response else []
    if secrets:
        steps.append(lambda response: _answer_with(response, {value: name for name, value in secrets.items()}))
    return [*steps, *(_response(each, others) for each in _each(asked.before_record_response))]


def _each(functions: Any) -> Iterable[Callable[..., Any]]:
    return functions if isinstance(functions, Iterable) else (functions,)


def _chain(steps: Sequence[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    """One function after the other, until one of them drops the value."""
    if not steps:
        return unchanged
    return lambda value: reduce(lambda found, step: None if found is None else step(found), steps, value)


def _once(hook: OnRequest) -> OnRequest:
    """The hook of a suite runs once for each request, though it is looked for first and sent then."""
    known: deque[tuple[Request, Request | None]] = deque(maxlen=REMEMBERED)

    def through(request: Request) -> Request | None:
        for sent, seen in list(known):
            if sent is request:
                return seen
        seen = hook(request)
        known.append((request, seen))
        return seen

    return through


# vcrpy's hooks


def _request(hook: Callable[[Any], Any]) -> OnRequest:
    def through(request: Request) -> Request | None:
        shown = _vcr.request_of(request)
        before = _vcr.read_request(shown)
        changed = hook(shown)
        if changed is None:
            return None
        after = _vcr.read_request(changed)
        return request if after == before else after

    return through


def _response(hook: Callable[[Any], Any], others: Mapping[str, Any]) -> OnResponse:
    def through(response: Response) -> Response | None:
        before = _vcr.read_response(_vcr.response_of(response))
        changed = hook(_vcr.response_of(response, others))
        if changed is None:
            return None
        after = _vcr.read_response(changed)
        return response if after == before else after

    return through


def _of_vcrpy(hook: Callable[..., Any], cassette: Callable[[], Any]) -> OnInteraction:
    def through(each: Interaction) -> Interaction | None:
        if each.response is None:
            return each
        changed = hook(_vcr.request_of(each.request), _vcr.response_of(each.response, each.others), cassette())
        if changed is None:
            return None
        request, response = _vcr.read_request(changed[0]), _vcr.read_response(changed[1])
        others = {name: changed[1][name] for name in each.others if name in changed[1]}
        return replace(each, request=request, response=response, pieces=(), others=others)

    return through


def _conditions(asked: Settings, own: Mapping[str, Matcher]) -> Iterable[Callable[[Request, Request], bool]]:
    chosen = matchers.LIKE_VCRPY if asked.match_on is None else asked.match_on
    for name in (*chosen, *asked.additional_matchers):
        if name in own:
            yield _condition(own[name])
        elif name in asked.additional_matchers:
            (checked,) = matchers.chosen([name])
            yield _equal(matchers.MATCHERS[checked])


def _condition(matcher: Matcher) -> Callable[[Request, Request], bool]:
    """A matcher of the suite says no with False or with an AssertionError."""

    def holds(sent: Request, stored: Request) -> bool:
        try:
            return matcher(_vcr.request_of(sent), _vcr.request_of(stored)) in (None, True)
        except AssertionError:
            return False

    return holds


def _equal(aspect: Callable[[Request], object]) -> Callable[[Request, Request], bool]:
    return lambda sent, stored: aspect(sent) == aspect(stored)


# vcrpy's filters


def _of_headers(asked: Settings) -> list[OnRequest]:
    headers = _replacements(asked.filter_headers)
    return [lambda request: _with_headers(request, headers)] if headers else []


def _of_parameters(asked: Settings) -> list[OnRequest]:
    steps: list[OnRequest] = []
    if asked.filter_query_parameters:
        query = _replacements(asked.filter_query_parameters)
        steps.append(lambda request: _with_query(request, query))
    if asked.filter_post_data_parameters:
        fields, deep = _replacements(asked.filter_post_data_parameters), asked.filter_nested_post_data_parameters
        steps.append(lambda request: _with_fields(request, fields, deep))
    return steps


def _replacements(entries: Sequence[Any]) -> Replacements:
    return [(entry, None) if isinstance(entry, str) else (entry[0], entry[1]) for entry in entries]


def _instead(replacement: Any, name: str, value: Any, request: Request) -> Any:
    """What stands for a value; None where the name goes, too."""
    if not callable(replacement):
        return replacement
    return replacement(key=name, value=value, request=_vcr.request_of(request))


def _with_headers(request: Request, replacements: Replacements) -> Request:
    wanted = {name.lower(): instead for name, instead in replacements}
    fields = []
    for name, value in request.headers.fields:
        kept = _instead(wanted[name.lower()], name, value, request) if name.lower() in wanted else value
        if kept is not None:
            fields.append((name, str(kept)))
    return replace(request, headers=Headers(fields))


def _with_query(request: Request, replacements: Replacements) -> Request:
    head, mark, query = request.url.partition("?")
    if not mark:
        return request
    kept = _parameters(query, replacements, request)
    return replace(request, url=f"{head}?{kept}" if kept else head)


def _with_fields(request: Request, replacements: Replacements, deep: bool) -> Request:
    value = matchers.json_value(request)
    if not isinstance(value, bytes):
        kept = _members(value, dict(replacements), request, deep)
        return request if kept == value else replace(request, body=json.dumps(kept).encode())
    if "form-urlencoded" not in request.headers.get("content-type", ""):
        return request
    body = _parameters(request.body.decode("latin-1"), replacements, request).encode("latin-1")
    return replace(request, body=body)


def _parameters(text: str, replacements: Replacements, request: Request) -> str:
    wanted, kept = dict(replacements), []
    for pair in text.split("&"):
        raw, _, value = pair.partition("=")
        name = unquote_plus(raw)
        if name not in wanted:
            kept.append(pair)
            continue
        instead = _instead(wanted[name], name, unquote_plus(value), request)
        if instead is not None:
            kept.append(f"{raw}={quote_plus(str(instead))}")
    return "&".join(kept)


def _members(value: Any, wanted: Mapping[str, Any], request: Request, deep: bool) -> Any:
    if isinstance(value, list):
        return [_members(each, wanted, request, deep) for each in value] if deep else value
    if not isinstance(value, dict):
        return value
    kept = {}
    for name, old in value.items():
        new = _instead(wanted[name], name, old, request) if name in wanted else old
        if name not in wanted or new is not None:
            kept[name] = _members(new, wanted, request, deep) if deep else new
    return kept


def _ignoring(asked: Settings) -> OnRequest:
    hosts = guard.Allowed(asked.ignore_hosts)

    def through(request: Request) -> Request | None:
        host = urlsplit(request.url).hostname or ""
        ignored = hosts.named(host) or (asked.ignore_localhost and guard.is_loopback(host))
        return None if ignored else request

    return through


def _opened(response: Response) -> Response:
    headers, body = open_body(response.headers, response.body)
    return replace(response, headers=headers, body=body)


# Texts that stand for others


def _hiding(secrets: Mapping[str, str]) -> OnRequest:
    pairs = {value: name for name, value in secrets.items()}

    def through(request: Request) -> Request:
        headers = Headers((name, _text_with(value, pairs)) for name, value in request.headers.fields)
        url, body = _text_with(request.url, pairs), _bytes_with(request.body, pairs)
        return replace(request, url=url, headers=headers, body=body)

    return through


def _restoring(secrets: Mapping[str, str]) -> OnInteraction:
    def through(each: Interaction) -> Interaction:
        return each if each.response is None else replace(each, response=_answer_with(each.response, secrets))

    return through


def _answer_with(response: Response, pairs: Mapping[str, str]) -> Response:
    headers = Headers((name, _text_with(value, pairs)) for name, value in response.headers.fields)
    return replace(response, headers=headers, body=_bytes_with(response.body, pairs))


def _text_with(text: str, pairs: Mapping[str, str]) -> str:
    for old in sorted(filter(None, pairs), key=len, reverse=True):
        text = text.replace(old, pairs[old])
    return text


def _bytes_with(data: bytes, pairs: Mapping[str, str]) -> bytes:
    for old in sorted(filter(None, pairs), key=len, reverse=True):
        data = data.replace(old.encode(), pairs[old].encode())
    return data


def _stored(filters: Sequence[OnRequest]) -> list[OnInteraction]:
    """What was recorded before a filter was there is compared as if it had been."""
    hook = _chain(filters)

    def through(each: Interaction) -> Interaction | None:
        request = hook(each.request)
        return None if request is None else replace(each, request=request)

    return [through] if filters else []


def _answering(hooks: Callable[[Mapping[str, Any]], Sequence[OnResponse]]) -> OnInteraction:
    """What was recorded before a hook was there is given out as if it had been, as vcrpy does it."""

    def through(each: Interaction) -> Interaction | None:
        if each.response is None:
            return each
        # A hook that asks for opened bodies opens this one again.
        came = as_it_came(each)
        response = _chain(hooks(each.others))(came.response)
        if response is None:
            return None
        return each if response is came.response else replace(came, response=response, pieces=())

    return through
