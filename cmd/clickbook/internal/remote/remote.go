// Package remote lets commands work beside a running server, through its API. It knows no operation of the API by
// name.
package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
	"github.com/clickbook/clickbook/domain"
)

// maxReply bounds a JSON reply, in bytes.
const maxReply = 8 << 20

// Server is the API of a running server. The zero Server means that a command opens the data directory itself.
type Server struct {
	URL string
	key string
}

// Flags adds --server to a command. The key comes from CLICKBOOK_KEY only: other users of a machine can read the
// arguments of a process.
func (s *Server) Flags(cmd *cobra.Command, getenv func(string) string) {
	s.key = getenv("CLICKBOOK_KEY")
	cmd.Flags().StringVar(&s.URL, "server", getenv("CLICKBOOK_SERVER"),
		"work through the running server at this `URL`, with the key in CLICKBOOK_KEY (or CLICKBOOK_SERVER)")
}

// At returns the server at a URL, with a key.
func At(url, key string) Server { return Server{URL: url, key: key} }

// Given reports whether a command works through a server.
func (s Server) Given() bool { return s.URL != "" }

// Check returns a usage error if the server cannot be asked.
func (s Server) Check() error {
	at, err := url.Parse(s.URL)
	switch {
	case err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https":
		return cli.AsUsage(fmt.Errorf("invalid --server %q: write its address, such as http://127.0.0.1:8080", s.URL))
	case s.key == "":
		return cli.AsUsage(errors.New("--server needs an API key: set CLICKBOOK_KEY"))
	}
	return nil
}

// Get reads JSON from a path below /api/v1.
func (s Server) Get(ctx context.Context, path string, query url.Values, into any) error {
	return s.exchange(ctx, http.MethodGet, path, query, nil, into)
}

// Post writes JSON to a path below /api/v1, once. A nil body is none.
func (s Server) Post(ctx context.Context, path string, body, into any) error {
	return s.write(ctx, http.MethodPost, path, body, into)
}

// Put replaces what is at a path below /api/v1 with JSON.
func (s Server) Put(ctx context.Context, path string, body any) error {
	return s.write(ctx, http.MethodPut, path, body, nil)
}

func (s Server) write(ctx context.Context, method, path string, body, into any) error {
	if body == nil {
		return s.exchange(ctx, method, path, nil, nil, into)
	}
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return s.exchange(ctx, method, path, nil, bytes.NewReader(data), into)
}

// Delete deletes a path below /api/v1.
func (s Server) Delete(ctx context.Context, path string, query url.Values) error {
	return s.exchange(ctx, http.MethodDelete, path, query, nil, nil)
}

// Copy copies a file from a path below /api/v1.
func (s Server) Copy(ctx context.Context, path string, query url.Values, to io.Writer) error {
	reply, err := s.send(ctx, http.MethodGet, path, query, nil, "")
	if err != nil {
		return err
	}
	defer func() { _ = reply.Body.Close() }()
	if _, err := io.Copy(to, reply.Body); err != nil {
		return fmt.Errorf("the reply of %s ended early: %w", s.URL, err)
	}
	return nil
}

func (s Server) exchange(
	ctx context.Context, method, path string, query url.Values, body io.Reader, into any,
) error {
	reply, err := s.send(ctx, method, path, query, body, "application/json")
	if err != nil {
		return err
	}
	defer func() { _ = reply.Body.Close() }()
	if into == nil {
		return nil
	}
	if err := json.NewDecoder(io.LimitReader(reply.Body, maxReply)).Decode(into); err != nil {
		return fmt.Errorf("the reply of %s cannot be read: %w", s.URL, err)
	}
	return nil
}

// send returns a successful reply, whose body the caller closes. Other replies are errors.
func (s Server) send(
	ctx context.Context, method, path string, query url.Values, body io.Reader, contentType string,
) (*http.Response, error) {
	at := strings.TrimSuffix(s.URL, "/") + "/api/v1" + path
	if len(query) > 0 {
		at += "?" + query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, method, at, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+s.key)
	if body != nil {
		request.Header.Set("Content-Type", contentType)
	}
	if method != http.MethodGet {
		request.Header.Set("Idempotency-Key", uuid.NewString())
	}
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("the server cannot be reached: %w; check --server", err)
	}
	if reply.StatusCode >= http.StatusBadRequest {
		defer func() { _ = reply.Body.Close() }()
		return nil, s.problem(reply)
	}
	return reply, nil
}

// problem returns the error of a reply: a refusal if the request was refused.
func (s Server) problem(reply *http.Response) error {
	var problem struct{ Code, Detail string }
	err := json.NewDecoder(io.LimitReader(reply.Body, maxReply)).Decode(&problem)
	if err != nil || problem.Detail == "" {
		return fmt.Errorf("%s replied %s, which is not a reply of ClickBook; check --server", s.URL, reply.Status)
	}
	if reply.StatusCode >= http.StatusInternalServerError {
		return fmt.Errorf("%s replied %s: %s", s.URL, reply.Status, problem.Detail)
	}
	return domain.Refusef(domain.Disallowed, problem.Code, "%s", problem.Detail)
}

// Account returns the account of a command: the one given, or the one of the key.
func (s Server) Account(ctx context.Context, given string) (string, error) {
	if given != "" {
		return given, nil
	}
	var caller struct{ Account string }
	if err := s.Get(ctx, "/whoami", nil, &caller); err != nil {
		return "", err
	}
	if caller.Account == "" {
		return "", cli.AsUsage(errors.New("--account is required, because the key in CLICKBOOK_KEY is of no account"))
	}
	return caller.Account, nil
}

// Poll calls ask about once a second until it says that the work is done.
func Poll(ctx context.Context, ask func() (done bool, err error)) error {
	pause := time.NewTicker(time.Second)
	defer pause.Stop()
	for {
		if done, err := ask(); done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-pause.C:
		}
	}
}
