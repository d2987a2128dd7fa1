"""The main menu, and what roles are called."""

from contracts.vocabulary import Role

ROLE_NAMES = {
    Role.REGISTRAR: "Petugas registrasi",
    Role.COUNSELLOR: "Wali pemasyarakatan atau PK Bapas",
    Role.INSTRUCTOR: "Pembina atau instruktur",
    Role.PLACEMENT_OFFICER: "Petugas penempatan kerja",
    Role.HEAD: "Kepala rutan atau Ka KPR",
    Role.ASSESSMENT_BOARD: "Anggota TPP",
    Role.PRIVACY_OFFICER: "Pejabat pelindungan data pribadi",
    Role.INSPECTOR: "Inspektur Kanwil",
}

READERS = (Role.REGISTRAR, Role.COUNSELLOR, Role.HEAD, Role.PRIVACY_OFFICER)
"""Who reads a person's record."""

MENU: list[tuple[str, str, tuple[str, ...]]] = [
    ("/", "Hari ini", ()),
    ("/people", "WBP", READERS),
    ("/detention", "Masa penahanan", (Role.REGISTRAR, Role.HEAD)),
    ("/horizon", "Menjelang bebas", (Role.REGISTRAR, Role.COUNSELLOR, Role.HEAD, Role.ASSESSMENT_BOARD)),
    ("/sittings", "Sidang TPP", (Role.REGISTRAR, Role.HEAD, Role.ASSESSMENT_BOARD)),
    ("/erasures", "Penghapusan data", (Role.PRIVACY_OFFICER,)),
    ("/programmes", "Program", (Role.COUNSELLOR, Role.INSTRUCTOR, Role.REGISTRAR, Role.HEAD)),
    ("/work", "Kerja", (Role.PLACEMENT_OFFICER, Role.COUNSELLOR, Role.HEAD)),
    ("/follow-ups", "Tindak lanjut", (Role.COUNSELLOR,)),
    ("/visits", "Kunjungan", (Role.REGISTRAR, Role.COUNSELLOR)),
    ("/breaches", "Kegagalan PDP", (Role.PRIVACY_OFFICER,)),
    ("/levies", "Laporan pungutan", (Role.INSPECTOR,)),
    ("/register-imports", "Impor register", (Role.REGISTRAR,)),
    ("/reconciliations", "Jumlah harian", (Role.REGISTRAR, Role.HEAD)),
    ("/tracing", "Lacak peristiwa", tuple(ROLE_NAMES)),
    ("/regulations", "Peraturan", tuple(ROLE_NAMES)),
    ("/accounts", "Akun petugas", ("administrator",)),
]
"""Address, label, and whose work it is; with no roles, everybody's."""

PERSON_MENU: list[tuple[str, str, tuple[str, ...]]] = [
    ("", "Ringkasan", READERS),
    ("/identity", "Identitas", READERS),
    ("/stays", "Masa tinggal", READERS),
    ("/consents", "Persetujuan", (Role.REGISTRAR, Role.COUNSELLOR)),
    ("/privacy", "Data pribadi", (Role.REGISTRAR, Role.HEAD, Role.PRIVACY_OFFICER)),
    ("/rights", "Hak", (Role.REGISTRAR, Role.COUNSELLOR, Role.HEAD, Role.ASSESSMENT_BOARD)),
    ("/programmes", "Asesmen dan program", (Role.COUNSELLOR, Role.INSTRUCTOR, Role.REGISTRAR, Role.HEAD)),
    ("/work", "Kerja", (Role.PLACEMENT_OFFICER, Role.COUNSELLOR, Role.HEAD)),
    ("/family", "Keluarga", (Role.REGISTRAR, Role.COUNSELLOR)),
]
"""The same for the pages about somebody, after `/people/{person}`."""
