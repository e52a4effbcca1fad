"""The tape machine: records HTTP interactions and replays them. Knows no chat, no pytest, no SDK."""
