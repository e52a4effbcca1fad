"""The pytest plugin: options, markers and fixtures."""
