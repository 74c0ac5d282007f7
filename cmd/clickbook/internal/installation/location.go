package installation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Location is where an installation keeps its data: a data directory, and the URLs of the event log and the read
// models. Without a URL they are in the directory. The keys and state.db are always there.
type Location struct{ Data, Store, Views string }

// eventLog is an event store that can be closed.
type eventLog interface {
	domain.EventStore
	Verify(ctx context.Context) error
	Close() error
}

// readModels is a read-model database that can be closed.
type readModels interface {
	readmodel.Database
	Close() error
}

// ErrStoreWithoutData refuses to keep a log whose keys would be deleted with a temporary data directory.
var ErrStoreWithoutData = errors.New(
	"--store (or CLICKBOOK_STORE) also needs --data, which holds the decryption keys")

// LogURL returns the URL of the event log.
func (l Location) LogURL() string {
	return cmp.Or(l.Store, sqliteURL(filepath.Join(l.Data, "events.db")))
}

// viewsURL returns the URL of the read models.
func (l Location) viewsURL() string {
	return cmp.Or(l.Views, sqliteURL(filepath.Join(l.Data, "views.db")))
}

// logName returns the name of the log in messages.
func (l Location) logName() string { return DisplayName(l.LogURL()) }

// DisplayName returns the name of a log in messages: its file, or its URL without the password and the parameters.
func DisplayName(place string) string {
	if path, err := sqlitePath(place, "events.db"); err == nil && databaseOf(place) == sqliteDatabase {
		return path
	}
	if parsed, err := url.Parse(place); err == nil && parsed.Host != "" {
		return (&url.URL{Scheme: parsed.Scheme, Host: parsed.Host, Path: parsed.Path}).String()
	}
	return "that store"
}

// Exists reports whether the directory holds an installation: its keys, or a log whose keys are lost.
func (l Location) Exists() bool { return l.Holds("keys.db") || l.Holds("events.db") }

// Holds reports whether the directory has a file of that name.
func (l Location) Holds(name string) bool {
	_, err := os.Stat(filepath.Join(l.Data, name))
	return err == nil
}

// NoData returns the error of a command that needs an installation where there is none.
func NoData(at Location) error {
	return fmt.Errorf("%s holds no ClickBook data; check --data", at.Data)
}
