package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/cli"
)

func TestMailBounce(t *testing.T) {
	var got []byte
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Report []byte }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || r.URL.Path != "/api/v1/mail/bounces" {
			t.Errorf("%s: %v", r.URL, err)
		}
		got = body.Report
		if strings.HasPrefix(string(got), "Hello") {
			w.WriteHeader(http.StatusUnprocessableEntity)
			_, _ = io.WriteString(w, `{"code": "bounce_invalid", "detail": "this is not a delivery status report"}`)
			return
		}
		_, _ = io.WriteString(w, `{"message": "m-1", "arrives": false, "permanent": true, "code": "5.1.1"}`)
	}))
	defer api.Close()
	pipe := func(report string, args ...string) result {
		var out, errs bytes.Buffer
		std := cli.Streams{In: strings.NewReader(report), Out: &out, Err: &errs}
		code := run(t.Context(), append([]string{"mail", "bounce"}, args...), std, func(name string) string {
			return map[string]string{"CLICKBOOK_KEY": "cb_key"}[name]
		})
		return result{out.String(), errs.String(), code}
	}
	long := "To: x\r\n" + strings.Repeat("x", 1<<20)
	taken := pipe(long, "--server", api.URL)
	if taken.code != exitOK || taken.out != "the email of message m-1 came back; its address takes no email 5.1.1\n" {
		t.Errorf("code %d: %s%s", taken.code, taken.out, taken.err)
	}
	if len(got) != maxReport || !strings.HasPrefix(long, string(got)) {
		t.Errorf("the server got %d bytes", len(got))
	}
	for name, c := range map[string]struct {
		report string
		args   []string
		code   int
		want   string
	}{
		"no report":  {"Hello", []string{"--server", api.URL}, exitRefused, "not a delivery status report"},
		"nothing":    {"", []string{"--server", api.URL}, exitUsage, "is empty"},
		"no server":  {long, nil, exitUsage, "--server is required"},
		"a bad host": {long, []string{"--server", "here"}, exitUsage, "invalid --server"},
	} {
		if got := pipe(c.report, c.args...); got.code != c.code || !strings.Contains(got.err, c.want) {
			t.Errorf("%s: code %d: %s", name, got.code, got.err)
		}
	}
}
