"""The rows to measure on: what has to go from a text, and what has to stay.

Rows come from the tables of cases in filters/tests/cases, which are Lethe's own specification, and from Faker, which
neither side wrote. Kinds are Lethe's.
"""

import random
import re
import tomllib
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from faker import Faker

KINDS = ["email", "iban", "phone", "card", "ip", "ahv"]
NAMES = ["person", "variants", "markdown", "scripts"]


class Term(NamedTuple):
    """What is listed; `initials` says that a person is to be found with the first names as initials too."""

    text: str
    kind: str = "person"
    initials: bool = False


@dataclass
class Row:
    """A text, the terms listed for it, and the places (in characters) that have to be removed."""

    text: str
    terms: list = field(default_factory=list)
    places: list = field(default_factory=list)
    kind: str = "person"


def names(root):
    """Rows with one or more listed names, by table."""
    return {name: [row for row in table(root, name) if row.terms and row.places] for name in NAMES}


def traps(root):
    """Rows that look like a listed name and must come out unchanged."""
    rows = [row for name in [*NAMES, "traps"] for row in table(root, name)]
    return [row for row in rows if row.terms and not row.places]


def detected(root):
    """Rows of the detectors' tables: a name, the kind, and the rows."""
    files = {kind: (kind, [kind]) for kind in KINDS}
    files["phone"] = ("phone", ["phone", "phone_traps"])
    files["email, signs as words"] = ("email", ["spelled_email"])
    return [(name, kind, [row for file in names for row in table(root, file)]) for name, (kind, names) in files.items()]


def table(root, name):
    content = tomllib.loads((root / "filters/tests/cases" / f"{name}.toml").read_text())
    rows = []
    for case in content["case"]:
        if "detectors" in case:
            continue  # It mixes kinds; the rest of its table does not.
        rules = content | case
        terms = [Term(text, rules.get("kind", "person")) for text in rules.get("terms", [])]
        for entry in rules.get("entries", []):
            terms.append(Term(entry["text"], entry["kind"], entry.get("initials", False)))
        text, output = case["input"], case.get("output")
        rows.append(Row(text, terms, places(text, output) if output is not None else [], name))
    return rows


def places(text, output):
    """Where `output` has markers like {person} in place of a piece of `text`."""
    literals = re.split(r"\{[\w-]+\}", output)
    pattern = r"([\s\S]+?)".join(re.escape(literal) for literal in literals)
    match = re.fullmatch(pattern, text)
    if not match:
        raise ValueError(f"{output!r} is not made of {text!r}")
    return [match.span(group) for group in range(1, len(literals))]


def sample(count):
    """Rows that Faker made: `count` of each kind, and `count` of what is no personal data. Always the same."""
    Faker.seed(1848)
    chance = random.Random(1848)
    fakers = [Faker(locale) for locale in ["de_CH", "fr_CH", "it_CH", "de_DE", "fr_FR", "it_IT", "en_US", "en_GB"]]
    swiss = fakers[0]
    makers = {
        "person": lambda fake: f"{fake.first_name()} {fake.last_name()}",
        "email": lambda fake: fake.email(),
        "iban": lambda fake: fake.iban(),
        "phone": lambda fake: fake.phone_number(),
        "card": lambda fake: fake.credit_card_number(),
        "ip": lambda fake: chance.choice([fake.ipv4_public, fake.ipv6])(),
        "ahv": lambda fake: swiss.ssn(),
    }
    # Dates end on a fixed day, because Faker's end today.
    last = datetime(2025, 1, 1)
    harmless = ["date", "time", "isbn13", "ean13", "uuid4", "md5", "mac_address", "postcode", "license_plate",
                "catch_phrase", "building_number", "ean8", "isbn10", "hex_color", "month_name"]
    rows = {kind: [] for kind in [*makers, "harmless"]}
    for number in range(count):
        fake = fakers[number % len(fakers)]
        for kind, make in makers.items():
            target = make(fake)
            row = carry(target, chance, kind)
            start = row.text.index(target)
            # An extension such as x123 may stay.
            row.places = [(start, start + len(target.split("x")[0] if kind == "phone" else target))]
            row.terms = [Term(target)] if kind == "person" else []
            rows[kind].append(row)
        provider = harmless[number % len(harmless)]
        while not hasattr(fake, provider):
            fake = chance.choice(fakers)
        rules = {"end_datetime": last} if provider in ("date", "time") else {}
        rows["harmless"].append(carry(str(getattr(fake, provider)(**rules)), chance, "harmless"))
    return rows


def carry(target, chance, kind):
    """A sentence around `target` that gives no hint of what it is."""
    return Row(chance.choice(["The note says {} and nothing else.", "Auf dem Zettel steht {} und sonst nichts.",
                              "Then {} was read out.", "{}", "See {}, as agreed."]).format(target), kind=kind)


SENTENCES = [
    "The committee met on Tuesday and agreed to publish its findings before the summer. ",
    "Gestern wurde über die neue Brücke gesprochen, die im Herbst eröffnet werden soll. ",
    "Most of the work had been done by volunteers, who came from all parts of the valley. ",
    "**Wichtig:** die Unterlagen müssen bis Freitag, 17:30 Uhr, eingereicht werden. ",
    "A list of the items is given below; see section 4.2 for the definitions.\n\n",
    "Er ging langsam nach Hause, weil es regnete, und dachte an nichts Besonderes. ",
]
SYLLABLES = ("an bel cor da el fri gu hel is jo kas lu mar ni ot pe ros sa tim ul vre wen yl zür").split()


def listed(number):
    """The invented names of filters/benches/redact.rs: the same number gives the same name."""
    part = [SYLLABLES[number // 24**place % 24] for place in range(4)]
    return f"{part[0]}{part[1]}a {part[2]}{part[3]}{part[1]}er"


def terms(count):
    """The list of filters/benches/redact.rs with `count` entries."""
    return [Term(listed(number * 7)) for number in range(count)]


def prose():
    """The text of filters/benches/redact.rs, in its pieces: about 1 MB with one listed name in 2,000 words."""
    for number in range(12_000):
        yield SENTENCES[number * 5 % 6] + (f"{listed(number)} was there. " if number % 150 == 0 else "")
