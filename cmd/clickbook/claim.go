package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/keyring"
	"github.com/clickbook/clickbook/adapters/sqlite"
	"github.com/clickbook/clickbook/domain"
)

// What a log remembers of itself as a whole (domain.Marks).
const (
	ownerMark = "installation" // the installation under whose keys its private text is sealed
	nameMark  = "log"          // tells this log from its copies: positions of one mean nothing in another
	copyMark  = "copy"         // the name of the log that is being copied into it; none when the copy is whole
)

// openLog opens or makes the log and the keys that belong together, and answers the log's name. Keys that are in use
// need their log, and a log that was begun needs its keys: neither is made anew beside the other, and nothing is
// written before both are known to fit.
func (in *installation) openLog(ctx context.Context) (name string, err error) {
	used := false
	if in.at.holds("keys.db") {
		if err := in.openKeys(ctx); err != nil {
			return "", err
		}
		if used, err = in.keys.InUse(); err != nil {
			return "", err
		}
	}
	log, err := openLog(ctx, in.at.logURL(), logOptions{lax: in.options.lax, present: used, log: in.options.log})
	if errors.Is(err, errNoLog) {
		return "", in.logElsewhere()
	}
	if err != nil {
		return "", err
	}
	in.events = log
	if err := in.whole(ctx); err != nil {
		return "", err
	}
	if in.keys == nil {
		if err := in.makeKeys(ctx); err != nil {
			return "", err
		}
	}
	return in.claim(ctx)
}

func (in *installation) openKeys(ctx context.Context) (err error) {
	in.keys, err = keyring.Open(ctx, filepath.Join(in.at.data, "keys.db"))
	return err
}

// makeKeys refuses to make a new keyring beside a log that was begun with another.
func (in *installation) makeKeys(ctx context.Context) error {
	head, err := in.events.Head(ctx)
	if err != nil {
		return err
	}
	owner, err := in.events.Mark(ctx, ownerMark)
	switch {
	case err != nil:
		return err
	case owner == "" && head.IsZero():
		return in.openKeys(ctx)
	case in.at.store != "":
		return in.foreign()
	}
	return fmt.Errorf("%s is missing: put it back from where you keep it, or personal data cannot be read",
		filepath.Join(in.at.data, "keys.db"))
}

// whole refuses a log that is half of another one's copy.
func (in *installation) whole(ctx context.Context) error {
	from, err := in.events.Mark(ctx, copyMark)
	if err == nil && from != "" {
		err = fmt.Errorf("%s holds an unfinished copy of another log; run the same clickbook copy again to finish it, "+
			"or choose another --store", in.at.logName())
	}
	return err
}

// claim makes sure that the log is this installation's, and answers its name. A new log is marked as ours.
func (in *installation) claim(ctx context.Context) (name string, err error) {
	mine := in.keys.Installation().String()
	owner, err := in.events.Mark(ctx, ownerMark)
	if err == nil && owner == "" {
		if err = in.mayClaim(ctx); err == nil {
			err = in.events.SetMark(ctx, ownerMark, "", mine)
			owner = mine
		}
	}
	switch {
	case errors.Is(err, domain.ErrConflict), err == nil && owner != mine:
		return "", in.foreign()
	case err != nil:
		return "", err
	}
	return logName(ctx, in.events)
}

// mayClaim says why a log that is nobody's cannot become ours. SQLite files of the first format are nobody's and may,
// and so may a copy of one, which has a name.
func (in *installation) mayClaim(ctx context.Context) error {
	head, err := in.events.Head(ctx)
	if err != nil {
		return err
	}
	name, err := in.events.Mark(ctx, nameMark)
	if err != nil {
		return err
	}
	used, err := in.keys.InUse()
	_, embedded := in.events.(*sqlite.Store)
	switch {
	case err != nil:
		return err
	case head.IsZero() && used:
		return in.logElsewhere()
	case !head.IsZero() && !embedded && name == "":
		return fmt.Errorf("%s holds events of another program; choose another --store", in.at.logName())
	}
	return nil
}

// logName is the name of a log. One that has none yet gets it.
func logName(ctx context.Context, log domain.Marks) (string, error) {
	name, err := log.Mark(ctx, nameMark)
	if err != nil || name != "" {
		return name, err
	}
	name = uuid.NewString()
	if err := log.SetMark(ctx, nameMark, "", name); !errors.Is(err, domain.ErrConflict) {
		return name, err
	}
	return log.Mark(ctx, nameMark) // somebody else gave it one meanwhile
}

func (in *installation) foreign() error {
	return fmt.Errorf("%s holds the log of another installation than %s; give the --data directory that has its keys, "+
		"or choose another --store", in.at.logName(), in.at.data)
}

func (in *installation) logElsewhere() error {
	return fmt.Errorf("there is no log in %s, and %s has the keys of one; give the --store that it is kept in, or bring "+
		"it here with clickbook copy, or begin anew with another --data", in.at.logName(), in.at.data)
}
