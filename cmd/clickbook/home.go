package main

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// home is where an installation keeps what it has: a data directory, and the event log and the read models in it
// or, by a URL, elsewhere. Keys and state stay in the directory, whatever the URLs say.
type home struct{ data, store, views string }

// eventLog is an event store as the program holds it.
type eventLog interface {
	domain.EventStore
	Verify(ctx context.Context) error
	Close() error
}

// readModels is a read-model database as the program holds it.
type readModels interface {
	readmodel.Database
	Close() error
}

// logURL is where the event log is.
func (h home) logURL() string {
	return orElse(h.store, sqliteURL(filepath.Join(h.data, "events.db")))
}

// logName is how sentences call the log: without a password.
func (h home) logName() string { return nameOf(h.logURL()) }

func nameOf(place string) string {
	if path, err := sqlitePath(place, "events.db"); err == nil && engineOf(place) == onSQLite {
		return path
	}
	if parsed, err := url.Parse(place); err == nil && parsed.Host != "" {
		return (&url.URL{Scheme: parsed.Scheme, Host: parsed.Host, Path: parsed.Path}).String()
	}
	return "that store"
}

// viewsURL is where the read models are.
func (h home) viewsURL() string { return orElse(h.views, sqliteURL(filepath.Join(h.data, "views.db"))) }

// errKeysGone refuses to keep a log while the directory with its keys is gone afterwards.
var errKeysGone = errors.New(
	"give --data beside --store (or CLICKBOOK_STORE): the keys to what is kept there are kept in it")

// exists reports whether the directory is an installation's: it holds the keys, or a log whose keys were lost.
func (h home) exists() bool { return h.holds("keys.db") || h.holds("events.db") }

func (h home) holds(name string) bool {
	_, err := os.Stat(filepath.Join(h.data, name))
	return err == nil
}
