-- The newest version of each signed list that was in force here, also of lists that were removed since. It knows lists
-- by their keys, not by the names that people gave them.
CREATE TABLE list_seen (
    root_keys    TEXT PRIMARY KEY,            -- digest: two lists with the same root keys are one list
    root         INTEGER NOT NULL,            -- version of the root file
    version_keys TEXT    NOT NULL,            -- digest of the keys that vouch for versions
    version      INTEGER NOT NULL,            -- of the list, under these keys
    at           INTEGER NOT NULL             -- when it was in force last, milliseconds since 1970
);
