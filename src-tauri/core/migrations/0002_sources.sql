-- Where lists come from, what was in force when, and what was taken out of stored answers.

ALTER TABLE list ADD COLUMN source TEXT NOT NULL DEFAULT 'file';  -- file, feed (signed), url (not signed)
ALTER TABLE list ADD COLUMN address TEXT;                         -- of a feed or a file on the web
ALTER TABLE list ADD COLUMN format TEXT NOT NULL DEFAULT 'jsonl'; -- jsonl, list (compiled); '' before the first refresh
ALTER TABLE list ADD COLUMN hashed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE list ADD COLUMN version TEXT;
ALTER TABLE list ADD COLUMN content TEXT;                         -- digest of what the kept file was made from
ALTER TABLE list ADD COLUMN issued_at INTEGER;                    -- milliseconds since 1970, like all below
ALTER TABLE list ADD COLUMN expires_at INTEGER;
ALTER TABLE list ADD COLUMN checked_at INTEGER;                   -- the last check that succeeded
ALTER TABLE list ADD COLUMN tried_at INTEGER;                     -- the last check, successful or not
ALTER TABLE list ADD COLUMN failure TEXT;                         -- why the last check failed
ALTER TABLE list ADD COLUMN changed_at INTEGER;                   -- when a check last brought something new
ALTER TABLE list ADD COLUMN added INTEGER;                        -- entries that it brought
ALTER TABLE list ADD COLUMN removed INTEGER;                      -- entries that it took away

-- One row for each change of what is in force. It is in force until the next row.
CREATE TABLE in_force (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    at        INTEGER NOT NULL,
    lists     TEXT    NOT NULL,               -- JSON: name, version, entries, sha256, signed
    detectors TEXT    NOT NULL,               -- JSON: names
    digest    TEXT    NOT NULL                -- SHA-256 of all that changes what is removed; what a sweep was made with
);

-- One row for each sweep of stored answers.
CREATE TABLE sweep (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    digest     TEXT    NOT NULL,              -- of what was in force
    state      TEXT    NOT NULL CHECK (state IN ('running', 'done', 'cancelled', 'failed')),
    started_at INTEGER NOT NULL,
    ended_at   INTEGER,
    next       INTEGER NOT NULL DEFAULT 0,    -- messages up to this one are done
    done       INTEGER NOT NULL DEFAULT 0,
    total      INTEGER NOT NULL,
    changed    INTEGER NOT NULL DEFAULT 0,    -- answers and titles
    removed    INTEGER NOT NULL DEFAULT 0,    -- pieces taken out of them
    failure    TEXT
);

-- What sweeps took out of single answers, for their receipts.
CREATE TABLE swept (
    message INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    sweep   INTEGER NOT NULL REFERENCES sweep (id) ON DELETE CASCADE,
    at      INTEGER NOT NULL,
    removed INTEGER NOT NULL,
    PRIMARY KEY (message, sweep)
) WITHOUT ROWID;

-- What model cards say that they did not say before.
CREATE TABLE watch_change (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    repository   TEXT    NOT NULL,
    at           INTEGER NOT NULL,
    added        TEXT    NOT NULL,            -- JSON: lines
    removed      TEXT    NOT NULL,            -- JSON: lines
    repositories TEXT    NOT NULL,            -- JSON: new ones
    dismissed    INTEGER NOT NULL DEFAULT 0
);
