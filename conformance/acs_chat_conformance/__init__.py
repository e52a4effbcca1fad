"""The conformance suite: vectors, adapters, judge and reports."""
