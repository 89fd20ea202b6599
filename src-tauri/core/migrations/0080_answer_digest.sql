-- What was in force when an answer ended, until a sweep has passed it: an answer that was being written while a sweep
-- went by was not swept. Empty where bytes of it may still be in the journal.
ALTER TABLE message ADD COLUMN digest TEXT;
CREATE INDEX message_digest ON message (digest) WHERE digest IS NOT NULL;
