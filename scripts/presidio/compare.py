#!/usr/bin/env python3
"""Lethe's filter beside Presidio's analyzer: recall, false hits and speed. See docs/benchmarks.md.

    python3 scripts/presidio/compare.py [--ner] [--quick] [--theirs CHECKOUT] [--lethe PROGRAM] [--venv FOLDER]

Makes a virtual environment with the versions in requirements.txt, then reads the tables of cases, makes a sample with
Faker and prints Markdown. Needs Python 3.11 or newer and a release build of lethe-cli. --ner adds Presidio with a
model for English names, which is fetched as a package. --theirs adds the texts of Presidio's own tests. Everything is
seeded; only the speeds differ between runs.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--ner", action="store_true", help="add Presidio with a model for English names")
    arguments.add_argument("--quick", action="store_true", help="leave out the speeds")
    arguments.add_argument("--theirs", type=Path, help="a checkout of Presidio, whose tests are read and not run")
    program, folder = ROOT / "target/release/lethe-cli", ROOT / "target/presidio"
    arguments.add_argument("--lethe", type=Path, default=program, help="the program lethe-cli")
    arguments.add_argument("--venv", type=Path, default=folder, help="the virtual environment")
    options = arguments.parse_args()
    if sys.version_info < (3, 11):
        sys.exit("Python 3.11 or newer is needed, to read TOML")
    if not options.lethe.is_file():
        sys.exit(f"{options.lethe} is not there: build it with npm start -- --setup, or name it with --lethe")
    python = environment(options.venv)
    if Path(sys.prefix).resolve() != options.venv.resolve():
        # The packages are in the environment, so its Python goes on from here. -B leaves no caches in the repository.
        os.execv(python, [str(python), "-B", str(HERE / "compare.py"), *sys.argv[1:]])
    import report

    report.write(ROOT, options)


def environment(folder):
    """The Python of the environment in `folder`, which is made when it is missing or has other versions."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    wanted = (HERE / "requirements.txt").read_text()
    stamp = folder / "requirements.txt"
    if not python.is_file() or not stamp.is_file() or stamp.read_text() != wanted:
        print(f"making the environment in {folder}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--requirement", str(HERE / "requirements.txt")]
        subprocess.run(pip, check=True)
        stamp.write_text(wanted)
    return python


if __name__ == "__main__":
    main()
