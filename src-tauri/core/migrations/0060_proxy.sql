-- The proxy that a request went through: host and port, without its name and password; none where there was none.
ALTER TABLE request ADD COLUMN proxy TEXT;
