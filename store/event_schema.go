package store

// A delivery is held (1) or not, and due then. Numbers are Unix milliseconds.
var eventSchema = []string{`
CREATE TABLE event_record (
	kind TEXT NOT NULL,
	key  TEXT NOT NULL,
	doc  BLOB NOT NULL,
	PRIMARY KEY (kind, key)
) WITHOUT ROWID;
CREATE TABLE event_delivery (
	id    TEXT PRIMARY KEY,
	owner TEXT NOT NULL,
	held  INTEGER NOT NULL,
	due   INTEGER NOT NULL,
	seq   INTEGER NOT NULL,
	doc   BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX event_delivery_due ON event_delivery (held, due, seq);
CREATE INDEX event_delivery_owner ON event_delivery (owner, seq);
CREATE TABLE event_running (
	ref   TEXT PRIMARY KEY,
	owner TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX event_running_owner ON event_running (owner);
CREATE TABLE event_taken (topic TEXT PRIMARY KEY, id INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE event_success (
	machine   TEXT NOT NULL,
	input     TEXT NOT NULL,
	execution TEXT NOT NULL,
	at        INTEGER NOT NULL,
	PRIMARY KEY (machine, input)
) WITHOUT ROWID;`}
