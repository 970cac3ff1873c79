package store

// engineSchema holds what the engine keeps. An execution's row never changes
// but when it ends; what a turn changes is in engine_state, engine_command
// and engine_history. History is kept in chunks, a JSON array of events each.
var engineSchema = []string{`
CREATE TABLE engine_machine (
	arn        TEXT PRIMARY KEY,
	account    TEXT NOT NULL,
	region     TEXT NOT NULL,
	name       TEXT NOT NULL,
	document   BLOB NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX engine_machine_name ON engine_machine (account, region, name);

CREATE TABLE engine_activity (
	arn        TEXT PRIMARY KEY,
	account    TEXT NOT NULL,
	region     TEXT NOT NULL,
	name       TEXT NOT NULL,
	document   BLOB NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX engine_activity_name ON engine_activity (account, region, name);

CREATE TABLE engine_definition (
	hash TEXT PRIMARY KEY,
	text TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE engine_execution (
	id         INTEGER PRIMARY KEY AUTOINCREMENT,
	arn        TEXT NOT NULL UNIQUE,
	account    TEXT NOT NULL,
	region     TEXT NOT NULL,
	name       TEXT NOT NULL,
	machine    TEXT NOT NULL,
	version    TEXT,
	alias      TEXT,
	type       TEXT NOT NULL,
	role       TEXT NOT NULL,
	definition TEXT NOT NULL,
	seed       BLOB NOT NULL,
	status     TEXT NOT NULL,
	start      INTEGER NOT NULL, -- milliseconds since 1970
	stop       INTEGER,
	input      TEXT NOT NULL,
	output     TEXT,
	error      TEXT,
	cause      TEXT,
	trace      TEXT NOT NULL,
	redrives   INTEGER NOT NULL,
	origin     TEXT NOT NULL
);
CREATE INDEX engine_execution_machine ON engine_execution (machine, id);
CREATE INDEX engine_execution_status  ON engine_execution (machine, status, id);
CREATE INDEX engine_execution_version ON engine_execution (version, id) WHERE version IS NOT NULL;
CREATE INDEX engine_execution_alias   ON engine_execution (alias, id) WHERE alias IS NOT NULL;

CREATE TABLE engine_state (
	execution INTEGER PRIMARY KEY,
	turn      INTEGER NOT NULL,
	state     BLOB NOT NULL
);

CREATE TABLE engine_command (
	execution INTEGER NOT NULL,
	id        INTEGER NOT NULL,
	at        INTEGER NOT NULL, -- nanoseconds since 1970, 0 for tasks
	token     TEXT NOT NULL,
	activity  TEXT NOT NULL,
	started   INTEGER NOT NULL,
	submitted BLOB,
	data      BLOB NOT NULL,
	PRIMARY KEY (execution, id)
) WITHOUT ROWID;

CREATE TABLE engine_history (
	execution INTEGER NOT NULL,
	last      INTEGER NOT NULL, -- id of the last event of the chunk
	events    BLOB NOT NULL,
	PRIMARY KEY (execution, last)
);
`, `
CREATE TABLE engine_version (
	arn      TEXT PRIMARY KEY,
	machine  TEXT NOT NULL,
	number   INTEGER NOT NULL,
	document BLOB NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX engine_version_machine ON engine_version (machine, number);

CREATE TABLE engine_alias (
	arn      TEXT PRIMARY KEY,
	machine  TEXT NOT NULL,
	name     TEXT NOT NULL,
	document BLOB NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX engine_alias_machine ON engine_alias (machine, name);

-- where an execution's log records go; null means nowhere
ALTER TABLE engine_execution ADD COLUMN journal BLOB;
`, `
-- how far the tables have come behind the log of turns; one row
CREATE TABLE engine_log (
	applied INTEGER NOT NULL, -- the last batch of which they have everything
	used    INTEGER NOT NULL  -- whether a log was in use and not closed
);
INSERT INTO engine_log VALUES (0, 0);
`}
