package installation

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// home is where an installation keeps what it has: a data directory, and the event log and the read models in it
// or, by a URL, elsewhere. Keys and state stay in the directory, whatever the URLs say.
type Home struct{ Data, Store, Views string }

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
func (h Home) LogURL() string {
	return cli.OrElse(h.Store, sqliteURL(filepath.Join(h.Data, "events.db")))
}

// logName is how sentences call the log: without a password.
func (h Home) logName() string { return NameOf(h.LogURL()) }

func NameOf(place string) string {
	if path, err := SqlitePath(place, "events.db"); err == nil && engineOf(place) == onSQLite {
		return path
	}
	if parsed, err := url.Parse(place); err == nil && parsed.Host != "" {
		return (&url.URL{Scheme: parsed.Scheme, Host: parsed.Host, Path: parsed.Path}).String()
	}
	return "that store"
}

// viewsURL is where the read models are.
func (h Home) viewsURL() string {
	return cli.OrElse(h.Views, sqliteURL(filepath.Join(h.Data, "views.db")))
}

// errKeysGone refuses to keep a log while the directory with its keys is gone afterwards.
var ErrKeysGone = errors.New(
	"give --data beside --store (or CLICKBOOK_STORE): the keys to what is kept there are kept in it")

// exists reports whether the directory is an installation's: it holds the keys, or a log whose keys were lost.
func (h Home) Exists() bool { return h.Holds("keys.db") || h.Holds("events.db") }

func (h Home) Holds(name string) bool {
	_, err := os.Stat(filepath.Join(h.Data, name))
	return err == nil
}
