"""A check of our own, which Schemathesis runs beside those that it has."""

import schemathesis
from schemathesis.generation.meta import CoverageScenario


@schemathesis.check
def unrouted(ctx, response, case):
    """A method that a path does not have is answered like a path that is not there."""
    scenario = getattr(case.meta and case.meta.phase.data, "scenario", None)
    if scenario != CoverageScenario.UNSPECIFIED_HTTP_METHOD or response.request.method == "OPTIONS":
        return
    assert response.status_code == 404, f"{response.request.method} is answered with {response.status_code}"
    if response.request.method != "HEAD":
        assert response.json() == {"error": "not_found"}
    assert response.headers.get("x-request-id"), "there is no X-Request-Id"
