#!/usr/bin/env python3
"""Reads a feed of ours as another implementation of TUF reads it: the client of python-tuf, over HTTP.

    python read.py REPOSITORY ROOT

REPOSITORY is the folder that `lethe-cli list publish` has written, ROOT the root file that a subscriber begins with,
for example REPOSITORY/metadata/1.root.json. Needs the Python package `tuf`. Prints the segments after it has verified them,
and fails where the client refuses the feed.
"""

import functools
import http.server
import json
import sys
import tempfile
import threading
from pathlib import Path

from tuf.ngclient import Updater


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def main():
    repository, root = Path(sys.argv[1]), Path(sys.argv[2])
    handler = functools.partial(Quiet, directory=repository)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/"
    with tempfile.TemporaryDirectory() as metadata, tempfile.TemporaryDirectory() as targets:
        updater = Updater(
            metadata_dir=metadata,
            metadata_base_url=f"{address}metadata/",
            target_dir=targets,
            target_base_url=f"{address}targets/",
            bootstrap=root.read_bytes(),
        )
        updater.refresh()
        # The client fetches by name; the names are in the list that it has just verified.
        listed = json.loads((Path(metadata) / "targets.json").read_text())["signed"]["targets"]
        for name in sorted(listed):
            target = updater.get_targetinfo(name)
            path = updater.download_target(target)
            print(name, target.length, target.hashes["sha256"], target.custom or "", Path(path).stat().st_size)
        roots = sorted(path.name for path in Path(metadata).rglob("*root*.json"))
        print("roots:", *roots)
    server.shutdown()


if __name__ == "__main__":
    main()
