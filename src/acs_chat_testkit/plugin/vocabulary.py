"""The words of this plugin that no fixture and no setting defines by itself: modes, markers, names in the ini file."""

MODES = ("none", "once", "new_episodes", "rewrite", "all", "verify")
TARGETS = ("cassettes", "emulator", "live")
MARKERS = (
    "vcr(*cassettes, **config): record this test's HTTP requests into a cassette, or replay them from it",
    "default_cassette(name): the name of the test's cassette",
    "block_network(allowed_hosts=None): refuse every connection of this test",
)
INI = {
    "vcr_on_unplayed": "recorded interactions that a test leaves over: ignore, warn or fail",
    "vcr_on_swallowed": "a refused request that a test does not notice: ignore, warn or fail",
    "vcr_on_stale": "a cassette older than vcr_max_age: ignore, warn or fail",
    "vcr_max_age": "days after which a cassette is stale",
}
"""The suite's own defaults."""
