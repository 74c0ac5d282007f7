package installation

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

	"github.com/clickbook/clickbook/adapters/kurrentdb"
	"github.com/clickbook/clickbook/adapters/postgres"
	pgviews "github.com/clickbook/clickbook/adapters/postgres/views"
	"github.com/clickbook/clickbook/adapters/sqlite"
	"github.com/clickbook/clickbook/adapters/sqlite/views"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
)

// engine is what a URL says a log or read models are kept by.
type engine int

const (
	unknownEngine engine = iota
	onSQLite
	onPostgreSQL
	onKurrentDB
)

func engineOf(place string) engine {
	scheme, _, _ := strings.Cut(place, ":")
	switch scheme {
	case "sqlite":
		return onSQLite
	case "postgres", "postgresql":
		return onPostgreSQL
	case "esdb", "esdb+discover", "kurrentdb", "kurrentdb+discover":
		return onKurrentDB
	}
	return unknownEngine
}

// checkLog says what is wrong with the URL of a log, before anything is opened.
func checkLog(place string) error {
	switch engineOf(place) {
	case onPostgreSQL:
		return cli.AsUsage(postgres.CheckURL(place))
	case onKurrentDB:
		return cli.AsUsage(kurrentdb.CheckURL(place))
	case onSQLite:
		_, err := SqlitePath(place, "events.db")
		return err
	default:
		return cli.AsUsage(fmt.Errorf("%s is no place for an event log; write sqlite:///path, postgres://… or esdb://…",
			schemeOf(place)))
	}
}

// checkViews says what is wrong with the URL of read models, before anything is opened.
func checkViews(place string) error {
	switch engineOf(place) {
	case onPostgreSQL:
		return cli.AsUsage(pgviews.CheckURL(place))
	case onSQLite:
		_, err := SqlitePath(place, "views.db")
		return err
	default:
		return cli.AsUsage(fmt.Errorf("%s is no place for read models; write sqlite:///path or postgres://…",
			schemeOf(place)))
	}
}

// askViews asks a server of read models whether it would take ours, before anything is written anywhere.
func askViews(ctx context.Context, place string) error {
	if engineOf(place) == onPostgreSQL {
		return pgviews.Check(ctx, place)
	}
	return nil
}

// logOptions are what openers of a log differ in.
type LogOptions struct {
	Lax     bool // it may lag behind the disk until it is closed
	Present bool // it must be there already; otherwise it is made
	log     *slog.Logger
}

// errNoLog says that there is no log where one must be.
var ErrNoLog = errors.New("there is no log")

// openLog opens or makes the event log at a URL.
func OpenLog(ctx context.Context, place string, wanted LogOptions) (eventLog, error) {
	if err := checkLog(place); err != nil {
		return nil, err
	}
	switch engineOf(place) {
	case onPostgreSQL:
		return postgres.Open(ctx, place, postgres.Options{Lax: wanted.Lax, Log: wanted.log})
	case onKurrentDB:
		return kurrentdb.Open(ctx, place, kurrentdb.Options{Log: wanted.log})
	}
	path, err := SqlitePath(place, "events.db")
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); wanted.Present && errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoLog
	}
	options := sqlite.Options{}
	if wanted.Lax {
		options = sqlite.Options{SyncOnClose: true, Lag: 1000, CacheMiB: 48, CheckpointPages: 16_000}
	}
	return sqlite.Open(ctx, path, options)
}

// openViews opens or makes the read-model database at a URL. A damaged file is discarded, for the log to make it anew;
// discarded then says why.
func openViews(ctx context.Context, place string) (db readModels, discarded, err error) {
	if err := checkViews(place); err != nil {
		return nil, nil, err
	}
	if engineOf(place) == onPostgreSQL {
		opened, err := pgviews.Open(ctx, place, pgviews.Options{})
		if err != nil {
			return nil, nil, err // and not a database that is none
		}
		return opened, nil, nil
	}
	path, err := SqlitePath(place, "views.db")
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

// sqliteURL is the URL of a file, whatever signs its name has.
func sqliteURL(path string) string {
	return "sqlite:" + strings.NewReplacer("%", "%25", "?", "%3F").Replace(path)
}

// sqlitePath is the file that a URL like sqlite:///var/lib/clickbook/events.db or sqlite:events.db names. In a
// directory it is the file that is usual there.
func SqlitePath(place, usual string) (string, error) {
	rest := strings.TrimPrefix(place, "sqlite:")
	rest, authority := strings.CutPrefix(rest, "//")
	path, query, _ := strings.Cut(rest, "?")
	path, err := url.PathUnescape(path)
	switch {
	case err != nil:
		return "", cli.AsUsage(fmt.Errorf("%s is no URL: write %% as %%25 (%w)", place, err))
	case authority && !strings.HasPrefix(rest, "/"):
		return "", cli.AsUsage(fmt.Errorf("%s names a host; a file is written sqlite:///path or sqlite:path", place))
	case query != "":
		return "", cli.AsUsage(fmt.Errorf("%s has parameters, and a SQLite file takes none; leave out ?%s", place, query))
	case path == "":
		return "", cli.AsUsage(fmt.Errorf("%s names no file; write it like sqlite:///var/lib/clickbook/events.db", place))
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, usual)
	}
	return path, nil
}

// schemeOf is all of an unknown URL that may be repeated: the rest may hold a password.
func schemeOf(place string) string {
	scheme, _, found := strings.Cut(place, ":")
	if !found {
		return "a URL without a scheme"
	}
	return fmt.Sprintf("%.40q", scheme+":…")
}
