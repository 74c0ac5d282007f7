package installation

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// openExisting opens a data directory that must be there already.
func OpenExisting(ctx context.Context, at Home) (*Installation, error) {
	if !at.Exists() {
		return nil, ErrNoData(at)
	}
	return Open(ctx, at, Options{Now: time.Now})
}

func ErrNoData(at Home) error {
	return fmt.Errorf("%s holds no data of ClickBook; check --data", at.Data)
}

// closing closes an installation whose work ended with err, and tells both.
func Closing(err error, in *Installation) error { return errors.Join(err, in.Close()) }
