#!/usr/bin/env python3
"""Writes `cases.json`: what a client of TUF meets, step by step, signed by another implementation, python-tuf.

Run `python cases.py` in an environment with the Python packages `tuf`, `securesystemslib` and `cryptography`. A case is
a list of steps. Each step has the files that a server hands out then, and what a client has to make of them: versions
of root, timestamp, snapshot and targets, or the error. The keys are thrown away. What is good is good until 2100.
"""

import hashlib
import json
from copy import deepcopy
from datetime import datetime, timezone
from pathlib import Path

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import DelegatedRole, Delegations, MetaFile, Metadata, Root, Snapshot, TargetFile, Targets, Timestamp

FUTURE = datetime(2100, 1, 1, tzinfo=timezone.utc)
PAST = datetime(2020, 1, 1, tzinfo=timezone.utc)
CONTENT = "one segment\n"
NAME = "people-0001"
ROLES = ("timestamp", "snapshot", "targets")


class Repository:
    """Signs whatever it is told to, wrong things too."""

    def __init__(self, *, consistent=True, hashes=True, algorithm="sha256", make=CryptoSigner.generate_ed25519):
        self.make = make
        self.signers = {role: [make()] for role in ("root", *ROLES)}
        self.hashes, self.algorithm = hashes, algorithm
        self.root = Root(expires=FUTURE, consistent_snapshot=consistent)
        self.targets = Targets(expires=FUTURE)
        self.snapshot = Snapshot(expires=FUTURE)
        self.timestamp = Timestamp(expires=FUTURE)
        self.segments = {NAME: CONTENT}
        self.files = {}
        for role, signers in self.signers.items():
            self.root.add_key(signers[0].public_key, role)
        self.put_root()
        self.put_all()

    def put_root(self, *signers, name=None):
        """Publishes the root as it is now, signed by its keys and by others."""
        file = f"metadata/{name or self.root.version}.root.json"
        self.files[file] = signed(self.root, [*signers, *self.signers["root"]])

    def next_root(self, *signers, **options):
        self.root.version += 1
        self.put_root(*signers, **options)

    def renew(self, role, *, drop=True, root=True):
        """Another key for a role, in the next root file."""
        old = self.signers[role]
        if drop:
            for signer in old:
                self.root.revoke_key(signer.public_key.keyid, role)
            self.signers[role] = []
        self.signers[role] = [self.make(), *self.signers[role]]
        self.root.add_key(self.signers[role][0].public_key, role)
        if root:
            self.next_root(*(old if role == "root" else []))
        return old

    def put_all(self, *, only=ROLES):
        """Publishes targets, snapshot and timestamp as they are now."""
        prefix = self.root.consistent_snapshot
        self.targets.targets = {}
        for name, text in self.segments.items():
            self.targets.targets[name] = TargetFile.from_data(name, text.encode(), [self.algorithm])
            digest = self.targets.targets[name].hashes[self.algorithm]
            self.files[f"targets/{digest}.{name}" if prefix else f"targets/{name}"] = text
        if "targets" in only:
            self.put("targets", f"{self.targets.version}." if prefix else "")
        if "snapshot" in only:
            self.snapshot.meta["targets.json"] = self.meta("targets", prefix)
            self.put("snapshot", f"{self.snapshot.version}." if prefix else "")
        if "timestamp" in only:
            self.timestamp.snapshot_meta = self.meta("snapshot", prefix)
            self.put("timestamp", "")

    def put(self, role, prefix):
        self.files[f"metadata/{prefix}{role}.json"] = signed(getattr(self, role), self.signers[role])

    def meta(self, role, prefix):
        version = getattr(self, role).version
        if not self.hashes:
            return MetaFile(version)
        content = self.files[f"metadata/{version}.{role}.json" if prefix else f"metadata/{role}.json"].encode()
        return MetaFile(version, len(content), {self.algorithm: hashlib.new(self.algorithm, content).hexdigest()})

    def next(self, **versions):
        """The next version of all, or these."""
        for role in ROLES:
            metadata = getattr(self, role)
            metadata.version = versions.get(role, metadata.version + (0 if versions else 1))
        self.put_all()


def signed(metadata, signers):
    document = Metadata(deepcopy(metadata))
    for signer in signers:
        document.sign(signer, append=True)
    return document.to_bytes().decode()


def versions(repository):
    return [getattr(repository, role).version for role in ("root", *ROLES)]


class Case:
    def __init__(self, name, repository=None, **options):
        self.repository = repository or Repository(**options)
        self.row = {"name": name, "root": self.repository.files["metadata/1.root.json"], "steps": []}
        CASES.append(self.row)

    def good(self, expected=None):
        return self.step({"versions": expected or versions(self.repository)})

    def bad(self, error):
        return self.step({"error": error})

    def unsupported(self, error):
        """What TUF allows and this client refuses, by design."""
        return self.step({"error": error, "unsupported": True})

    def step(self, step):
        self.row["steps"].append({"files": dict(self.repository.files), **step})
        return self


CASES = []


def edit(repository, file, change):
    document = json.loads(repository.files[file])
    change(document)
    repository.files[file] = json.dumps(document, separators=(",", ":"))


def basics():
    Case("a first list").good()
    Case("a list without hashes of its files", hashes=False).good()
    Case("a list whose files have no versions in their names", consistent=False).good()
    for name in ("ecdsa", "rsa"):
        Case(f"keys of {name}", make=getattr(CryptoSigner, f"generate_{name}")).good()
    case = Case("an unchanged list").good().good()
    case.repository.next()
    case.good()
    case = Case("fields of later versions of TUF")
    for metadata in (case.repository.targets, case.repository.snapshot, case.repository.timestamp, case.repository.root):
        metadata.unrecognized_fields["x-later"] = {"b": [1, "ü"], "a": None}
    case.repository.next_root()
    case.repository.next()
    case.good()
    case = Case("a list without segments")
    case.repository.segments = {}
    case.repository.next()
    case.good()
    Case("hashes of another kind", algorithm="sha512").unsupported("Malformed")
    case = Case("a segment in a folder")
    case.repository.segments["folder/people-0002"] = CONTENT
    case.repository.next()
    case.unsupported("Malformed")
    case = Case("a delegated role, which is not read")
    key = CryptoSigner.generate_ed25519()
    role = DelegatedRole("others", [key.public_key.keyid], 1, False, paths=["*"])
    case.repository.targets.delegations = Delegations({key.public_key.keyid: key.public_key}, {"others": role})
    case.repository.targets.version = 2
    case.repository.files["metadata/1.others.json"] = signed(Targets(expires=FUTURE), [key])
    case.repository.snapshot.meta["others.json"] = MetaFile(1)
    case.repository.next(timestamp=2, snapshot=2)
    case.good()
    case = Case("a delegated role that is missing").good()
    case.repository.targets.delegations = Delegations({key.public_key.keyid: key.public_key}, {"others": role})
    case.repository.snapshot.meta["others.json"] = MetaFile(1)
    case.repository.next()
    case.bad("Missing")


def signatures():
    for role in ROLES:
        for name, change in {
            "not signed": lambda file: file.update(signatures=[]),
            "signed by nobody known": lambda file: file["signatures"][0].update(keyid="0" * 64),
            "signed wrongly": lambda file: file["signatures"][0].update(sig="0" * 128),
            "changed afterwards": lambda file: file["signed"].update(spec_version="1.0.9"),
            "of another role": lambda file: file["signed"].update(_type="root"),
            "no longer JSON of TUF": lambda file: file.pop("signed"),
        }.items():
            case = Case(f"{role} is {name}", hashes=False).good()
            case.repository.next()
            edit(case.repository, f"metadata/{'' if role == 'timestamp' else '2.'}{role}.json", change)
            malformed = name in ("of another role", "no longer JSON of TUF")
            case.bad("Malformed" if malformed else "Forged")
            case.repository.next()
            case.good()
        case = Case(f"{role} is signed by the key of another role", hashes=False).good()
        own = case.repository.signers[role]
        case.repository.signers[role] = case.repository.signers["targets" if role != "targets" else "snapshot"]
        case.repository.next()
        case.bad("Forged")
        case.repository.signers[role] = own
        case.repository.next()
        case.good()
        case = Case(f"{role} needs two signatures and has two", hashes=False).good()
        case.repository.root.roles[role].threshold = 2
        case.repository.renew(role, drop=False)
        case.repository.next()
        case.good()
        both = case.repository.signers[role]
        for name, signers in (("one", both[:1]), ("one twice", [both[0], both[0]])):
            case = Case(f"{role} needs two signatures and has {name}", hashes=False).good()
            case.repository.root.roles[role].threshold = 2
            both = list(case.repository.renew(role, drop=False)) + case.repository.signers[role][:1]
            case.repository.signers[role] = both[:1]
            case.repository.next()
            if name == "one twice":
                file = f"metadata/{'' if role == 'timestamp' else '2.'}{role}.json"
                edit(case.repository, file, lambda file: file["signatures"].append(file["signatures"][0]))
            case.bad("Forged" if name == "one" else "Malformed|Forged")
            case.repository.signers[role] = both
            case.repository.next()
            case.good()
        case = Case(f"{role} has one key under two names").good()
        keyid = case.repository.signers[role][0].public_key.keyid
        case.repository.root.roles[role].threshold = 2
        case.repository.next_root()

        def alias(file):
            file["signed"]["keys"]["1" * 64] = file["signed"]["keys"][keyid]
            file["signed"]["roles"][role]["keyids"].append("1" * 64)

        resign(case.repository, "metadata/2.root.json", alias)
        case.bad("Malformed|RootRefused")
        case = Case(f"{role} has one key named twice").good()
        case.repository.root.roles[role].threshold = 2
        case.repository.next_root()
        resign(case.repository, "metadata/2.root.json", lambda file: file["signed"]["roles"][role]["keyids"].append(keyid_of(case, role)))
        case.bad("Malformed|RootRefused|Forged")


def keyid_of(case, role):
    return case.repository.signers[role][0].public_key.keyid


def resign(repository, file, change):
    """Signs what python-tuf would not say."""
    from securesystemslib.formats import encode_canonical

    document = json.loads(repository.files[file])
    change(document)
    signer = repository.signers["root"][0]
    signature = signer.sign(encode_canonical(document["signed"]).encode())
    document["signatures"] = [{"keyid": signature.keyid, "sig": signature.signature}]
    repository.files[file] = json.dumps(document, separators=(",", ":"))


def roots():
    case = Case("root keys are replaced three times").good()
    for _ in range(3):
        case.repository.renew("root")
    case.good()
    case = Case("three root files at once for a first refresh")
    for _ in range(3):
        case.repository.renew("root")
    case.good()
    for name, signers in {"only its own keys": lambda old, new: new, "only the old keys": lambda old, new: old}.items():
        case = Case(f"a root file is signed by {name}").good()
        old = case.repository.renew("root", root=False)
        new = case.repository.signers["root"]
        case.repository.root.version = 2
        case.repository.files["metadata/2.root.json"] = signed(case.repository.root, signers(old, new))
        case.bad("RootRefused")
        case.repository.files["metadata/2.root.json"] = signed(case.repository.root, [*old, *new])
        case.good()
    for name, version in (("the same version", 1), ("a version too far on", 3)):
        case = Case(f"the next root file has {name}").good()
        case.repository.root.version = version
        case.repository.put_root(name="2")
        case.bad("RootRefused")
    case = Case("a root file is missing in between").good()
    case.repository.next_root()
    case.repository.next_root()
    del case.repository.files["metadata/2.root.json"]
    case.good([1, 1, 1, 1])
    case = Case("a root file that nobody can read").good()
    case.repository.files["metadata/2.root.json"] = "{"
    case.bad("Malformed")
    case = Case("a root file that has expired in between")
    case.repository.root.expires = PAST
    case.repository.next_root()
    case.repository.root.expires = FUTURE
    case.repository.next_root()
    case.good()
    case = Case("the newest root file has expired").good()
    case.repository.root.expires = PAST
    case.repository.next_root()
    case.bad("Expired")
    case.repository.root.expires = FUTURE
    case.repository.next_root()
    case.good()
    case = Case("more root signatures are needed from now on").good()
    case.repository.root.roles["root"].threshold = 2
    case.repository.renew("root", drop=False)
    case.good()
    one = case.repository.signers["root"].pop()
    case.repository.next_root()
    case.bad("RootRefused")
    case.repository.signers["root"].append(one)
    case.repository.put_root()
    case.good()
    case = Case("a root file comes while nothing else changes").good()
    case.repository.next_root()
    case.good()
    case = Case("files get versions in their names", consistent=False).good()
    case.repository.root.consistent_snapshot = True
    case.repository.next_root()
    case.repository.next()
    case.good()


def key_changes():
    for role in ROLES:
        case = Case(f"the key of {role} is replaced").good()
        case.repository.renew(role)
        case.repository.next()
        case.good()
        case = Case(f"the key of {role} is replaced and the old one signs").good()
        old = case.repository.renew(role)
        new, case.repository.signers[role] = case.repository.signers[role], old
        case.repository.next()
        case.bad("Forged")
        case.repository.signers[role] = new
        case.repository.next()
        case.good()
        case = Case(f"the key of {role} is replaced and nothing is signed anew", hashes=False).good()
        case.repository.renew(role)
        case.bad("Forged")


def expiry():
    for role in ROLES:
        case = Case(f"{role} has expired").good()
        setattr(getattr(case.repository, role), "expires", PAST)
        case.repository.next()
        case.bad("Expired")
        setattr(getattr(case.repository, role), "expires", FUTURE)
        case.repository.next()
        case.good()
        case = Case(f"{role} has expired before there is a list")
        setattr(getattr(case.repository, role), "expires", PAST)
        case.repository.next()
        case.bad("Expired")


def rollback():
    for role, error in (("timestamp", "RolledBack"), ("snapshot", "RolledBack"), ("targets", "RolledBack")):
        case = Case(f"{role} goes back")
        case.repository.next(timestamp=5, snapshot=5, targets=5)
        case.good()
        case.repository.next(**({"timestamp": 6, "snapshot": 6, "targets": 6} | {role: 4}))
        case.bad(error)
        case.repository.next(timestamp=7, snapshot=7, targets=7)
        case.good()
    case = Case("all goes back")
    case.repository.next(timestamp=5, snapshot=5, targets=5)
    case.good()
    case.repository.next(timestamp=4, snapshot=4, targets=4)
    case.bad("RolledBack")
    case = Case("a file that was named is named no more").good()
    case.repository.snapshot.meta["others.json"] = MetaFile(1)
    case.repository.next()
    case.good()
    del case.repository.snapshot.meta["others.json"]
    case.repository.next()
    case.bad("RolledBack")
    for role in ("timestamp", "snapshot"):
        case = Case(f"all versions were raised, and the key of {role} is replaced")
        case.repository.next(timestamp=99, snapshot=99, targets=99)
        case.good()
        case.repository.renew(role)
        case.repository.next(timestamp=2, snapshot=2, targets=2)
        case.good()
    for role in ("root", "targets"):
        case = Case(f"all versions were raised, and the key of {role} is replaced")
        case.repository.next(timestamp=99, snapshot=99, targets=99)
        case.good()
        case.repository.renew(role)
        case.repository.next(timestamp=2, snapshot=2, targets=2)
        case.bad("RolledBack")
    case = Case("versions were raised, and the new root file comes first")
    case.repository.next(timestamp=99, snapshot=99, targets=99)
    case.good()
    case.repository.renew("timestamp", drop=False)
    case.good([2, 99, 99, 99])
    case = Case("the same version of timestamp says something else").good()
    case.repository.next(snapshot=2, targets=2)
    case.good([1, 1, 1, 1])
    case.repository.next(timestamp=2)
    case.good()


def mixes():
    for role in ("snapshot", "targets"):
        for hashes in (True, False):
            known = "with hashes" if hashes else "without hashes"
            case = Case(f"an older {role} under the newer name, {known}", hashes=hashes).good()
            old = case.repository.files[f"metadata/1.{role}.json"]
            case.repository.next()
            case.repository.files[f"metadata/2.{role}.json"] = old
            case.bad("Mixed")
            case = Case(f"{role} is missing, {known}", hashes=hashes).good()
            case.repository.next()
            del case.repository.files[f"metadata/2.{role}.json"]
            case.bad("Missing")
            case.repository.next()
            case.good()
    for role, length in (("snapshot", 10), ("targets", 10)):
        case = Case(f"{role} is longer than is signed").good()
        case.repository.next()
        case.repository.files[f"metadata/2.{role}.json"] += " " * length
        case.bad("TooLong|Mixed")
        case = Case(f"{role} is shorter than is signed").good()
        case.repository.next()
        case.repository.files[f"metadata/2.{role}.json"] = "{}"
        case.bad("Mixed|Malformed")
    case = Case("timestamp names two files").good()
    case.repository.next()
    resign_role(case.repository, "timestamp", lambda file: file["signed"]["meta"].update({"x.json": {"version": 1}}))
    case.bad("Malformed")
    case = Case("timestamp names no snapshot").good()
    case.repository.next()
    resign_role(case.repository, "timestamp", lambda file: file["signed"].update(meta={}))
    case.bad("Malformed")
    for name, text, error in (
        ("changed", "One segment\n", "WrongHash"),
        ("longer", CONTENT + "x", "TooLong"),
        ("shorter", CONTENT[:-1], "WrongLength"),
    ):
        case = Case(f"a segment is {name}")
        file = next(name for name in case.repository.files if name.startswith("targets/"))
        case.repository.files[file] = text
        case.bad(error)
        case.repository.files[file] = CONTENT
        case.good()
    case = Case("a segment is missing")
    file = next(name for name in case.repository.files if name.startswith("targets/"))
    del case.repository.files[file]
    case.bad("Missing")
    case.repository.files[file] = CONTENT
    case.good()


def resign_role(repository, role, change):
    from securesystemslib.formats import encode_canonical

    file = f"metadata/{role}.json"
    document = json.loads(repository.files[file])
    change(document)
    signature = repository.signers[role][0].sign(encode_canonical(document["signed"]).encode())
    document["signatures"] = [{"keyid": signature.keyid, "sig": signature.signature}]
    repository.files[file] = json.dumps(document, separators=(",", ":"))


def main():
    for make in (basics, signatures, roots, key_changes, expiry, rollback, mixes):
        make()
    texts = sorted({text for case in CASES for step in case["steps"] for text in step["files"].values()}
                   | {case["root"] for case in CASES})
    numbers = {text: number for number, text in enumerate(texts)}
    for case in CASES:
        case["root"] = numbers[case["root"]]
        for step in case["steps"]:
            step["files"] = {name: numbers[text] for name, text in sorted(step["files"].items())}
    with open(Path(__file__).parent / "cases.json", "w", encoding="utf-8") as out:
        json.dump({"texts": texts, "cases": CASES}, out, indent=0)
        out.write("\n")
    print(len(CASES), "cases")


if __name__ == "__main__":
    main()
