import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "journeys" in item.nodeid.split("/"):
            item.add_marker(pytest.mark.servers)
            item.add_marker(pytest.mark.xdist_group("journeys"))
