"""The national view as one page, usable without scripts and with a screen reader."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from chassis.database import Transaction
from chassis.identity import Now
from chassis.routes import Router
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from central import queries
from central.model import BREACH_NOTICE_HOURS, LEVY_ANSWER_DAYS, SMALL, Stage

router = Router(include_in_schema=False)

STAGES = {
    Stage.REGISTERED: "Terdaftar",
    Stage.ASSESSED: "Sudah diasesmen",
    Stage.AGREED: "Rencana disetujui",
    Stage.ENROLLED: "Ikut program",
    Stage.COMPLETED: "Selesai program",
    Stage.PLACED: "Ditempatkan kerja",
    Stage.RELEASED: "Bebas",
}
JAKARTA = ZoneInfo("Asia/Jakarta")
MONTHS = [
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
]


def moment(at: datetime | None) -> str:
    """`24 November 2026 pukul 14.05 WIB`."""
    if at is None:
        return "belum pernah lengkap"
    local = at.astimezone(JAKARTA)
    return f"{local.day} {MONTHS[local.month - 1]} {local.year} pukul {local:%H.%M.%S} WIB"


_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)
_templates.filters["moment"] = moment


@router.get("/", response_class=HTMLResponse)
def national_view(session: Transaction, at: Now) -> str:
    """Every rutan: freshness, the road, placements and follow-ups."""
    view = queries.sites(session, at)
    return _templates.get_template("national.html").render(
        sites=view,
        at=at,
        stages=STAGES,
        small=SMALL,
        levy_days=LEVY_ANSWER_DAYS,
        breach_hours=BREACH_NOTICE_HOURS,
    )
