"""The chat service against a model small enough to be believed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule
from tests.emulator.clients import VERSION, Offline, identifier, participant

USERS = 3
WHO = st.integers(0, USERS - 1)


@dataclass
class Note:
    """A message of the model; the newest change is the last in its room's list."""

    id: str
    kind: str
    sender: int | None = None
    text: str = ""
    deleted: bool = False
    sequence: int = 0


@dataclass
class Room:
    """A thread of the model; `notes` are in the order of their last change."""

    topic: str
    people: list[int]
    notes: list[Note] = field(default_factory=list)
    receipts: dict[int, str] = field(default_factory=dict)
    sequence: int = 0
    deleted: bool = False

    def tell(self, kind: str, message_id: str = "", sender: int | None = None, text: str = "") -> None:
        """Adds a message."""
        self.sequence += 1
        self.notes.append(Note(message_id, kind, sender, text, sequence=self.sequence))


class Chat(RuleBasedStateMachine):
    """Three users do whatever they like in threads; the service must show what the model shows."""

    rooms = Bundle("rooms")
    notes = Bundle("notes")

    @initialize()
    def start(self) -> None:
        """An empty service with its users."""
        self.offline = Offline()
        self.users = [self.offline.service.create_user() for _ in range(USERS)]
        self.tokens = [self.offline.service.issue_token(user) for user in self.users]
        self.model: dict[str, Room] = {}

    def teardown(self) -> None:
        """Lets go of the store."""
        self.offline.state.database.close()

    def ask(self, who: int, method: str, path: str, body: object = None) -> Any:
        """The JSON of a call that must succeed."""
        return self.offline.json(method, path, body, token=self.tokens[who])

    def status(self, who: int, method: str, path: str, body: bytes = b"") -> int:
        """The status of a call."""
        return self.offline.call(method, f"{path}?api-version={VERSION}", body, token=self.tokens[who]).status

    def expected(self, who: int, thread: str) -> int | None:
        """With which status the model refuses somebody in a thread; None where it lets them in."""
        room = self.model[thread]
        if room.deleted:
            return 404
        return None if who in room.people else 403

    @rule(target=rooms, who=WHO, others=st.lists(WHO, unique=True), topic=st.text("ab", min_size=1, max_size=3))
    def create(self, who: int, others: list[int], topic: str) -> str:
        """Somebody makes a thread with some of the three."""
        body = {"topic": topic, "participants": [participant(self.users[one]) for one in others]}
        thread: str = self.ask(who, "POST", "/chat/threads", body)["chatThread"]["id"]
        room = Room(topic, others if who in others else [who, *others])
        room.tell("participantAdded")
        room.tell("topicUpdated")
        self.model[thread] = room
        return thread

    @rule(target=notes, who=WHO, thread=rooms, text=st.text("xy", min_size=1, max_size=3))
    def send(self, who: int, thread: str, text: str) -> Any:
        """Somebody sends a message."""
        path = f"/chat/threads/{thread}/messages"
        refused = self.expected(who, thread)
        if refused is not None:
            assert self.status(who, "POST", path, b'{"content":"x"}') == refused
            return multiple()
        message_id = self.ask(who, "POST", path, {"content": text})["id"]
        self.model[thread].tell("text", message_id, who, text)
        return thread, message_id

    @rule(who=WHO, what=notes, text=st.none() | st.text("xy", min_size=1, max_size=3))
    def change(self, who: int, what: tuple[str, str], text: str | None) -> None:
        """Somebody edits a message, or deletes it where there is no text."""
        thread, message_id = what
        path = f"/chat/threads/{thread}/messages/{message_id}"
        room = self.model[thread]
        note = next(one for one in room.notes if one.id == message_id)
        refused = self.expected(who, thread) or (403 if note.sender != who else 404 if note.deleted else None)
        method, body = ("DELETE", None) if text is None else ("PATCH", {"content": text})
        if refused is not None:
            assert self.status(who, method, path, b'{"content":"x"}') == refused
            return
        self.ask(who, method, path, body)
        room.notes.remove(note)
        room.notes.append(note)
        note.text, note.deleted = text or "", text is None

    @rule(who=WHO, thread=rooms, other=WHO, coming=st.booleans())
    def come_and_go(self, who: int, thread: str, other: int, coming: bool) -> None:
        """Somebody adds or removes somebody, perhaps themselves."""
        path = f"/chat/threads/{thread}/participants/:{'add' if coming else 'remove'}"
        refused = self.expected(who, thread)
        if refused is not None:
            assert self.status(who, "POST", path, b"{}") == (refused if coming else 400)
            return
        body = {"participants": [participant(self.users[other])]} if coming else identifier(self.users[other])
        self.ask(who, "POST", path, body)
        room = self.model[thread]
        if (other in room.people) != coming:
            room.tell("participantAdded" if coming else "participantRemoved")
            room.people = [*room.people, other] if coming else [one for one in room.people if one != other]

    @rule(who=WHO, thread=rooms, topic=st.text("cd", min_size=1, max_size=3))
    def rename(self, who: int, thread: str, topic: str) -> None:
        """Somebody changes a topic."""
        refused = self.expected(who, thread)
        if refused is not None:
            assert self.status(who, "PATCH", f"/chat/threads/{thread}", b"{}") == refused
            return
        self.ask(who, "PATCH", f"/chat/threads/{thread}", {"topic": topic})
        self.model[thread].topic = topic
        self.model[thread].tell("topicUpdated")

    @rule(who=WHO, what=notes)
    def read(self, who: int, what: tuple[str, str]) -> None:
        """Somebody has read a message."""
        thread, message_id = what
        if self.expected(who, thread) is None:
            self.ask(who, "POST", f"/chat/threads/{thread}/readReceipts", {"chatMessageId": message_id})
            receipts = self.model[thread].receipts
            receipts.pop(who, None)
            receipts[who] = message_id

    @rule(who=WHO, thread=consumes(rooms))
    def delete(self, who: int, thread: str) -> None:
        """Somebody deletes a thread."""
        refused = self.expected(who, thread)
        assert self.status(who, "DELETE", f"/chat/threads/{thread}") == (refused or 204)
        self.model[thread].deleted |= refused is None

    @invariant()
    def shows_what_the_model_shows(self) -> None:
        """Messages, participants, receipts and threads, as each user sees them."""
        for thread, room in getattr(self, "model", {}).items():
            if not room.deleted and room.people:
                self.compare(room.people[0], f"/chat/threads/{thread}", room)
        for who in range(USERS if getattr(self, "model", None) else 0):
            listed = {one["id"] for one in self.ask(who, "GET", "/chat/threads")["value"]}
            assert listed == {thread for thread, room in self.model.items() if who in room.people}

    def compare(self, who: int, path: str, room: Room) -> None:
        """One thread, as one of its participants sees it."""
        assert self.ask(who, "GET", path)["topic"] == room.topic
        shown = self.all(who, f"{path}/messages?maxPageSize=3")
        assert [one["type"] for one in shown] == [note.kind for note in reversed(room.notes)]
        assert [one["content"].get("message", "") for one in shown] == [note.text for note in reversed(room.notes)]
        assert [int(one["sequenceId"]) for one in shown] == [note.sequence for note in reversed(room.notes)]
        assert ["deletedOn" in one for one in shown] == [note.deleted for note in reversed(room.notes)]
        versions = [int(one["version"]) for one in shown]
        assert versions == sorted(set(versions), reverse=True)
        people = [
            one["communicationIdentifier"]["rawId"] for one in self.all(who, f"{path}/participants?maxPageSize=2")
        ]
        assert people == [self.users[one] for one in room.people]
        receipts = self.all(who, f"{path}/readReceipts?maxPageSize=1")
        assert [
            (self.users.index(one["senderCommunicationIdentifier"]["rawId"]), one["chatMessageId"]) for one in receipts
        ] == list(room.receipts.items())

    def all(self, who: int, path: str) -> list[Any]:
        """All items of a list, following its links."""
        items, link = [], path
        while link:
            page = self.ask(who, "GET", link)
            items += page["value"]
            link = page.get("nextLink", "").removeprefix("http://localhost").replace(f"&api-version={VERSION}", "")
        return items


Chat.TestCase.settings = settings(max_examples=30, stateful_step_count=25)
TestChat = Chat.TestCase
