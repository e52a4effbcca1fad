"""Our own SDK keeps to every vector."""

import pytest

from acs_chat_conformance import Report, check
from acs_chat_conformance.surface import surface
from acs_chat_conformance.vectors import Level, Vector
from acs_chat_testkit.contract import load


@pytest.mark.parametrize("name", ["ours", "ours-aio"])
def test_every_check_passes(report: Report, name: str) -> None:
    """All that is declared is run, all that is run passes, and so the SDK conforms to every set."""
    report = report if name == "ours" else check(name)
    assert not report.problems
    assert not report.failures
    assert report.declared == len(report.results) > 0
    assert report.exit_code == 0
    assert report.verdicts
    assert all(verdict.conformant for verdict in report.verdicts)


def test_every_documented_model_and_every_operation_is_checked(report: Report) -> None:
    """No model and no operation is left out, and each of them has a check that is required."""
    assert set(report.models) == set(surface().models)
    assert set(report.operations) == set(load().operations)
    required = {result.vector.subject for result in report.results if result.vector.level is Level.REQUIRED}
    assert required >= set(load().operations) | set(surface().models)


def test_every_wire_check_compares_method_path_query_headers_and_body(vectors: tuple[Vector, ...]) -> None:
    """A request is wanted with its method, its path, the api-version, the token and the whole body."""
    steps = [(vector.id, step.request) for vector in vectors for step in vector.expected.steps]
    assert len(steps) > 400
    for name, request in steps:
        assert {"method", "path", "query", "headers"} <= request.keys(), name
        assert {"api-version"} <= request["query"].keys(), name
        assert {"accept", "authorization", "user-agent"} <= request["headers"].keys(), name
