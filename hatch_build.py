"""Puts the SDK into the standard wheel only.

In an editable install ``src`` itself is on the import path: the copy and its ``.pth`` file would come second.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SDK_IN_WHEEL = "acs_chat_testkit/_sdk"


class SdkBesideOfficial(BuildHookInterface):  # type: ignore[type-arg]
    """Ships the SDK under the toolkit's own directory, to overwrite no official file.

    The ``.pth`` file appends that directory to the import path: the official azure-communication-chat answers
    ``import azure.communication.chat`` where it is installed, ours where it is not.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Adds the SDK and its path file to a standard wheel."""
        if version != "standard":
            return
        build_data["force_include"]["src/azure"] = f"{SDK_IN_WHEEL}/azure"
        build_data["force_include"]["src/acs_chat_testkit_sdk.pth"] = "acs_chat_testkit_sdk.pth"
