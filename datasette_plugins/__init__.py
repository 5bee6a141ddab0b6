"""The public site: pages over one release, which is all that this package reads."""
