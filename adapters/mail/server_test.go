package mail_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/adapters/mail"
)

func TestParseServer(t *testing.T) {
	for _, c := range []struct{ url, password, want string }{
		{
			"smtps://bookings%40example.org@mail.example.org?from=a@example.org", "s3cret",
			"mail goes to smtps://bookings%40example.org:••••@mail.example.org:465 by TLS, from a@example.org; " +
				"without bounces= nobody is told of mail that comes back",
		},
		{
			"smtp://u:s3cret@mail.example.org:2525/?from=Salon+<a@example.org>&bounces=bounces@example.org", "",
			"mail goes to smtp://u:••••@mail.example.org:2525 by STARTTLS, from a@example.org, bounces to bounces@example.org",
		},
		{
			"smtp://mail.example.org?from=a@example.org&tls=none&name=me.example.org&bounces=b@example.org", "",
			"mail goes to smtp://mail.example.org:587 without encryption, from a@example.org, bounces to b@example.org",
		},
		{
			"smtp://[::1]:25?from=a@example.org&bounces=b@example.org", "",
			"mail goes to smtp://[::1]:25 without encryption, from a@example.org, bounces to b@example.org",
		},
	} {
		got, err := mail.ParseServer(c.url, c.password)
		if err != nil || got.Describe() != c.want {
			t.Errorf("%s is\n%s, %v\nwant\n%s", c.url, got.Describe(), err, c.want)
		}
		if shown := fmt.Sprintf("%v %+v %#v %s", got, got, got, got); strings.Contains(shown, "s3cret") {
			t.Errorf("the password is shown: %s", shown)
		}
	}
}

func TestParseServerNamesAllProblems(t *testing.T) {
	for _, c := range []struct {
		url, password string
		want          []string
	}{
		{"mail.example.org", "", []string{"invalid URL"}},
		{"smtp://u:s3cret@[::1", "", []string{"invalid URL"}},
		{"https://mail.example.org", "", []string{"invalid URL"}},
		{"smtp:///x", "", []string{"invalid URL"}},
		{"smtps://mail.example.org", "", []string{"sender is missing"}},
		{
			"smtp://u:s3cret@mail.example.org:0/inbox?tls=maybe&bounces=a+b@c&size=3&from=x&from=y", "other",
			[]string{
				"two passwords", `unknown "size"`, `"from" is given twice`, "has a path", `invalid tls="maybe"`, `invalid port "0"`,
				`invalid from="x"`, `invalid bounces="a b@c"`,
			},
		},
		{"smtps://mail.example.org?from=a@example.org&tls=none", "", []string{`invalid tls="none" with smtps`}},
		{"smtps://u@mail.example.org?from=a@example.org", "", []string{"password of the mail server is missing"}},
		{"smtps://mail.example.org?from=a@example.org", "s3cret", []string{"no user"}},
		{"smtp://u@mail.example.org?from=a@example.org&tls=none", "s3cret", []string{"in the clear"}},
		{"smtps://mail.example.org?from=a@example.org&bounces=sixteen-letters-@example.org", "", []string{"at most 14 characters"}},
		{"smtps://mail.example.org?from=a@example.org&name=a%0Ab", "", []string{"invalid name"}},
		{"smtps://mail.example.org?from=%zz", "", []string{"invalid query", "sender is missing"}},
	} {
		_, err := mail.ParseServer(c.url, c.password)
		if err == nil {
			t.Errorf("%s was accepted", c.url)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", c.url, err, want)
			}
		}
		if got := strings.Count(err.Error(), "\n") + 1; got != len(c.want) {
			t.Errorf("%s: %d problems, want %d: %v", c.url, got, len(c.want), err)
		}
		if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
}

func TestReturnPaths(t *testing.T) {
	path := returns.For("bounces@example.org", reference)
	local, _, _ := strings.Cut(path, "@")
	if len(local) > 64 {
		t.Errorf("%s has %d octets before the @", path, len(local))
	}
	for _, written := range []string{path, strings.ToUpper(path), strings.Replace(path, "bounces+", "b+", 1)} {
		if got, ok := returns.Message(written); !ok || got != reference {
			t.Errorf("%s is of %q, %t", written, got, ok)
		}
	}
	for i := range len(local) {
		if i <= len("bounces+") { // what is before the + is not signed
			continue
		}
		forged := []byte(path)
		forged[i] ^= 1
		if got, ok := returns.Message(string(forged)); ok && got != reference {
			t.Errorf("%s was taken for %s", forged, got)
		}
	}
	for _, forged := range []string{
		"", "@", "bounces@example.org", "bounces+@example.org", "bounces+-@example.org", local, "bounces+" + reference + "-@x",
		strings.Replace(path, "-", "", 1), strings.Replace(path, "@", "a@", 1),
	} {
		if got, ok := returns.Message(forged); ok {
			t.Errorf("%q was taken for %s", forged, got)
		}
	}
	if got := returns.For("bounces@example.org", "check"); got != "bounces@example.org" {
		t.Errorf("without a message the path is %s", got)
	}
}
