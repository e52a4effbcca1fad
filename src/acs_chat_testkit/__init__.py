"""Record, replay and check code that talks to Azure Communication Services Chat."""
