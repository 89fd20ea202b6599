-- The SHA-256 of a model is known as long as its files are the same by size and time of change; one that was made before
-- this was known is made anew.
ALTER TABLE model ADD COLUMN sha256_of TEXT;      -- sizes and times of the files that sha256 is of
