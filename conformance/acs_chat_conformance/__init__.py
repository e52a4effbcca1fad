"""The conformance suite: vectors, adapters, judge and reports."""

from acs_chat_conformance.check import check
from acs_chat_conformance.report import Report

__all__ = ["Report", "check"]
