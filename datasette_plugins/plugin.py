"""Datasette's hooks: the public face of one release.

Arbitrary SQL, download of the whole file, and databases that are no release are refused by the plugin itself,
whatever Datasette's settings say.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from datasette import hookimpl
from datasette.utils.asgi import Base400, NotFound, Response, asgi_static
from datasette.views.base import DatasetteError
from jinja2 import ChoiceLoader, Environment, FileSystemLoader

from . import front, pages, security, state
from .problems import Problem, for_status

HERE = Path(__file__).resolve().parent
JSON = "application/json; charset=utf-8"
UNCLOSED = r"static/|homeward/|(?:versions|metadata|settings)(?:\.json)?$"
"""What a reader may see under `/-/`; the other pages there speak of files and threads of the machine."""


@hookimpl  # type: ignore[untyped-decorator]  # datasette publishes no types
async def startup(datasette: Any) -> None:
    """Reads the release."""
    await state.load(datasette)


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment) -> None:
    """Puts our templates before Datasette's."""
    own = FileSystemLoader(HERE / "templates")
    env.loader = ChoiceLoader([own, env.loader] if env.loader else [own])


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, Any]]:
    """The front page, our static files, and a door before Datasette's pages about its machine."""
    return [
        (r"^/$", front_page),
        (r"^/(?:zh|en)/?$", front_page),
        (r"^/favicon\.ico$", favicon),
        (rf"^/-/(?!{UNCLOSED})", closed_page),
        (r"^/-/homeward/(?P<path>.*)$", asgi_static(HERE / "static")),
    ]


@hookimpl  # type: ignore[untyped-decorator]
def asgi_wrapper() -> Any:
    """Security headers on every answer."""
    return security.with_headers


@hookimpl  # type: ignore[untyped-decorator]
def extra_template_vars(datasette: Any, request: Any) -> dict[str, Any]:
    """Language, texts and labels."""
    return pages.variables(datasette, request)


@hookimpl  # type: ignore[untyped-decorator]
def get_metadata(datasette: Any) -> dict[str, Any]:
    """Titles, licence and column labels (both languages) for Datasette's JSON and its pages."""
    release = state.served(datasette)
    if release is None:
        return {}
    tables: dict[str, Any] = {
        name: {
            "title": f"{front.table_title(name, 'zh')} / {front.table_title(name, 'en')}",
            "columns": {
                column: f"{label.zh} / {label.en}"
                for (table, column), label in release.columns.items()
                if table == name
            },
        }
        for name in release.tables
    }
    return {
        "title": f"{release.title.zh} / {release.title.en}",
        "license": release.info["licence"],
        "databases": {release.database: {"tables": tables}},
    }


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]  # the last word counts in Datasette
def permission_allowed(datasette: Any, action: str, resource: Any) -> bool | None:
    """No SQL, no file download, and no database but the release."""
    if action in ("execute-sql", "view-database-download", "permissions-debug", "debug-menu"):
        return False
    if action in ("view-database", "view-table", "view-query"):
        release = state.served(datasette)
        name = resource if isinstance(resource, str) else resource[0]
        return None if release and name == release.database else False
    return None


@hookimpl(tryfirst=True)  # type: ignore[untyped-decorator]
def forbidden(datasette: Any, request: Any) -> Any:
    """HW-4003 in the language of the page."""

    async def inner() -> Response:
        return await problem_response(datasette, request, for_status(403, request.path), 403)

    return inner


@hookimpl(tryfirst=True)  # type: ignore[untyped-decorator]
def handle_exception(datasette: Any, request: Any, exception: Exception) -> Any:
    """Every fault as a numbered problem, on a page or as JSON."""

    async def inner() -> Response:
        if isinstance(exception, Problem):
            return await problem_response(datasette, request, exception, 503)
        status = status_of(exception)
        detail = str(getattr(exception, "message", "") or exception) if status == 400 else ""
        return await problem_response(datasette, request, for_status(status, request.path), status, detail)

    return inner


def status_of(exception: Exception) -> int:
    """The HTTP status of a fault: 400 also where Datasette refuses a question and calls it 500."""
    if isinstance(exception, DatasetteError):
        refused = exception.status == 500 and exception.__context__ is None
        return 400 if refused else int(exception.status)
    return int(exception.status) if isinstance(exception, Base400) else 500


async def problem_response(
    datasette: Any, request: Any, problem: Problem, status: int, detail: str = ""
) -> Response:
    """A problem as JSON where the address asks for JSON, else as a page; `detail` in Datasette's words."""
    lang = pages.lang_of(request)
    if request.path.endswith((".json", ".jsono")):
        body = {
            "ok": False,
            "status": status,
            "error": problem.text(lang),
            "problem": problem.as_dict(lang),
            "detail": detail,
        }
        return Response(
            json.dumps(body, ensure_ascii=False),
            status=status,
            content_type="application/json; charset=utf-8",
        )
    context = {"problem": problem, "detail": detail}
    return Response.html(
        await datasette.render_template("problem.html", context, request=request), status=status
    )


async def front_page(datasette: Any, request: Any) -> Response:
    """`/zh`, `/en`; `/` goes to the one that the browser asks for."""
    lang = pages.lang_of(request)
    if not pages.FRONT.search(request.path):
        return Response.redirect(pages.front_url(datasette, lang), headers={"vary": "Accept-Language"})
    release = state.current(datasette)
    context = {
        "headlines": front.headlines(release, lang),
        "charts": front.charts(release, lang),
        "counties": front.by_county(release, lang),
        "data_tables": front.tables(release, lang),
        "documentation": front.tables(release, lang, documentation=True),
    }
    return Response.html(
        await datasette.render_template("front.html", context, request=request, view_name="front")
    )


async def closed_page() -> None:
    """Pages about files, threads and permissions of the machine are not there for the public."""
    raise NotFound("closed")


async def favicon(datasette: Any) -> Response:
    """Old browsers ask for this address whatever the page says."""
    return Response.redirect(pages.asset(datasette, "icon.svg"))
