"""Each service where it belongs, at a rutan or at the hub, with one typical event."""

from collections.abc import Iterator

import pytest
from every_service.cases import HEARD, Heard, site_of
from jembatan.folder import HUB_SERVICES, SITE_SERVICES
from support import Rutan, Servers


@pytest.fixture(params=HEARD, ids=lambda heard: str(heard.service))
def heard(request: pytest.FixtureRequest) -> Heard:
    """A typical event for each service in turn."""
    found: Heard = request.param
    return found


@pytest.fixture(params=[*SITE_SERVICES, *HUB_SERVICES])
def service(request: pytest.FixtureRequest) -> str:
    """Each service in turn."""
    return str(request.param)


@pytest.fixture
def here(request: pytest.FixtureRequest, run_servers: Servers, worker_id: str) -> Iterator[Rutan]:
    """Where the test's service runs."""
    about: Heard | None = request.getfixturevalue("heard") if "heard" in request.fixturenames else None
    name = about.service if about else request.getfixturevalue("service")
    made = Rutan(run_servers, worker_id, site=site_of(name))
    made.provision()
    yield made
    made.close()
