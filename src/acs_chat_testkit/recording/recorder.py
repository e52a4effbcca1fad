"""The recorder: opens a cassette, answers requests from it, takes what is new, and writes it once at the end."""

from __future__ import annotations

import functools
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from acs_chat_testkit.errors import BrokenCassette, CassetteNotFound, NotACassette, UnrecordedRequest, UsageError
from acs_chat_testkit.http import Request
from acs_chat_testkit.recording import _vcr, active, disk, doors, links, lock, matchers, serializer, store
from acs_chat_testkit.recording.cassette import Cassette, Header, Interaction
from acs_chat_testkit.recording.coded import as_asked
from acs_chat_testkit.recording.counts import Counts
from acs_chat_testkit.recording.hooks import AS_IT_IS, Hooks, unchanged
from acs_chat_testkit.recording.modes import Mode
from acs_chat_testkit.recording.playlist import Playlist, Repeats
from acs_chat_testkit.recording.run import Run
from acs_chat_testkit.recording.store import FILES, Persister
from acs_chat_testkit.recording.take import Take
from acs_chat_testkit.recording.variables import Variables

# Replay that finds everything needs nothing of what redacts, explains and writes, and does not import it.
if TYPE_CHECKING:
    from acs_chat_testkit.recording.cleaning import Cleaning
    from acs_chat_testkit.recording.drift import Drift
    from acs_chat_testkit.recording.journal import Journal
    from acs_chat_testkit.recording.leakage import Leak
    from acs_chat_testkit.recording.profile import Profile
    from acs_chat_testkit.recording.reel import Reel

ORIGINS = ("live", "emulator")
REPLACING = (Mode.REWRITE, Mode.ALL)
_GOING_OUT = (*REPLACING, Mode.NEW_EPISODES, Mode.VERIFY)
_EMPTY = Cassette((), Header(format=None))
_NOTHING = Playlist((), ())


class Recorder:
    """Records HTTP interactions into a cassette, or replays them from it.

    Used as a context manager, sync or async, and again where it is closed. When the block ends by an exception,
    nothing is written and the old file stays as it is.

    Args:
        path: The cassette's file.
        mode: A record mode: none, once, new_episodes, rewrite, all or verify.
        profile: What to know about the service, or what gives it once that is needed; by default any HTTP service
            with secrets redacted.
        match_on: Names of matchers; by default strict for a cassette of ours, vcrpy's own for others.
        allow_playback_repeats: Whether the last of equal answers may be given again and again; of a cassette that
            another recorder wrote, the first one, as vcrpy does.
        origin: What answers while recording: ``"live"`` or ``"emulator"``.
        run: What this recorder shares with others; by default it is alone.
        counts: A tally of the whole run that this recorder's events are added to.
        rerecord: The command that records this cassette again, for the message of a miss.
        hooks: What a suite itself does to requests, answers and interactions, and its own matchers.
        extra: More cassettes to replay from; they are only read.
        optional: In mode none the file may be absent, and only a request then fails.
        persister: Where the cassette is kept; by default it is a file of this machine.

    Attributes:
        counts: What happened, by event.
        cassette: What was loaded from the file; empty where there was none.
        foreign: The files to replay from that another recorder wrote.
        misses: The message of every request that was refused, also where the application swallowed it.
        lenient: How many answers a cassette of ours would not have given, because the bodies differ.
        left_over: How many interactions killed recorders of this cassette had taken, where it is recorded again.
        redactions: After closing, how often each redaction rule found something.
        drift: After closing in mode verify, where the service's answers differ from the recorded ones.
        grown: After closing, new recordings that differ in query or body alone from some that nothing asked for.
        suspects: After closing, what no rule knows and what yet looks like a secret.

    Raises:
        UsageError: The mode, the origin or a matcher does not exist.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        mode: str | Mode = Mode.NONE,
        *,
        profile: Profile | Callable[[], Profile] | None = None,
        match_on: Sequence[str] | None = None,
        allow_playback_repeats: bool = False,
        origin: str = "live",
        run: Run | None = None,
        counts: Counts | None = None,
        rerecord: str | None = None,
        hooks: Hooks = AS_IT_IS,
        extra: Sequence[Path] = (),
        optional: bool = False,
        persister: Persister = FILES,
    ) -> None:
        if origin not in ORIGINS:
            raise UsageError(f"origin {origin!r} does not exist; it is one of {', '.join(ORIGINS)}")
        self.path = self._place = path if isinstance(path, Path) else Path(path)
        self.mode = Mode.of(mode)
        self.counts = Counts(counts)
        self.foreign: list[Path] = []
        self._variables = Variables()
        self.misses: list[str] = []
        self.lenient = 0
        self.left_over = 0
        self.redactions: Counter[str] = Counter()
        self.suspects: list[Leak] = []
        self.drift: list[Drift] = []
        self.grown: list[str] = []
        self.cassette = _EMPTY
        self._service = profile
        self._match_on = None if match_on is None else matchers.chosen(match_on)
        self._hooks = hooks
        self._extra = extra
        self._optional = optional
        self._repeats = allow_playback_repeats
        self._origin = origin
        self._rerecord = rerecord
        self._run = run or Run()
        self._alone = run is None
        self._persister = persister
        self._playlist = _NOTHING
        self._before: bytes | None = None
        self._begun = False
        self._strict = True
        self._process = os.getpid()
        self._reel: Reel | None = None

    @property
    def variables(self) -> Variables:
        """Texts for the header of a new recording, by name; they are redacted like all else.

        Raises:
            UsageError: A value, or a name, is set that is no text.
        """
        return self._variables

    @variables.setter
    def variables(self, texts: Mapping[str, str]) -> None:
        self._variables = Variables(texts)

    @property
    def recording(self) -> bool:
        """Whether a request that no recording answers goes out."""
        once = self.mode is Mode.ONCE and (self._before is None or self._begun)
        return once or self.mode in _GOING_OUT

    @property
    def lets_out(self) -> bool:
        """Whether a request may go out: unanswered, or because the suite lets it."""
        return self.recording or self._hooks.request is not unchanged

    def open(self) -> None:
        """Loads the cassette and answers requests from now on.

        Raises:
            CassetteNotFound: Mode none, and there is no file; or an extra one does not exist.
            BrokenCassette: A file can not be read.
            NotACassette: A file is something else.
            UsageError: It is open already.
            MissingExtra: It is to record, and the extra `recording` is not installed.
        """
        if active.is_open(self):
            raise UsageError(f"{self.path} is open in this very recorder; close it first, or make another one")
        if self._alone:
            # What it has recorded before is a recording like any other.
            self._run = Run()
        self._process = os.getpid()
        # Where the program goes to another directory, the file stays where it was meant to be.
        self._place = self.path.absolute() if self._persister is FILES else self.path
        data, own = self._found()
        self._before, self._begun = data, own is not None
        if data is None and self.mode in (Mode.NONE, Mode.VERIFY) and not self._optional and not self._extra:
            raise self._absent()
        if self.mode not in REPLACING:
            self._load(data, len(own or ()))
        elif data is not None and not serializer.looks_like_one(data):
            raise NotACassette(f"{self.path} is no cassette and will not be replaced")
        if self.mode is Mode.VERIFY:
            self._reel = self._new_reel(None)
        elif self.recording:
            from acs_chat_testkit.recording import journal

            lock.needed()
            self.left_over = sum(len(each.interactions) for each in journal.salvage(self._place))
            self._reel = self._new_reel(
                journal.Journal(self._place, Header(origin=self._origin), self._cleaning.closed)
            )
        doors.install()
        active.enter(self)

    def _load(self, data: bytes | None, own: int) -> None:
        """Makes ready to replay what was there before this run."""
        cassettes = [store.load(each) for each in self._extra]
        self.foreign = [path for path, each in zip(self._extra, cassettes, strict=True) if not each.ours]
        if data is not None:
            self.cassette = store.parse(data, str(self.path))
            if len(self.cassette.interactions) and not self.cassette.ours:
                self.foreign.insert(0, self.path)
            fresh = self.recording and self.mode is not Mode.NEW_EPISODES
            older = 0 if fresh else len(self.cassette.interactions) - own
            cassettes.insert(0, Cassette(self.cassette.interactions[:older], self.cassette.header))
            if self.mode is Mode.NEW_EPISODES:
                self._cleaning.reserve(data.decode())
        self._strict = all(each.ours for each in cassettes)
        interactions = () if self.mode is Mode.VERIFY else self._hooks.loaded(cassettes)
        # What others wrote may hold what we would have replaced.
        compared = None if self._strict else lambda stored: self._as_vcrpy(self._cleaning.known(stored))
        repeats: Repeats | None = None
        if self._repeats:
            repeats = "last" if self._strict else "first"
        self._playlist = Playlist(interactions, self._names, repeats, compared, self._hooks.matchers)

    @property
    def _names(self) -> tuple[str, ...]:
        """The matchers; none at all where a suite compares with its own alone."""
        if self._match_on is not None:
            return self._match_on
        return self._left(matchers.STRICT if self._strict else matchers.LIKE_VCRPY)

    def _left(self, names: Sequence[str]) -> tuple[str, ...]:
        """The matchers but for those in whose place the suite has put its own."""
        return tuple([name for name in names if name not in self._hooks.instead])

    def close(self, *, keep: bool = True) -> None:
        """Answers no more requests; writes what was recorded. Does nothing the second time.

        Args:
            keep: False leaves the file as it is.

        Raises:
            LeakFound: The recording still holds something that must not be written; the old file stays.
        """
        active.leave(self)
        reel = self._reel
        # A fork has a copy of what was taken before it; to write that is for whoever took it.
        if reel is None or reel.ended or os.getpid() != self._process:
            return
        try:
            takes, clean = reel.end()
            if self.mode is Mode.VERIFY:
                self.drift = self._compared(clean, whole=keep)
                return
            # Where nothing ever answered, the service is down: that is no recording.
            if keep and any(take.response is not None for take in takes):
                self._write(reel, takes, clean)
        finally:
            reel.remove()

    def play(self, request: Request) -> Interaction | None:
        """The recorded interaction; None where the request is to go out.

        Raises:
            UnrecordedRequest: No recording answers it, and this mode records nothing.
            BrokenCassette: The answer would lead the client, and its credentials, to another host.
        """
        __tracebackhide__ = True
        seen = self._hooks.request(request)
        if seen is None:
            return None
        if self._playlist.interactions:
            interaction = self._answer(seen)
            if interaction is not None:
                self._look_where_it_leads(interaction)
                self.counts.add("replayed")
                return interaction if self._hooks.opened else as_asked(interaction, request.headers)
        if self.recording:
            return None
        raise self._miss(self._cleaning.shown(seen))

    def _look_where_it_leads(self, interaction: Interaction) -> None:
        host = links.elsewhere(interaction) if self.recording else None
        if host is not None:
            where = f"{self.path}, line {interaction.line}"
            error = BrokenCassette(
                f"{where}: the link to the next page leads to {host!r}, and mode {self.mode} lets requests out"
            )
            self.counts.add("missed")
            self.misses.append(str(error))
            raise error

    def _answer(self, request: Request) -> Interaction | None:
        """The recorded interaction, whether the request is recorded as it is or with what stands for its ids."""
        asked = self._strict and not self._hooks.matchers
        if asked:
            # What is recorded holds nothing to redact, so a request that is equal to it does not either.
            interaction = self._playlist.take(request)
            if interaction is not None:
                return interaction
        known = self._cleaning.known(request)
        clean = known if self._strict else self._as_vcrpy(known)
        again = asked and matchers.key(clean, self._names) == matchers.key(request, self._names)
        interaction = (
            (None if again else self._playlist.take(clean))
            or self._cleaning.recognise(request, self._playlist)
            or self._of_form(clean)
        )
        thorough = self._cleaning.thorough(clean) if interaction is None else None
        if thorough is not None:
            interaction = self._playlist.take(thorough)
        if interaction is None:
            interaction = self._cleaning.named_later(thorough or clean, self._playlist)
        if interaction is None and not self.recording:
            # Who replays needs no secret, and gives a word in its place.
            interaction = self._cleaning.stood_in(request, self._playlist)
        if interaction is not None and not self._strict and self._match_on is None:
            names = self._left(matchers.STRICT)
            self.lenient += matchers.key(known, names) != matchers.key(self._cleaning.known(interaction.request), names)
        return interaction

    def take(self, request: Request) -> Take:
        """Reserves the next place of the recording for a request that now goes out.

        Raises:
            UnrecordedRequest: This is a fork of the process that records, and what it takes would be lost with it.
        """
        __tracebackhide__ = True
        if os.getpid() != self._process:
            from acs_chat_testkit.recording import report

            shown = report.line(self._cleaning.redactor().request(request))
            raise UnrecordedRequest(
                f"{shown} was made in a forked process and can not be recorded in {self.path}; "
                "open a recorder of its own there, or start the process anew (spawn)"
            )
        self.counts.add("live")
        seen = self._hooks.request(request)
        return Take(request) if seen is None or self._reel is None else self._reel.take(seen)

    @property
    def origin(self) -> str | None:
        """What answered the requests of this cassette."""
        return self._origin if self.recording else self.cassette.header.origin

    @property
    def playlist(self) -> Playlist:
        """What is replayed, with what was given out of it."""
        return self._playlist

    @property
    def taken(self) -> Sequence[Take]:
        """What went out and is to be recorded, in the order of the calls."""
        return () if self._reel is None else self._reel.takes

    @property
    def unplayed(self) -> Sequence[Interaction]:
        """The recorded interactions that nothing asked for."""
        return self._playlist.unplayed

    def _as_vcrpy(self, request: Request) -> Request:
        """What is compared where the cassette is one of another recorder."""
        return request if "uri" in self._names or self._hooks.matchers else matchers.filled(request)

    def _of_form(self, request: Request) -> Interaction | None:
        """The recording of a form that vcrpy kept as the object that aiohttp was given."""
        value = None if self._strict else matchers.form_as_value(request)
        return None if value is None else self._playlist.take(value)

    def _miss(self, request: Request) -> UnrecordedRequest:
        from acs_chat_testkit.recording import report

        text = f"{report.line(request)} is not recorded"
        if not self._playlist.interactions and self._before is None:
            text += f": {self._absent(request)}"
        else:
            text += f" in {self.path}\n{report.explain(request, self._playlist)}\n  {self.advice(request)}"
        self.counts.add("missed")
        text += "".join(report.inside(each.path) for each in active.guests_of(self))
        self.misses.append(text)
        return _vcr.miss(text)

    def _absent(self, request: Request | None = None) -> CassetteNotFound:
        return CassetteNotFound(f"there is no cassette {self.path}{disk.doubt()}; {self.advice(request)}")

    @property
    def _profile(self) -> Profile:
        from acs_chat_testkit.recording.profile import any_service

        service = self._service or any_service
        return service() if callable(service) else service

    @functools.cached_property
    def _cleaning(self) -> Cleaning:
        from acs_chat_testkit.recording.cleaning import Cleaning

        return Cleaning(self._profile, self._run.pseudonyms, self.path)

    def _new_reel(self, kept: Journal | None) -> Reel:
        from acs_chat_testkit.recording.reel import Reel

        return Reel(self._cleaning.redactor(), self._hooks, kept)

    def advice(self, request: Request | None = None) -> str:
        """How to record what is missing, such as a request."""
        modes = "once" if self._before is None else "new_episodes to add it, or rewrite to replace all"
        return f"record it: {self._rerecord or f'open the recorder with mode {modes}'}"

    def _write(self, reel: Reel, takes: Sequence[Take], clean: Sequence[Interaction]) -> None:
        """Puts what was taken behind what others have written by now, and replaces the file once."""
        from acs_chat_testkit.recording import editing, journal, report
        from acs_chat_testkit.recording.leakage import suspects

        header = editing.header_of(takes, self._origin, self._profile)
        redactor = self._cleaning.redactor()
        with lock.locked(self._place):
            data = self._persister.load(self._place)
            own = self._run.part(self._place, data)
            if data != self._before and data is not None and not serializer.looks_like_one(data):
                raise NotACassette(f"{self.path} has become something else and will not be replaced")
            if own is None and data is not None and data != self._before:
                clean = self._told_apart(takes, data.decode())
            cassette = editing.edit(self._kept(data, own), clean, header, self.variables, redactor)
            cassette, times = editing.in_order(cassette, own or (), [take.at for take in takes])
            whole = serializer.dump(cassette, reel.entry)
            more = self._cleaning.knowing_more(whole)
            if more is not None:
                cassette = editing.again(cassette, more)
                whole = serializer.dump(cassette)
            editing.check(cassette, self._profile, self.path)
            text = whole.encode()
            text = data if data is not None and self._says_no_more(text, data) else text
            self._run.leave(self._place, text, times, data)
            if text != data:
                self._persister.replace(self._place, text)
        self.grown = report.beside((each.request for each in clean), (each.request for each in self.unplayed))
        self.redactions, self.suspects = reel.hits + redactor.hits, list(suspects(cassette))
        self.counts.add("recorded", len(takes))
        journal.discard(self._place)

    def _says_no_more(self, new: bytes, old: bytes) -> bool:
        """Whether the old recording may stay."""
        from acs_chat_testkit.recording.editing import same

        return same(new, old, in_any_order=self._match_on is None and not self._hooks.matchers)

    def _compared(self, clean: Sequence[Interaction], *, whole: bool) -> list[Drift]:
        """Where the answers have drifted; what a test that failed did not ask for says nothing."""
        from acs_chat_testkit.recording import drift, editing

        taken = editing.edit(Cassette(), clean, Header(), {}, self._cleaning.redactor()).interactions
        others = [each for path in self._extra for each in store.load(path).interactions]
        recorded = [*self.cassette.interactions, *others]
        if not self._strict:
            recorded = [replace(each, request=self._cleaning.known(each.request)) for each in recorded]
        kinds = self._profile.rules.kinds
        found = drift.compare(recorded, taken, self._names, kinds, len(others), repeats=self._repeats)
        return [each for each in found if whole or not each.unmade]

    def _found(self) -> tuple[bytes | None, tuple[int, ...] | None]:
        """The text of the cassette, and what of it this run has put there."""
        data = self._persister.load(self._place)
        own = self._run.part(self._place, data)
        if own is None and self._run.knows(self._place):
            # Another recorder of the run is writing at this moment, or somebody else has written since.
            with lock.locked(self._place):
                data = self._persister.load(self._place)
                own = self._run.part(self._place, data)
        return data, own

    def _kept(self, data: bytes | None, own: Sequence[int] | None) -> Cassette:
        """What stays of the old file: when it is replaced, what this run has put there."""
        if data is None or (self.mode in REPLACING and own is None):
            return Cassette()
        cassette = serializer.parse(data, str(self.path))
        if self.mode not in REPLACING:
            return cassette
        return replace(cassette, interactions=cassette.interactions[len(cassette.interactions) - len(own or ()) :])

    def _told_apart(self, takes: Sequence[Take], text: str) -> list[Interaction]:
        """What was taken, with other pseudonyms than those that another run has meanwhile written."""
        self._cleaning.renumber(text)
        reel = self._new_reel(None)
        return [clean for take in takes if (clean := reel.clean(take))]

    def __enter__(self) -> Recorder:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(keep=kind is None)

    async def __aenter__(self) -> Recorder:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)


# Now, because a mock that has begun would take out with it what is put over it.
doors.prepare()
