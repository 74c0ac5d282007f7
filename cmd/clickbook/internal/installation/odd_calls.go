package installation

import (
	"context"
	"errors"
	"time"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/projections/directory"
)

const (
	callsInterval = time.Minute
	// Calls are odd from so many on, and if more than one in a hundred is.
	minOddCalls   = 10
	oneOddOfCalls = 100
)

// The reasons why GET /health shows trouble with the calls of a provider.
var (
	errUnknownTexts = errors.New("receipts of unknown texts")
	errForgedCalls  = errors.New("forged calls")
)

// oddCalls returns what is odd about the calls of a provider, nil if nothing is.
func oddCalls(counts sms.Counts) error {
	odd := func(count int64) bool {
		return count >= minOddCalls && count*oneOddOfCalls > counts.Receipts+counts.Forged
	}
	switch {
	case odd(counts.Unknown):
		return errUnknownTexts
	case odd(counts.Forged):
		return errForgedCalls
	}
	return nil
}

// watchCalls shows in GET /health when the calls of a provider are odd: somebody forges them, or the provider writes
// ids in another way than we read them, so that its receipts are lost.
func (in *Installation) watchCalls(ctx context.Context) error {
	registered, err := directory.Providers{DB: in.Views}.All(ctx)
	for _, one := range registered {
		component := "calls of " + one.Name
		if odd := oddCalls(in.carriers.Counts(one.Name)); odd != nil {
			in.troubles.set(component, odd)
		} else {
			in.troubles.clear(component)
		}
	}
	return err
}
