"""Handing changes over in lines: what is given, what is taken, and what each side says it has."""
