"""What pyxform says, in the words of our catalogue where the sentence is known; else as a quotation."""

from __future__ import annotations

import re

from forms.check.finding import Words

_SAYINGS = {
    "no_entities": r"To save entity properties using the save_to column, add an entities sheet",
    "save_to_twice": r"The save_to property '(?P<name>[^']*)' is already assigned by row '(?P<row>\d+)'",
    "save_to_group": r"Groups and repeats can't be saved as entity properties",
    "save_to_list": r"The entity list name '(?P<name>[^']*)' was not found on the entities sheet",
    "save_to_prefix": r"When there is more than one entity declaration, 'save_to' names must be prefixed",
    "entity_label": r"The entity list name '(?P<name>[^']*)' does not have a label",
    "entity_update_if": r"The entity list name '(?P<name>[^']*)' does not have an 'update_if' expression",
    "entity_id": r"The entity list name '(?P<name>[^']*)' does not have an 'entity_id' expression",
    "entity_columns": r"The following column\(s\) are not supported by this version of pyxform: (?P<names>.*?)\. ",
    "entity_unnamed": r"Entity lists must have a name",
    "entity_twice": r"The 'list_name' column must not have any duplicate names",
    "name_underscores": r"Names used here must not begin with two underscores",
    "name_period": r"Names used here must not contain a period",
    "name_reserved": r"Names used here must not be 'name' or 'label'",
    "name_letters": r"Names must begin with a letter or underscore",
    "range_number": r"For the 'range' question type, the parameter '(?P<name>[^']*)' must be a number",
    "range_zero": r"For the 'range' question type, the parameter '(?P<name>[^']*)' must not be '0'",
    "range_large": r"For the 'range' question type, the parameter '(?P<name>[^']*)' must not be larger than the range",
    "range_multiple": r"For the 'range' question type, the parameter '(?P<name>[^']*)' must be a multiple of 'step'",
    "range_outside": r"For the 'range' question type, the parameter '(?P<name>[^']*)' must be between",
    "parameter_form": r"Parameters must be in the form of 'key1=value1 key2=value2'",
    "parameter_key": r"The accepted parameter keys for this question type are '(?P<known>[^']*)'\. "
    r"The following are invalid parameter key\(s\): '(?P<names>[^']*)'",
    "parameter_whole": r"Parameter (?P<name>[\w-]+) must have an integer value",
    "parameter_quality": r"Invalid value for quality",
    "randomize": r"randomize must be set to true or false: '(?P<value>[^']*)'",
    "seed": r"seed value must be a number or a reference",
    "seed_alone": r"Parameters must include randomize=true to use a seed",
    "or_other_filter": r"Choice filter not supported with or_other",
    "audit_name": r"Audits must always be named 'audit",
    "disabled": r"The 'disabled' column header is not part of the current spec",
    "big_image": r"To use big-image, you must also specify an image",
}
_KNOWN = {key: re.compile(pattern) for key, pattern in _SAYINGS.items()}


def said(reason: str) -> Words:
    """A sentence of pyxform, as one of ours or quoted."""
    for key, pattern in _KNOWN.items():
        match = pattern.search(reason)
        if match:
            return Words(f"pyxform.{key}", tuple(match.groupdict().items()))
    return Words("check.pyxform", (("reason", reason),))
