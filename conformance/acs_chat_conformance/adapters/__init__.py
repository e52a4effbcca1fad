"""One file an implementation: each runs by its path in an environment that has none of this package."""
