"""The console while its rutan has no link: work goes on, and how much the ministry knows is said plainly."""

from uuid import uuid4

from jembatan.node import setup_code
from support import eventually
from support.browser import PASSWORD, code_of
from support.console import Visitor
from support.nation import Nation, Node


def officer(rutan: Node) -> Visitor:
    """Who installs the console, and may do everything there."""
    visitor = Visitor(str(rutan.folder.running["console"])).go("/")
    every = [box["value"] for box in visitor.soup.select("[name=roles]")]
    said = {"setup_code": setup_code(rutan.folder), "name": "Siti Rekaan", "username": "siti", "roles": every}
    visitor.send(**said, password=PASSWORD, password_again=PASSWORD)
    return visitor.send(code=code_of(visitor.typed("secret")))


def register(visitor: Visitor, name: str) -> None:
    visitor.go("/registration").send(name=name, sex="male", to="register")
    number = f"B.I {uuid4().int % 10**6}/2026"
    visitor.send(legal_status="narapidana", register_number=number, to="more").send(to="check")
    form = visitor.soup.select_one("main form")
    assert form
    fields = {str(one["name"]): str(one["value"]) for one in form.select("input[type=hidden]")}
    assert "Orang ini sudah terdaftar" in visitor.post("/registration/finish", fields).text


def newest(visitor: Visitor) -> str:
    """Where the newest registration is on its way to the ministry."""
    row = visitor.go("/tracing/intake").soup.select("main tbody tr")[0]
    fact, *_, ministry = [cell.get_text(" ", strip=True) for cell in row.select("th, td")]
    assert fact == "orang didaftarkan"
    return ministry


def test_the_console_works_on_without_the_hub_and_says_since_when_the_ministry_knows_no_more(
    nation: Nation, rutan: Node
) -> None:
    visitor = officer(rutan)
    register(visitor, "Rekaan Terang")
    eventually(lambda: "Pusat sudah menerima semua" in visitor.go("/tracing").text, within_s=120)

    nation.cut(rutan)
    register(visitor, "Rekaan Gelap")
    assert "Rekaan Gelap" in visitor.go("/people").text
    eventually(lambda: newest(visitor).startswith("dalam antrean"), within_s=60)
    dark = visitor.go("/tracing").text
    assert "1 fakta belum diterima pusat" in dark and "terkirim sendiri begitu ada sambungan" in dark
    assert "Kabar terakhir dari pusat:" in dark and "belum pernah memberi kabar" not in dark
    assert "1 fakta belum diterima pusat" in visitor.go("/").text

    nation.restore(rutan)
    eventually(lambda: newest(visitor).startswith("diterima"), within_s=240)
    eventually(lambda: "Pusat sudah menerima semua" in visitor.go("/tracing").text)
