// Package cookie reads and sets the cookie of a session. Its name begins with __Host-, so a browser takes it only over
// an encrypted connection, only for this host, and for every path: no other host of the domain can set it.
package cookie

import (
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/clickbook/clickbook/adapters/internal/loopback"
)

// Name is the name of the cookie.
const Name = "__Host-clickbook"

// Read returns the secret of the session, "" if a request has none.
func Read(r *http.Request) string {
	found, err := r.Cookie(Name)
	if err != nil {
		return ""
	}
	return found.Value
}

// Set returns the Set-Cookie header of a new session. The browser forgets it after a time.
func Set(secret string, forget time.Duration) string { return line(secret, int(forget.Seconds())) }

// Clear returns the Set-Cookie header that removes the cookie.
func Clear() string { return line("", -1) }

func line(secret string, age int) string {
	made := http.Cookie{
		Name: Name, Value: secret, Path: "/", MaxAge: age, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	return made.String()
}

// Works reports whether a browser can keep the cookie: the connection is encrypted, here or by the proxy that the base
// URL names, or it does not leave this machine.
func Works(r *http.Request, base string) bool {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	if r.TLS != nil || loopback.Is(host) || r.Header.Get("X-Forwarded-Proto") == "https" {
		return true
	}
	public, err := url.Parse(base)
	return err == nil && public.Scheme == "https" && public.Host == r.Host
}
