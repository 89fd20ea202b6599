"""Holds `lethe-cli redact` to somebody else's idea of a stream filter: for every split of a text, what it writes is what
it makes of the whole. The package chunk-invariance makes the splits and compares.

    python3 -m venv /tmp/chunks && /tmp/chunks/bin/pip install chunk-invariance==0.2.0
    /tmp/chunks/bin/python scripts/chunks.py target/debug/lethe-cli

Needs Linux or macOS: a chunk is written when the pipe is empty, so that each is read for itself.
"""

import array
import fcntl
import subprocess
import sys
import tempfile
import termios
import time

from chunk_invariance import assert_chunk_invariant

ENTRIES = '{"id": "a", "kind": "person", "text": "Wanda Beispiel"}\n{"id": "b", "kind": "address", "text": "Musterweg 12, 8001 Zürich"}\n'
# Short ones are cut in every way, the others at every two places.
SHORT = ["Wanda Beispiel", "a@example.org x", "044 668 18 00"]
LONG = [
    "Ask **Wanda** Beispiel (wanda@example.org) or +41 44 668 18 00.",
    "Beispiel, Wanda; Musterweg 12 in Zürich, IBAN CH93 0076 2011 6238 5295 7",
    "https://example.org/?q=Wanda+Beispiel&mail=wanda%40example.org, J\\u00fcrg",
    "8 045 311 447 people, version 1.2.3.4, print(a)\nplt.show(), 84.72.131.17",
]


def unread(pipe) -> int:
    count = array.array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, count)
    return count[0]


def redact(program: str, entries: str, chunks) -> list[str]:
    command = [program, "redact", "--only-lists", entries, "--quiet"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        for chunk in chunks:
            while unread(process.stdin) > 0:
                time.sleep(0.0005)
            process.stdin.write(chunk.encode())
            process.stdin.flush()
        process.stdin.close()
        out = process.stdout.read().decode()
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed")
    return [out]


def main() -> None:
    program = sys.argv[1]
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as entries:
        entries.write(ENTRIES)
        entries.flush()
        stream = lambda chunks: redact(program, entries.name, chunks)
        whole = lambda text: redact(program, entries.name, [text])[0]
        for text, splits in [(text, "all" if len(text) < 14 else 3) for text in SHORT] + [(text, 2) for text in LONG]:
            count = assert_chunk_invariant(stream, whole, text, splits=splits)
            print(f"{count:5} splits of {text!r} give {whole(text)!r}")


if __name__ == "__main__":
    main()
