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

// openLog opens or creates the log and the keys that belong together, and returns the log's name. Keys in use need
// their log, and a log with events needs its keys. openLog writes nothing before it knows that both fit. An empty
// keys.db counts as none: it would be filled with new keys, and all personal data would be unreadable.
func (in *Installation) openLog(ctx context.Context) (name string, err error) {
	used := false
	has, err := in.hasKeys()
	if err != nil {
		return "", err
	}
	if has {
		if err := in.openKeys(ctx); err != nil {
			return "", err
		}
		if used, err = in.Keys.InUse(); err != nil {
			return "", err
		}
	}
	log, err := OpenLog(ctx, in.at.LogURL(), LogOptions{
		Lax: in.options.Lax, Alone: in.options.Alone, Present: used, log: in.options.Log, remember: in.options.Remember,
	})
	if errors.Is(err, ErrNoLog) {
		return "", in.logMissing()
	}
	if err != nil {
		return "", err
	}
	in.Events = log
	if err := in.checkCopied(ctx); err != nil {
		return "", err
	}
	if in.Keys == nil {
		if err := in.createKeys(ctx); err != nil {
			return "", err
		}
	}
	return in.own(ctx)
}

// hasKeys reports whether there is a keys.db that is not empty.
func (in *Installation) hasKeys() (bool, error) {
	if !in.at.Holds("keys.db") {
		return false, nil
	}
	blank, err := keyring.IsBlank(filepath.Join(in.at.Data, "keys.db"))
	return !blank, err
}

func (in *Installation) openKeys(ctx context.Context) (err error) {
	in.Keys, err = keyring.Open(ctx, filepath.Join(in.at.Data, "keys.db"))
	return err
}

// createKeys creates a keyring, unless the log was begun with another one.
func (in *Installation) createKeys(ctx context.Context) error {
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
	case in.at.Holds("keys.db"):
		return fmt.Errorf("%s is damaged: it is empty, and the log needs its keys; put it back from its backup, or "+
			"personal data cannot be read", filepath.Join(in.at.Data, "keys.db"))
	case in.at.Store != "":
		return in.otherOwner()
	}
	return fmt.Errorf("%s is missing: put it back from its backup, or personal data cannot be read",
		filepath.Join(in.at.Data, "keys.db"))
}

// checkCopied refuses a log that is an unfinished copy of another.
func (in *Installation) checkCopied(ctx context.Context) error {
	from, err := in.Events.Mark(ctx, logcopy.CopyMark)
	if err == nil && from != "" {
		err = fmt.Errorf("%s holds an unfinished copy of another log; run the same clickbook copy again to finish it, "+
			"or choose another --store", in.at.logName())
	}
	return err
}

// own checks that the log belongs to this installation, and returns the log's name. It marks a new log as ours.
func (in *Installation) own(ctx context.Context) (name string, err error) {
	mine := in.Keys.Installation().String()
	owner, err := in.Events.Mark(ctx, logcopy.OwnerMark)
	if err == nil && owner == "" {
		if err = in.checkUnowned(ctx); err == nil {
			err = in.Events.SetMark(ctx, logcopy.OwnerMark, "", mine)
			owner = mine
		}
	}
	switch {
	case errors.Is(err, domain.ErrConflict), err == nil && owner != mine:
		return "", in.otherOwner()
	case err != nil:
		return "", err
	}
	return logcopy.LogName(ctx, in.Events)
}

// checkUnowned returns why this installation cannot take a log without an owner. It can take an empty log, a SQLite
// file of the first format, which has no marks, and a copy of such a file, which has a name.
func (in *Installation) checkUnowned(ctx context.Context) error {
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
		return in.logMissing()
	case !head.IsZero() && !embedded && name == "":
		return fmt.Errorf("%s holds events of another program; choose another --store", in.at.logName())
	}
	return nil
}

func (in *Installation) otherOwner() error {
	return fmt.Errorf("%s holds the log of another installation than %s; give the --data directory that has its keys, "+
		"or choose another --store", in.at.logName(), in.at.Data)
}

func (in *Installation) logMissing() error {
	return fmt.Errorf("there is no log in %s, and %s has the keys of one; give the --store that holds the log, copy it "+
		"with clickbook copy, or start over with another --data", in.at.logName(), in.at.Data)
}
