package main

import (
	"io"
	"net/http"
	"regexp"
	"testing"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
)

// stamp is when a calendar was made.
var stamp = regexp.MustCompile(`DTSTAMP:\d{8}T\d{6}Z`)

// TestDownloadsEqualExports exports with the data directory in hand, and then from a running server.
func TestDownloadsEqualExports(t *testing.T) {
	studio := newStudio(t, "client,phone,email,start,duration,status\n"+
		"Grace Hopper,27 99999-0001,grace@example.com,2016-05-02 09:00,30,fulfilled\n"+
		"=Ada,,ada@example.com,2016-05-03 10:00,45,cancelled\n"+
		"Alan,,,2017-05-03 10:00,45,fulfilled\n")
	exported := make(map[string]string)
	for _, format := range []string{"csv", "ics"} {
		exported[format] = call(t, "", "export", "appointments", "--data", studio.dir, "--account", studio.account,
			"--format", format, "--from", "2016-05-01", "--to", "2017-01-01").out
	}
	s := firstStart(t, installation.Location{Data: studio.dir})
	for format, want := range exported {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
			s.url+"/accounts/"+studio.account+"/appointments."+format+"?from=2016-05-01&to=2017-01-01", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+s.key)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		got := stamp.ReplaceAllString(string(body), "")
		if err != nil || len(want) < 200 || got != stamp.ReplaceAllString(want, "") {
			t.Errorf("the download of %s is %d %v\n%s\nthe export is\n%s", format, response.StatusCode, err, body, want)
		}
	}
}
