// Package problem turns errors into problem details (RFC 9457). It shows refusals as they are and hides the cause of
// everything else.
package problem

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"syscall"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
)

// MaxBody is the largest body of a request, in bytes.
const MaxBody = 1 << 20

// Problem is the body of a response to a request that failed. As an error it refuses a request before it becomes a
// command; the domain refuses commands with a domain.Refusal.
type Problem struct {
	Status     int
	Code       string   // stable, for programs
	Detail     string   // one sentence that says what to do
	Field      string   // the value that is wrong; "" if it is not one value
	RetryAfter int      // seconds; 0 means that a retry does not help
	Confirm    []string // for a warning: what the caller sends to go on
	// Alternatives and Hold are what a visitor can do instead.
	Alternatives []api.ManagedStart
	Hold         api.PublicHold
	Anonymous    string // the detail to store for a repeat, if Detail names people
}

// Error returns the detail.
func (p *Problem) Error() string { return p.Detail }

// New returns a problem without a field.
func New(status int, code, format string, args ...any) *Problem {
	return &Problem{Status: status, Code: code, Detail: fmt.Sprintf(format, args...)}
}

// Invalid returns the problem of one wrong value.
func Invalid(field, format string, args ...any) *Problem {
	p := New(http.StatusUnprocessableEntity, "value_invalid", format, args...)
	p.Field = field
	return p
}

// The problems of a request that did not become a command.
var (
	ErrKeyMissing = New(http.StatusUnauthorized, "key_missing",
		"send your API key as Authorization: Bearer cbk_…")
	ErrKeyUnknown = New(http.StatusUnauthorized, "key_unknown",
		"this API key is unknown or revoked; ask the owner of the account for a new one")
	ErrSignedOut = New(http.StatusUnauthorized, "signed_out",
		"you are signed out, or were away for too long; sign in again")
	ErrForeignSite = New(http.StatusForbidden, "foreign_site",
		"another site sent this in your name, so nothing was done; use ClickBook's own page")
	ErrCsrfMissing = New(http.StatusForbidden, "csrf_missing",
		"a page that writes must send the header Clickbook-Csrf, with any value; reload the page")
	ErrNotEncrypted = New(http.StatusForbidden, "not_encrypted",
		"signing in needs an encrypted connection; open this page with https, or on the server itself at http://127.0.0.1")
	ErrRouteUnknown = New(http.StatusNotFound, "unknown",
		"no operation has this address; /docs lists all of them")
	ErrUnknown = New(http.StatusNotFound, "unknown",
		"there is no such thing in this account; check the id")
	ErrMethod = New(http.StatusMethodNotAllowed, "method_not_allowed",
		"this address does not support the method; /docs lists those it supports")
	ErrPathMalformed = New(http.StatusBadRequest, "path_malformed",
		"the address is not percent-encoded UTF-8; check its escapes")
	ErrRevisionStale = New(http.StatusPreconditionFailed, "revision_stale",
		"it has changed since you read it; read it again and repeat your change with the new ETag")
	ErrIfMatchMissing = New(http.StatusPreconditionRequired, "if_match_missing",
		"If-Match is missing; read the thing first and send its ETag")
	ErrIfMatchMalformed = New(http.StatusBadRequest, "if_match_malformed",
		"If-Match must be the ETag that you read, such as \"3\", or up to 10 of them with commas")
	ErrIfNoneMatch = New(http.StatusBadRequest, "if_none_match_malformed",
		"If-None-Match takes ETags, such as \"3\", and only when reading; a write takes If-Match")
	ErrIdempotencyKeyMissing = New(http.StatusBadRequest, "idempotency_key_missing",
		"send an Idempotency-Key, such as a random UUID, and send the same one when you retry")
	ErrIdempotencyKeyReused = New(http.StatusUnprocessableEntity, "idempotency_key_reused",
		"this Idempotency-Key was used for another request; choose a new one for each request")
	ErrBodyTooLarge = New(http.StatusRequestEntityTooLarge, "body_too_large",
		"the body is larger than %d bytes; send less at once", MaxBody)
	ErrBusy = &Problem{
		Status: http.StatusServiceUnavailable, Code: "busy", RetryAfter: 1,
		Detail: "too many requests change the same thing at once; try again in a second",
	}
	ErrViewsBehind = &Problem{
		Status: http.StatusServiceUnavailable, Code: "views_behind", RetryAfter: 1,
		Detail: "the read models have not reached the position you wait for; try again in a second",
	}
	ErrDiskFull = &Problem{
		Status: http.StatusInsufficientStorage, Code: "disk_full", RetryAfter: 60,
		Detail: "the disk of the server is full and nothing was saved; free some space on it, then try again with " +
			"the same Idempotency-Key",
	}
	ErrStoreUnavailable = &Problem{
		Status: http.StatusServiceUnavailable, Code: "store_unavailable", RetryAfter: 5,
		Detail: "the server cannot reach its database; try again in a few seconds with the same Idempotency-Key",
	}
	ErrInternal = New(http.StatusInternalServerError, "internal",
		"the server failed; nothing is half done, so it is safe to try again with the same Idempotency-Key")
)

// From returns what the caller learns of an error. The log has the rest.
func From(err error) *Problem {
	var known *Problem
	if errors.As(err, &known) {
		return known
	}
	if refusal, ok := domain.AsRefusal(err); ok {
		status := http.StatusConflict
		switch refusal.Reason {
		case domain.Disallowed:
		case domain.Unknown:
			status = http.StatusNotFound
		case domain.Invalid:
			status = http.StatusUnprocessableEntity
		}
		p := New(status, refusal.Code, "%s", refusal.Sentence)
		p.Field = refusal.Field
		return p
	}
	switch {
	case errors.Is(err, commands.ErrBusy), errors.Is(err, domain.ErrConflict),
		errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return ErrBusy
	case errors.Is(err, syscall.ENOSPC):
		return ErrDiskFull
	case errors.Is(err, domain.ErrUnavailable):
		return ErrStoreUnavailable
	}
	return ErrInternal
}

// Write sends the problem. The id of the request lets its caller ask about it.
func (p *Problem) Write(w http.ResponseWriter, request string) {
	if keeper, ok := w.(interface{ KeepInstead(body []byte) }); ok && p.Anonymous != "" {
		keeper.KeepInstead(p.body(p.Anonymous, request))
	}
	header := w.Header()
	header.Del("ETag")
	header.Set("Content-Type", "application/problem+json")
	switch {
	case p.RetryAfter > 0:
		header.Set("Retry-After", strconv.Itoa(p.RetryAfter))
	case p.Status == http.StatusUnauthorized:
		header.Set("WWW-Authenticate", `Bearer realm="clickbook"`)
	}
	w.WriteHeader(p.Status)
	_, _ = w.Write(p.body(p.Detail, request))
}

func (p *Problem) body(detail, request string) []byte {
	body, _ := json.Marshal(api.Problem{
		Type: "urn:clickbook:problem:" + p.Code, Title: http.StatusText(p.Status), Status: p.Status,
		Code: p.Code, Detail: detail, Field: p.Field, Request: request, Confirm: p.Confirm,
		Alternatives: p.Alternatives, Hold: p.Hold,
	})
	return append(body, '\n')
}
