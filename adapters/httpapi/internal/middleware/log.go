// Package middleware does what every request needs before its handler runs: it sets limits, writes the request log,
// finds the caller and the account, checks the request, waits for the read models, and makes a repeated write have one
// effect. Handlers read what it found from the context.
package middleware

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/httpapi/internal/problem"
)

// requestTimeout bounds one request.
const requestTimeout = 20 * time.Second

// logEntry is the log line of one request. It holds no personal data, so neither the query nor the body.
type logEntry struct {
	base    context.Context // of the request, without the time limit
	id      string
	route   string
	key     string
	account string
	code    string
	err     error
}

type logEntryKey struct{}

func logEntryOf(ctx context.Context) *logEntry {
	if found, ok := ctx.Value(logEntryKey{}).(*logEntry); ok {
		return found
	}
	return &logEntry{}
}

// Lasting returns the context of a request without its time limit, for a response that lasts until the caller leaves.
func Lasting(ctx context.Context) (context.Context, context.CancelFunc) {
	lasting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	base := logEntryOf(ctx).base
	if base == nil {
		return lasting, cancel
	}
	stop := context.AfterFunc(base, cancel)
	return lasting, func() { stop(); cancel() }
}

// Refuse sends the problem of an error and adds it to the request's log line.
func Refuse(w http.ResponseWriter, r *http.Request, err error) {
	p, entry := problem.From(err), logEntryOf(r.Context())
	if p.Status >= http.StatusInternalServerError {
		entry.err = err
	}
	entry.code = p.Code
	p.Write(w, entry.id)
}

// response counts what is sent.
type response struct {
	http.ResponseWriter
	status int
	bytes  int
}

func (w *response) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) Write(data []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(data)
	w.bytes += n
	return n, err
}

func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Log is the outermost middleware. It gives each request an id and its limits, recovers from panics, and writes one
// line of log. It calls report with the fault of a request.
func Log(log *slog.Logger, now func() time.Time, report func(error), next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := now()
		entry := &logEntry{base: r.Context(), id: uuid.NewString()}
		out := &response{ResponseWriter: w}
		header := w.Header()
		header.Set("X-Request-Id", entry.id)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Cache-Control", "no-store")
		ctx, cancel := context.WithTimeout(context.WithValue(r.Context(), logEntryKey{}, entry), requestTimeout)
		defer cancel()
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(out, r.Body, problem.MaxBody)
		defer func() {
			if cause := recover(); cause != nil {
				if aborted, ok := cause.(error); ok && errors.Is(aborted, http.ErrAbortHandler) {
					panic(cause)
				}
				err := fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
				if out.status == 0 {
					Refuse(out, r, err)
				}
				entry.err = err
			}
			if entry.err != nil {
				report(entry.err)
			}
			logRequest(log, r, entry, out, now().Sub(started))
		}()
		next.ServeHTTP(out, r)
	})
}

func logRequest(log *slog.Logger, r *http.Request, entry *logEntry, out *response, took time.Duration) {
	level := slog.LevelInfo
	attrs := []slog.Attr{
		slog.String("request", entry.id), slog.String("method", r.Method), slog.String("route", entry.route),
		slog.Int("status", out.status), slog.Int("bytes", out.bytes), slog.Duration("took", took),
		slog.String("key", entry.key), slog.String("account", entry.account),
	}
	if entry.code != "" {
		attrs = append(attrs, slog.String("code", entry.code))
	}
	if entry.err != nil {
		level = slog.LevelError
		attrs = append(attrs, slog.Any("error", entry.err))
	}
	log.LogAttrs(r.Context(), level, "request", attrs...)
}
