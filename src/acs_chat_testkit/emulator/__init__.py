"""The chat service on a laptop: state that answers by rules. Knows no SDK, no contract, no recording."""
