"""Identities of the resource."""

from __future__ import annotations

from acs_chat_testkit.emulator.state.database import Database
from acs_chat_testkit.emulator.state.values import User


class Users:
    """The users of the resource; a deleted one stays known.

    Args:
        database: Where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self) -> str:
        """Makes a user and gives its id."""
        number = self._database.next_number("users")
        user_id = self._database.ids.user(number, self._database.clock.tick())
        self._database.connection.execute("INSERT INTO users (number, id) VALUES (?, ?)", (number, user_id))
        return user_id

    def get(self, user_id: str) -> User | None:
        """The user of that id; None where the resource never had it."""
        row = self._database.connection.execute(
            "SELECT id, deleted, revoked_at FROM users WHERE id = ?", (user_id,)
        ).fetchone()
        return None if row is None else User(row[0], bool(row[1]), row[2])

    def revoke_tokens(self, user_id: str) -> None:
        """Voids every token issued so far."""
        second = self._database.clock.tick() // 1000
        self._database.connection.execute(
            "UPDATE users SET revoked_at = MAX(revoked_at, ?) WHERE id = ?", (second, user_id)
        )

    def delete(self, user_id: str) -> bool:
        """Deletes the user and takes it out of all threads; tells whether it was in any."""
        self._database.clock.tick()
        self._database.connection.execute("UPDATE users SET deleted = 1 WHERE id = ?", (user_id,))
        return self._database.connection.execute("DELETE FROM participants WHERE id = ?", (user_id,)).rowcount > 0
