package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/google/uuid"
)

// Limits of one request. A caller who needs more sends less at once.
const (
	maxBody        = 1 << 20
	maxHeader      = 64 << 10
	headerTimeout  = 5 * time.Second
	readTimeout    = 15 * time.Second
	requestTimeout = 20 * time.Second
	writeTimeout   = 30 * time.Second
	idleTimeout    = 60 * time.Second
)

// trace is what the log line of one request says. It holds no personal data: not the path's query, not the body.
type trace struct {
	id      string
	route   string
	key     string
	account string
	code    string
	err     error
}

type traceKey struct{}

func traceOf(ctx context.Context) *trace {
	if found, ok := ctx.Value(traceKey{}).(*trace); ok {
		return found
	}
	return &trace{}
}

// written remembers what was answered.
type written struct {
	http.ResponseWriter
	status int
	bytes  int
}

func (w *written) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *written) Write(data []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(data)
	w.bytes += n
	return n, err
}

func (w *written) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// edge is around everything: it names the request, bounds it, survives a panic, and writes one line of log.
func edge(log *slog.Logger, now func() time.Time, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := now()
		trace := &trace{id: uuid.NewString()}
		out := &written{ResponseWriter: w}
		header := w.Header()
		header.Set("X-Request-Id", trace.id)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Cache-Control", "no-store")
		ctx, cancel := context.WithTimeout(context.WithValue(r.Context(), traceKey{}, trace), requestTimeout)
		defer cancel()
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(out, r.Body, maxBody)
		defer func() {
			if broken := recover(); broken != nil {
				if aborted, ok := broken.(error); ok && errors.Is(aborted, http.ErrAbortHandler) {
					panic(broken)
				}
				err := fmt.Errorf("panic: %v\n%s", broken, debug.Stack())
				if out.status == 0 {
					writeProblem(out, r, err)
				}
				trace.err = err
			}
			logRequest(log, r, trace, out, now().Sub(started))
		}()
		next.ServeHTTP(out, r)
	})
}

func logRequest(log *slog.Logger, r *http.Request, trace *trace, out *written, took time.Duration) {
	level := slog.LevelInfo
	attrs := []slog.Attr{
		slog.String("request", trace.id), slog.String("method", r.Method), slog.String("route", trace.route),
		slog.Int("status", out.status), slog.Int("bytes", out.bytes), slog.Duration("took", took),
		slog.String("key", trace.key), slog.String("account", trace.account),
	}
	if trace.code != "" {
		attrs = append(attrs, slog.String("code", trace.code))
	}
	if trace.err != nil {
		level = slog.LevelError
		attrs = append(attrs, slog.Any("error", trace.err))
	}
	log.LogAttrs(r.Context(), level, "request", attrs...)
}
