"""Azure Communication Services Chat: the documented surface of 1.0.0b4."""
