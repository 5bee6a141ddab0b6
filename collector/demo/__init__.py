"""The demonstration: a county of made-up records, filled in through the real forms, and its books."""
