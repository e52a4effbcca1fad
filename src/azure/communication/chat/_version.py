"""The version of the SDK, as the User-Agent names it."""

VERSION = "0.1.0"
