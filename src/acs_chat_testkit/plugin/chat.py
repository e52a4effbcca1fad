"""Chat fixtures: the same test runs on cassettes, on an emulator and on a live resource."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from acs_chat_testkit.plugin.cleaning import Cleaning
    from acs_chat_testkit.plugin.tapes import Tapes
    from acs_chat_testkit.recording import Recorder
    from acs_chat_testkit.targets import Target


REFUSED: pytest.StashKey[str] = pytest.StashKey()
"""Why chat tests can not run here: another plugin has the marker and the fixture that they need."""


@pytest.fixture(scope="session")
def chat_emulator(request: pytest.FixtureRequest) -> Iterator[Target]:
    """A running emulator: of this process, or the one that --chat-emulator describes. Clients trust its CA."""
    from acs_chat_testkit import targets
    from acs_chat_testkit.plugin import evidence

    ready_file = request.config.getoption("--chat-emulator")
    with ExitStack() as stack:
        target = targets.running(ready_file) if ready_file else stack.enter_context(targets.emulator())
        stack.enter_context(targets.trusted(target.ca_file))
        evidence.watch(request.config, target)
        yield target


@pytest.fixture(scope="session")
def chat_target(request: pytest.FixtureRequest) -> Iterator[Target | None]:
    """Where chat tests run; None where they replay cassettes. What they made at a live resource is removed again."""
    from acs_chat_testkit import targets

    if REFUSED in request.config.stash:
        pytest.fail(request.config.stash[REFUSED], pytrace=False)
    chosen = request.config.getoption("--chat-target")
    with ExitStack() as stack:
        target: Target | None = None
        if chosen == "emulator":
            target = request.getfixturevalue("chat_emulator")
        elif chosen == "live":
            target = stack.enter_context(targets.live())
            _cleaning(request).watch(target)
        if target is not None:
            _tapes(request).endpoint(target.endpoint)
        yield target


@pytest.fixture
def chat_endpoint(chat_target: Target | None, vcr: Recorder | None) -> str:
    """The endpoint that clients are made for."""
    from acs_chat_testkit.chat_profile import ENDPOINT

    return chat_target.endpoint if _calls(chat_target, vcr) and chat_target is not None else ENDPOINT


@pytest.fixture
def chat_users(
    request: pytest.FixtureRequest, chat_target: Target | None, vcr: Recorder | None
) -> Iterator[Callable[[str], str]]:
    """Gives users by name: the same name is the same user during a test, and again in replay."""
    known: dict[str, str] = {}

    def user(name: str) -> str:
        if name not in known:
            known[name] = _user(chat_target, vcr, name, request.node)
        return known[name]

    yield user
    if chat_target is not None:
        chat_target.clear(known.values())


@pytest.fixture
def chat_user(chat_users: Callable[[str], str]) -> str:
    """The id of the user that `chat_client` acts for."""
    return chat_users("chat_user")


@pytest.fixture
def chat_tokens(chat_target: Target | None, vcr: Recorder | None) -> Callable[[str], str]:
    """Gives access tokens by user id; in replay a placeholder that never expires."""
    from acs_chat_testkit.recording.redaction import TOKEN

    def token(user_id: str) -> str:
        if not _calls(chat_target, vcr) or chat_target is None:
            return TOKEN
        return chat_target.issue_token(user_id)

    return token


@pytest.fixture
def chat_token(chat_user: str, chat_tokens: Callable[[str], str]) -> str:
    """An access token of `chat_user`."""
    return chat_tokens(chat_user)


@pytest.fixture
def chat_client_factory(chat_endpoint: str, chat_tokens: Callable[[str], str]) -> Iterator[Callable[..., Any]]:
    """Makes a ChatClient for a user id; override it to make clients in your own way.

    It takes whatever `azure.communication.chat` is installed; keyword arguments go to the client.
    """
    sdk: Any = importlib.import_module("azure.communication.chat")
    # Newer releases take the token itself and have no options class.
    options = getattr(sdk, "CommunicationTokenRefreshOptions", None)
    with ExitStack() as clients:

        def client(user_id: str, **kwargs: Any) -> Any:
            token = chat_tokens(user_id)
            credential = sdk.CommunicationTokenCredential(token if options is None else options(token))
            return clients.enter_context(sdk.ChatClient(chat_endpoint, credential, **kwargs))

        yield client


@pytest.fixture
def chat_client(chat_user: str, chat_client_factory: Callable[..., Any]) -> Any:
    """A client that acts for `chat_user`."""
    return chat_client_factory(chat_user)


def _tapes(request: pytest.FixtureRequest) -> Tapes:
    from acs_chat_testkit.plugin.studio import opened

    return opened(request.config)


def _cleaning(request: pytest.FixtureRequest) -> Cleaning:
    from acs_chat_testkit.plugin.cleaning import CLEANING

    _tapes(request)
    return request.config.stash[CLEANING]


def _calls(target: Target | None, recorder: Recorder | None) -> bool:
    """Whether the test calls a service.

    Raises:
        UsageError: It would have to, and there is none; or it has nothing to replay.
    """
    if target is not None:
        return recorder is None or recorder.recording
    from acs_chat_testkit.errors import UsageError

    if recorder is None:
        raise UsageError(
            "this test has no cassette to replay: mark it with @pytest.mark.vcr, "
            "or run it with --chat-target=emulator or live"
        )
    if recorder.recording:
        raise UsageError("recording needs a chat service: add --chat-target=emulator or --chat-target=live")
    return False


def _user(target: Target | None, recorder: Recorder | None, name: str, item: pytest.Item) -> str:
    from acs_chat_testkit.plugin import names

    test = names.cassette(item)
    # In a cassette that is not called like the test and its file, other tests have users of that name, too.
    full = f"{item.path.name}::{test}: {name}"
    if _calls(target, recorder) and target is not None:
        user = target.create_user()
        if recorder is not None:
            own = names.stem(recorder.path).parts[-2:] == (item.path.stem, test)
            recorder.variables[name if own else full] = user
        return user
    assert recorder is not None
    from acs_chat_testkit.errors import UsageError

    known = recorder.cassette.header.variables
    try:
        return known[full] if full in known else known[name]
    except KeyError:
        raise UsageError(f"{recorder.path} was recorded without a user {name!r}; {recorder.advice()}") from None
