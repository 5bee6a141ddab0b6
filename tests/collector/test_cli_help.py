"""`--help` of every command, in both languages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from unicodedata import east_asian_width

import click
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from collector.cli import COMMANDS, main
from collector.cli.help import PREFIX, Command, Context, Group, key, option_key
from collector.cli.wide import CLOSING, OPENING, pieces, wrapped
from collector.i18n import LANGUAGES, MissingText, catalogue, translate
from collector.review import FILTERS

ROOT = Path(__file__).parent.parent.parent
NAMES = {"Homeward", "homeward", "Datasette", "XLSForm", "XForm", "JSON", "PEM", "HTTPS", "SQL", "Ctrl"}
"""Words of a Chinese help that are names."""

WRITTEN = {"administrator", "supervisor", "enumerator", "village", "county", "form_id"} | set(FILTERS)
"""Words of a Chinese help that are typed as they stand, or stand so in a file."""


def contexts(command: click.Command, name: str, parent: Context | None = None) -> Iterator[Context]:
    """A context for a command and for each below it."""
    context = Context(command, info_name=name, parent=parent, help_option_names=["-h", "--help"])
    yield context
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            assert found is not None
            yield from contexts(found, below, context)


ALL = list(contexts(main, "homeward"))
PATHS = [context.command_path for context in ALL]


def homeward(*arguments: str, terminal: str = "C", width: int = 80) -> Result:
    """A call, in a terminal of a language and a width."""
    env = {"LC_ALL": terminal, "COLUMNS": str(width)}
    return CliRunner(env=env).invoke(main, arguments, prog_name="homeward")


def options(context: Context) -> list[click.Option]:
    """The options of a command."""
    return [each for each in context.command.get_params(context) if isinstance(each, click.Option)]


def kept(text: str) -> list[str]:
    """The lines of a text that are not wrapped: calls as examples."""
    return [
        line
        for paragraph in text.split("\n\n")
        if paragraph.startswith("\b\n")
        for line in paragraph.split("\n")[1:]
    ]


def prose(context: Context, said: str) -> str:
    """A help without what is no prose: usage, calls, names of commands and options, values, files, code."""
    said = re.sub(r"\A用法：.*?\n\n", "", said, flags=re.S)
    for line in kept(translate(key(context), "zh")):
        said = said.replace(f"  {line}\n", re.sub(r".*? {3,}|.*", "", line, count=1) + "\n")
    for name in context.command.list_commands(context) if isinstance(context.command, click.Group) else ():
        said = re.sub(rf"^  {name} ", "", said, flags=re.M)
    said = re.sub(r"^  -.*?(?=  |$)", "", said, flags=re.M)  # an option with its values
    said = re.sub(r"`[^`]+`|“[^”]+”", "", said)
    said = re.sub(r"\[默认：[^]]*\]|\[[^]]*<=x<=[^]]*\]", "", said)
    return re.sub(
        r"homeward undo|https?://\S*|--[\w-]+|[\w/-]*[./][\w./-]+|\b[A-Z]+(-\w+|_[A-Z]+|/\w+)?\b", "", said
    )


@pytest.mark.parametrize("context", ALL, ids=PATHS)
def test_help_in_chinese_is_chinese(context: Context) -> None:
    """Status 0, no line of English prose, none wider than the terminal."""
    done = homeward(*context.command_path.split()[1:], "--help", terminal="zh_CN.UTF-8")
    assert done.exit_code == 0
    assert done.stdout.startswith(f"用法：{context.command_path} ")
    words = set(re.findall(r"[A-Za-z]\w+", prose(context, done.stdout)))
    assert words <= NAMES | WRITTEN
    wide = [line for line in done.stdout.splitlines() if sum(map(width, line)) > 80]
    assert wide == []


def width(character: str) -> int:
    """Columns of a terminal."""
    return 2 if east_asian_width(character) in "WF" else 1


@pytest.mark.parametrize("context", ALL, ids=PATHS)
def test_help_in_english_is_english(context: Context) -> None:
    """Status 0, not a word of Chinese, no line wider than the terminal."""
    done = homeward(*context.command_path.split()[1:], "--help", terminal="en_GB.UTF-8")
    assert done.exit_code == 0
    assert done.stdout.startswith(f"Usage: {context.command_path} ")
    assert re.findall(r"[\u3000-\u9fff\uff00-\uffef]", done.stdout) == []
    assert [line for line in done.stdout.splitlines() if len(line) > 80] == []


@pytest.mark.parametrize("columns", [60, 78, 108])
def test_help_fits_the_terminal(columns: int) -> None:
    """Whatever its width, but for calls, which stay whole."""
    for context in ALL:
        context.obj, context.terminal_width = "zh", columns
        calls = [f"  {line}" for line in kept(translate(key(context), "zh"))]
        lines = [line for line in context.command.get_help(context).splitlines() if line not in calls]
        assert [line for line in lines if sum(map(width, line)) > columns] == [], context.command_path


def test_the_language_is_that_of_the_call() -> None:
    """`--lang` wherever it stands, of groups too, else that of the terminal; a group's holds for its commands."""
    for arguments in (
        ("--help", "--lang", "zh"),
        ("--lang=zh", "-h"),
        ("status", "--lang", "zh", "--help"),
        ("--lang", "zh", "status", "--help"),
        ("forms", "--help", "--lang", "zh"),
        ("forms", "--lang", "zh", "check", "--help"),
        ("--lang", "en", "merge", "--lang", "zh", "-h"),
    ):
        assert homeward(*arguments).stdout.startswith("用法："), arguments
        mirrored = tuple(
            {"zh": "en", "en": "zh", "--lang=zh": "--lang=en"}.get(each, each) for each in arguments
        )
        assert homeward(*mirrored, terminal="zh_CN.UTF-8").stdout.startswith("Usage: "), mirrored
    for arguments in (("--lang", "zh", "status", "none.db"), ("forms", "--lang", "zh", "list", "none.db")):
        assert "文件读不出来" in homeward(*arguments).stderr
    assert homeward("bundle", terminal="zh_CN.UTF-8").stderr.startswith("用法：homeward bundle ")


def test_help_loads_no_command() -> None:
    """The list of commands is printed without importing one of them."""
    code = (
        "import sys\nfrom collector.cli import COMMANDS, main\n"
        "try:\n    main(['--help'])\nfinally:\n"
        "    print(*({module for module, _ in COMMANDS.values()} & set(sys.modules)), file=sys.stderr)"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "zh_CN.UTF-8", "PYTHONUTF8": "1"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stderr.strip()) == (0, "")
    assert done.stdout.startswith("用法：")
    assert re.findall(r"^  ([a-z]+) ", done.stdout, flags=re.M) == list(COMMANDS)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_command_and_option_has_its_text(lang: str) -> None:
    """And every text belongs to one; what click may add to an option is said in both languages."""
    used = set()
    for context in ALL:
        assert isinstance(context.command, Command)
        context.obj = lang
        used |= {key(context)} | {option_key(option, context) for option in options(context)}
        for option in options(context):
            assert set(option.get_help_extra(context)) <= {"default", "range", "required"}
    assert used == {each for each in catalogue(lang) if each == PREFIX or each.startswith(f"{PREFIX}.")}


def test_a_command_without_texts_has_no_help() -> None:
    """It says so instead of speaking English to everybody, and so does an option without one."""
    group = Group("homeward", params=[click.Option(["--new"], required=True)])
    with pytest.raises(MissingText, match="--new"):
        group.get_help(Context(group, info_name="homeward", obj="zh"))
    group = Group("homeward", commands=[Command("new")])
    with pytest.raises(MissingText, match=r"cli\.help\.new"):
        group.get_help(Context(group, info_name="homeward", obj="zh"))


def test_what_is_required_is_said() -> None:
    """Beside the default and the bounds, in the language of the help."""
    option = click.Option(["--lang"], type=click.IntRange(1, 9), default=5, show_default=True, required=True)
    command = Command("homeward", params=[option])
    for lang, told in (("en", "[default: 5; 1<=x<=9; required]"), ("zh", "[默认：5；1<=x<=9；必填]")):
        assert told in command.get_help(Context(command, info_name="homeward", obj=lang))


def test_examples_are_the_same_in_both_languages() -> None:
    """The calls of a text; what is said beside them is translated."""
    for context in ALL:
        calls = [
            [re.split(" {3,}", line)[0] for line in kept(translate(key(context), lang))] for lang in LANGUAGES
        ]
        assert [re.sub('"[^"]*"', "", call) for call in calls[0]] == [
            re.sub('"[^"]*"', "", call) for call in calls[1]
        ]
        assert all(call.startswith(f"{context.command_path} ") for call in calls[0])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_help_of_review_names_every_filter(lang: str) -> None:
    """All that a FILTER may be called."""
    named = re.findall(r"[a-z]+", translate(f"{PREFIX}.review", lang).partition("NAME=VALUE")[2])
    assert [each for each in named if each in FILTERS] == list(FILTERS)


@given(st.text(st.sampled_from(list("一二三，。：（）“”《》、a1-.()[]")), max_size=120), st.integers(12, 40))
def test_lines_break_where_they_may(text: str, most: int) -> None:
    """Nothing is lost; no line begins with closing or ends with opening punctuation, and only one that cannot be broken
    is too wide."""
    lines = wrapped(text, most)
    assert "".join(lines) == text
    assert [line for line in lines[1:] if line[0] in CLOSING] == []
    assert [line for line in lines[:-1] if line[-1] in OPENING] == []
    assert [line for line in lines if sum(map(width, line)) > most and len(list(pieces(line))) > 1] == []


def test_chinese_lines_are_filled() -> None:
    """By columns, punctuation with what it belongs to, words and what stands in brackets whole."""
    assert wrapped("把数据库合并到 HUB，再发布。", 12) == ["把数据库合并", "到 HUB，再发", "布。"]
    assert wrapped("一二三四五，六", 10) == ["一二三四", "五，六"]
    assert wrapped("一二三“四五”", 7) == ["一二三", "“四五”"]
    assert wrapped("端口。  [默认：8001；0<=x<=9]", 20) == ["端口。", "[默认：8001；0<=x<=9]"]
    assert wrapped("plain words wrap as ever", 11) == ["plain words", "wrap as", "ever"]
    assert wrapped("", 10) == []
