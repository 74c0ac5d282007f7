package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/sqlite"
	"github.com/clickbook/clickbook/domain"
)

// What a log remembers of itself as a whole (domain.Marks).
const (
	ownerMark = "installation" // the installation under whose keys its private text is sealed
	nameMark  = "log"          // tells this log from its copies: positions of one mean nothing in another
	copyMark  = "copy"         // the name of the log that is being copied into it; none when the copy is whole
)

// claim makes sure that the log is this installation's, and answers its name. A new log is marked as ours; before that
// nothing is written to it.
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

// whole refuses a log that is half of another one's copy.
func (in *installation) whole(ctx context.Context) error {
	from, err := in.events.Mark(ctx, copyMark)
	if err == nil && from != "" {
		err = fmt.Errorf("%s holds an unfinished copy of another log; run the same clickbook copy again to finish it, "+
			"or choose another --store", in.at.logName())
	}
	return err
}

func (in *installation) foreign() error {
	return fmt.Errorf("%s holds the log of another installation than %s; give the --data directory that has its keys, "+
		"or choose another --store", in.at.logName(), in.at.data)
}

// mayClaim says why a log that is nobody's cannot become ours. Files of the first format are nobody's and may.
func (in *installation) mayClaim(ctx context.Context) error {
	head, err := in.events.Head(ctx)
	if err != nil {
		return err
	}
	used, err := in.keys.InUse()
	_, embedded := in.events.(*sqlite.Store)
	switch {
	case err != nil:
		return err
	case head.IsZero() && used:
		return fmt.Errorf("%s is empty, and %s has the keys of a log that is elsewhere; give the --store that it was "+
			"used with, or bring that log here with clickbook copy, or begin anew with another --data",
			in.at.logName(), in.at.data)
	case !head.IsZero() && !embedded:
		return fmt.Errorf("%s holds events of another program; choose another --store", in.at.logName())
	}
	return nil
}
