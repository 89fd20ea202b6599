-- Conversations and what was said in them. Text of models is filtered before it comes here; text of users is as typed.

CREATE TABLE conversation (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    title       TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,             -- milliseconds since 1970
    updated_at  INTEGER NOT NULL,
    deleted_at  INTEGER,                      -- still there for the undo window
    prompt_from INTEGER                       -- first message that the prompt still holds; older ones have left it
);

CREATE TABLE message (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation INTEGER NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    role         TEXT    NOT NULL CHECK (role IN ('user', 'assistant')),
    text         TEXT    NOT NULL,            -- with "[removed: kind]" where something was removed
    state        TEXT    NOT NULL CHECK (state IN ('streaming', 'complete', 'stopped', 'length', 'interrupted')),
    answers      INTEGER REFERENCES message (id) ON DELETE CASCADE,  -- the user's message that this one answers
    shown        INTEGER NOT NULL DEFAULT 1,  -- of several answers to one message, one is shown
    created_at   INTEGER NOT NULL,
    note         TEXT,                        -- one sentence about what happened to it
    model        TEXT,
    stats        TEXT,                        -- JSON
    receipt      TEXT                         -- JSON
);
CREATE INDEX message_conversation ON message (conversation, id);
CREATE INDEX message_answers ON message (answers);

-- Parts of an answer that is being written: one row for each frame, joined into the message at its end.
CREATE TABLE piece (
    message    INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    number     INTEGER NOT NULL,
    text       TEXT    NOT NULL,
    redactions TEXT    NOT NULL,              -- JSON, places within this piece
    PRIMARY KEY (message, number)
) WITHOUT ROWID;

CREATE TABLE redaction (
    message     INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    place_start INTEGER NOT NULL,             -- bytes of message.text
    place_end   INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    list        TEXT,                         -- NULL: a detector
    entry       TEXT,
    PRIMARY KEY (message, place_start)
) WITHOUT ROWID;

CREATE VIRTUAL TABLE message_words USING fts5 (
    text, content = 'message', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO message_words (message_words, rank) VALUES ('secure-delete', 1);
CREATE TRIGGER message_added AFTER INSERT ON message BEGIN
    INSERT INTO message_words (rowid, text) VALUES (new.id, new.text);
END;
CREATE TRIGGER message_removed AFTER DELETE ON message BEGIN
    INSERT INTO message_words (message_words, rowid, text) VALUES ('delete', old.id, old.text);
END;
CREATE TRIGGER message_changed AFTER UPDATE OF text ON message BEGIN
    INSERT INTO message_words (message_words, rowid, text) VALUES ('delete', old.id, old.text);
    INSERT INTO message_words (rowid, text) VALUES (new.id, new.text);
END;

CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL                       -- JSON
);

CREATE TABLE model (
    id       TEXT PRIMARY KEY,                -- file name without its end, made unique
    path     TEXT NOT NULL UNIQUE,
    added_at INTEGER NOT NULL,
    bytes    INTEGER NOT NULL,
    sha256   TEXT                             -- of the file of that size; made at the first load
);

-- The lists themselves are files in the data folder; their terms do not enter this database.
CREATE TABLE list (
    id          TEXT PRIMARY KEY,
    name        TEXT    NOT NULL,
    enabled     INTEGER NOT NULL DEFAULT 1,
    entries     INTEGER NOT NULL,
    imported_at INTEGER NOT NULL,
    sha256      TEXT    NOT NULL
);
