"""What all tests stand on: a law does not fail where a machine is slow."""

from contextlib import suppress

with suppress(ModuleNotFoundError):  # what looks at built packages runs without it
    from hypothesis import HealthCheck, settings

    settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("unhurried")
