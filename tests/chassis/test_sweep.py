"""What the clock alone brings about is done again and again, one at a time, whatever went wrong before."""

import dataclasses
import threading
from datetime import datetime

import pytest
from chassis import service as chassis_service
from fastapi.testclient import TestClient
from jembatan.node import service_of
from sqlmodel import Session
from support import Rutan, eventually, staff


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chassis_service, "SWEEP_EVERY_S", 0.05)


def test_a_sweep_that_fails_is_made_again_and_requests_go_on(rutan: Rutan) -> None:
    swept: list[datetime] = []

    def sweep(session: Session, now: datetime) -> None:
        swept.append(now)
        if len(swept) < 3:
            raise RuntimeError("Siti Rekaan")

    made = dataclasses.replace(service_of("assessment"), sweep=sweep)
    with TestClient(made.app(rutan.settings("assessment")), headers=staff(rutan.site)) as client:
        eventually(lambda: len(swept) > 4)
        assert client.get("/healthz").status_code == 200
    assert swept == sorted(swept)


def test_two_processes_never_sweep_at_once(rutan: Rutan) -> None:
    inside, most, times = 0, 0, 0
    lock = threading.Lock()

    def sweep(session: Session, now: datetime) -> None:
        nonlocal inside, most, times
        with lock:
            inside += 1
            times += 1
            most = max(most, inside)
        threading.Event().wait(0.02)
        with lock:
            inside -= 1

    made = dataclasses.replace(service_of("assessment"), sweep=sweep)
    apps = [made.app(rutan.settings("assessment")) for _ in range(2)]
    with TestClient(apps[0]), TestClient(apps[1]):
        eventually(lambda: times > 8)
    assert most == 1
