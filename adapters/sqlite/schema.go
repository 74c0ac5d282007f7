package sqlite

import "github.com/clickbook/clickbook/adapters/sqlite/dbfile"

// kind is an event log's file. The id spells "CBev".
var kind = dbfile.Kind{
	Name: "event log", ID: 0x43426576, Version: 2, Schema: schema + ";" + marks, PageSize: 8192, Upgrades: []string{marks},
}

// marks are what is remembered of the log as a whole (domain.Marks).
const marks = `
CREATE TABLE marks (
	name  TEXT PRIMARY KEY,
	value TEXT NOT NULL
)`

// schema is measured, see docs/adr/0002. Streams are integers, so that rows and the one index stay short, and
// that index grows at the ends of busy streams instead of at random places. Event ids have no index: a retry is
// recognised inside its stream. Event types and stream categories ("appointment-") are words, so that a filter
// compares small integers that stand in the row before the large columns.
//
// rest counts the events of the same append that follow; it tells one append from two.
const schema = `
CREATE TABLE words (
	id   INTEGER PRIMARY KEY,
	word TEXT NOT NULL UNIQUE
);
CREATE TABLE streams (
	id   INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE
);
CREATE TABLE events (
	position INTEGER PRIMARY KEY,
	stream   INTEGER NOT NULL,
	revision INTEGER NOT NULL,
	category INTEGER NOT NULL,
	type     INTEGER NOT NULL,
	rest     INTEGER NOT NULL,
	id       BLOB NOT NULL,
	data     BLOB NOT NULL,
	meta     BLOB NOT NULL
);
CREATE UNIQUE INDEX events_of_stream ON events (stream, revision);
CREATE TABLE snapshots (
	stream   TEXT PRIMARY KEY,
	version  INTEGER NOT NULL,
	revision INTEGER NOT NULL,
	state    BLOB NOT NULL
)`
