"""Runs the tables of the filter (filters/tests/cases, whose README says what is in them) through any program that reads
a text on its standard input and writes the filtered one.

    python3 scripts/corpus.py -- target/release/lethe-cli redact --quiet --only-lists {list} --detectors {detectors}

Needs Python 3.11. Ends with 1 if a row does not hold, and prints each such row.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TABLES = Path(__file__).parent.parent / "filters/tests/cases"
KINDS = "person|email|phone|address|iban|card|ahv|ip|birth_date|document|account|national_id|text|other"
# Invented, and in no text: a program that must be given a list gets one entry.
NOBODY = {"id": "none", "kind": "text", "text": "qxzvj qxzvj qxzvj"}


def entries(row: dict) -> list[dict]:
    kind = row.get("kind", "person")
    terms = [{"id": f"t{number}", "kind": kind, "text": term} for number, term in enumerate(row.get("terms", []), 1)]
    return terms + row.get("entries", []) or [NOBODY]


def neutral(text: str, marks: re.Pattern) -> str:
    """The text with each mark as its kind alone, if the mark says it."""
    kind = lambda mark: f"⟦{mark.groupdict().get('kind') or ''}⟧"
    return marks.sub(kind, text)


def failure(row: dict, command: list[str], marks: re.Pattern) -> str | None:
    expected = row.get("output")
    if expected is None:
        expected = row["input"]
    else:
        kind = (lambda found: f"⟦{found[1]}⟧") if "kind" in marks.groupindex else "⟦⟧"
        expected = re.sub(rf"\{{({KINDS})\}}", kind, expected)
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.writelines(json.dumps(entry) + "\n" for entry in entries(row))
        file.flush()
        values = {"{list}": file.name, "{detectors}": row.get("detectors", "none")}
        words = [values.get(word, word) for word in command]
        ended = subprocess.run(words, input=row["input"].encode(), capture_output=True)
    if ended.returncode != 0:
        return f"ended with {ended.returncode}: {ended.stderr.decode(errors='replace').strip()}"
    found = neutral(ended.stdout.decode(errors="replace"), marks)
    expected = neutral(expected, marks)
    return None if found == expected else f"{found!r}, not {expected!r}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--marks", default=r"\[removed: (?P<kind>[a-z_]+)\]", help="what the program's marks look like")
    parser.add_argument("--table", action="append", help="a table's name; all of them without it")
    parser.add_argument("command", nargs="+", help="the program and its arguments, with {list} and {detectors}")
    given = parser.parse_args()
    marks = re.compile(given.marks)
    rows = []
    for path in sorted(TABLES.glob("*.toml")):
        if given.table and path.stem not in given.table:
            continue
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        shared = {field: value for field, value in table.items() if field != "case"}
        rows += [(path.stem, shared | row) for row in table["case"]]
    if not rows:
        parser.error("no table has that name")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda row: failure(row[1], given.command, marks), rows)
        failed = [(name, row["name"], why) for (name, row), why in zip(rows, results) if why]
    for table, name, why in failed:
        print(f"{table}: {name}: {why}")
    print(f"{len(rows) - len(failed)} of {len(rows)} rows hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
