package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"syscall"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
)

// fault is a no of the edge itself: the request never became a command. Refusals of the domain come as they are.
type fault struct {
	status     int
	code       string
	sentence   string
	field      string
	retryAfter int // seconds; 0 means that asking again will not help
}

func (f *fault) Error() string { return f.sentence }

func deny(status int, code, format string, args ...any) *fault {
	return &fault{status: status, code: code, sentence: fmt.Sprintf(format, args...)}
}

var (
	errNoKey = deny(http.StatusUnauthorized, "key_missing",
		"send your API key as Authorization: Bearer cbk_…")
	errBadKey = deny(http.StatusUnauthorized, "key_unknown",
		"this API key is not known or was revoked; ask the owner of the account for a new one")
	errNoRoute = deny(http.StatusNotFound, "unknown",
		"there is nothing at this address; see /docs for what there is")
	errNotThere = deny(http.StatusNotFound, "unknown",
		"there is no such thing in this account; check the id")
	errMethod = deny(http.StatusMethodNotAllowed, "method_not_allowed",
		"this address does not answer that method; see /docs")
	errStale = deny(http.StatusPreconditionFailed, "revision_stale",
		"it was changed since you read it; read it again and repeat your change with the new ETag")
	errNoRevision = deny(http.StatusPreconditionRequired, "if_match_missing",
		"read the thing first and send its ETag in If-Match")
	errBadRevision = deny(http.StatusBadRequest, "if_match_malformed",
		"If-Match must be the ETag of the thing as you read it, such as \"3\"")
	errNoIdempotencyKey = deny(http.StatusBadRequest, "idempotency_key_missing",
		"send an Idempotency-Key of your choice, such as a random UUID, and the same one when you retry")
	errOtherBody = deny(http.StatusUnprocessableEntity, "idempotency_key_reused",
		"this Idempotency-Key was used for another request; choose a new one for a new wish")
	errTooLarge = deny(http.StatusRequestEntityTooLarge, "body_too_large",
		"the body is larger than %d bytes; send less at once", maxBody)
	errBusy = &fault{
		status: http.StatusServiceUnavailable, code: "busy", retryAfter: 1,
		sentence: "too much is happening to the same thing at once; try again in a second",
	}
	errViewsBehind = &fault{
		status: http.StatusServiceUnavailable, code: "views_behind", retryAfter: 1,
		sentence: "the views have not seen the position you wait for yet; try again in a second",
	}
	errFull = &fault{
		status: http.StatusInsufficientStorage, code: "disk_full", retryAfter: 60,
		sentence: "the disk of the server is full, so nothing was saved; free some space on it, then try again with " +
			"the same Idempotency-Key",
	}
	errUnavailable = &fault{
		status: http.StatusServiceUnavailable, code: "store_unavailable", retryAfter: 5,
		sentence: "the database of the server cannot be reached at present; try again in a few seconds with the same " +
			"Idempotency-Key",
	}
	errInternal = deny(http.StatusInternalServerError, "internal",
		"something broke on our side; nothing is half done, so it is safe to try again with the same Idempotency-Key")
)

// faultOf sorts any error into what the asker may know. Only the log hears the rest.
func faultOf(err error) *fault {
	var known *fault
	if errors.As(err, &known) {
		return known
	}
	if refusal, ok := domain.AsRefusal(err); ok {
		status := http.StatusConflict
		switch refusal.Reason {
		case domain.Unknown:
			status = http.StatusNotFound
		case domain.Invalid:
			status = http.StatusUnprocessableEntity
		}
		return deny(status, refusal.Code, "%s", refusal.Sentence)
	}
	switch {
	case errors.Is(err, commands.ErrBusy), errors.Is(err, domain.ErrConflict),
		errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return errBusy
	case errors.Is(err, syscall.ENOSPC):
		return errFull
	case errors.Is(err, domain.ErrUnavailable):
		return errUnavailable
	}
	return errInternal
}

// writeProblem answers an error as problem details (RFC 9457). A fault of ours is noted for the request's log line.
func writeProblem(w http.ResponseWriter, r *http.Request, err error) {
	f := faultOf(err)
	trace := traceOf(r.Context())
	if f.status >= http.StatusInternalServerError {
		trace.err = err
	}
	trace.code = f.code
	body, _ := json.Marshal(Problem{
		Type: "urn:clickbook:problem:" + f.code, Title: http.StatusText(f.status), Status: f.status,
		Code: f.code, Detail: f.sentence, Field: f.field, Request: trace.id,
	})
	header := w.Header()
	header.Del("ETag")
	header.Set("Content-Type", "application/problem+json")
	switch {
	case f.retryAfter > 0:
		header.Set("Retry-After", fmt.Sprint(f.retryAfter))
	case f.status == http.StatusUnauthorized:
		header.Set("WWW-Authenticate", `Bearer realm="clickbook"`)
	}
	w.WriteHeader(f.status)
	_, _ = w.Write(append(body, '\n'))
}
