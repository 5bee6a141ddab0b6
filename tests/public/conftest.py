"""A served release for each test that asks for one."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import lxml.html
import pytest
from datasette.app import Datasette


def load(name: str) -> ModuleType:
    """A module of this folder; tests are not a package."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def written() -> ModuleType:
    """The hand-written release: its rows and `write_release`."""
    return load("release_fixture")


@pytest.fixture(scope="session")
def release_dir(tmp_path_factory: pytest.TempPathFactory, written: ModuleType) -> Path:
    """A folder with the hand-written release; nobody changes it."""
    folder: Path = tmp_path_factory.mktemp("release") / "out"
    written.write_release(folder)
    return folder


class Node:
    """An element of a page, or the page."""

    def __init__(self, element: Any) -> None:
        self.element = element

    def select(self, css: str) -> list[Node]:
        """Elements below that fit: `tag.class[name=value]`, `^=` a start, spaces for below, commas for or."""
        paths = " | ".join("." + "".join(map(step, one.split())) for one in css.split(","))
        return [Node(found) for found in self.element.xpath(paths)]

    def get(self, name: str) -> str:
        """An attribute; empty text without one."""
        return str(self.element.get(name) or "")

    @property
    def text(self) -> str:
        """Text before the first child."""
        return str(self.element.text or "")

    @property
    def words(self) -> str:
        """All text, runs of white space as one space."""
        return " ".join(str(self.element.text_content()).split())


def step(simple: str) -> str:
    """One simple selector as a step of XPath."""
    tag = re.match(r"\w*", simple)
    assert tag is not None
    path = f"//{tag[0] or '*'}"
    for name in re.findall(r"\.([\w-]+)", simple):
        path += f"[contains(concat(' ', @class, ' '), ' {name} ')]"
    for name, how, value in re.findall(r"\[([\w-]+)(?:(\^?)=([\w-]+))?\]", simple):
        path += (
            f"[@{name}]"
            if not value
            else f"[starts-with(@{name}, '{value}')]"
            if how
            else f"[@{name}='{value}']"
        )
    return path


class Site:
    """A Datasette over one database file, asked without a socket."""

    def __init__(self, path: Path, **settings: object) -> None:
        inspected = path.with_name("inspect.json")
        data = json.loads(inspected.read_text("utf-8")) if inspected.exists() else None
        self.datasette = Datasette(files=[], immutables=[str(path)], inspect_data=data, settings=settings)

    def page(self, address: str) -> Node:
        """The parsed page at an address, whatever its status."""
        return Node(lxml.html.fromstring(self.get(address).text))

    def get(self, address: str, lang: str = "en", **headers: str) -> Any:
        """The answer to a GET, redirects not followed."""
        wanted = {"accept-language": lang, **headers}
        return asyncio.run(self.datasette.client.get(address, headers=wanted))


@pytest.fixture(scope="session")
def site_of() -> Callable[..., Site]:
    """Serves any database file."""
    return Site


@pytest.fixture
def site(release_dir: Path) -> Site:
    """Serves the hand-written release, with Datasette's own settings untouched."""
    return Site(release_dir / "homeward.db")
