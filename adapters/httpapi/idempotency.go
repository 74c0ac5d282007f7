package httpapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"io"
	"net/http"
	"sync"

	"github.com/google/uuid"
	"github.com/gorilla/mux"

	"github.com/clickbook/clickbook/domain"
)

// Reply is an answer as it is kept for a repeat.
type Reply struct {
	BodyHash []byte // SHA-256 of what was asked
	Status   int
	Response []byte          // headers and body; it holds no personal data and no secret
	Position domain.Position // after which the effect can be read
}

// Replies keep the answers to writes, by tenant (zero for the installation) and Idempotency-Key. Losing one costs
// the asker the comparison of bodies only: ids derive from the key, so no effect ever happens twice.
type Replies interface {
	FindReply(ctx context.Context, tenant domain.AccountID, key string) (reply Reply, ok bool, err error)
	KeepReply(ctx context.Context, tenant domain.AccountID, key string, reply Reply) error
}

// keptAnswer is the form of Reply.Response.
type keptAnswer struct {
	Header map[string]string `json:"header"`
	Body   string            `json:"body"`
}

// keptHeaders are repeated with a kept answer.
var keptHeaders = []string{"Content-Type", "ETag", PositionHeader}

// flights let one request at a time pass for each key: a duplicate waits for the first and hears its answer.
type flights struct {
	mu  sync.Mutex
	now map[string]chan struct{}
}

func newFlights() *flights { return &flights{now: make(map[string]chan struct{})} }

// board waits until no request with this key is under way and answers how to leave again.
func (f *flights) board(ctx context.Context, key string) (leave func(), err error) {
	for {
		f.mu.Lock()
		landed, taken := f.now[key]
		if !taken {
			done := make(chan struct{})
			f.now[key] = done
			f.mu.Unlock()
			return func() {
				f.mu.Lock()
				delete(f.now, key)
				f.mu.Unlock()
				close(done)
			}, nil
		}
		f.mu.Unlock()
		select {
		case <-landed:
		case <-ctx.Done():
			return nil, errBusy
		}
	}
}

// once makes a POST have its effect once for each Idempotency-Key and gives every write its origin. The flights are
// given to it because the router makes its middleware anew for each request.
func once(replies Replies, flights *flights, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet:
			next.ServeHTTP(w, r)
			return
		case http.MethodPost:
		default:
			serveWrite(w, r, uuid.New(), next)
			return
		}
		tenant, key := tenantOf(r), r.Header.Get("Idempotency-Key")
		leave, err := flights.board(r.Context(), tenant.String()+"/"+key)
		if err != nil {
			writeProblem(w, r, err)
			return
		}
		defer leave()
		asked, err := digest(r)
		if err != nil {
			writeProblem(w, r, err)
			return
		}
		kept, ok, err := replies.FindReply(r.Context(), tenant, key)
		switch {
		case err != nil:
			writeProblem(w, r, err)
		case ok && !bytes.Equal(kept.BodyHash, asked):
			writeProblem(w, r, errOtherBody)
		case ok:
			repeat(w, r, kept)
		default:
			answer := &recording{header: w.Header(), status: http.StatusOK}
			serveWrite(answer, r, domain.DeriveUUID("request", tenant, key), next)
			keep(r, replies, key, asked, answer)
			w.WriteHeader(answer.status)
			_, _ = w.Write(answer.body.Bytes())
		}
	})
}

// keep remembers an answer that must not change: done, or refused because of the state of things. Refused values are
// not kept: they may be personal, and are refused again anyway. If keeping fails the effect stands all the same.
func keep(r *http.Request, replies Replies, key string, asked []byte, answer *recording) {
	if answer.status >= 300 && answer.status != http.StatusConflict {
		return
	}
	kept := keptAnswer{Header: make(map[string]string), Body: answer.body.String()}
	for _, name := range keptHeaders {
		if value := answer.header.Get(name); value != "" {
			kept.Header[name] = value
		}
	}
	if secret := operationOf(r.Context()).secret; secret != "" {
		kept.Body = without(secret, answer.body.Bytes())
	}
	reply := Reply{BodyHash: asked, Status: answer.status}
	reply.Response, _ = json.Marshal(kept)
	reply.Position, _ = domain.ParsePosition(answer.header.Get(PositionHeader)) // a refusal has none
	if err := replies.KeepReply(context.WithoutCancel(r.Context()), tenantOf(r), key, reply); err != nil {
		traceOf(r.Context()).err = err
	}
}

func repeat(w http.ResponseWriter, r *http.Request, reply Reply) {
	var kept keptAnswer
	if err := json.Unmarshal(reply.Response, &kept); err != nil {
		writeProblem(w, r, err)
		return
	}
	for name, value := range kept.Header {
		w.Header().Set(name, value)
	}
	w.Header().Set("Idempotency-Replayed", "true")
	w.WriteHeader(reply.Status)
	_, _ = w.Write([]byte(kept.Body))
}

// without leaves a member out of a JSON object.
func without(member string, body []byte) string {
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) != nil {
		return ""
	}
	delete(object, member)
	rest, _ := json.Marshal(object)
	return string(rest) + "\n"
}

// digest is what makes two requests the same: where to, under which condition, and the body.
func digest(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, errTooLarge
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	parts, _ := json.Marshal([]any{r.Method, r.URL.Path, r.Header.Get("If-Match"), body})
	sum := sha256.Sum256(parts)
	return sum[:], nil
}

// tenantOf is the account that the address names, or zero for the installation.
func tenantOf(r *http.Request) domain.AccountID {
	account, _ := domain.ParseID[domain.AccountID](mux.Vars(r)["account"])
	return account
}

// serveWrite calls the handler of a write with the origin of the request, whose identity is id.
func serveWrite(w http.ResponseWriter, r *http.Request, id uuid.UUID, next http.Handler) {
	originated, err := originate(r, id)
	if err != nil {
		writeProblem(w, r, err)
		return
	}
	next.ServeHTTP(w, originated)
}

// recording holds an answer back until it is kept.
type recording struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *recording) Header() http.Header            { return a.header }
func (a *recording) WriteHeader(status int)         { a.status = status }
func (a *recording) Write(data []byte) (int, error) { return a.body.Write(data) }
