"""`make bench`: runs the benchmarks and writes one flat object of named figures to build/bench.json."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

BENCHES = ("benchmarks.bench_merge", "benchmarks.bench_stick", "benchmarks.bench_phone")


def main() -> None:
    """Each bench's `run()` gives `{name: number}`: ratios against a baseline of the same run."""
    figures: dict[str, float] = {}
    for name in BENCHES:
        figures |= import_module(name).run()
    out = Path("build/bench.json")
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n", "utf-8")
    for key, value in sorted(figures.items()):
        print(f"{key:24} {value:g}")


if __name__ == "__main__":
    main()
