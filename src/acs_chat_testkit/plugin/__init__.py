"""What the pytest plugin registers: tapes (hooks), fixtures (pytest-recording's words) and chat (chat fixtures)."""
