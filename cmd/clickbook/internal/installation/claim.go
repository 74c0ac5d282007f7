package installation

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/clickbook/clickbook/adapters/keyring"
	"github.com/clickbook/clickbook/adapters/logcopy"
	"github.com/clickbook/clickbook/adapters/sqlite"
	"github.com/clickbook/clickbook/domain"
)

// openLog opens or makes the log and the keys that belong together, and answers the log's name. Keys that are in use
// need their log, and a log that was begun needs its keys: neither is made anew beside the other, and nothing is
// written before both are known to fit.
func (in *Installation) openLog(ctx context.Context) (name string, err error) {
	used := false
	if in.at.Holds("keys.db") {
		if err := in.openKeys(ctx); err != nil {
			return "", err
		}
		if used, err = in.Keys.InUse(); err != nil {
			return "", err
		}
	}
	log, err := OpenLog(ctx, in.at.LogURL(), LogOptions{Lax: in.options.Lax, Present: used, log: in.options.Log})
	if errors.Is(err, ErrNoLog) {
		return "", in.logElsewhere()
	}
	if err != nil {
		return "", err
	}
	in.Events = log
	if err := in.whole(ctx); err != nil {
		return "", err
	}
	if in.Keys == nil {
		if err := in.makeKeys(ctx); err != nil {
			return "", err
		}
	}
	return in.claim(ctx)
}

func (in *Installation) openKeys(ctx context.Context) (err error) {
	in.Keys, err = keyring.Open(ctx, filepath.Join(in.at.Data, "keys.db"))
	return err
}

// makeKeys refuses to make a new keyring beside a log that was begun with another.
func (in *Installation) makeKeys(ctx context.Context) error {
	head, err := in.Events.Head(ctx)
	if err != nil {
		return err
	}
	owner, err := in.Events.Mark(ctx, logcopy.OwnerMark)
	switch {
	case err != nil:
		return err
	case owner == "" && head.IsZero():
		return in.openKeys(ctx)
	case in.at.Store != "":
		return in.foreign()
	}
	return fmt.Errorf("%s is missing: put it back from where you keep it, or personal data cannot be read",
		filepath.Join(in.at.Data, "keys.db"))
}

// whole refuses a log that is half of another one's copy.
func (in *Installation) whole(ctx context.Context) error {
	from, err := in.Events.Mark(ctx, logcopy.CopyMark)
	if err == nil && from != "" {
		err = fmt.Errorf("%s holds an unfinished copy of another log; run the same clickbook copy again to finish it, "+
			"or choose another --store", in.at.logName())
	}
	return err
}

// claim makes sure that the log is this installation's, and answers its name. A new log is marked as ours.
func (in *Installation) claim(ctx context.Context) (name string, err error) {
	mine := in.Keys.Installation().String()
	owner, err := in.Events.Mark(ctx, logcopy.OwnerMark)
	if err == nil && owner == "" {
		if err = in.mayClaim(ctx); err == nil {
			err = in.Events.SetMark(ctx, logcopy.OwnerMark, "", mine)
			owner = mine
		}
	}
	switch {
	case errors.Is(err, domain.ErrConflict), err == nil && owner != mine:
		return "", in.foreign()
	case err != nil:
		return "", err
	}
	return logcopy.LogName(ctx, in.Events)
}

// mayClaim says why a log that is nobody's cannot become ours. SQLite files of the first format are nobody's and may,
// and so may a copy of one, which has a name.
func (in *Installation) mayClaim(ctx context.Context) error {
	head, err := in.Events.Head(ctx)
	if err != nil {
		return err
	}
	name, err := in.Events.Mark(ctx, logcopy.NameMark)
	if err != nil {
		return err
	}
	used, err := in.Keys.InUse()
	_, embedded := in.Events.(*sqlite.Store)
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

func (in *Installation) foreign() error {
	return fmt.Errorf("%s holds the log of another installation than %s; give the --data directory that has its keys, "+
		"or choose another --store", in.at.logName(), in.at.Data)
}

func (in *Installation) logElsewhere() error {
	return fmt.Errorf("there is no log in %s, and %s has the keys of one; give the --store that it is kept in, or bring "+
		"it here with clickbook copy, or begin anew with another --data", in.at.logName(), in.at.Data)
}
