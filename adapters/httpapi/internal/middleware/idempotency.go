package middleware

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/httpapi/internal/openapi"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/problem"
	"github.com/clickbook/clickbook/domain"
)

// Reply is a stored response to a write, for repeats of the request.
type Reply struct {
	BodyHash []byte // SHA-256 of the request
	Status   int
	Response []byte          // headers and body, without personal data and secrets
	Position domain.Position // from which the effect can be read; zero if there is none
}

// Replies stores the responses to writes, by account (zero for the installation) and Idempotency-Key. Without a reply
// a repeat is no longer compared with the first request, but it still has one effect, because ids derive from the key.
type Replies interface {
	FindReply(ctx context.Context, account domain.AccountID, key string) (reply Reply, ok bool, err error)
	KeepReply(ctx context.Context, account domain.AccountID, key string, reply Reply) error
}

// storedResponse is the form of Reply.Response.
type storedResponse struct {
	Header map[string]string `json:"header"`
	Body   string            `json:"body"`
}

// storedHeaders are the headers that a repeat returns again.
var storedHeaders = []string{"Content-Type", "ETag", openapi.PositionHeader}

// KeyLocks lets one request at a time through for each key: a duplicate waits for the first and returns its reply.
type KeyLocks struct {
	mu   sync.Mutex
	held map[string]chan struct{} // closed on release
}

// NewKeyLocks returns locks that nobody holds.
func NewKeyLocks() *KeyLocks { return &KeyLocks{held: make(map[string]chan struct{})} }

// acquire waits until no other request holds the key, or fails when ctx ends.
func (l *KeyLocks) acquire(ctx context.Context, key string) (release func(), err error) {
	for {
		l.mu.Lock()
		released, taken := l.held[key]
		if !taken {
			released = make(chan struct{})
			l.held[key] = released
			l.mu.Unlock()
			return func() {
				l.mu.Lock()
				delete(l.held, key)
				l.mu.Unlock()
				close(released)
			}, nil
		}
		l.mu.Unlock()
		select {
		case <-released:
		case <-ctx.Done():
			return nil, problem.ErrBusy
		}
	}
}

// Names keeps the names of people out of stored responses, which outlive the erasure of a client. Omit removes them
// from a body, and Fill adds them as they are now.
type Names interface {
	Omit(body []byte) []byte
	Fill(ctx context.Context, body []byte) []byte
}

// Idempotent makes a POST have one effect for each Idempotency-Key, and gives every write its origin. The router builds
// its middleware for each request, so the locks are passed in.
func Idempotent(replies Replies, names Names, locks *KeyLocks, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet:
			next.ServeHTTP(w, r)
		case http.MethodPost:
			if operationOf(r.Context()).Public() { // its reply is not kept, because anybody could fill the place
				serveWrite(w, r, domain.DeriveUUID("public request", r.URL.Path, r.Header.Get("Idempotency-Key")), next)
				return
			}
			post(w, r, replies, names, locks, next)
		default:
			serveWrite(w, r, uuid.New(), next)
		}
	})
}

// post serves a POST, or repeats the reply to an earlier one with the same key.
func post(
	w http.ResponseWriter, r *http.Request, replies Replies, names Names, locks *KeyLocks, next http.Handler,
) {
	account, key := accountID(r), r.Header.Get("Idempotency-Key")
	release, err := locks.acquire(r.Context(), account.String()+"/"+key)
	if err != nil {
		Refuse(w, r, err)
		return
	}
	defer release()
	hash, err := hashRequest(r)
	if err != nil {
		Refuse(w, r, err)
		return
	}
	reply, ok, err := replies.FindReply(r.Context(), account, key)
	switch {
	case err != nil:
		Refuse(w, r, err)
	case ok && !bytes.Equal(reply.BodyHash, hash):
		Refuse(w, r, problem.ErrIdempotencyKeyReused)
	case ok:
		repeat(w, r, reply, names)
	default:
		out := &buffer{header: w.Header(), status: http.StatusOK}
		serveWrite(out, r, domain.DeriveUUID("request", account, key), next)
		store(r, replies, names, key, hash, out)
		w.WriteHeader(out.status)
		_, _ = w.Write(out.body.Bytes())
	}
}

// store keeps a response that must not change: a success, or a refusal because of the present state. It does not keep
// refused values: they may be personal, and a repeat is refused again anyway. If storing fails the effect remains.
func store(r *http.Request, replies Replies, names Names, key string, hash []byte, out *buffer) {
	if out.status >= 300 && out.status != http.StatusConflict {
		return
	}
	stored := storedResponse{Header: make(map[string]string), Body: out.body.String()}
	for _, name := range storedHeaders {
		if value := out.header.Get(name); value != "" {
			stored.Header[name] = value
		}
	}
	switch {
	case out.anonymous != nil:
		stored.Body = string(out.anonymous)
	case out.status < 300 && operationOf(r.Context()).Names:
		stored.Body = string(names.Omit(out.body.Bytes()))
	}
	if secret := operationOf(r.Context()).Secret; secret != "" {
		stored.Body = without(secret, out.body.Bytes())
	}
	reply := Reply{BodyHash: hash, Status: out.status}
	reply.Response, _ = json.Marshal(stored)
	reply.Position, _ = domain.ParsePosition(out.header.Get(openapi.PositionHeader)) // a refusal has none
	if err := replies.KeepReply(context.WithoutCancel(r.Context()), accountID(r), key, reply); err != nil {
		logEntryOf(r.Context()).err = err
	}
}

func repeat(w http.ResponseWriter, r *http.Request, reply Reply, names Names) {
	var stored storedResponse
	if err := json.Unmarshal(reply.Response, &stored); err != nil {
		Refuse(w, r, err)
		return
	}
	for name, value := range stored.Header {
		w.Header().Set(name, value)
	}
	w.Header().Set("Idempotency-Replayed", "true")
	w.WriteHeader(reply.Status)
	body := []byte(stored.Body)
	if reply.Status < 300 && operationOf(r.Context()).Names {
		body = names.Fill(r.Context(), body)
	}
	_, _ = w.Write(body)
}

// without removes a member from a JSON object.
func without(member string, body []byte) string {
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) != nil {
		return ""
	}
	delete(object, member)
	rest, _ := json.Marshal(object)
	return string(rest) + "\n"
}

// hashRequest returns the hash of what makes two requests the same: method, path, If-Match and body.
func hashRequest(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, problem.ErrBodyTooLarge
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	parts, _ := json.Marshal([]any{r.Method, r.URL.Path, strings.Join(r.Header.Values("If-Match"), ","), body})
	sum := sha256.Sum256(parts)
	return sum[:], nil
}

// serveWrite calls the handler of a write with the origin of the request, whose identity is id. When If-Match names
// several revisions it tries one after the other. At most one is the present one, and the others change nothing.
func serveWrite(w http.ResponseWriter, r *http.Request, id uuid.UUID, next http.Handler) {
	expected, err := expectedRevisions(r)
	if err != nil {
		Refuse(w, r, err)
		return
	}
	if len(expected) < 2 {
		next.ServeHTTP(w, withOrigin(r, id, first(expected)))
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		Refuse(w, r, problem.ErrBodyTooLarge)
		return
	}
	entry := logEntryOf(r.Context())
	for i := range expected {
		entry.code = "" // of the attempt before
		r.Body = io.NopCloser(bytes.NewReader(body))
		out := &buffer{header: make(http.Header), status: http.StatusOK}
		next.ServeHTTP(out, withOrigin(r, id, &expected[i]))
		if out.status != http.StatusPreconditionFailed || i == len(expected)-1 {
			maps.Copy(w.Header(), out.header)
			w.WriteHeader(out.status)
			_, _ = w.Write(out.body.Bytes())
			return
		}
	}
}

func first(expected []domain.Revision) *domain.Revision {
	if len(expected) == 0 {
		return nil
	}
	return &expected[0]
}

// buffer holds a response back until it is stored.
type buffer struct {
	header http.Header
	status int
	body   bytes.Buffer

	anonymous []byte // the body to store if the one to send names people
}

// KeepInstead sets the body to store instead of the one to send.
func (b *buffer) KeepInstead(body []byte) { b.anonymous = body }

func (b *buffer) Header() http.Header            { return b.header }
func (b *buffer) WriteHeader(status int)         { b.status = status }
func (b *buffer) Write(data []byte) (int, error) { return b.body.Write(data) }
