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

// errorKind is what an error of the client means for the caller.
type errorKind int

const (
	permanent     errorKind = iota // a retry would fail too
	transient                      // a retry may succeed; whether something was written is unknown
	clientBroken                   // like transient, but a retry needs a new client
	noStream                       // the stream does not exist
	wrongRevision                  // the stream is at another revision
)

var (
	errStuck    = errors.New("the client did not return from a call in time")
	errReplaced = errors.New("the client was replaced during the call")
)

// panicError is a panic inside the client. It fails one call, not the program.
type panicError struct{ value any }

func (p *panicError) Error() string {
	return fmt.Sprintf("the node's reply made the client panic (%v): report it with the version of the node", p.value)
}

// classify returns the kind of an error. The client wraps some of its errors, and esdb.FromError does not unwrap, so
// classify uses errors.As. If the client has no code for an error, the gRPC status decides.
func classify(err error) errorKind {
	var known *esdb.Error
	var panicked *panicError
	switch {
	case errors.Is(err, errStuck) || errors.Is(err, errReplaced) || errors.As(err, &panicked):
		return clientBroken
	case !errors.As(err, &known):
		return classifyStatus(err)
	}
	switch known.Code() {
	case esdb.ErrorCodeWrongExpectedVersion:
		return wrongRevision
	case esdb.ErrorUnavailable, esdb.ErrorCodeConnectionClosed:
		return clientBroken
	case esdb.ErrorCodeNotLeader, esdb.ErrorAborted, esdb.ErrorCodeDeadlineExceeded:
		return transient
	case esdb.ErrorCodeResourceNotFound:
		if _, remote := status.FromError(known.Err()); remote && known.Err() != nil {
			return transient // a follower that does not know the leader; a missing stream arrives as a message
		}
		return noStream
	case esdb.ErrorCodeUnknown:
		return classifyStatus(known.Err())
	}
	return permanent
}

// classifyStatus returns the kind of an error that the client passes on unchanged, such as the end of a subscription.
func classifyStatus(err error) errorKind {
	switch status.Code(err) {
	case codes.Unavailable, codes.Canceled, codes.Internal: // the client cancels calls when it changes its connection
		return clientBroken
	case codes.Aborted, codes.DeadlineExceeded, codes.NotFound:
		return transient
	}
	// If the server replies before the client has sent everything, the client reports EOF and loses the reason.
	if errors.Is(err, io.EOF) || err != nil && strings.Contains(err.Error(), "No leader info available") {
		return transient
	}
	return permanent
}

// retryable reports whether a retry can help. After a panic it cannot: the node would send the same reply again.
func retryable(err error) bool {
	var panicked *panicError
	kind := classify(err)
	return (kind == transient || kind == clientBroken) && !errors.As(err, &panicked)
}

func tooLarge(err error) error {
	return fmt.Errorf("the append is too large for the node: raise its MaxAppendSize, see docs/kurrentdb.md (%w)", err)
}

// explain turns an error that ends the retries into a sentence for the operator.
func explain(err error) error {
	var known *esdb.Error
	if errors.As(err, &known) {
		switch known.Code() {
		case esdb.ErrorCodeUnauthenticated:
			return errors.New("the node does not accept the user or the password of the store's URL: correct them")
		case esdb.ErrorCodeAccessDenied:
			return errors.New("the node does not allow this to the user of the store's URL: " +
				"give a user who may read $all and write streams")
		case esdb.ErrorCodeStreamDeleted:
			return fmt.Errorf("the stream was deleted on the node, which ClickBook never does: restore the node (%w)", err)
		case esdb.ErrorCodeNotLeader:
			return fmt.Errorf("%w: the node is not the leader, and the leader it names does not respond", domain.ErrUnavailable)
		}
	}
	text := fmt.Sprint(err)
	switch {
	case strings.Contains(text, "Maximum Append Size"), status.Code(err) == codes.ResourceExhausted:
		return tooLarge(err)
	case retryable(err):
		return fmt.Errorf("%w: %w", domain.ErrUnavailable, err)
	}
	return err
}

// contextErr returns why a context ended, nil if it has not: domain.ErrStoreClosed after Close, else ctx.Err.
func contextErr(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	if cause := context.Cause(ctx); errors.Is(cause, domain.ErrStoreClosed) {
		return cause
	}
	return ctx.Err()
}
