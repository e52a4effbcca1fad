"""The async clients, under the same names."""
