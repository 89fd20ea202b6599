-- What the product asked of other machines, models on servers, downloads, and what is known of model files.

-- The ledger: one row for each request, made before it is sent.
CREATE TABLE request (
    id             INTEGER PRIMARY KEY,
    at             INTEGER NOT NULL,          -- milliseconds since 1970
    purpose        TEXT    NOT NULL,
    host           TEXT    NOT NULL,
    status         INTEGER,                   -- none: no answer came
    bytes_sent     INTEGER NOT NULL,          -- of bodies; headers are not counted
    bytes_received INTEGER NOT NULL,
    over           INTEGER NOT NULL DEFAULT 0
);

-- Models on servers of the user's choice.
CREATE TABLE remote (
    id       TEXT PRIMARY KEY,
    name     TEXT    NOT NULL,
    url      TEXT    NOT NULL,
    model    TEXT    NOT NULL,
    context  INTEGER,
    added_at INTEGER NOT NULL
);

-- Keys and tokens, where there is no system keychain.
CREATE TABLE secret (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE download (
    id         TEXT PRIMARY KEY,
    name       TEXT    NOT NULL,
    repository TEXT    NOT NULL,
    revision   TEXT    NOT NULL,              -- a commit
    variant    TEXT    NOT NULL,
    files      TEXT    NOT NULL,              -- JSON: path, bytes, digests
    converts   INTEGER NOT NULL DEFAULT 0,
    state      TEXT    NOT NULL,
    problem    TEXT,
    model      TEXT,
    added_at   INTEGER NOT NULL
);

ALTER TABLE model ADD COLUMN repository TEXT;     -- where it was downloaded from
ALTER TABLE model ADD COLUMN revision TEXT;
ALTER TABLE model ADD COLUMN context INTEGER;     -- chosen for this model
ALTER TABLE model ADD COLUMN layers INTEGER;      -- chosen to be on a graphics device
ALTER TABLE model ADD COLUMN prompt_rate REAL;    -- tokens a second, measured on this machine
ALTER TABLE model ADD COLUMN answer_rate REAL;
ALTER TABLE model ADD COLUMN measured_on TEXT;    -- the machine and build that the rates are of
