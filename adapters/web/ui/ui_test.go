package ui

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func get(t *testing.T, handler http.Handler, path string, header ...string) *http.Response {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder.Result()
}

func body(t *testing.T, response *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func build(t *testing.T, dist fstest.MapFS) http.Handler {
	t.Helper()
	handler, err := newApp(dist)
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

var script = strings.Repeat("console.log('a staff app');", 100)

func example(t *testing.T) http.Handler {
	return build(t, fstest.MapFS{
		".keep": {}, "index.html": {Data: []byte("<!doctype html>")},
		"assets/index-1a2b.js": {Data: []byte(script)},
	})
}

func TestEveryAddressWithinTheAppIsItsPage(t *testing.T) {
	app := example(t)
	for _, path := range []string{"/app/", "/app/day/2026-12-01", "/app/client/1?account=2"} {
		response := get(t, app, path)
		if got := body(t, response); response.StatusCode != http.StatusOK || got != "<!doctype html>" {
			t.Errorf("%s: %d %q", path, response.StatusCode, got)
		}
		if got := response.Header.Get("Cache-Control"); got != "no-cache" {
			t.Errorf("%s may be kept: %q", path, got)
		}
	}
}

func TestAnAbsentFileIsNotThePage(t *testing.T) {
	app := example(t)
	for _, path := range []string{"/app/assets/index-old.js", "/app/assets/x", "/app/favicon.ico", "/app/.keep"} {
		if response := get(t, app, path); response.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, response.StatusCode)
		}
	}
}

func TestHashedFilesAreKeptAndCompressed(t *testing.T) {
	app := example(t)
	response := get(t, app, "/app/assets/index-1a2b.js", "Accept-Encoding", "gzip, br")
	if got := response.Header.Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("Cache-Control %q", got)
	}
	reader, err := gzip.NewReader(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(reader); err != nil || string(text) != script {
		t.Errorf("decompressed: %v, %d bytes", err, len(text))
	}
	if got := body(t, get(t, app, "/app/assets/index-1a2b.js")); got != script {
		t.Error("a browser without gzip gets something else")
	}
	tag := response.Header.Get("ETag")
	if again := get(t, app, "/app/assets/index-1a2b.js", "If-None-Match", tag); again.StatusCode != http.StatusNotModified {
		t.Errorf("unchanged file: %d", again.StatusCode)
	}
}

func TestThePolicyIsOnEveryReply(t *testing.T) {
	for _, path := range []string{"/app/", "/app/assets/index-1a2b.js", "/app/none.js"} {
		got := get(t, example(t), path).Header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self'", "require-trusted-types-for 'script'"} {
			if !strings.Contains(got, part) {
				t.Errorf("%s: %q lacks %s", path, got, part)
			}
		}
	}
}

func TestABuildWithoutTheAppSaysHowToMakeIt(t *testing.T) {
	response := get(t, build(t, fstest.MapFS{".keep": {}}), "/app/day")
	if got := body(t, response); response.StatusCode != http.StatusServiceUnavailable || !strings.Contains(got, "make ui") {
		t.Errorf("%d %q", response.StatusCode, got)
	}
}

func TestAFileOfUnknownKindFailsTheStart(t *testing.T) {
	if _, err := newApp(fstest.MapFS{"assets/video.xyz": {Data: []byte("x")}}); err == nil {
		t.Error("accepted")
	}
}

func TestTheEmbeddedAppIsReadable(t *testing.T) {
	if _, err := New(); err != nil {
		t.Error(err)
	}
}
