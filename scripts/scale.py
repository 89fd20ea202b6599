#!/usr/bin/env python3
"""What it costs to serve a deletion list to many clients. Prints the tables of docs/scale.md.

    python3 scripts/scale.py [--clients N] [--bytes-per-entry N] [...]

Every assumption is a field of `Assumptions` and an option of the same name. Sizes of signed metadata are those of JSON
with the shape of the TUF specification 1.0 and random-looking values, made here. Nothing is measured over a network.
Numbers are decimal: 1 MB is 10^6 bytes.
"""

import argparse
import json
import math
from dataclasses import dataclass, fields
from statistics import NormalDist

DAY = 86_400
MONTH = 30  # days


@dataclass
class Assumptions:
    clients: int = 10_000_000
    refreshes_a_day: float = 1
    entries: int = 1_000_000
    bytes_per_entry: float = 59
    bytes_per_removal: float = 32
    # Per month, of all entries: this part is added, and as many are taken off.
    change: float = 0.01
    publications_a_month: float = 4
    # The timestamp is signed anew so often, changed or not, so that an old one can't be served for long.
    signatures_a_month: float = 30
    # Pieces that the first whole list comes in.
    base_segments: int = 8
    # Publications that are kept as segments of their own before they are merged.
    unmerged: int = 24
    keys_per_role: int = 1
    root_keys: int = 3
    # An answer's status line and headers, and what a connection costs (TLS 1.3 handshake with a certificate chain).
    header_bytes: int = 400
    connection_bytes: int = 4_500
    # Without jitter: part of the clients that come in the busiest hour, and within one minute of a fixed time.
    busiest_hour: float = 0.25
    same_minute: float = 1.0
    # New installations in a month, of all clients.
    new_clients: float = 0.03
    # US dollars for a GB and for 10,000 requests: cheap, middle, dear.
    price_gb: tuple = (0.005, 0.02, 0.085)
    price_requests: tuple = (0.0, 0.0075, 0.01)


def main():
    assumed = read_arguments()
    sizes = metadata(assumed)
    print("## Sizes\n")
    table(["file", "bytes"], [[name, f"{size:,}"] for name, size in sizes.items()])
    whole = assumed.entries * assumed.bytes_per_entry
    moved = assumed.entries * assumed.change
    part = moved * (assumed.bytes_per_entry + assumed.bytes_per_removal) / assumed.publications_a_month
    print()
    table(["list", "bytes"], [["whole list", amount(whole)], ["one publication's segment and removals", amount(part)]])

    # Whether there is a newer root.json (mostly "not found"), and timestamp.json; when that is another one, what the
    # signed files name and the client does not have.
    unchanged = 2 * assumed.header_bytes
    resigned = 2 * assumed.header_bytes + sizes["timestamp.json"]
    changed = resigned + 3 * assumed.header_bytes + sizes["snapshot.json"] + sizes["targets.json"] + part
    first = changed - part + sizes["root.json"] + whole + assumed.base_segments * assumed.header_bytes
    print("\n## One refresh\n")
    steps = [
        ["nothing new, timestamp not signed anew", 2, unchanged],
        ["nothing new, timestamp signed anew", 2, resigned],
        ["a publication", 5, changed],
        ["first refresh of a new client", 4 + assumed.base_segments, first],
    ]
    table(["case", "requests", "answers", "with the connection"],
          [[name, count, amount(size), amount(size + assumed.connection_bytes)] for name, count, size in steps])

    refreshes = MONTH * assumed.refreshes_a_day
    with_news = min(assumed.publications_a_month, refreshes)
    with_signature = min(assumed.signatures_a_month, refreshes) - with_news
    without = refreshes - with_news - with_signature
    per_client = with_news * changed + with_signature * resigned + without * unchanged
    requests_per_client = 2 * (without + with_signature) + 5 * with_news
    newcomers = assumed.clients * assumed.new_clients
    served = assumed.clients * per_client + newcomers * first
    requests = assumed.clients * requests_per_client + newcomers * (4 + assumed.base_segments)
    connections = assumed.clients * refreshes * assumed.connection_bytes
    print("\n## A month\n")
    table(["", "a month"], [
        ["answers per client", amount(per_client)],
        ["of which new entries and removals", amount(with_news * part)],
        ["requests, all clients", f"{requests / 1e6:,.0f} million"],
        ["answers, all clients that have the list", amount(assumed.clients * per_client)],
        ["answers, new clients", amount(newcomers * first)],
        ["answers together", amount(served)],
        ["handshakes, where they are charged", amount(connections)],
        ["for comparison: the whole list at every refresh", amount(assumed.clients * refreshes * whole)],
    ])

    print("\n## Requests a second\n")
    a_second = assumed.clients * assumed.refreshes_a_day / DAY
    peaks = [
        ["jitter over 24 hours, mean", a_second],
        ["jitter over 24 hours, busiest second of a day", busiest(a_second)],
        ["no jitter, at start: the busiest hour", assumed.clients * assumed.busiest_hour / 3_600],
        ["no jitter, all within one minute", assumed.clients * assumed.same_minute / 60],
    ]
    columns = ["requests/s if nothing changed", "line rate if nothing changed", "line rate on a day with a publication"]
    table(["case", "refreshes/s", *columns],
          [[name, f"{rate:,.0f}", f"{2 * rate:,.0f}", bits(rate * (resigned + assumed.connection_bytes)),
            bits(rate * (changed + assumed.connection_bytes))] for name, rate in peaks])

    print("\n## Price of a month at a CDN, US dollars\n")
    prices = zip(assumed.price_gb, assumed.price_requests)
    header = ["", *(f"{gb} a GB, {ten} for 10,000 requests" for gb, ten in prices)]
    plain = price("answers together", served, requests, assumed)
    table(header, [plain, price("with handshakes", served + connections, requests, assumed)])

    print("\n## Once\n")
    merged = assumed.unmerged * moved / assumed.publications_a_month * assumed.bytes_per_entry
    events = [
        ["new root key: every client reads one more root.json", sizes["root.json"], 1],
        ["new targets or snapshot key: metadata again, segments stay",
         sizes["root.json"] + sizes["snapshot.json"] + sizes["targets.json"], 3],
        [f"{assumed.unmerged} segments merged, clients fetch the result", merged, 1],
        [f"{assumed.unmerged} segments merged, clients merge what they have", 0, 0],
        ["the whole list anew (salt, algorithm or canonical form)", whole, assumed.base_segments],
    ]
    rows = []
    for name, size, count in events:
        total = assumed.clients * (size + count * assumed.header_bytes)
        dollars = price("", total, assumed.clients * count, assumed)[1:]
        rows.append([name, amount(size), amount(total), bits(total / DAY), *dollars])
    dollars = (f"{gb} a GB" for gb in assumed.price_gb)
    table(["event", "a client", "all clients", "spread over a day", *dollars], rows)

    print("\n## If the entry is larger or smaller\n")
    rows = []
    for size in (45, 52, 60, 100, 200):
        news = moved * (size + assumed.bytes_per_removal)
        amounts = [assumed.entries * size, news, assumed.clients * news, assumed.clients * assumed.entries * size]
        rows.append([size, *map(amount, amounts)])
    table(["bytes an entry", "whole list", "news a month, a client", "news a month, all", "whole list anew, all"], rows)


def metadata(assumed):
    """Bytes of the signed files, printed as JSON with an indent of 2."""
    key = "0" * 64
    date = "2030-01-01T00:00:00Z"
    hashes = {"sha256": key}

    def signed(role, content, keys):
        signatures = [{"keyid": key, "sig": "0" * 128}] * keys
        content = {"_type": role, "spec_version": "1.0.0", "version": 1000, "expires": date, **content}
        return len(json.dumps({"signed": content, "signatures": signatures}, indent=2))

    def described(length=100_000):
        return {"length": length, "hashes": hashes, "version": 1000}

    keys = assumed.root_keys + 3 * assumed.keys_per_role
    public = {"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": key}}
    root = {
        "consistent_snapshot": True,
        "keys": {f"{number:064}": public for number in range(keys)},
        "roles": {
            role: {"keyids": [key] * (assumed.root_keys if role == "root" else assumed.keys_per_role), "threshold": 2}
            for role in ("root", "targets", "snapshot", "timestamp")
        },
    }
    custom = {"entries": 2_500, "format": "lethe-hashed-1", "first": 0}
    segment = {"length": 100_000, "hashes": hashes, "custom": custom}
    names = [f"{number:04}-segment.bin" for number in range(assumed.base_segments + 2 * assumed.unmerged)]
    return {
        "root.json": signed("root", root, assumed.root_keys),
        "timestamp.json": signed("timestamp", {"meta": {"snapshot.json": described()}}, assumed.keys_per_role),
        "snapshot.json": signed("snapshot", {"meta": {"targets.json": described()}}, assumed.keys_per_role),
        "targets.json": signed("targets", {"targets": dict.fromkeys(names, segment)}, assumed.keys_per_role),
    }


def busiest(rate):
    """The most arrivals that independent clients make in any one second of a day, in the middle of days.

    The count in a second has a Poisson distribution. It is taken as normal, and its largest value of 86,400 seconds is
    below `rate` and so many deviations on every other day.
    """
    return rate + NormalDist().inv_cdf(0.5 ** (1 / DAY)) * math.sqrt(rate)


def price(name, size, requests, assumed):
    pairs = zip(assumed.price_gb, assumed.price_requests)
    return [name, *(f"{size / 1e9 * gb + requests / 1e4 * ten:,.0f}" for gb, ten in pairs)]


def amount(size):
    for unit in ("bytes", "kB", "MB", "GB", "TB", "PB"):
        if size < 999.5 or unit == "PB":
            return f"{size:.3g} {unit}" if size < 100 else f"{size:.0f} {unit}"
        size /= 1_000


def bits(bytes_a_second):
    rate = bytes_a_second * 8
    for unit in ("bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"):
        if rate < 999.5 or unit == "Tbit/s":
            return f"{rate:.3g} {unit}" if rate < 100 else f"{rate:.0f} {unit}"
        rate /= 1_000


def table(header, rows):
    print("| " + " | ".join(header) + " |\n" + "|---" * len(header) + "|")
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")


def read_arguments():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for field in fields(Assumptions):
        if field.type is not tuple:
            arguments.add_argument(f"--{field.name.replace('_', '-')}", type=field.type, default=field.default)
    return Assumptions(**vars(arguments.parse_args()))


if __name__ == "__main__":
    main()
