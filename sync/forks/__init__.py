"""Forks: logs of one name that disagree, because a store was copied or set back and used on."""
