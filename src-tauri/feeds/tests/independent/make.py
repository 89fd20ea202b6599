#!/usr/bin/env python3
"""Writes feeds as another implementation of TUF makes them: python-tuf, with keys of three kinds.

Run `python make.py` in an environment with the Python packages `tuf`, `securesystemslib` and `cryptography`; it
replaces the folder `feeds` beside this file. Each feed is a folder with `root.json`, which the subscriber trusts, `metadata` and
`targets`. The good ones are good until 2100. The keys are thrown away.
"""

import hashlib
import shutil
from copy import deepcopy
from datetime import datetime, timezone
from pathlib import Path

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import MetaFile, Metadata, Root, Snapshot, TargetFile, Targets, Timestamp
from tuf.api.serialization.json import JSONSerializer

FOLDER = Path(__file__).parent / "feeds"
FUTURE = datetime(2100, 1, 1, tzinfo=timezone.utc)
PAST = datetime(2020, 1, 1, tzinfo=timezone.utc)
PRETTY = JSONSerializer(compact=False)

FIRST = {"people-0001": b"one segment\n", "people-0002": bytes(range(256)) * 4}
SECOND = FIRST | {"people-0003": b"a third segment\n"}


class Publisher:
    """Signs whatever it is told to, wrong things too."""

    def __init__(self):
        self.signers = {
            "root": CryptoSigner.generate_ed25519(),
            "targets": CryptoSigner.generate_ecdsa(),
            "snapshot": CryptoSigner.generate_rsa(),
            "timestamp": CryptoSigner.generate_ed25519(),
        }
        root = Root(expires=FUTURE, consistent_snapshot=True)
        for role, signer in self.signers.items():
            root.add_key(signer.public_key, role)
        self.root = Metadata(root)
        self.root.sign(self.signers["root"])

    def sign(self, role, signed):
        metadata = Metadata(signed)
        metadata.sign(self.signers[role])
        return metadata

    def feed(self, version, segments, *, hashes=True, timestamp_expires=FUTURE, targets_expires=FUTURE):
        """The signed files of one version."""
        targets = Targets(version=version, expires=targets_expires)
        for name, content in segments.items():
            target = TargetFile.from_data(name, content, ["sha256"])
            target.unrecognized_fields["custom"] = {"entries": len(content), "made-by": "another publisher"}
            targets.targets[name] = target
        targets = self.sign("targets", targets)
        snapshot = Snapshot(version=version, expires=FUTURE)
        snapshot.meta["targets.json"] = meta(version, targets, hashes)
        snapshot = self.sign("snapshot", snapshot)
        timestamp = Timestamp(version=version, expires=timestamp_expires)
        timestamp.snapshot_meta = meta(version, snapshot, hashes)
        return {"targets": targets, "snapshot": snapshot, "timestamp": self.sign("timestamp", timestamp)}


def meta(version, metadata, hashes):
    if not hashes:
        return MetaFile(version)
    content = metadata.to_bytes(PRETTY)
    return MetaFile(version, len(content), {"sha256": hashlib.sha256(content).hexdigest()})


def write(name, publisher, feed, segments, roots=()):
    """A published feed, with the root that its subscribers began with."""
    folder = FOLDER / name
    (folder / "metadata").mkdir(parents=True)
    (folder / "targets").mkdir()
    publisher.root.to_file(str(folder / "root.json"), PRETTY)
    for root in (publisher.root, *roots):
        root.to_file(str(folder / "metadata" / f"{root.signed.version}.root.json"), PRETTY)
    for role, metadata in feed.items():
        version = "" if role == "timestamp" else f"{metadata.signed.version}."
        metadata.to_file(str(folder / "metadata" / f"{version}{role}.json"), PRETTY)
    for segment, content in segments.items():
        (folder / "targets" / f"{hashlib.sha256(content).hexdigest()}.{segment}").write_bytes(content)


def rotated(publisher, *signers):
    """Version 2 of the root, for a new key, signed by some."""
    new = CryptoSigner.generate_ecdsa()
    root = deepcopy(publisher.root.signed)
    root.version = 2
    root.revoke_key(publisher.signers["root"].public_key.keyid, "root")
    root.add_key(new.public_key, "root")
    metadata = Metadata(root)
    for signer in (*signers, new):
        metadata.sign(signer, append=True)
    return metadata


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    publisher = Publisher()
    first, second = publisher.feed(1, FIRST), publisher.feed(2, SECOND)
    write("valid-1", publisher, first, FIRST)
    write("valid-2", publisher, second, SECOND)
    write("valid-4", publisher, publisher.feed(4, SECOND), SECOND)
    write("no-hashes", publisher, publisher.feed(1, FIRST, hashes=False), FIRST)
    write("rotated-root", publisher, second, SECOND, [rotated(publisher, publisher.signers["root"])])
    write("wrongly-rotated-root", publisher, second, SECOND, [rotated(publisher)])
    write("expired-timestamp", publisher, publisher.feed(3, SECOND, timestamp_expires=PAST), SECOND)
    write("expired-targets", publisher, publisher.feed(3, SECOND, targets_expires=PAST), SECOND)

    # The list of the first version where the second belongs, with signed hashes and without.
    mixed = dict(second)
    write("mixed", publisher, mixed, SECOND)
    first["targets"].to_file(str(FOLDER / "mixed/metadata/2.targets.json"), PRETTY)
    write("mixed-no-hashes", publisher, publisher.feed(2, SECOND, hashes=False), SECOND)
    first["targets"].to_file(str(FOLDER / "mixed-no-hashes/metadata/2.targets.json"), PRETTY)

    # The snapshot goes back although the timestamp goes on.
    back = publisher.feed(3, SECOND)
    timestamp = Timestamp(version=3, expires=FUTURE)
    timestamp.snapshot_meta = meta(1, first["snapshot"], True)
    back["timestamp"] = publisher.sign("timestamp", timestamp)
    back["snapshot"], back["targets"] = first["snapshot"], first["targets"]
    write("rolled-back-snapshot", publisher, back, FIRST)

    # The list goes back although timestamp and snapshot go on.
    back = publisher.feed(3, FIRST)
    snapshot = Snapshot(version=3, expires=FUTURE)
    snapshot.meta["targets.json"] = meta(1, first["targets"], True)
    back["snapshot"], back["targets"] = publisher.sign("snapshot", snapshot), first["targets"]
    timestamp = Timestamp(version=3, expires=FUTURE)
    timestamp.snapshot_meta = meta(3, back["snapshot"], True)
    back["timestamp"] = publisher.sign("timestamp", timestamp)
    write("rolled-back-targets", publisher, back, FIRST)

    # One byte of the signed list changed after it was signed.
    tampered = publisher.feed(3, SECOND, hashes=False)
    tampered["targets"].signed.targets["people-0001"].length += 1
    write("tampered-targets", publisher, tampered, SECOND)

    # Signed by keys that the trusted root does not name.
    other = Publisher()
    write("other-keys", publisher, other.feed(3, SECOND), SECOND)

    # One segment with another byte in it, and one that is gone.
    for name, change in (("changed-segment", b"One segment\n"), ("missing-segment", None)):
        feed = publisher.feed(3, SECOND)
        write(name, publisher, feed, SECOND)
        path = FOLDER / name / "targets" / f"{hashlib.sha256(SECOND['people-0003']).hexdigest()}.people-0003"
        path.unlink()
        if change:
            path.write_bytes(change + b"1234")


if __name__ == "__main__":
    main()
