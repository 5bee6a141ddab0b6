"""Writes the generated pages of docs/: the command reference and the catalogue of problems.

`python .ci/write_docs.py` (`make docs`) writes them; `tests/test_docs.py` compares them with `pages()`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import click

from collector.cli import main as homeward

ROOT = Path(__file__).parent.parent
PACKAGES = {
    "forms": "Forms and answers",
    "sync": "Replicas and merging",
    "collector": "The app, tables, releases",
    "datasette_plugins": "The public site",
}
COMMANDS_HEAD = {
    "en": """# Commands

[中文](commands.zh.md)

Written by `make docs` from what `homeward COMMAND --help` prints.

Exit status: 0 done; 1 refused, and a [numbered problem](problems.md) says why; 2 the command was not
understood; 3 done, with something set aside.
""",
    "zh": """# 命令

[English](commands.md)

由 `make docs` 根据 `homeward COMMAND --help` 显示的内容生成。

退出状态：0 完成；1 没有接受，原因见[带编号的提示](problems.md)；2 命令写得不对；3 完成，但有内容搁置。
""",
}
PROBLEMS_HEAD = """# Problems

Written by `make docs` from the catalogues of the four packages. Each problem is the same on a page, in JSON and on the
command line: number, place, what is wrong, how to mend it. Words in braces are filled in where it happens.
"""


def commands(lang: str) -> Iterator[tuple[str, str]]:
    """Every command, groups before what is in them: its full name and its help text, 100 columns wide."""
    yield from walk("homeward", homeward, None, lang)


def walk(
    name: str, command: click.Command, parent: click.Context | None, lang: str
) -> Iterator[tuple[str, str]]:
    """A command and all below it."""
    context = command.context_class(
        command,
        info_name=name,
        parent=parent,
        obj=lang,
        **{**command.context_settings, "terminal_width": 100},
    )
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            if found is not None and not found.hidden:
                yield from walk(below, found, context, lang)


def commands_page(lang: str) -> str:
    """docs/commands.md, or docs/commands.zh.md."""
    parts = [COMMANDS_HEAD[lang]]
    for name, text in commands(lang):
        parts.append(f"## {name}\n\n```text\n{text.strip()}\n```\n")
    return "\n".join(parts)


def catalogue(package: str, lang: str) -> dict[str, str]:
    """The texts of a package's problems in a language, by key (`HW-2001.message`)."""
    folder = ROOT / package / "locale"
    texts: dict[str, str] = {}
    for path in sorted({*folder.rglob(f"{lang}.json"), *folder.rglob(f"*.{lang}.json")}):
        texts |= json.loads(path.read_text("utf-8"))
    return {key: text for key, text in texts.items() if re.match(r"HW-\d{4}\.", key)}


def cell(text: str) -> str:
    """Text as it may stand in a table."""
    text = text.replace("{{", "{").replace("}}", "}")  # braces that are meant, as str.format writes them
    return text.replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;").replace("\n", " ")


def problems_page() -> str:
    """docs/problems.md."""
    parts = [PROBLEMS_HEAD]
    for package, title in PACKAGES.items():
        en, zh = catalogue(package, "en"), catalogue(package, "zh")
        rows = [f"## {title} (`{package}`)\n", "| number | English | 中文 |", "| --- | --- | --- |"]
        for number in sorted({key.partition(".")[0] for key in en}):
            texts = [
                f"{cell(each[f'{number}.message'])}<br>*{cell(each[f'{number}.remedy'])}*"
                for each in (en, zh)
            ]
            rows.append(f"| {number} | {texts[0]} | {texts[1]} |")
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


def pages() -> dict[Path, str]:
    """What each generated page must hold."""
    return {
        ROOT / "docs" / "commands.md": commands_page("en"),
        ROOT / "docs" / "commands.zh.md": commands_page("zh"),
        ROOT / "docs" / "problems.md": problems_page(),
    }


def main() -> None:
    """Writes the pages that differ and names them."""
    for path, text in pages().items():
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
