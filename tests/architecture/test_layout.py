"""Where things stand, and how big they may grow before somebody must look again."""

import ast
import io
import re
import subprocess
import tokenize
import tomllib
from pathlib import Path

import pytest
from chassis.identity import Issuer
from chassis.settings import Settings
from console.pages import router as pages
from console.pages.page import signed_in
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from jembatan.node import service_of

ROOT = Path(__file__).parents[2]
PACKAGES = {path.parent.name: path.parent for path in sorted((ROOT / "services").glob("*/*/app.py"))}
EVERYWHERE = {"__init__.py", "py.typed", "api.py", "app.py", "handlers.py", "model.py", "queries.py", "migrations"}
INSIDE = {
    "console": {"__init__.py", "py.typed", "app.py", "commands.py", "migrations", "model.py", "oidc.py", "pages.py"}
    | {"queries.py", "services.py", "settings.py", "templates", "translations", "typed.py"},
    "central": EVERYWHERE | {"evaluation.py", "pages.py", "projections.py", "rebuild.py", "templates"},
    "intake": EVERYWHERE | {"commands.py", "regulations", "texts"},
}
AS_USUAL = EVERYWHERE | {"commands.py"}
OPEN_TO_ALL = {
    ("central", "/"): "the national view says nothing of anybody",
    ("central", "/api/sites"): "the same as JSON",
    ("intake", "/services-and-fees"): "what is free must be known to whoever might be asked to pay",
    (
        "intake",
        "/levy-reports/{report}",
    ): "whoever was asked to pay says so without an account; reading is the inspector's",
    ("intake", "/levy-reports/answers"): "the reporter asks for the answer with the code on their receipt",
}

each_app = pytest.mark.parametrize("service", PACKAGES)
each_service = pytest.mark.parametrize("service", [name for name in PACKAGES if name != "console"])


def tracked() -> list[Path]:
    """What is or will be in the repository."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def python(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def code_lines(source: str) -> int:
    """Lines that do something: no blank, no comment, no docstring."""
    says = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in says:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


def test_there_are_the_services_that_the_customer_named_and_two_at_the_hub() -> None:
    sites = {"intake", "assessment", "programs", "partner_matching", "outcomes"}
    assert sites | {"central", "partner_gateway"} <= set(PACKAGES)


@each_app
def test_every_service_has_the_same_inside(service: str) -> None:
    inside = [path for path in PACKAGES[service].iterdir() if path.name != "__pycache__"]
    # What holds several nouns is a package of the same name, one module per noun.
    found = {f"{path.name}.py" if (path / "__init__.py").exists() else path.name for path in inside}
    assert found == INSIDE.get(service, AS_USUAL)
    assert list((PACKAGES[service] / "migrations" / "versions").glob("0001_*.py"))


@each_app
def test_a_service_is_a_distribution_under_our_own_name(service: str) -> None:
    # The bare names exist on the registry: without the prefix somebody else's package would be installed.
    about = tomllib.loads((PACKAGES[service].parent / "pyproject.toml").read_text())
    assert about["project"]["name"] == f"jembatan-{service.replace('_', '-')}"


@each_service
def test_a_service_is_found_by_its_name(service: str) -> None:
    assert service_of(service).name == service


@pytest.mark.parametrize("path", python("services", "contracts", "deploy"), ids=lambda p: str(p.relative_to(ROOT)))
def test_no_file_grows_past_four_hundred_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


def test_the_chassis_stays_small() -> None:
    modules = (ROOT / "services" / "chassis" / "chassis").glob("*.py")
    sizes = {path.name: code_lines(path.read_text()) for path in modules}
    assert sum(sizes.values()) < 2200, sizes


def test_code_lines_are_those_that_do_something() -> None:
    source = (
        '"""Doc."""\n\n# why\nx = 1  # more\n\n\ndef f() -> str:\n    """Doc\n    of f."""\n    return """a\n    b"""\n'
    )
    assert code_lines(source) == 4


def test_nothing_is_left_for_later() -> None:
    later = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    left = [str(p.relative_to(ROOT)) for p in tracked() if p.suffix in (".py", ".md") and later.search(p.read_text())]
    assert left == []


ADDRESS = re.compile("http" + r"s?://([^/\s\"'`<>)\]:]+)")
HARMLESS = re.compile(r"(localhost|127\.0\.0\.1|json-schema\.org|([a-z0-9-]+\.)*example(\.[a-z]+)?|.*\{.*)$")


def test_no_file_holds_the_address_of_a_registry_or_any_other_host() -> None:
    found = []
    for path in tracked():
        if path.name == "LICENSE" or path.suffix in (".jpg", ".png", ".woff2") or "vendor" in path.parts:
            continue
        hosts = set(ADDRESS.findall(path.read_text(errors="replace")))
        found += [f"{path.relative_to(ROOT)}: {host}" for host in sorted(hosts) if not HARMLESS.match(host)]
    assert found == []


LEADS_NOWHERE = ["localhost", "127.0.0.1", "mitra.example", "a.example.org", "{host}"]
LEADS_AWAY = ["pypi.org", "ghcr.io", "127.0.0.1.evil.io", "json-schema.org.evil"]


@pytest.mark.parametrize("host", LEADS_NOWHERE + LEADS_AWAY)
def test_an_address_counts_unless_it_leads_nowhere(host: str) -> None:
    (found,) = ADDRESS.findall("see http" + f"s://{host}/simple")
    assert bool(HARMLESS.match(found)) == (host in LEADS_NOWHERE)


def test_only_the_operator_s_command_declares_streams_and_consumers() -> None:
    declares = re.compile(r"\b(add|create|update|delete|purge)_(stream|consumer)\b|\bpull_subscribe\(|declare=True")
    found = [
        f"{path.relative_to(ROOT)}:{n}"
        for path in python("services", "contracts")
        for n, line in enumerate(path.read_text().splitlines(), 1)
        if declares.search(line.partition("#")[0]) and not line.strip().startswith('"""')
    ]
    assert found == []


def roles_of(dependant: Dependant) -> list[object]:
    own = getattr(dependant.call, "roles", ())
    return [*own, *(role for inner in dependant.dependencies for role in roles_of(inner))]


@each_service
def test_every_route_says_whose_work_it_is_or_is_on_the_list_of_open_ones(service: str) -> None:
    settings = Settings(
        site="contoh-rutan",
        database_url="postgresql+psycopg://nobody@127.0.0.1:1/none",
        nats_url="nats://127.0.0.1:1",
        token_key=Issuer.new().public_jwk(),
    )
    app = service_of(service).app(settings)
    app.state.database.close()
    routes = list(_routes(service_of(service).router))
    assert routes
    unguarded = {path for path, dependant in routes if not roles_of(dependant)}
    assert unguarded == {path for name, path in OPEN_TO_ALL if name == service}


@each_service
def test_whoever_reads_a_person_s_record_is_in_the_read_log(service: str) -> None:
    about_somebody = [
        (route.path, calls_of(route.dependant))
        for route in _leaves(service_of(service).router)
        if "GET" in (route.methods or ()) and "{person}" in route.path
    ]
    unseen = [
        path for path, calls in about_somebody if not any(getattr(call, "logs", None) == "person" for call in calls)
    ]
    assert unseen == []


def test_every_page_is_for_somebody_who_is_signed_in_or_is_on_the_list_of_open_ones() -> None:
    open_ones = {path for path, dependant in _routes(pages) if signed_in not in calls_of(dependant)}
    assert open_ones == {
        *("/first-run", "/language"),
        *("/free-services", "/free-services/report", "/free-services/answer"),
        *("/sign-in", "/sign-in/oidc", "/sign-in/oidc/return", "/sign-in/resume", "/sign-out"),
    }


def calls_of(dependant: Dependant) -> list[object]:
    return [dependant.call, *(call for inner in dependant.dependencies for call in calls_of(inner))]


def _routes(router: object) -> list[tuple[str, Dependant]]:
    return [(route.path, route.dependant) for route in _leaves(router)]


def _leaves(router: object) -> list[APIRoute]:
    """FastAPI keeps an included router whole, so they are looked into one by one."""
    found: list[APIRoute] = []
    for route in getattr(router, "routes", []):
        inner = getattr(route, "original_router", None)
        found += _leaves(inner) if inner is not None else [route]
    return found
