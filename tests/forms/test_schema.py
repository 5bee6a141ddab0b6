"""The schema of a form: typed values, and errors by question path."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from marshmallow import ValidationError

from forms import library
from forms.schema import GeoPoint, nested, schema_for, typed_answers

FORM = library.load("business")
FOUNDERS = "/data/g_founders/founders"


def test_values_have_their_types() -> None:
    """Whole numbers, dates, moments, positions and several choices come as Python has them."""
    values, errors = typed_answers(
        FORM,
        {
            "/data/start": "2026-11-22T09:30:00.000+08:00",
            "/data/today": "2026-11-22",
            "/data/g_activity/start_year": "2018",
            "/data/g_activity/fields": "crop lodging",
            "/data/g_activity/gps": "35.5 112.8 900 5",
            f"{FOUNDERS}[ab12]": "0001",
            f"{FOUNDERS}[ab12]/founder_birth_year": "1985",
            f"{FOUNDERS}[ab12]/founder_name": "",
        },
    )
    assert errors == {}
    assert values == {
        "/data/start": datetime(2026, 11, 22, 9, 30, tzinfo=timezone(timedelta(hours=8))),
        "/data/today": date(2026, 11, 22),
        "/data/g_activity/start_year": 2018,
        "/data/g_activity/fields": ["crop", "lodging"],
        "/data/g_activity/gps": GeoPoint(35.5, 112.8, 900.0, 5.0),
        f"{FOUNDERS}[ab12]/founder_birth_year": 1985,
        f"{FOUNDERS}[ab12]/founder_name": None,
    }


def test_errors_stand_at_their_paths_and_the_rest_is_read() -> None:
    """One malformed answer does not hide the others, inside a repeat or outside."""
    values, errors = typed_answers(
        FORM,
        {
            "/data/g_activity/start_year": "201x",
            "/data/g_activity/legal_form": "kingdom",
            f"{FOUNDERS}[ab12]/founder_birth_year": "long ago",
            f"{FOUNDERS}[ab12]/founder_sex": "female",
            "/data/unknown": "x",
        },
        "zh",
    )
    assert values == {f"{FOUNDERS}[ab12]/founder_sex": "female"}
    assert errors == {
        "/data/g_activity/start_year": ["这里要填整数。"],
        "/data/g_activity/legal_form": ["列表里没有这个选项。"],
        f"{FOUNDERS}[ab12]/founder_birth_year": ["这里要填整数。"],
        "/data/unknown": ["这条记录里没有这一项。"],
    }


def test_values_that_are_no_text_are_refused() -> None:
    """An answer is text; numbers, lists and null in its place are errors at its path."""
    schema = schema_for(FORM)()
    for value in (1, ["x"], {"a": "b"}, None, True):
        with pytest.raises(ValidationError) as caught:
            schema.load({"/data/g_where/business_name": value})
        assert "/data/g_where/business_name" in caught.value.messages_dict


def test_nesting_follows_the_instances() -> None:
    """Flat paths with instance ids become instances under their repeat."""
    assert nested({"/data/a": "1", "/data/r[k3f9]": "0001", "/data/r[k3f9]/s[zz11]/t": "2"}) == {
        "/data/a": "1",
        "/data/r": {"k3f9": {"s": {"zz11": {"t": "2"}}}},
    }
