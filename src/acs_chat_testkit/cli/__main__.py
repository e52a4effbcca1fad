"""`python -m acs_chat_testkit.cli` is `acs-chat`."""

from acs_chat_testkit.cli import main

main()
