"""Benchmarks: side by side with the peers, in ratios."""
