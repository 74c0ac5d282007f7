package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"
)

// publicURL returns what every link in a message begins with: the given URL, or the address of the listener. A path is
// allowed, for a proxy that serves ClickBook below one.
func publicURL(given string, listener net.Addr) (string, error) {
	if given == "" {
		return "http://" + listener.String(), nil
	}
	if err := checkURL(given); err != nil {
		return "", err
	}
	parsed, err := url.Parse(given)
	if err != nil {
		return "", err
	}
	return strings.TrimRight(parsed.Scheme+"://"+parsed.Host+parsed.EscapedPath(), "/"), nil
}

// checkURL refuses a URL that links cannot begin with. None is fine.
func checkURL(given string) error {
	parsed, err := url.Parse(given)
	if given == "" || err == nil && (parsed.Scheme == "https" || parsed.Scheme == "http") && parsed.Hostname() != "" &&
		parsed.User == nil && parsed.RawQuery == "" && parsed.Fragment == "" {
		return nil
	}
	return fmt.Errorf("invalid --url %q: write the address at which clients reach this server, such as "+
		"https://book.example.org", given)
}

// warnOfURL warns of links that nobody else can open, and of those that can be read on the way.
func warnOfURL(log *slog.Logger, public string) {
	parsed, err := url.Parse(public)
	if err != nil {
		return
	}
	host := parsed.Hostname()
	ip := net.ParseIP(host)
	switch {
	case host == "localhost" || ip != nil && (ip.IsLoopback() || ip.IsUnspecified()):
		log.Warn("links in messages work on this machine only: give --url or CLICKBOOK_URL, the address at which "+
			"clients reach this server", "url", public)
	case parsed.Scheme == "http":
		log.Warn("links in messages are not encrypted, and who has a link can cancel the appointment: give --url with "+
			"https", "url", public)
	}
}
