"""The public directory of one date: figures, record files and what they mean, made from nothing each time."""

from .make import Released, release

__all__ = ["Released", "release"]
