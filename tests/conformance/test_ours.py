"""Our own SDK keeps to every vector."""

import pytest

from acs_chat_conformance import check
from acs_chat_conformance.surface import surface
from acs_chat_conformance.vectors import Level
from acs_chat_testkit.contract import load


@pytest.mark.parametrize("name", ["ours", "ours-aio"])
def test_every_check_passes(name: str) -> None:
    """All that is declared is run, and all that is run passes."""
    report = check(name)
    assert not report.problems
    assert not report.failures
    assert report.declared == len(report.results) > 0
    assert report.exit_code == 0


def test_every_documented_model_and_every_operation_is_checked() -> None:
    """No model and no operation is left out, and each operation has a check that is required."""
    report = check("ours")
    assert set(report.models) == set(surface().models)
    assert set(report.operations) == set(load().operations)
    required = {result.vector.subject for result in report.results if result.vector.level is Level.REQUIRED}
    assert required >= set(load().operations) | set(surface().models)


def test_every_wire_check_compares_method_path_query_headers_and_body() -> None:
    """A request is wanted with its method, its path, the api-version, the token and the whole body."""
    for result in check("ours", lambda vector: vector.is_wire).results:
        for exchange in result.vector.expected.steps:
            assert {"method", "path", "query", "headers"} <= exchange.request.keys(), result.vector.id
            assert {"api-version"} <= exchange.request["query"].keys(), result.vector.id
            assert {"accept", "authorization", "user-agent"} <= exchange.request["headers"].keys(), result.vector.id
