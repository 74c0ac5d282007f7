package sqlite

import "github.com/clickbook/clickbook/adapters/sqlite/dbfile"

// kind is the file of an event log. The id spells "CBev".
var kind = dbfile.Kind{
	Name: "event log", ID: 0x43426576, Version: 2, Schema: schema + ";" + marks, PageSize: 8192, Upgrades: []string{marks},
}

// marks are facts about the log as a whole (domain.Marks).
const marks = `
CREATE TABLE marks (
	name  TEXT PRIMARY KEY,
	value TEXT NOT NULL
)`

// schema is the result of measurements, see docs/adr/0002. Streams have integer ids, so that rows and the only index
// stay short, and the index grows at the ends of busy streams and not at random places. Event ids have no index,
// because a retry is recognised inside its stream. Event types and stream categories ("appointment-") are words with
// numbers, so that a filter compares small integers that are stored before the large columns.
//
// rest counts the events of the same append that follow, which tells one append from the next.
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
