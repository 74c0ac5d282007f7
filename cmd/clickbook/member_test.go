package main

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
)

// TestFirstAdminSignsIn follows the link of the first start, makes another admin, and gets new links from the command
// line, beside a server and without one.
func TestFirstAdminSignsIn(t *testing.T) {
	at := installation.Location{Data: t.TempDir()}
	s := firstStart(t, at)
	base := strings.TrimSuffix(s.url, "/api/v1")
	first := strings.TrimSpace(s.line("/s/"))
	if page := fetch(t, first); !strings.Contains(page, "Set up ClickBook") {
		t.Fatalf("the page of the first start is %s", page)
	}
	if got := post(t, first, url.Values{"name": {"Ann"}, "email": {"nobody"}}); got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("an address that is none returned %s", got.Status)
	}
	signIn(t, base, first, url.Values{"name": {"Ann"}, "email": {"ann@example.com"}}, "Ann")
	if again := post(t, first, url.Values{"name": {"Eve"}, "email": {"eve@example.com"}}); again.StatusCode != http.StatusNotFound {
		t.Errorf("the link of the first start was used twice: %s", again.Status)
	}

	env := []string{"CLICKBOOK_SERVER=" + base, "CLICKBOOK_KEY=" + s.key}
	if invited := callWith(t, env, "member", "invite", "tom@example.com"); invited.code != exitOK {
		t.Fatalf("inviting ended with %d: %s", invited.code, invited.err)
	}
	listed := callWith(t, env, "member", "list")
	for _, want := range []string{`ann@example\.com +Ann +admin +joined`, `tom@example\.com +admin +invited`} {
		if !regexp.MustCompile(want).MatchString(listed.out) {
			t.Errorf("the list of members lacks %s: %s", want, listed.out)
		}
	}
	signIn(t, base, printedLink(t, callWith(t, env, "member", "link", "ann@example.com")), nil, "Ann")
	if got := callWith(t, env, "member", "link", "eve@example.com"); got.code != exitRefused {
		t.Errorf("a link for nobody ended with %d: %s", got.code, got.err)
	}
	if held := call(t, "", "member", "list", "--data", at.Data); held.code != exitFault || !strings.Contains(held.err, "--server") {
		t.Errorf("beside a server it ended with %d and %q", held.code, held.err)
	}
	s.kill()

	link := printedLink(t, call(t, "", "member", "link", "--data", at.Data, "--url", "https://book.example.org/", "ann@example.com"))
	if !strings.HasPrefix(link, "https://book.example.org/s/") {
		t.Errorf("the link is %s", link)
	}
	joins := printedLink(t, call(t, "", "member", "invite", "--data", at.Data, "lea@example.com"))
	s = serving(t, at)
	base = strings.TrimSuffix(s.url, "/api/v1")
	signIn(t, base, base+joins[strings.Index(joins, "/s/"):], url.Values{"name": {"Lea"}}, "Lea")
}

func printedLink(t *testing.T, got result) string {
	t.Helper()
	link := regexp.MustCompile(`https?://\S+/s/[A-Z2-7]{26}`).FindString(got.out)
	if got.code != exitOK || link == "" {
		t.Fatalf("it ended with %d, printed %q and %q", got.code, got.out, got.err)
	}
	return link
}

func fetch(t *testing.T, address string) string {
	t.Helper()
	got, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	page, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// post sends a form and follows no redirect.
func post(t *testing.T, address string, form url.Values) *http.Response {
	t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	got, err := client.PostForm(address, form)
	if err != nil {
		t.Fatal(err)
	}
	_ = got.Body.Close()
	return got
}

// signIn uses a link and checks who is signed in.
func signIn(t *testing.T, base, link string, form url.Values, name string) {
	t.Helper()
	got := post(t, link, form)
	if got.StatusCode != http.StatusSeeOther || len(got.Cookies()) != 1 {
		t.Fatalf("the link returned %s with cookies %v", got.Status, got.Cookies())
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/api/v1/whoami", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(got.Cookies()[0])
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reply.Body.Close() }()
	who, err := io.ReadAll(reply.Body)
	if err != nil || !strings.Contains(string(who), `"name":"`+name+`"`) {
		t.Errorf("signed in is %s, %v; want %s", who, err, name)
	}
}
