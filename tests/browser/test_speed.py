"""A page costs a few times what a bare page costs, on the same machine in the same minute."""

import time
from statistics import median

import httpx2
from playwright.sync_api import Browser
from support.bare import bare_page
from support.browser import Officer, walk

TIMES = 6
"""A page asks the services, which check a token, read a database and note the look; a bare page does nothing."""
PASSES, ROUNDS = 5, 10
"""Over all pages, and at each page in turn with the bare one: how fast a machine is changes within a minute."""


def test_no_page_takes_more_than_six_times_a_bare_one(walkable: Officer, browser: Browser) -> None:
    with browser.new_context(storage_state=walkable.state) as context:
        cookies = {str(cookie["name"]): str(cookie["value"]) for cookie in context.cookies()}
        pages = [addresses[0] for addresses in walk(context, walkable.base, per_route=1).values()]
    with bare_page() as bare, httpx2.Client(cookies=cookies, timeout=60) as client:
        passes = [{address: costs(client, address, bare) for address in pages} for _ in range(PASSES)]
    cost = {address: median(one[address] for one in passes) for address in pages}
    assert {address: round(times, 2) for address, times in cost.items() if times > TIMES} == {}


def costs(client: httpx2.Client, address: str, bare: str) -> float:
    """How many times a bare page this one takes. The least of some rounds in turn: noise only ever adds."""
    taken: dict[str, list[float]] = {address: [], bare: []}
    for _ in range(ROUNDS):
        for one, times in taken.items():
            begun = time.perf_counter()
            assert client.get(one).is_success
            times.append(time.perf_counter() - begun)
    return min(taken[address]) / min(taken[bare])
