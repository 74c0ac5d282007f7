package passkeys

import "testing"

func TestPasskeysNeedAnAddressWithAName(t *testing.T) {
	for base, want := range map[string][2]string{
		"https://book.example.org":      {"book.example.org", "https://book.example.org"},
		"https://book.example.org:8443": {"book.example.org", "https://book.example.org:8443"},
		"https://example.org/book":      {"example.org", "https://example.org"},
		"http://127.0.0.1:8080":         {"localhost", "http://localhost:8080"},
		"http://localhost:8080":         {"localhost", "http://localhost:8080"},
		"http://book.example.org":       {},
		"https://192.0.2.1":             {},
		"http://192.168.1.5:8080":       {},
		"::":                            {},
	} {
		if id, origin := partyOf(base); id != want[0] || origin != want[1] {
			t.Errorf("%s has passkeys for %q at %q, want %q", base, id, origin, want)
		}
	}
}
