"""Redaction: what must not be written is replaced before anything is written, in a way that still replays."""

from acs_chat_testkit.recording.redaction.placeholders import SECRET, TOKEN
from acs_chat_testkit.recording.redaction.pseudonyms import Kind, Known, Naming, Numbered, Pseudonyms
from acs_chat_testkit.recording.redaction.redactor import Redactor
from acs_chat_testkit.recording.redaction.rules import Rule, Rules

__all__ = ["SECRET", "TOKEN", "Kind", "Known", "Naming", "Numbered", "Pseudonyms", "Redactor", "Rule", "Rules"]
