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

	"github.com/clickbook/clickbook/adapters/alone"
	"github.com/clickbook/clickbook/adapters/kurrentdb"
	"github.com/clickbook/clickbook/adapters/postgres"
	pgviews "github.com/clickbook/clickbook/adapters/postgres/views"
	"github.com/clickbook/clickbook/adapters/sqlite"
	"github.com/clickbook/clickbook/adapters/sqlite/views"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
)

// database is a kind of database that a URL names.
type database int

const (
	unknownDatabase database = iota
	sqliteDatabase
	postgresDatabase
	kurrentDatabase
)

func databaseOf(place string) database {
	scheme, _, _ := strings.Cut(place, ":")
	switch scheme {
	case "sqlite":
		return sqliteDatabase
	case "postgres", "postgresql":
		return postgresDatabase
	case "esdb", "esdb+discover", "kurrentdb", "kurrentdb+discover":
		return kurrentDatabase
	}
	return unknownDatabase
}

// checkLogURL returns what is wrong with the URL of a log. It opens nothing.
func checkLogURL(place string) error {
	switch databaseOf(place) {
	case postgresDatabase:
		return cli.AsUsage(postgres.CheckURL(place))
	case kurrentDatabase:
		return cli.AsUsage(kurrentdb.CheckURL(place))
	case sqliteDatabase:
		_, err := sqlitePath(place, "events.db")
		return err
	default:
		return cli.AsUsage(fmt.Errorf("invalid event log URL %s: write sqlite:///path, postgres://… or esdb://…",
			schemeOf(place)))
	}
}

// checkViewsURL returns what is wrong with the URL of read models. It opens nothing.
func checkViewsURL(place string) error {
	switch databaseOf(place) {
	case postgresDatabase:
		return cli.AsUsage(pgviews.CheckURL(place))
	case sqliteDatabase:
		_, err := sqlitePath(place, "views.db")
		return err
	default:
		return cli.AsUsage(fmt.Errorf("invalid read model URL %s: write sqlite:///path or postgres://…",
			schemeOf(place)))
	}
}

// checkViewsServer asks the server of the read models whether it would accept ours, before anything is written.
func checkViewsServer(ctx context.Context, place string) error {
	if databaseOf(place) == postgresDatabase {
		return pgviews.Check(ctx, place)
	}
	return nil
}

// LogOptions say how to open a log.
type LogOptions struct {
	Lax     bool // it may lag behind the disk until it is closed
	Present bool // it must exist; otherwise OpenLog creates it
	Alone   bool // nobody else appends to it until it is closed, and one goroutine does
	log     *slog.Logger

	remember int // streams, as in Options
}

// ErrNoLog means that a log that must exist does not.
var ErrNoLog = errors.New("there is no log")

// OpenLog opens or creates the event log at a URL.
func OpenLog(ctx context.Context, place string, options LogOptions) (eventLog, error) {
	if err := checkLogURL(place); err != nil {
		return nil, err
	}
	switch databaseOf(place) {
	case postgresDatabase:
		log, err := postgres.Open(ctx, place, postgres.Options{Lax: options.Lax, Log: options.log})
		if err != nil {
			return nil, err // not log, which would be a nil pointer in an interface
		}
		return onServer(ctx, log, func(ctx context.Context) (alone.Block, error) { return log.Begin(ctx) }, options)
	case kurrentDatabase:
		log, err := kurrentdb.Open(ctx, place, kurrentdb.Options{Log: options.log})
		if err != nil {
			return nil, err
		}
		return onServer(ctx, log, nil, options)
	case sqliteDatabase, unknownDatabase: // checkLogURL has refused the latter
	}
	path, err := sqlitePath(place, "events.db")
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); options.Present && errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoLog
	}
	var tuning sqlite.Options
	if options.Lax {
		tuning = sqlite.Options{SyncOnClose: true, Lag: 1000, CacheMiB: 24, Readers: 2, CheckpointPages: 16_000}
	}
	tuning.RecentStreams = options.remember
	return sqlite.Open(ctx, path, tuning)
}

// onServer returns a log that is on a server. begin begins a block of it; nil means that it has none.
func onServer(
	ctx context.Context, log eventLog, begin func(context.Context) (alone.Block, error), options LogOptions,
) (eventLog, error) {
	if !options.Alone {
		return log, nil
	}
	own, err := alone.New(ctx, log, begin)
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	return own, nil
}

// openViews opens or creates the read-model database at a URL. It deletes a damaged file, because the log can rebuild
// it. Then discarded says what was wrong.
func openViews(ctx context.Context, place string) (db readModels, discarded, err error) {
	if err := checkViewsURL(place); err != nil {
		return nil, nil, err
	}
	if databaseOf(place) == postgresDatabase {
		opened, err := pgviews.Open(ctx, place, pgviews.Options{})
		if err != nil {
			return nil, nil, err // not opened, which would be a nil pointer in an interface
		}
		return opened, nil, nil
	}
	path, err := sqlitePath(place, "views.db")
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

// sqliteURL returns the URL of a file. The path may hold any characters.
func sqliteURL(path string) string {
	return "sqlite:" + strings.NewReplacer("%", "%25", "?", "%3F").Replace(path)
}

// sqlitePath returns the file that a URL such as sqlite:///var/lib/clickbook/events.db or sqlite:events.db names. If
// the URL names a directory, it is the file with the default name there.
func sqlitePath(place, defaultName string) (string, error) {
	rest := strings.TrimPrefix(place, "sqlite:")
	rest, authority := strings.CutPrefix(rest, "//")
	path, query, _ := strings.Cut(rest, "?")
	path, err := url.PathUnescape(path)
	switch {
	case err != nil:
		return "", cli.AsUsage(fmt.Errorf("invalid URL %s: write %% as %%25 (%w)", place, err))
	case authority && !strings.HasPrefix(rest, "/"):
		return "", cli.AsUsage(fmt.Errorf("%s names a host: write a file as sqlite:///path or sqlite:path", place))
	case query != "":
		return "", cli.AsUsage(fmt.Errorf("%s has parameters, and a SQLite URL takes none: remove ?%s", place, query))
	case path == "":
		return "", cli.AsUsage(fmt.Errorf("%s names no file: write sqlite:///var/lib/clickbook/events.db", place))
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, defaultName)
	}
	return path, nil
}

// schemeOf returns the part of an unknown URL that messages may repeat. The rest may hold a password.
func schemeOf(place string) string {
	scheme, _, found := strings.Cut(place, ":")
	if !found {
		return "without a scheme"
	}
	return fmt.Sprintf("%.40q", scheme+":…")
}
