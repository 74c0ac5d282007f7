package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// openExisting opens a data directory that must be there already.
func openExisting(ctx context.Context, at home) (*installation, error) {
	if !at.exists() {
		return nil, errNoData(at)
	}
	return open(ctx, at, installOptions{now: time.Now})
}

func errNoData(at home) error {
	return fmt.Errorf("%s holds no data of ClickBook; check --data", at.data)
}

// closing closes an installation whose work ended with err, and tells both.
func closing(err error, in *installation) error { return errors.Join(err, in.Close()) }
