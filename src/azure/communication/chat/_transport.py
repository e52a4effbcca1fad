"""azure-core's requests transport, with a session that does not find out again at every call what it knows.

`requests.Session.request` asks the environment (proxies, CA bundle, netrc) and rebuilds url, cookies and body for every
request: more than half of what a call costs on this side. Here a plain request is prepared by hand, and the environment
is asked when it changes. Sending stays `Session.send` and the mounted adapters, so what hooks into those works as ever.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import requests
from azure.core.pipeline.transport import RequestsTransport
from requests.structures import CaseInsensitiveDict

_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_ENVIRONMENT = (*_PROXIES, *map(str.upper, _PROXIES), "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_SYSTEM_HAS_PROXIES = sys.platform in ("win32", "darwin")  # requests asks the system there, not only the environment
_PLAIN = {"headers", "data", "files", "verify", "timeout", "cert", "allow_redirects", "proxies", "stream"}


class Session(requests.Session):
    """A session that prepares plain requests by hand."""

    def __init__(self) -> None:
        super().__init__()
        self._known: tuple[Any, dict[str, Any]] = (None, {})

    def request(self, method: str, url: str, **options: Any) -> requests.Response:  # type: ignore[override]
        """Sends a request as `requests.Session.request` does."""
        if not options.keys() <= _PLAIN or options.get("files") or options.get("proxies") or _SYSTEM_HAS_PROXIES:
            return super().request(method, url, **options)
        prepared = requests.PreparedRequest()
        prepared.prepare_method(method)
        prepared.prepare_url(url, None)
        prepared.headers = CaseInsensitiveDict({**self.headers, **options["headers"]})
        prepared._cookies = self.cookies  # type: ignore[attr-defined]  # the place for cookies that an answer may set
        prepared.body = options["data"]
        prepared.prepare_content_length(prepared.body)
        settings = self._settings(url, options["verify"], options["cert"])
        settings["stream"] = options.get("stream", False)
        try:
            return self.send(prepared, timeout=options["timeout"], allow_redirects=False, **settings)
        finally:
            prepared.headers.pop("Authorization", None)  # errors keep their request, and are pickled or shown

    def _settings(self, url: str, verify: Any, cert: Any) -> dict[str, Any]:
        """Proxies, verify and cert for an origin, as the environment and the caller say."""
        origin = url.split("/", 3)[:3]
        environment = tuple(map(os.environ.get, _ENVIRONMENT)) if self.trust_env else ()
        asked = (origin, environment, verify, cert)
        known = self._known  # one look: a thread that asks otherwise may change it at any moment
        if known[0] != asked:
            known = self._known = (asked, dict(self.merge_environment_settings(url, {}, False, verify, cert)))
        return dict(known[1])


class Transport(RequestsTransport):  # type: ignore[misc]  # azure-core imports it when it is asked for
    """The transport that the sync clients make for themselves; it takes the options of `RequestsTransport`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        if not options.get("session"):
            self.session = Session()
            self._init_session(self.session)
