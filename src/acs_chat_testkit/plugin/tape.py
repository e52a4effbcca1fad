"""The open cassette as tests see it through the fixture `vcr`, in vcrpy's words."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from acs_chat_testkit.errors import UsageError
from acs_chat_testkit.http import Request, Response
from acs_chat_testkit.recording import Recorder, _vcr, matchers, serializer
from acs_chat_testkit.recording.cassette import Header, Interaction
from acs_chat_testkit.recording.coded import as_it_came
from acs_chat_testkit.recording.guard import is_loopback
from acs_chat_testkit.recording.hooks import unchanged
from acs_chat_testkit.recording.modes import Mode
from acs_chat_testkit.recording.recorder import REPLACING
from acs_chat_testkit.recording.take import Take

T = TypeVar("T")
STARTED = datetime.now(UTC)
"""When the run began: a test may set the clock as it likes."""


class Tape(Recorder):
    """A recorder with the attributes of vcrpy's Cassette.

    Args:
        path: The cassette's file.
        mode: A record mode.
        command: Makes the command that records this cassette again.
        max_age: Days, or a timedelta, after which a recording is stale; None for never.
        options: The other arguments of a recorder.

    Attributes:
        command: As given.
        max_age: As given, as a timedelta.
        wide: Whether a fixture of a wide scope has it, which may start what it then asks.
    """

    def __init__(
        self,
        path: Path,
        mode: str,
        *,
        command: Callable[[], str],
        max_age: float | timedelta | None = None,
        **options: Any,
    ) -> None:
        super().__init__(path, mode, **options)
        self.command = command
        self.max_age = max_age if isinstance(max_age, timedelta | None) else timedelta(days=max_age)
        self.wide = False

    def advice(self, request: Request | None = None) -> str:
        """How to record what is missing, such as a request; the command comes last, so that the line can be copied."""
        own = request is not None and self._asks_a_server_of_the_suite(matchers.address(request.url))
        out = "let it out, as all of this machine, by ignore_localhost=True in vcr_config, or " if own else ""
        return f"{out}record it: {self.command()}"

    def _asks_a_server_of_the_suite(self, asked: matchers.Address) -> bool:
        """Whether it may be one that the suite starts on this machine, at another port in each run."""
        ports = {matchers.address(each.request.url).port for each in self.cassette.interactions}
        return is_loopback(asked.host) and (self.wide or (bool(ports) and asked.port not in ports))

    def overdue(self, header: Header) -> timedelta | None:
        """How old a recording is, where that is too old; of one of the emulator, its clock says nothing of that."""
        if self.max_age is None or header.origin == "emulator" or header.recorded_at is None:
            return None
        age = STARTED - datetime.fromisoformat(header.recorded_at)
        return age if age > self.max_age else None

    def _says_no_more(self, new: bytes, old: bytes) -> bool:
        """Also that it is not stale: else to record it again would not help."""
        return super()._says_no_more(new, old) and not self.overdue(serializer.parse(old, str(self.path)).header)

    @property
    def legacy(self) -> bool:
        """Whether another recorder wrote the file, or all that are replayed where there is none of this name."""
        if len(self.cassette.interactions):
            return not self.cassette.ours
        return bool(self.foreign) and len(self.foreign) == len(self._extra)

    @property
    def _path(self) -> str:
        """The path, by the one name that vcrpy has for it; hooks of suites read it."""
        return str(self.path)

    @property
    def record_mode(self) -> str:
        """The record mode; it can be set to ``"none"``, so that nothing more is recorded.

        Raises:
            UsageError: It is set to another one, too late to open the cassette in it.
        """
        return self.mode.value

    @record_mode.setter
    def record_mode(self, mode: str) -> None:
        wanted = Mode.of(getattr(mode, "value", mode))
        if wanted not in (self.mode, Mode.NONE):
            raise UsageError(
                f"{self.path} is open in mode {self.mode}, which can only become none; set record_mode in vcr_config "
                "or the mark"
            )
        self.mode = wanted

    @property
    def play_counts(self) -> Counter[int]:
        """How often each interaction was given out, by its place from 0."""
        return Counter({place: count for place, count in enumerate(self.playlist.played) if count})

    @property
    def play_count(self) -> int:
        """How many answers came from the cassette."""
        return sum(self.playlist.played)

    @property
    def all_played(self) -> bool:
        """Whether every recorded interaction was given out."""
        return not len(self.unplayed)

    @property
    def dirty(self) -> bool:
        """Whether something was recorded."""
        return bool(self.taken)

    @property
    def data(self) -> list[tuple[Any, dict[str, Any]]]:
        """What is in the cassette and what was recorded now: requests and answers in vcrpy's form.

        Once a recording is written, bodies that are texts are given as such, as vcrpy does it.
        """
        form: Callable[[Interaction], Interaction] = unchanged if self._hooks.opened else as_it_came
        stored = map(form, self.playlist.interactions)
        taken: Iterable[Interaction] = filter(None, map(self._shown, self.taken))
        answer = _written if self._reel is not None and self._reel.ended else _vcr.response_of
        return [
            (_vcr.request_of(each.request), answer(each.response, each.others))
            for each in (*stored, *taken)
            if each.response is not None
        ]

    @property
    def requests(self) -> list[Any]:
        """The requests of `data`."""
        return [request for request, _ in self.data]

    @property
    def responses(self) -> list[dict[str, Any]]:
        """The answers of `data`."""
        return [response for _, response in self.data]

    def responses_of(self, request: Any) -> list[dict[str, Any]]:
        """The answers to requests that are equal to this one.

        Raises:
            UnhandledHTTPRequestError: vcrpy's, where there is none.
        """
        wanted = self.key(_vcr.read_request(request))
        found = [response for each, response in self.data if self.key(_vcr.read_request(each)) == wanted]
        if not found:
            raise _vcr.unhandled(f"{request.method} {request.uri} is not in {self.path}")
        return found

    def key(self, request: Request) -> object:
        """Equal for requests that the cassette takes for one."""
        return matchers.key(request, self.playlist.match_on or matchers.LIKE_VCRPY)

    def _shown(self, take: Take) -> Interaction | None:
        """What was taken, as the suite itself changed the answer; None where there is none, or where it dropped it."""
        return take.edited(self._hooks.response) if take.complete else None

    def rewind(self) -> None:
        """Every interaction can be given out again, from the first one on."""
        self.playlist.rewind()

    def __len__(self) -> int:
        return len(self.playlist) + sum(self._shown(take) is not None for take in self.taken)

    def __bool__(self) -> bool:
        return True

    def get_metadata(self, key: str, default: T) -> T:
        """A value that is kept with the cassette, the same in every replay.

        Args:
            key: Its name.
            default: What is kept while recording: a text, or anything that JSON can hold.

        Raises:
            UsageError: There is no such value in the cassette, and nothing is recorded; or JSON can not hold it.
        """
        known = {**({} if self.mode in REPLACING else self.cassette.header.variables), **self.variables}
        if key not in known:
            if not self.recording:
                raise UsageError(f"{self.path} holds no value {key!r}; {self.advice()}")
            known[key] = _text(key, default)
        if self.recording:
            self.variables[key] = known[key]
        return known[key] if isinstance(default, str) else json.loads(known[key])  # type: ignore[return-value]


def _written(response: Response, others: Mapping[str, Any]) -> dict[str, Any]:
    made = _vcr.response_of(response, others)
    with suppress(UnicodeDecodeError):
        made["body"]["string"] = response.body.decode()
    return made


def _text(key: str, value: object) -> str:
    try:
        return value if isinstance(value, str) else json.dumps(value)
    except (TypeError, ValueError):
        raise UsageError(
            f"the value {key!r} is a {type(value).__name__}, which a cassette can not keep; give a text, or what "
            "JSON can hold"
        ) from None
