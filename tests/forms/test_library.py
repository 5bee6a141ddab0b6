"""The built-in forms: they compile, they are what their tables say, and they survive JSON."""

from __future__ import annotations

import csv
import json

import pytest

from forms import Form, canonical, library
from forms.dump import main as dump

NAMES = library.names()


@pytest.mark.parametrize("name", NAMES)
def test_form_goes_through_json_unchanged(name: str) -> None:
    """What the phone gets says everything that the server knows of a form, its own text excepted."""
    form = library.load(name)
    text = json.dumps(form.to_json(), ensure_ascii=False)
    assert Form.from_json(json.loads(text), form.xform) == form


@pytest.mark.parametrize("name", NAMES)
def test_id_is_the_digest_of_the_version_document(name: str) -> None:
    """A form version is named by its document, as the data model says."""
    form = library.load(name)
    document = form.version_document(form.xform_document_id)
    assert canonical.short_id(document) == form.id
    kind, form_id, version, xform, layout = json.loads(document)
    assert [kind, form_id, version] == ["form", name, form.version]
    assert xform == canonical.short_id(form.xform.encode("utf-8"))
    assert layout == form.layout


@pytest.mark.parametrize("name", NAMES)
def test_questions_are_those_of_the_codebook(name: str) -> None:
    """Every question and calculation of the codebook is in the form, with its privacy and publish rule."""
    with (library.HERE / "codebook.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["form"] == name]
    assert rows
    by_name = {node.name: node for node in library.load(name).nodes}
    for row in rows:
        if row["type"] == "csv-external":
            continue
        node = by_name[row["name"]]
        assert (node.pii or "") == row["pii"], row["name"]
        assert (node.publish or "") == row["publish_rule"], row["name"]
        assert (node.role or "") == row["role"], row["name"]


@pytest.mark.parametrize("name", NAMES)
def test_every_label_is_in_both_languages(name: str) -> None:
    """No label, hint or message of the built-in forms falls back to the other language."""
    form = library.load(name)
    names = {language.name for language in form.languages}
    assert {language.tag for language in form.languages} == {"en", "zh"}
    for node in form.nodes:
        for number in (node.label, node.hint, node.constraint_msg, node.required_msg):
            if number is not None:
                assert names <= form.texts[number].keys(), node.path


@pytest.mark.parametrize("name", NAMES)
def test_order_puts_everything_after_what_it_reads(name: str) -> None:
    """No calculation is worked out before one that it depends on."""
    form = library.load(name)
    place = {number: at for at, number in enumerate(form.order)}
    for path, readers in form.triggers.items():
        read = form.by_path.get(path)
        for reader in readers:
            node = form.nodes[reader]
            if read in place and reader in place and reader != read and node.constraint is None:
                assert place[read] < place[reader], (path, node.path)


def test_layout_names_each_answer_once() -> None:
    """The layout packs every node that holds a value, and tells given from derived."""
    form = library.load("business")
    given = [entry for entry in form.layout if isinstance(entry, str)]
    derived = [entry[0] for entry in form.layout if isinstance(entry, list) and len(entry) == 1]
    repeats = {entry[0]: entry[1] for entry in form.layout if isinstance(entry, list) and len(entry) == 2}
    assert "/data/g_activity/start_year" in given
    assert {"/data/business_uid", "/data/start", "/data/meta/instanceID"} <= set(derived)
    assert repeats.keys() == {"/data/g_founders/founders"}
    assert "founder_sex" in repeats["/data/g_founders/founders"]
    assert ["is_returnee"] in repeats["/data/g_founders/founders"]
    everything = given + derived + list(repeats)
    assert len(everything) == len(set(everything))


def test_lists_are_tables_with_names() -> None:
    """Each attached list has a name in every row and no name twice."""
    for name, data in library.lists().items():
        rows = list(csv.DictReader(data.decode("utf-8-sig").splitlines()))
        names = [row["name"] for row in rows]
        assert rows, name
        assert all(names), name
        assert len(names) == len(set(names)), name


def test_dump_gives_the_json_of_the_phone(capsys: pytest.CaptureFixture[str]) -> None:
    """`python -m forms.dump` writes what `to_json` gives."""
    dump("jobs")
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(library.load("jobs").to_json()))
