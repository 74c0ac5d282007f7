package kurrentdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/clickbook/clickbook/domain"
)

// verdict is what an error of the client means for who asked.
type verdict int

const (
	final   verdict = iota // it would fail again
	passing                // it may pass by itself; whether something was written is not known
	broken                 // the same, and the client is of no more use
	missing                // there is no such stream
	wrong                  // the stream is at another revision
)

var (
	errStuck    = errors.New("the client did not come back from a call in time")
	errReplaced = errors.New("the client was replaced during the call")
)

// panicked is what a panic inside the client becomes: a fault of this call, not the end of the program.
type panicked struct{ value any }

func (p *panicked) Error() string {
	return fmt.Sprintf("the node's answer made the client panic (%v): report it with the version of the node", p.value)
}

// judge says what an error means. The client wraps its errors on some ways and not on others, and its own FromError
// does not look inside, so errors.As is asked; what it had no word for is judged by the gRPC status within.
func judge(err error) verdict {
	var known *esdb.Error
	var panicked *panicked
	switch {
	case errors.Is(err, errStuck) || errors.Is(err, errReplaced) || errors.As(err, &panicked):
		return broken
	case !errors.As(err, &known):
		return judgeStatus(err)
	}
	switch known.Code() {
	case esdb.ErrorCodeWrongExpectedVersion:
		return wrong
	case esdb.ErrorUnavailable, esdb.ErrorCodeConnectionClosed:
		return broken
	case esdb.ErrorCodeNotLeader, esdb.ErrorAborted, esdb.ErrorCodeDeadlineExceeded:
		return passing
	case esdb.ErrorCodeResourceNotFound:
		if _, remote := status.FromError(known.Err()); remote && known.Err() != nil {
			return passing // the node does not lead and does not say who does; an absent stream is told in an answer
		}
		return missing
	case esdb.ErrorCodeUnknown:
		return judgeStatus(known.Err())
	}
	return final
}

// judgeStatus is for what the client passes on as it came: a subscription that ended, and what its codes lack.
func judgeStatus(err error) verdict {
	switch status.Code(err) {
	case codes.Unavailable, codes.Canceled, codes.Internal: // cancelled by the client's own change of connection
		return broken
	case codes.Aborted, codes.DeadlineExceeded, codes.NotFound:
		return passing
	}
	// A server that answers before everything was sent is met as an end of file: its reason is lost.
	if errors.Is(err, io.EOF) || err != nil && strings.Contains(err.Error(), "No leader info available") {
		return passing
	}
	return final
}

// mayPass says whether asking again can help. A panic needs another client, but would come back with the same answer.
func mayPass(err error) bool {
	var lasting *panicked
	v := judge(err)
	return (v == passing || v == broken) && !errors.As(err, &lasting)
}

func tooLarge(err error) error {
	return fmt.Errorf("the node takes no appends of that size: raise its MaxAppendSize, see docs/kurrentdb.md (%w)", err)
}

// explain makes one sentence of an error that asking again does not help against.
func explain(err error) error {
	var known *esdb.Error
	if errors.As(err, &known) {
		switch known.Code() {
		case esdb.ErrorCodeUnauthenticated:
			return errors.New("the node does not accept the user or the password of the store's URL")
		case esdb.ErrorCodeAccessDenied:
			return errors.New("the node does not allow this to the user of the store's URL: " +
				"give a user who may read $all and write streams")
		case esdb.ErrorCodeStreamDeleted:
			return fmt.Errorf("the stream was deleted on the node, which ClickBook never does: restore the node (%w)", err)
		case esdb.ErrorCodeNotLeader:
			return fmt.Errorf("%w: the node is not the leader, and the leader it names does not answer", domain.ErrUnavailable)
		}
	}
	text := fmt.Sprint(err)
	switch {
	case strings.Contains(text, "Maximum Append Size"), status.Code(err) == codes.ResourceExhausted:
		return tooLarge(err)
	case mayPass(err):
		return fmt.Errorf("%w: %w", domain.ErrUnavailable, err)
	}
	return err
}

// ended is the reason why a context ended: the store's Close, or what its maker said.
func ended(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	if cause := context.Cause(ctx); errors.Is(cause, domain.ErrStoreClosed) {
		return cause
	}
	return ctx.Err()
}
