"""Measures, and prints the tables of docs/benchmarks.md."""

import logging
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import engines
import tables
import theirs

# Presidio is stopped after so many seconds of a speed measurement.
LONGEST = 60


def write(root, options):
    """Prints all tables; `options` are those of compare.py."""
    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
    model = engines.english_names(options.venv) if options.ner else None
    lethe = lambda terms, kinds: engines.Lethe(options.lethe, terms, kinds)
    presidio = engines.Presidio
    rules = {"Lethe": lethe, "Presidio": presidio}
    swiss = {"Presidio, Swiss": lambda terms, kinds: presidio(terms, kinds, swiss=True)}
    ner = {"Presidio, names model": lambda terms, kinds: presidio(terms, [*kinds, "person"], model=model)}
    named = rules | (ner if model else {})
    print(f"presidio-analyzer {version('presidio-analyzer')}, spaCy {version('spacy')}, Faker {version('Faker')}")
    print("\n## Lethe's own tables\n")
    heading("names", named)
    for name, rows in tables.names(root).items():
        line(f"`{name}.toml`", rows, ["listed"], named)
    line("names, traps", tables.traps(root), ["listed"], named)
    print()
    heading("detectors", rules | swiss)
    for name, kind, rows in tables.detected(root):
        line(name, rows, [kind], rules | swiss)
    print("\n## A sample by Faker\n")
    rows = tables.sample(400)
    heading("kind", rules | swiss)
    for kind in tables.KINDS:
        line(kind, rows[kind], [kind], rules | swiss)
    line("harmless, all detectors", rows["harmless"], tables.KINDS, rules | swiss)
    print()
    heading("names", named)
    line("listed, as written", rows["person"], ["listed"], named)
    line("harmless, 400 names listed", rows["harmless"], ["listed"], named, [row.terms[0] for row in rows["person"]])
    if options.theirs:
        # Presidio passes its own tests, so there is nothing to measure of it.
        print("\n## Texts of Presidio's tests\n")
        heading("kind", {"Lethe": lethe})
        detectors = {"ip": ["ip", "special_ip"], "document": ["national_id"]}
        for kind, rows in theirs.rows(options.theirs).items():
            line(kind, rows, detectors.get(kind, [kind]), {"Lethe": lethe})
    if not options.quick:
        print("\n## Speed\n")
        speed(lethe, presidio, model)


def heading(what, makers):
    cells = [what, "to find", *(f"{name}: whole, in part" for name in makers), *(f"{name}: false" for name in makers)]
    print("| " + " | ".join(cells) + " |\n" + "|---" * len(cells) + "|")


def line(name, rows, kinds, makers, listed=None):
    """One row of a table: places found whole, places touched, and rows in which something else was removed."""
    count = sum(len(row.places) for row in rows)
    found, false = [], []
    for make in makers.values():
        whole = touched = wrong = 0
        ready = {}
        for row in rows:
            terms = tuple(listed or row.terms)
            if terms not in ready:
                ready = {terms: make(terms, kinds)}
            places = ready[terms].find(row.text)
            removed = {place for start, end, _ in places for place in range(start, end)}
            for start, end in row.places:
                letters = wanted(row.text, start, end)
                whole += letters <= removed
                touched += bool(letters & removed) and not letters <= removed
            expected = {place for start, end in row.places for place in range(start, end)}
            wrong += any(expected.isdisjoint(range(start, end)) for start, end, _ in places)
        found.append(f"{whole}, {touched}" if count else "")
        false.append(f"{wrong} of {len(rows)}")
    print("| " + " | ".join([name, str(count or ""), *found, *false]) + " |", flush=True)


def wanted(text, start, end):
    """The letters and digits of a place. What else is in it, Markdown say, and a genitive's s may stay."""
    for genitive in ("'s", "’s"):
        if text[start:end].endswith(genitive):
            end -= len(genitive)
    return {place for place in range(start, end) if text[place].isalnum()}


def speed(lethe, presidio, model):
    pieces = list(tables.prose())
    text = "".join(pieces).encode()
    print("| list entries | Lethe, process over 1 text | Lethe, further text | Presidio | ", end="")
    print("Presidio, names model |\n|---|---|---|---|---|" if model else "\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        once, often = Path(folder, "once"), Path(folder, "often")
        once.write_bytes(text)
        often.write_bytes(text * 21)
        for count in [20, 1_000, 50_000]:
            terms = tables.terms(count)
            engine = lethe(terms, tables.KINDS)
            runs = [(engine.seconds(once), engine.seconds(often)) for _ in range(3)]
            first, all_of_it = (min(run[column] for run in runs) for column in (0, 1))
            cells = [rate(len(text), first), rate(20 * len(text), all_of_it - first)]
            cells.append(rate(*analyze(presidio(terms, ["listed", *tables.KINDS]), pieces)))
            if model:
                slow = presidio(terms, ["listed", "person", *tables.KINDS], model=model)
                cells.append(rate(*analyze(slow, pieces)))
            print(f"| {count:,} | " + " | ".join(cells) + " |", flush=True)


def analyze(engine, pieces):
    """Bytes and seconds of Presidio over the text, about 10 kB a call, the first call not counted."""
    calls = ["".join(pieces[at : at + 120]) for at in range(0, len(pieces), 120)]
    engine.find(calls[0])
    read, begin = 0, time.perf_counter()
    for call in calls:
        engine.find(call)
        read += len(call.encode())
        if time.perf_counter() - begin > LONGEST:
            break
    return read, time.perf_counter() - begin


def rate(size, seconds):
    speed = size / 1e6 / seconds
    return f"{speed:.3g} MB/s"
