package installation

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/logcopy"
	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
)

func TestSQLitePath(t *testing.T) {
	dir := t.TempDir()
	strange := Location{Data: filepath.Join(dir, "a?b=c %41 ü#:")}
	for place, want := range map[string]string{
		"sqlite:///var/lib/events.db": "/var/lib/events.db", "sqlite:events.db": "events.db",
		"sqlite:///with%3Fsign%25": "/with?sign%", "sqlite:" + dir: filepath.Join(dir, "events.db"),
		strange.LogURL(): filepath.Join(strange.Data, "events.db"),
	} {
		if got, err := sqlitePath(place, "events.db"); got != want || err != nil {
			t.Errorf("%s is the file %q, %v; want %q", place, got, err, want)
		}
	}
}

func TestInvalidURLsAreUsageErrors(t *testing.T) {
	for place, words := range map[string]string{
		"sqlite:half%2":                   "write % as %25",
		"sqlite://host/path":              "names a host",
		"sqlite:///path?mode=ro":          "takes none",
		"sqlite:":                         "names no file",
		"mysql://root:secret@127.0.0.1/d": `invalid event log URL "mysql:…": write sqlite:///path`,
		"/var/lib/events.db":              "without a scheme",
		"postgres://u:secret@h/db?x=1":    `"x"`,
		"esdb://u:secret@h?x=1":           `"x"`,
	} {
		_, err := OpenLog(t.Context(), place, LogOptions{})
		var usage cli.UsageError
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error is %v, want a usage error with %q", place, err, words)
		}
	}
	for _, place := range []string{"esdb://host", "mysql://root:secret@host/db"} {
		_, _, err := openViews(t.Context(), place)
		if err == nil || !strings.Contains(err.Error(), "invalid read model URL") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error is %v", place, err)
		}
	}
}

func TestDisplayNameHidesThePassword(t *testing.T) {
	for place, want := range map[string]string{
		"sqlite:///var/lib/events.db":                         "/var/lib/events.db",
		"postgres://user:secret@db.example.com:5432/main?a=b": "postgres://db.example.com:5432/main",
		"esdb://admin:secret@node:2113?tls=false":             "esdb://node:2113",
		"nonsense": "that store",
	} {
		if got := DisplayName(place); got != want {
			t.Errorf("%s is displayed as %q, want %q", place, got, want)
		}
	}
}

func TestOpenExistingNeedsData(t *testing.T) {
	at := Location{Data: filepath.Join(t.TempDir(), "nowhere")}
	if _, err := OpenExisting(t.Context(), at); err == nil || !strings.Contains(err.Error(), "holds no ClickBook data") {
		t.Errorf("the error is %v", err)
	}
	if _, err := os.Stat(at.Data); !errors.Is(err, os.ErrNotExist) {
		t.Error("the directory was created")
	}
	if _, err := OpenLog(t.Context(), at.LogURL(), LogOptions{Present: true}); !errors.Is(err, ErrNoLog) {
		t.Errorf("the error of a log that must exist is %v", err)
	}
}

// open opens a location and returns the error. If there is none, it seals something, so that the keys are in use.
func open(t *testing.T, at Location) error {
	t.Helper()
	in, err := Open(t.Context(), at, Options{Now: time.Now, Lax: true})
	if err != nil {
		return err
	}
	if _, err := in.Keys.Seal("client-1", "ClientRegistered", []byte("a name")); err != nil {
		t.Fatal(err)
	}
	return in.Close()
}

func TestLogAndKeysBelongTogether(t *testing.T) {
	log := "sqlite:" + filepath.Join(t.TempDir(), "events.db")
	mine := Location{Data: t.TempDir(), Store: log}
	if err := open(t, mine); err != nil {
		t.Fatal(err)
	}
	yours := Location{Data: t.TempDir()}
	if err := open(t, yours); err != nil {
		t.Fatal(err)
	}
	yours.Store = log
	for name, c := range map[string]struct {
		at    Location
		words string
	}{
		"a new directory":            {Location{Data: t.TempDir(), Store: log}, "holds the log of another installation"},
		"another installation":       {yours, "holds the log of another installation"},
		"keys without their log":     {Location{Data: mine.Data}, "there is no log in"},
		"keys with an empty log":     {Location{Data: mine.Data, Store: emptyLog(t)}, "there is no log in"},
		"an unfinished copy":         {Location{Data: mine.Data, Store: unfinishedCopy(t)}, "holds an unfinished copy"},
		"keys with their log, again": {mine, ""},
	} {
		err := open(t, c.at)
		if c.words == "" && err != nil || c.words != "" && (err == nil || !strings.Contains(err.Error(), c.words)) {
			t.Errorf("%s: the error is %v, want %q", name, err, c.words)
		}
	}
}

func emptyLog(t *testing.T) string {
	t.Helper()
	return logWith(t, func(context.Context, eventLog) error { return nil })
}

func unfinishedCopy(t *testing.T) string {
	t.Helper()
	return logWith(t, func(ctx context.Context, log eventLog) error {
		return log.SetMark(ctx, logcopy.CopyMark, "", "another log")
	})
}

func logWith(t *testing.T, change func(context.Context, eventLog) error) (place string) {
	t.Helper()
	place = "sqlite:" + filepath.Join(t.TempDir(), "events.db")
	log, err := OpenLog(t.Context(), place, LogOptions{})
	if err == nil {
		err = errors.Join(change(t.Context(), log), log.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return place
}

func TestManifestListsEachNameOnce(t *testing.T) {
	in, err := Open(t.Context(), Location{Data: t.TempDir()}, Options{Now: time.Now, Lax: true})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	seen := make(map[string]bool)
	check := func(name string) {
		if name == "" || seen[name] {
			t.Errorf("%q is listed twice", name)
		}
		seen[name] = true
	}
	for _, aggregate := range in.aggregates() {
		check("aggregate " + aggregate.Category())
	}
	for _, projection := range in.projections() {
		check("projection " + projection.Name)
	}
	books, dispatch := in.Reactors()
	for _, handler := range append(books.Handlers, dispatch.Handlers...) {
		check("handler " + handler.Name)
	}
}
