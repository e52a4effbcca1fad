"""Doors: where requests of the HTTP clients come in. Each is installed once per process and stays."""
