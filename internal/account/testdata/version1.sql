-- account.db as version 1 wrote it, at 2 March 2026, 11:50 UTC.
CREATE TABLE people (
	id       INTEGER PRIMARY KEY,
	name     TEXT NOT NULL,
	folded   TEXT NOT NULL UNIQUE, -- by which two names are the same
	full     TEXT NOT NULL,
	role     TEXT NOT NULL,
	email    TEXT NOT NULL,
	password TEXT NOT NULL, -- hash in PHC form; empty: none
	disabled INTEGER NOT NULL,
	created  INTEGER NOT NULL
) STRICT;
CREATE TABLE sessions (
	hash    BLOB PRIMARY KEY,
	person  INTEGER NOT NULL REFERENCES people (id),
	created INTEGER NOT NULL,
	used    INTEGER NOT NULL
) STRICT;
CREATE TABLE links (
	hash    BLOB PRIMARY KEY,
	person  INTEGER UNIQUE REFERENCES people (id), -- NULL: whoever sets the laboratory up
	how     TEXT NOT NULL,
	expires INTEGER NOT NULL
) STRICT;
CREATE TABLE tokens (
	id      TEXT PRIMARY KEY,
	hash    BLOB NOT NULL UNIQUE,
	person  INTEGER NOT NULL REFERENCES people (id),
	scope   TEXT NOT NULL,
	created INTEGER NOT NULL,
	expires INTEGER NOT NULL,
	revoked INTEGER NOT NULL
) STRICT;
CREATE TABLE tries (
	name  BLOB PRIMARY KEY, -- hash of the folded name: people type passwords where names belong
	wrong INTEGER NOT NULL, -- in a row
	last  INTEGER NOT NULL,
	until INTEGER NOT NULL  -- before then nothing is tried
) STRICT;
CREATE TABLE events (
	number  INTEGER PRIMARY KEY AUTOINCREMENT,
	request TEXT NOT NULL UNIQUE,
	kind    TEXT NOT NULL,
	actor   TEXT NOT NULL,
	at      INTEGER NOT NULL,
	body    TEXT NOT NULL
) STRICT;
INSERT INTO people VALUES (1, 'Tim', 'tim', 'Tim Bo', 'technician', 'tim@example.org', '', 0, 1772452200000);
INSERT INTO people VALUES (2, 'Off', 'off', '', 'reviewer', '', '', 1, 1772452200000);
INSERT INTO sessions VALUES (x'f6fcd2e08b33aac024f65b5472bbf701554b10bad1a118c29bb6c1aab5009f16', 1, 1772452200000, 1772452200000); -- SHA-256 of "a session of version 1"
INSERT INTO tokens VALUES ('tk-aaaaaaaa', x'db132905de4261b7da77313c0d54104b1e322be8ad70a9127758d418ba994c70', 1, 'act', 1772452200000, 1775044200000, 0); -- of "a token of version 1"
INSERT INTO events VALUES (7, '01980000-0000-7000-8000-000000000001', 'token-made', '{"kind":"person","name":"Tim","role":"technician"}', 1772452200000, '{"person":"Tim","token":"tk-aaaaaaaa","scope":"act"}');
PRAGMA user_version = 1;
