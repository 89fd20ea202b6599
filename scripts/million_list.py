"""Writes a list of a million invented names, and the same list a month later: 5,000 entries gone and 5,000 new ones.

    python3 scripts/million_list.py FOLDER
    lethe-cli list publish --keys FOLDER/keys --repo FOLDER/repo --in FOLDER/first/names.jsonl
    lethe-cli list publish --keys FOLDER/keys --repo FOLDER/repo --in FOLDER/later/names.jsonl

The sizes of the files in FOLDER/repo are what readers fetch; see docs/scale.md.
"""

import json
import random
import sys
from pathlib import Path

SYLLABLES = "an bel cor da el fri gu hel is jo kas lu mar ni ot pe ros sa tim ul vre wen yl zür".split()


def name(chance: random.Random) -> str:
    words = ("".join(chance.choice(SYLLABLES) for _ in range(3)).capitalize() for _ in range(2))
    return " ".join(words)


def write(path: Path, entries: list[tuple[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for number, text in entries:
            file.write(json.dumps({"id": number, "kind": "person", "text": text}, ensure_ascii=False) + "\n")


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder, chance = Path(sys.argv[1]), random.Random(1)
    entries = [(f"r-{number:07}", name(chance)) for number in range(1_000_000)]
    new = [(f"n-{number:07}", name(chance)) for number in range(5_000)]
    write(folder / "first/names.jsonl", entries)
    write(folder / "later/names.jsonl", entries[5_000:] + new)


main()
