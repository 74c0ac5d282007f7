package main

import (
	"bytes"
	"log/slog"
	"net"
	"strings"
	"testing"
)

func TestPublicURL(t *testing.T) {
	listener := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}
	for given, want := range map[string]string{
		"":                                "http://127.0.0.1:8080",
		"https://book.example.org":        "https://book.example.org",
		"https://book.example.org/":       "https://book.example.org",
		"https://example.org:8443/book/":  "https://example.org:8443/book",
		"http://[::1]:8080":               "http://[::1]:8080",
		"book.example.org":                "",
		"ftp://book.example.org":          "",
		"https://":                        "",
		"https://user:pw@example.org":     "",
		"https://example.org/?a=b":        "",
		"https://example.org/#a":          "",
		"mailto:owner@example.org":        "",
		"https://exa mple.org":            "",
		"https://example.org\r\nX-Evil: ": "",
	} {
		got, err := publicURL(given, listener)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("publicURL(%q) is %q, %v; want %q", given, got, err, want)
		}
	}
}

func TestWarnOfURL(t *testing.T) {
	for public, want := range map[string]string{
		"http://127.0.0.1:8080":    "this machine only",
		"http://[::1]:8080":        "this machine only",
		"http://0.0.0.0:8080":      "this machine only",
		"https://localhost":        "this machine only",
		"http://book.example.org":  "not encrypted",
		"https://book.example.org": "",
	} {
		var log bytes.Buffer
		warnOfURL(slog.New(slog.NewTextHandler(&log, nil)), public)
		if want == "" && log.Len() > 0 || !strings.Contains(log.String(), want) {
			t.Errorf("%s: the log has %q, want %q", public, log.String(), want)
		}
	}
}
