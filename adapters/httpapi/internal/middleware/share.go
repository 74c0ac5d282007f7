package middleware

import (
	"context"
	"net/http"
	"strings"
	"sync"

	"github.com/gorilla/mux"

	"github.com/clickbook/clickbook/adapters/httpapi/internal/problem"
	"github.com/clickbook/clickbook/adapters/internal/addresslimit"
)

// How many requests of one account run at the same time. Others of the account wait for them, so that an account with
// many or slow requests leaves room for the others. A read can keep a core busy for some tenths of a second; a write
// mostly waits for the disk, and many of them share one sync.
const (
	maxReads   = 4
	maxWrites  = 64
	maxWaiting = 4_000 // requests of one account that wait
)

var errBusyAccount = &problem.Problem{
	Status: http.StatusTooManyRequests, Code: "too_many_requests", RetryAfter: 1,
	Detail: "this account has too many requests in progress; wait for some of their replies, then repeat this one",
}

// Shares bounds the requests of each account that run at the same time. Requests without an account, such as those of
// an admin to the installation, are bounded by key.
type Shares struct {
	mu     sync.Mutex
	shares map[string]*share
}

// share is the running and waiting requests of one account. It is removed when there are none.
type share struct {
	reads, writes chan struct{}
	users         int
}

// NewShares returns Shares that nobody uses.
func NewShares() *Shares { return &Shares{shares: make(map[string]*share)} }

// Bound lets a request run when its account has room for it. A response that lasts would take the room of others, and
// has limits of its own.
func (s *Shares) Bound(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		operation := operationOf(r.Context())
		if operation.Lasts || operation.Public() && mux.Vars(r)["page"] == "" {
			next.ServeHTTP(w, r)
			return
		}
		leave, err := s.enter(r.Context(), ownerOf(r), isRead(r))
		if err != nil {
			Refuse(w, r, err)
			return
		}
		defer leave()
		next.ServeHTTP(w, r)
	})
}

func isRead(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

// ownerOf returns the account in the path of a request, or its booking page, or the key if there is none.
func ownerOf(r *http.Request) string {
	if page := mux.Vars(r)["page"]; page != "" {
		return "page " + page
	}
	if account := accountID(r); !account.IsZero() {
		return account.String()
	}
	return CallerOf(r.Context()).Name()
}

// enter waits for room, and fails when ctx ends before.
func (s *Shares) enter(ctx context.Context, owner string, read bool) (leave func(), err error) {
	s.mu.Lock()
	one, ok := s.shares[owner]
	if !ok {
		one = &share{reads: make(chan struct{}, maxReads), writes: make(chan struct{}, maxWrites)}
		s.shares[owner] = one
	}
	if one.users >= maxWaiting {
		s.mu.Unlock()
		return nil, errBusyAccount
	}
	one.users++
	s.mu.Unlock()
	room := one.writes
	if read {
		room = one.reads
	}
	done := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if one.users--; one.users == 0 {
			delete(s.shares, owner)
		}
	}
	select {
	case room <- struct{}{}:
		return func() { <-room; done() }, nil
	case <-ctx.Done():
		done()
		return nil, errBusyAccount
	}
}

var errBusyAddress = &problem.Problem{
	Status: http.StatusTooManyRequests, Code: "too_many_requests", RetryAfter: 60,
	Detail: "this address sends too many requests without a key; wait a minute, then repeat this one",
}

type networkKey struct{}

// Network returns the network address of a caller who needs no key, "" for any other.
func Network(ctx context.Context) string {
	found, _ := ctx.Value(networkKey{}).(string)
	return found
}

// BoundAddresses bounds the requests of an address to operations that need no key: those with a token or a booking page
// in their path, and those that sign in.
func BoundAddresses(limit *addresslimit.Limit) mux.MiddlewareFunc {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			vars := mux.Vars(r)
			signsIn := strings.HasPrefix(operationOf(r.Context()).Path(), signInPath)
			if vars["token"] == "" && vars["page"] == "" && !signsIn {
				next.ServeHTTP(w, r)
				return
			}
			if !limit.Allow(r) {
				Refuse(w, r, errBusyAddress)
				return
			}
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), networkKey{}, addresslimit.Of(r))))
		})
	}
}
