"""azure-core's aiohttp transport, with urls that go out as they are."""

from __future__ import annotations

import copy
from typing import Any

from azure.core.pipeline.transport import AioHttpTransport
from yarl import URL


class Transport(AioHttpTransport):  # type: ignore[misc]  # azure-core imports it when it is asked for
    """The transport that the async clients make for themselves; it takes the options of `AioHttpTransport`.

    aiohttp would write some escapes of a url differently, so a link of the service would not be followed verbatim.
    """

    async def send(self, request: Any, **options: Any) -> Any:
        """Sends the request."""
        if options.get("proxies"):  # azure-core compares the url as text then
            return await super().send(request, **options)
        verbatim = copy.copy(request)
        verbatim.url = URL(request.url, encoded=True)
        response = await super().send(verbatim, **options)
        response.request = request
        return response
