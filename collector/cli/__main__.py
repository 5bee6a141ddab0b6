"""`python -m collector.cli`: the same as the command `homeward`."""

from . import main

main()
