"""What an officer does at the pages of a console, in their own words: by links, by labels, by what buttons say."""

import re
from collections.abc import Callable
from datetime import date

from playwright.sync_api import Locator, Page, expect

from support.waiting import eventually

PATIENCE_MS = 30_000
"""For what must travel before it can be seen."""


class Desk:
    """One tab of a browser at one rutan's console."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base = page, base

    def go(self, path: str) -> "Desk":
        """Types an address."""
        self.page.goto(f"{self.base}{path}")
        return self

    def menu(self, label: str) -> "Desk":
        """Goes where the main menu leads."""
        return self._link("Menu utama", label)

    def about(self, label: str) -> "Desk":
        """Goes where the menu of the person's own pages leads."""
        return self._link("Tentang orang ini", label)

    def within(self, menu: str, label: str) -> "Desk":
        """Goes where one of the smaller menus leads."""
        return self._link(menu, label)

    def follow(self, link: str) -> "Desk":
        """Follows the first link of the page's own part that says so."""
        self.links(link).first.click()
        return self

    def links(self, said: str) -> Locator:
        """All links of the page's own part that say so."""
        return self.page.get_by_role("main").get_by_role("link", name=_named(said))

    def fill(self, **fields: str) -> "Desk":
        """Types into fields by their names; `a__b` is the field `a.b`."""
        for name, value in fields.items():
            self.page.fill(f"[name='{name.replace('__', '.')}']", value)
        return self

    def day(self, name: str, on: date) -> "Desk":
        """Types a day into its three boxes."""
        for part, value in (("day", on.day), ("month", on.month), ("year", on.year)):
            self.page.fill(f"[name={name}-{part}]", str(value))
        return self

    def choose(self, name: str, value: str) -> "Desk":
        """Ticks one of a few."""
        self.page.locator(f"[name='{name}'][value='{value}']").check()
        return self

    def tick(self, label: str) -> "Desk":
        """Ticks a box, or one of a few, by what it says."""
        self.page.get_by_label(label, exact=True).check()
        return self

    def select(self, name: str, label: str) -> "Desk":
        """Picks from a list by what it says."""
        self.page.select_option(f"[name='{name}']", label=label)
        return self

    def press(self, button: str) -> "Desk":
        """Presses a button."""
        self.page.get_by_role("button", name=_named(button, whole=True)).click()
        return self

    def sees(self, *words: str) -> "Desk":
        """All of it stands on the page, perhaps in a moment."""
        for said in words:
            expect(self.page.locator("body")).to_contain_text(said, timeout=PATIENCE_MS)
        return self

    def until(self, act: Callable[[], object], words: str) -> "Desk":
        """Does again what may be too early until the page says so: news travels between services in its own time."""

        def done() -> bool:
            act()
            return words in self.page.inner_text("body")

        eventually(done, within_s=PATIENCE_MS / 1000)
        return self

    @property
    def heading(self) -> str:
        """What the page is called."""
        return self.page.locator("h1").inner_text()

    @property
    def text(self) -> str:
        """What its own part says."""
        return self.page.inner_text("main")

    def _link(self, menu: str, label: str) -> "Desk":
        self.page.get_by_role("navigation", name=menu).get_by_role("link", name=label, exact=True).click()
        return self


def _named(said: str, *, whole: bool = False) -> re.Pattern[str]:
    """What a link or button is called. What is there only to be heard stands apart from what is seen."""
    parts = r"\s*".join(re.escape(part) for part in re.split(r"\s+|(?=:)", said))
    return re.compile(rf"^\s*{parts}\s*$" if whole else parts)
