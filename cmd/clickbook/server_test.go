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

// patience bounds every wait for something that must come; it says nothing about how fast it should.
const patience = 2 * time.Minute

// server is a real `clickbook serve`.
type server struct {
	t     testing.TB
	cmd   *exec.Cmd
	url   string // with the API's base path
	key   string // sent with every request; the admin key of a first start, until another is set
	lines chan string
	errs  bytes.Buffer
	ended chan error
}

// serving starts one on a directory and waits until it says where it is.
func serving(t testing.TB, at installation.Home, more ...string) *server {
	t.Helper()
	s := &server{t: t, lines: make(chan string, 64), ended: make(chan error, 1)}
	more = append(homeArgs(at), append([]string{"--listen", "127.0.0.1:0", "--log", "error"}, more...)...)
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

// firstStart is serving on a directory that has no keys yet.
func firstStart(t testing.TB, at installation.Home) *server {
	t.Helper()
	s := serving(t, at)
	_, s.key, _ = strings.Cut(s.line("ADMIN_KEY="), "=")
	return s
}

// line waits for one that holds the words.
func (s *server) line(words string) string {
	s.t.Helper()
	limit := time.After(patience)
	for {
		select {
		case line, ok := <-s.lines:
			if !ok {
				s.t.Fatalf("the server ended (%v) before it said %q: %s", <-s.ended, words, s.errs.String())
			}
			if strings.Contains(line, words) {
				return line
			}
		case <-limit:
			s.t.Fatalf("the server never said %q", words)
		}
	}
}

// kill ends it at once, wherever it stands.
func (s *server) kill() {
	if err := s.cmd.Process.Kill(); errors.Is(err, os.ErrProcessDone) {
		return
	}
	s.wait()
}

// stop asks it to end and answers with what code it did.
func (s *server) stop() int {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	return s.code()
}

func (s *server) wait() {
	for range s.lines { // nobody else reads them any more
	}
	err := <-s.ended
	s.ended <- err
}

// answer is what the API said. A status of 0 is no answer at all.
type answer struct {
	status int
	body   map[string]any
	raw    string
}

func (a answer) text(member string) string { text, _ := a.body[member].(string); return text }

func (a answer) number(member string) int64 {
	number, _ := a.body[member].(float64)
	return int64(number)
}

func (a answer) items() []map[string]any {
	list, _ := a.body["items"].([]any)
	items := make([]map[string]any, len(list))
	for i, item := range list {
		items[i] = item.(map[string]any)
	}
	return items
}

// web keeps many connections, as many clients together do.
var web = sync.OnceValue(func() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 600}, Timeout: patience}
})

// ask sends one request. wish is its Idempotency-Key; no answer is no failure: servers here are killed.
func (s *server) ask(method, path, wish string, body any) answer {
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
		return answer{}
	}
	request.Header.Set("Authorization", "Bearer "+s.key)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if wish != "" {
		request.Header.Set("Idempotency-Key", wish)
	}
	response, err := web().Do(request)
	if err != nil {
		return answer{raw: err.Error()}
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{raw: err.Error()}
	}
	got := answer{status: response.StatusCode, raw: string(raw)}
	_ = json.Unmarshal(raw, &got.body)
	return got
}

// get is ask, where nothing but an answer will do.
func (s *server) get(format string, args ...any) answer {
	s.t.Helper()
	path := fmt.Sprintf(format, args...)
	got := s.ask(http.MethodGet, path, "", nil)
	if got.status != http.StatusOK {
		s.t.Fatalf("GET %s answered %d: %s\n%s", path, got.status, got.raw, s.errs.String())
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

// until waits for something that must come, asking again and again.
func until(t testing.TB, what string, come func() bool) {
	t.Helper()
	limit := time.After(patience)
	beat := time.NewTicker(20 * time.Millisecond)
	defer beat.Stop()
	for !come() {
		select {
		case <-beat.C:
		case <-limit:
			t.Fatalf("it never came: %s", what)
		}
	}
}

// alive reports whether it has not ended by itself.
func (s *server) alive() bool { return s.cmd.Process.Signal(syscall.Signal(0)) == nil }

// code is what it ended with.
func (s *server) code() int {
	s.wait()
	return s.cmd.ProcessState.ExitCode()
}
