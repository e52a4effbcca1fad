"""Cleaning: how one recording redacts, with the names that it gives to ids and the secrets that it has learnt."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from urllib.parse import unquote_plus

from acs_chat_testkit.http import Request
from acs_chat_testkit.recording import serializer
from acs_chat_testkit.recording.cassette import Interaction
from acs_chat_testkit.recording.editing import redacted
from acs_chat_testkit.recording.playlist import Playlist
from acs_chat_testkit.recording.profile import Profile
from acs_chat_testkit.recording.redaction import SECRET, TOKEN, Known, Numbered, Pseudonyms, Redactor, Rules
from acs_chat_testkit.recording.redaction.elsewhere import Elsewhere
from acs_chat_testkit.recording.redaction.placeholders import replaced
from acs_chat_testkit.recording.redaction.pseudonyms import tag_of

TRIAL = "ffffffff"
"""The tag of pseudonyms by which a recording is looked for; no cassette gets them."""


class Cleaning:
    """Makes the redactors of one recording.

    Args:
        profile: What is known about the service.
        pseudonyms: Where ids get their pseudonyms.
        path: The cassette's file, of which new pseudonyms tell.
    """

    def __init__(self, profile: Profile, pseudonyms: Pseudonyms, path: Path) -> None:
        self._rules = profile.rules
        self._pseudonyms = pseudonyms
        self._tag = tag_of("/".join(path.parts[-2:]))
        self._elsewhere = Elsewhere()

    def reserve(self, text: str) -> None:
        """Gives no pseudonym that is in a text already."""
        for kind in self._rules.kinds:
            self._pseudonyms.reserve(kind, text)

    def renumber(self, text: str) -> None:
        """Gives other pseudonyms than those that another run has meanwhile written into a text."""
        for kind in self._rules.kinds:
            self._pseudonyms.renumber(kind, self._tag, text)

    def redactor(self, pseudonyms: Pseudonyms | None = None, rules: Rules | None = None) -> Redactor:
        """Redacts what is to be written."""
        return Redactor(rules or self._rules, Numbered(pseudonyms or self._pseudonyms, self._tag), self._elsewhere)

    def knowing_more(self, text: str) -> Redactor | None:
        """Redacts also what stands in a text without the name by which it is a secret; None where nothing does."""
        rules = self._elsewhere.rules(self._rules, text)
        return None if rules is None else self.redactor(rules=rules)

    def closed(self, interaction: Interaction, text: str) -> str:
        """The text of an interaction, without the secrets that another part of it, or of an earlier one, names."""
        redactor = self.knowing_more(text)
        return text if redactor is None else serializer.entry(redacted(interaction, redactor))

    def known(self, request: Request) -> Request:
        """A request as it is recorded, its ids by the names that they have; unknown ones stay as they are."""
        return Redactor(self._rules, Known(self._pseudonyms), self._elsewhere).request(request)

    def thorough(self, request: Request) -> Request | None:
        """A request without the secrets that only another part of it, or of an earlier one, names; None without any."""
        redactor = self.knowing_more(request.url + request.body.decode("latin-1"))
        return None if redactor is None else redactor.request(request)

    def named_later(self, request: Request, playlist: Playlist) -> Interaction | None:
        """The recording of a request in which a secret stands that only a later message names."""
        for word in self._elsewhere.likely(request.url + request.body.decode("latin-1")):
            if playlist.find(request, {word: SECRET}):
                self._elsewhere("secret", word)
                return playlist.take(self.thorough(request) or request)
        return None

    def stood_in(self, request: Request, playlist: Playlist) -> Interaction | None:
        """The recording of a request with secrets of another kind, such as a word that only stands for one."""
        for secret in (SECRET, TOKEN):
            redactor = Redactor(self._others, Known(self._pseudonyms), place=partial(replaced, by=secret))
            found = playlist.take(redactor.request(request))
            if found is not None:
                return found
        return None

    @cached_property
    def _others(self) -> Rules:
        """The same rules, which do not remember that nothing was found in such a word."""
        return replace(self._rules)

    def shown(self, request: Request) -> Request:
        """A request for a message: what that calls an id must not become its name, which a later request may tell."""
        shown = self.redactor(self._pseudonyms.copy()).request(request)
        return self.thorough(shown) or shown

    def recognise(self, request: Request, playlist: Playlist) -> Interaction | None:
        """The recording of a request with ids that come from the test itself, which a replay meets as they are."""
        known = Known(self._pseudonyms)
        clean = Redactor(self._rules, known).request(request)
        if not known.strangers:
            return None
        # A recording spells an id as it spells a pseudonym, whatever it is escaped for; so each gets one to look for.
        trial = self._pseudonyms.copy()
        for kind in self._rules.kinds:
            trial.reserve(kind, unquote_plus(clean.url + clean.body.decode("latin-1")))
        asked = Redactor(self._rules, Numbered(trial, TRIAL)).request(request)
        meant = {trial.known(kind, raw) or raw: (kind, raw) for raw, kind in known.strangers.items()}
        found = playlist.find(asked, {word: kind.pattern for word, (kind, _) in meant.items()})
        for word, pseudonym in found.items():
            self._pseudonyms.bind(*meant[word], pseudonym)
        return playlist.take(Redactor(self._rules, known).request(request)) if found else None
