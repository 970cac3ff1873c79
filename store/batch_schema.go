package store

// batchSchema keeps each document as JSON beside the columns that it is found
// by.
var batchSchema = []string{`
CREATE TABLE batch_definition (
	account  TEXT NOT NULL,
	region   TEXT NOT NULL,
	name     TEXT NOT NULL,
	revision INTEGER NOT NULL,
	status   TEXT NOT NULL,
	id       TEXT NOT NULL UNIQUE,
	doc      BLOB NOT NULL,
	PRIMARY KEY (account, region, name, revision)
) WITHOUT ROWID;
CREATE TABLE batch_environment (
	account TEXT NOT NULL,
	region  TEXT NOT NULL,
	name    TEXT NOT NULL,
	doc     BLOB NOT NULL,
	PRIMARY KEY (account, region, name)
) WITHOUT ROWID;
CREATE TABLE batch_queue (
	account TEXT NOT NULL,
	region  TEXT NOT NULL,
	name    TEXT NOT NULL,
	doc     BLOB NOT NULL,
	PRIMARY KEY (account, region, name)
) WITHOUT ROWID;
CREATE TABLE batch_job (
	id      TEXT NOT NULL PRIMARY KEY,
	seq     INTEGER NOT NULL UNIQUE,
	account TEXT NOT NULL,
	region  TEXT NOT NULL,
	queue   TEXT NOT NULL,
	live    INTEGER NOT NULL,
	status  TEXT NOT NULL,
	doc     BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX batch_job_list ON batch_job (account, region, queue, status, seq);
CREATE INDEX batch_job_live ON batch_job (seq) WHERE live = 1;`, `
CREATE TABLE batch_policy (
	account TEXT NOT NULL,
	region  TEXT NOT NULL,
	name    TEXT NOT NULL,
	doc     BLOB NOT NULL,
	PRIMARY KEY (account, region, name)
) WITHOUT ROWID;`}
