package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
)

// patience bounds every wait. It is not a requirement on speed.
const patience = 2 * time.Minute

// server is a `clickbook serve` in a process.
type server struct {
	t     testing.TB
	cmd   *exec.Cmd
	url   string // with the API's base path
	key   string // sent with every request; the admin key of a first start, until another is set
	lines chan string
	errs  bytes.Buffer
	ended chan error
}

// serving starts a server on a directory and waits until it prints its address.
func serving(t testing.TB, at installation.Location, more ...string) *server {
	t.Helper()
	s := &server{t: t, lines: make(chan string, 64), ended: make(chan error, 1)}
	more = append(locationArgs(at), append([]string{"--listen", "127.0.0.1:0", "--log", "error", "--trial"}, more...)...)
	s.cmd = program(t, append([]string{"serve"}, more...)...)
	s.cmd.Stderr = &s.errs
	out, err := s.cmd.StdoutPipe()
	if err == nil {
		err = s.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			s.lines <- lines.Text()
		}
		close(s.lines)
		s.ended <- s.cmd.Wait()
	}()
	t.Cleanup(s.kill)
	_, url, _ := strings.Cut(s.line(" at http://"), " at ")
	s.url = url + "/api/v1"
	return s
}

// firstStart starts a server on a directory that has no API keys yet, and reads the admin key.
func firstStart(t testing.TB, at installation.Location) *server {
	t.Helper()
	s := serving(t, at)
	_, s.key, _ = strings.Cut(s.line("ADMIN_KEY="), "=")
	return s
}

// line waits for a line with these words.
func (s *server) line(words string) string {
	s.t.Helper()
	limit := time.After(patience)
	for {
		select {
		case line, ok := <-s.lines:
			if !ok {
				s.t.Fatalf("the server ended (%v) before it printed %q: %s", <-s.ended, words, s.errs.String())
			}
			if strings.Contains(line, words) {
				return line
			}
		case <-limit:
			s.t.Fatalf("the server never printed %q", words)
		}
	}
}

// kill kills the server.
func (s *server) kill() {
	if err := s.cmd.Process.Kill(); errors.Is(err, os.ErrProcessDone) {
		return
	}
	s.wait()
}

// stop asks the server to stop, and returns its exit code.
func (s *server) stop() int {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	return s.code()
}

func (s *server) wait() {
	for range s.lines { // so that its output does not block it
	}
	err := <-s.ended
	s.ended <- err
}

// response is a response of the API. A status of 0 means that there was none.
type response struct {
	status int
	raw    string
}

// body reads the JSON object only when it is asked for: a benchmark shares its processors with the server.
func (a response) body() (fields map[string]any) {
	_ = json.Unmarshal([]byte(a.raw), &fields)
	return fields
}

func (a response) text(member string) string { text, _ := a.body()[member].(string); return text }

func (a response) number(member string) int64 {
	number, _ := a.body()[member].(float64)
	return int64(number)
}

func (a response) items() []map[string]any {
	list, _ := a.body()["items"].([]any)
	items := make([]map[string]any, len(list))
	for i, item := range list {
		items[i] = item.(map[string]any)
	}
	return items
}

// web keeps many connections, as many clients do together.
var web = sync.OnceValue(func() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 600}, Timeout: patience}
})

// ask sends a request with an Idempotency-Key. A missing response does not fail the test, because tests kill servers.
func (s *server) ask(method, path, key string, body any) response {
	var sent io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			s.t.Error(err)
		}
		sent = bytes.NewReader(data)
	}
	request, err := http.NewRequest(method, s.url+path, sent)
	if err != nil {
		s.t.Error(err)
		return response{}
	}
	request.Header.Set("Authorization", "Bearer "+s.key)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	got, err := web().Do(request)
	if err != nil {
		return response{raw: err.Error()}
	}
	defer got.Body.Close()
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		return response{raw: err.Error()}
	}
	return response{status: got.StatusCode, raw: string(raw)}
}

// get sends a GET request that must succeed.
func (s *server) get(format string, args ...any) response {
	s.t.Helper()
	path := fmt.Sprintf(format, args...)
	got := s.ask(http.MethodGet, path, "", nil)
	if got.status != http.StatusOK {
		s.t.Fatalf("GET %s: status %d: %s\n%s", path, got.status, got.raw, s.errs.String())
	}
	return got
}

// all reads every page of a list.
func (s *server) all(path string) (items []map[string]any) {
	s.t.Helper()
	cursor := ""
	for {
		page := s.get("%s&limit=200%s", path, cursor)
		items = append(items, page.items()...)
		next := page.text("next")
		if next == "" {
			return items
		}
		cursor = "&cursor=" + next
	}
}

// waitUntil polls for something that must happen.
func waitUntil(t testing.TB, what string, happened func() bool) {
	t.Helper()
	limit := time.After(patience)
	beat := time.NewTicker(20 * time.Millisecond)
	defer beat.Stop()
	for !happened() {
		select {
		case <-beat.C:
		case <-limit:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// alive reports whether the server is running.
func (s *server) alive() bool { return s.cmd.Process.Signal(syscall.Signal(0)) == nil }

// code waits for the server and returns its exit code.
func (s *server) code() int {
	s.wait()
	return s.cmd.ProcessState.ExitCode()
}
