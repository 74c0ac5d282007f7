package cookie_test

import (
	"crypto/tls"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/internal/cookie"
)

func TestCookieIsOfThisHostOnly(t *testing.T) {
	const want = "__Host-clickbook=secret; Path=/; Max-Age=3600; HttpOnly; Secure; SameSite=Lax"
	if got := cookie.Set("secret", time.Hour); got != want {
		t.Errorf("set %q, want %q", got, want)
	}
	const cleared = "__Host-clickbook=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax"
	if got := cookie.Clear(); got != cleared {
		t.Errorf("clear %q, want %q", got, cleared)
	}
}

func TestCookieIsRead(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	if got := cookie.Read(r); got != "" {
		t.Errorf("without a cookie read %q", got)
	}
	r.Header.Set("Cookie", "clickbook=wrong; __Host-clickbook=secret")
	if got := cookie.Read(r); got != "secret" {
		t.Errorf("read %q", got)
	}
}

func TestCookieNeedsAnEncryptedConnection(t *testing.T) {
	for name, c := range map[string]struct {
		host, base, forwarded string
		tls, want             bool
	}{
		"this machine":               {host: "127.0.0.1:8080", want: true},
		"this machine by name":       {host: "localhost:8080", want: true},
		"IPv6":                       {host: "[::1]:8080", want: true},
		"another machine":            {host: "192.168.1.5:8080", base: "http://192.168.1.5:8080"},
		"TLS":                        {host: "book.example.org", tls: true, want: true},
		"a proxy that says so":       {host: "book.example.org", forwarded: "https", want: true},
		"a proxy without TLS":        {host: "book.example.org", forwarded: "http"},
		"the public address":         {host: "book.example.org", base: "https://book.example.org", want: true},
		"not the public address":     {host: "192.168.1.5", base: "https://book.example.org"},
		"a public one without TLS":   {host: "book.example.org", base: "http://book.example.org"},
		"a name that starts like us": {host: "localhost.example.org"},
	} {
		r := httptest.NewRequest("GET", "http://"+c.host+"/", nil)
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-Proto", c.forwarded)
		}
		if c.tls {
			r.TLS = new(tls.ConnectionState)
		}
		if got := cookie.Works(r, c.base); got != c.want {
			t.Errorf("%s: works %v, want %v", name, got, c.want)
		}
	}
}
