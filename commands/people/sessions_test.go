package people

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestAgentIsCutAndCleaned(t *testing.T) {
	for given, want := range map[string]string{
		"Firefox/150":             "Firefox/150",
		"a\x00b\nc\x7f":           "abc",
		strings.Repeat("x", 5000): strings.Repeat("x", 200),
		"\xff\xfe":                "",
	} {
		if got := printable(given); got != want {
			t.Errorf("%.20q became %.20q, want %.20q", given, got, want)
		}
	}
	if got := printable(strings.Repeat("é", 150) + "x"); !utf8.ValidString(got) || len(got) > 200 {
		t.Errorf("a long text was cut within a character: %q", got)
	}
}

func TestSecretsHave128Bits(t *testing.T) {
	seen := make(map[string]bool)
	for range 1000 {
		secret := newSecret()
		if !secretForm.MatchString(secret) || seen[secret] { // 26 letters of 5 bits
			t.Fatalf("the secret is %q", secret)
		}
		seen[secret] = true
	}
}

func TestAddressIsAskedForAtMostFiveTimes(t *testing.T) {
	bound, now := newLimit(), time.Unix(0, 0)
	allowed := func(email string) (count int) {
		for bound.allow(email, now) {
			count++
		}
		return count
	}
	if got := allowed("ana@example.com"); got != 5 {
		t.Errorf("%d emails at once, want 5", got)
	}
	if got := allowed("tom@example.com"); got != 5 {
		t.Errorf("another address gets %d, want 5", got)
	}
	if now = now.Add(20 * time.Minute); allowed("ana@example.com") != 2 {
		t.Error("twenty minutes do not allow two more")
	}
}

func TestSessionEndsByTheEarlierLimit(t *testing.T) {
	began := time.Date(2026, 3, 5, 8, 0, 0, 0, time.UTC)
	s := Session{CreatedAt: began, SeenAt: began}
	if got := s.EndsAt(); got != began.Add(12*time.Hour) {
		t.Errorf("a new session ends at %s", got)
	}
	s.SeenAt = began.Add(14*24*time.Hour - time.Hour)
	if got := s.EndsAt(); got != began.Add(14*24*time.Hour) {
		t.Errorf("an old session ends at %s", got)
	}
}
