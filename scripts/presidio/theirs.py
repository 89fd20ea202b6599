"""The texts of Presidio's own tests, read out of a checkout: what its authors expect of their recognisers.

Read, never run: each is a row of a parametrised test with a text and the places that have to be found in it.
"""

import ast

from tables import Row

# Lethe's detectors, and the recognisers that look for the same.
TESTS = {
    "email": ["email"],
    "iban": ["iban"],
    "phone": ["phone"],
    "card": ["credit_card"],
    "ip": ["ip"],
    "national_id": ["us_ssn", "it_fiscal_code", "es_nif", "es_nie", "pl_pesel", "uk_nino", "de_tax_id",
                    "de_social_security"],
    "document": ["de_passport", "es_passport", "it_passport", "uk_passport", "us_passport", "de_id_card",
                 "it_identity_card", "de_kfz"],
}


def rows(checkout):
    """Rows by Lethe's kinds. A test that says how many places there are and not where is left out."""
    folder = checkout / "presidio-analyzer/tests"
    found = {}
    for kind, names in TESTS.items():
        texts = [row for name in names for row in of_file(folder / f"test_{name}_recognizer.py", kind)]
        # The same text is in several tests.
        found[kind] = list({(row.text, tuple(row.places)): row for row in texts}.values())
    return found


def of_file(path, kind):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and len(node.args) > 1]
    for call in calls:
        if not (isinstance(call.func, ast.Attribute) and call.func.attr == "parametrize"):
            continue
        names, values = call.args[:2]
        if not (isinstance(names, ast.Constant) and isinstance(values, (ast.List, ast.Tuple))):
            continue
        names = [name.strip() for name in names.value.split(",")]
        for value in values.elts:
            try:
                value = ast.literal_eval(value)
            except ValueError:
                continue  # It is computed.
            # The text is always the first.
            if isinstance(value, tuple) and isinstance(value[0], str):
                places = places_of(dict(zip(names, value)))
                if places is not None:
                    yield Row(value[0], [], places, kind)


def places_of(row):
    """The places that a row expects; none if it expects nothing, `None` if it does not say."""
    count = row.get("expected_len", row.get("expected_count"))
    value = next((value for name, value in row.items() if name.startswith(("expected_pos", "expected_res"))), None)
    if count == 0:
        return []
    pairs = [value] if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], int) else value
    if not isinstance(pairs, (tuple, list)) or not pairs:
        return None
    return [tuple(pair[:2]) for pair in pairs] if all(isinstance(pair, (tuple, list)) for pair in pairs) else None
