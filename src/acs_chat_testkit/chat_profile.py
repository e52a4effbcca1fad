"""Chat's redaction rules and matchers: the one place where the tape machine meets chat."""
