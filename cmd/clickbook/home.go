package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/adapters/kurrentdb"
	"github.com/clickbook/clickbook/adapters/postgres"
	pgviews "github.com/clickbook/clickbook/adapters/postgres/views"
	"github.com/clickbook/clickbook/adapters/sqlite"
	"github.com/clickbook/clickbook/adapters/sqlite/views"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections"
)

// home is where an installation keeps what it has: a data directory, and the event log and the read models in it
// or, by a URL, elsewhere. Keys and state stay in the directory, whatever the URLs say.
type home struct{ data, store, views string }

// flags are the same for every command that works on an installation. A URL may hold a password, so what the
// environment says of it is never shown as a default.
func (h *home) flags(cmd *cobra.Command, getenv func(string) string) {
	cmd.Flags().StringVar(&h.data, "data", orElse(getenv("CLICKBOOK_DATA"), "data"),
		"data directory `DIR` (or CLICKBOOK_DATA)")
	h.urlFlags(cmd)
	h.store, h.views = getenv("CLICKBOOK_STORE"), getenv("CLICKBOOK_VIEWS")
}

func (h *home) urlFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&h.store, "store", "",
		"`URL` of the event log (or CLICKBOOK_STORE): sqlite:///FILE, postgres://… or esdb://…; in DIR when not given")
	cmd.Flags().StringVar(&h.views, "views", "",
		"`URL` of the read models (or CLICKBOOK_VIEWS): sqlite:///FILE or postgres://…; in DIR when not given")
}

// eventLog is an event store as the program holds it.
type eventLog interface {
	domain.EventStore
	Verify(ctx context.Context) error
	Close() error
}

// readModels is a read-model database as the program holds it.
type readModels interface {
	projections.Database
	Close() error
}

// logURL is where the event log is.
func (h home) logURL() string {
	return orElse(h.store, "sqlite:"+filepath.Join(h.data, "events.db"))
}

// logName is how sentences call the log: without a password.
func (h home) logName() string { return nameOf(h.logURL()) }

func nameOf(place string) string {
	if path, err := sqlitePath(place, "events.db"); err == nil {
		return path
	}
	if parsed, err := url.Parse(place); err == nil && parsed.Host != "" {
		return (&url.URL{Scheme: parsed.Scheme, Host: parsed.Host, Path: parsed.Path}).String()
	}
	return "that store"
}

// viewsURL is where the read models are.
func (h home) viewsURL() string { return orElse(h.views, "sqlite:"+filepath.Join(h.data, "views.db")) }

// exists reports whether the directory is an installation's: it holds the keys, or a log whose keys were lost.
func (h home) exists() bool { return h.holds("keys.db") || h.holds("events.db") }

func (h home) holds(name string) bool {
	_, err := os.Stat(filepath.Join(h.data, name))
	return err == nil
}

var errNoScheme = errors.New("not a file of SQLite")

// sqlitePath is the file that a URL like sqlite:///var/lib/clickbook/events.db or sqlite:events.db names. In a
// directory it is the file that is usual there.
func sqlitePath(place, usual string) (string, error) {
	scheme, rest, found := strings.Cut(place, ":")
	if !found || scheme != "sqlite" {
		return "", errNoScheme
	}
	if rest, found = strings.CutPrefix(rest, "//"); found && !strings.HasPrefix(rest, "/") {
		return "", usageError{fmt.Errorf("%s names a host; a file is written sqlite:///path or sqlite:path", place)}
	}
	path, query, _ := strings.Cut(rest, "?")
	switch {
	case query != "":
		return "", usageError{fmt.Errorf("%s has parameters, and a SQLite file takes none; leave out ?%s", place, query)}
	case path == "":
		return "", usageError{fmt.Errorf("%s names no file; write it like sqlite:///var/lib/clickbook/events.db", place)}
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, usual)
	}
	return path, nil
}

// logOptions are what openers of a log differ in.
type logOptions struct {
	lax     bool // it may lag behind the disk until it is closed
	present bool // it must be there already; otherwise it is made
	log     *slog.Logger
}

// errNoLog says that there is no log where one must be.
var errNoLog = errors.New("there is no log")

// openLog opens or makes the event log at a URL.
func openLog(ctx context.Context, place string, wanted logOptions) (eventLog, error) {
	path, err := sqlitePath(place, "events.db")
	if !errors.Is(err, errNoScheme) {
		if err != nil {
			return nil, err
		}
		if _, err := os.Stat(path); wanted.present && errors.Is(err, fs.ErrNotExist) {
			return nil, errNoLog
		}
		options := sqlite.Options{}
		if wanted.lax {
			options = sqlite.Options{SyncOnClose: true, Lag: 1000, CacheMiB: 48, CheckpointPages: 16_000}
		}
		return sqlite.Open(ctx, path, options)
	}
	switch scheme, _, _ := strings.Cut(place, "://"); scheme {
	case "postgres", "postgresql":
		return postgres.Open(ctx, place, postgres.Options{Lax: wanted.lax, Log: wanted.log})
	case "esdb", "esdb+discover", "kurrentdb", "kurrentdb+discover":
		return kurrentdb.Open(ctx, place, kurrentdb.Options{Log: wanted.log})
	}
	return nil, usageError{fmt.Errorf("%s is no place for an event log; write sqlite:///path, postgres://… or esdb://…",
		schemeOf(place))}
}

// schemeOf is all of an unknown URL that may be repeated: the rest may hold a password.
func schemeOf(place string) string {
	scheme, _, found := strings.Cut(place, ":")
	if !found {
		return "a URL without a scheme"
	}
	return fmt.Sprintf("%.40q", scheme+":…")
}

// openViews opens or makes the read-model database at a URL. Damaged ones are discarded, for the log to make them
// anew; discarded then says why.
func openViews(ctx context.Context, place string) (db readModels, discarded, err error) {
	if scheme, _, _ := strings.Cut(place, "://"); scheme == "postgres" || scheme == "postgresql" {
		db, err := pgviews.Open(ctx, place, pgviews.Options{})
		if err != nil {
			return nil, nil, err
		}
		return db, nil, nil
	}
	path, err := sqlitePath(place, "views.db")
	if errors.Is(err, errNoScheme) {
		return nil, nil, usageError{fmt.Errorf("%s is no place for read models; write sqlite:///path or postgres://…",
			schemeOf(place))}
	}
	if err != nil {
		return nil, nil, err
	}
	opened, err := views.Open(path)
	if views.IsBroken(err) {
		discarded = err
		if err := views.Discard(path); err != nil {
			return nil, nil, fmt.Errorf("the damaged read models %s cannot be deleted: %w", path, err)
		}
		opened, err = views.Open(path)
	}
	if err != nil {
		return nil, discarded, err
	}
	return opened, discarded, nil
}
