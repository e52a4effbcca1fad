"""A pipeline, the endpoint it leads to and the wire it speaks: what a client shares with its children."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import chain
from typing import Any

from azure.core.paging import ItemPaged
from azure.core.pipeline import Pipeline
from azure.core.pipeline.policies import RedirectPolicy

from . import _policies
from ._endpoint import Endpoint
from ._exchange import Exchange, owned
from ._transport import Transport
from ._wire import wire

Values = Mapping[str, Any]


class Target:
    """Where calls go and how they look there; the part of a connection that needs no I/O.

    Args:
        endpoint: The endpoint as the caller gave it.
        credential: Any object with a ``get_token``.
        options: The keywords of the client.

    Raises:
        TypeError: The credential has no ``get_token``.
        ValueError: The credential is None, or the endpoint or the api-version cannot be used.
    """

    def __init__(self, endpoint: str, credential: Any, options: Values) -> None:
        if credential is None:
            raise ValueError("credential can not be None")
        if not callable(getattr(credential, "get_token", None)):
            raise TypeError(
                f"credential must have get_token, as CommunicationTokenCredential; got {type(credential).__name__}"
            )
        self.endpoint = Endpoint.parse(endpoint)
        self.wire = wire(options.get("api_version"))
        self.closed = False

    def check_open(self) -> None:
        """Raises ValueError after `close`: transports of old and new versions of azure-core go on in several ways."""
        if self.closed:
            raise ValueError("this client is closed; make a new one")

    def prepare(self, name: str, arguments: Values, options: Values) -> Exchange:
        """The exchange for a documented method."""
        self.check_open()
        return Exchange.prepare(self.endpoint, self.wire, name, arguments, options)


class Items(ItemPaged[Any]):
    """An ItemPaged that a loop goes through without a Python call for each item."""

    _items: Iterator[Any] | None = None

    def __iter__(self) -> Iterator[Any]:
        if self._items is None:
            self._items = chain.from_iterable(self.by_page())
        return self._items

    def __next__(self) -> Any:
        return next(iter(self))


class Connection(Target):
    """The sync connection; it takes the same arguments and raises the same errors."""

    def __init__(self, endpoint: str, credential: Any, options: Values) -> None:
        super().__init__(endpoint, credential, options)
        policies = _policies.chain(
            options,
            retry=_policies.RetryPolicy,
            redirect=RedirectPolicy,
            bearer=_policies.BearerPolicy(self.endpoint, credential),
        )
        self._pipeline: Pipeline[Any, Any] = Pipeline(options.get("transport") or Transport(**options), policies)

    def call(self, name: str, arguments: Values, options: Values) -> Any:
        """Calls an operation and returns its result."""
        exchange = self.prepare(name, arguments, options)
        return exchange.result(self.send(exchange))

    def send(self, exchange: Exchange) -> Any:
        """Sends the request of an exchange."""
        return self._pipeline.run(exchange.request, **exchange.options)

    def pages(self, name: str, arguments: Values, options: Values) -> ItemPaged[Any]:
        """The items of a paged operation; requests are made while iterating."""
        prepare = partial(self.prepare, name, arguments, options)
        exchange = prepare()

        def get_next(link: str | None) -> Any:
            self.check_open()
            request = prepare().request if link is None else exchange.follow(owned(self.endpoint, link))
            return self._pipeline.run(request, **exchange.options)

        return Items(get_next, lambda response: exchange.page(response, self.endpoint))

    def open(self) -> None:
        """Opens the transport."""
        self.check_open()
        self._pipeline.__enter__()

    def close(self) -> None:
        """Closes the transport, for good."""
        self.closed = True
        self._pipeline.__exit__()
