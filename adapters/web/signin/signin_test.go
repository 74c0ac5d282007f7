package signin_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/clickbook/clickbook/adapters/memory"
	"github.com/clickbook/clickbook/adapters/sqlite/state"
	"github.com/clickbook/clickbook/adapters/sso"
	"github.com/clickbook/clickbook/adapters/web/signin"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/aggregates"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/commands/people"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/team"
)

var (
	clinic = domain.DeriveID[domain.AccountID]("clinic")
	ana    = people.Place{Account: clinic, Member: domain.DeriveID[domain.MemberID]("ana")} // has joined
	tom    = people.Place{Account: clinic, Member: domain.DeriveID[domain.MemberID]("tom")} // is invited
)

// world is a German clinic whose people sign in by the pages.
type world struct {
	*testing.T
	clock  time.Time
	people *people.People
	pages  http.Handler
}

type nobodysMail struct{}

func (nobodysMail) Mail(context.Context, messaging.Mail) error { return nil }

// everybody is the directory: the two members of the clinic.
type everybody struct{}

func (everybody) WithEmail(context.Context, string) ([]people.Place, error) {
	return []people.Place{ana, tom}, nil
}

func newWorld(t *testing.T, issuer string) *world {
	t.Helper()
	w := &world{T: t, clock: time.Date(2026, 3, 5, 8, 0, 0, 0, time.UTC)}
	codec, err := aggregates.NewCodec(domaintest.NewVault())
	w.ok(err)
	engine := commands.NewEngine(memory.New(), codec, func() time.Time { return w.clock }, aggregates.All()...)
	file, err := state.Open(t.TempDir())
	w.ok(err)
	t.Cleanup(func() { w.ok(file.Close()) })
	w.people = people.New(people.Config{
		Engine: engine, Store: file, Directory: everybody{}, Mailer: nobodysMail{}, Base: "https://example.com",
	})
	settings, err := account.NewSettings(account.Form{Name: "Praxis Nord", Zone: "Europe/Berlin", Locale: "de-DE", Country: "DE"})
	w.ok(err)
	for _, cmd := range []domain.Command{
		account.Open{Account: clinic, Settings: settings},
		team.Invite{Account: clinic, Member: ana.Member, Email: domain.Secret("ana@example.com"), Role: team.Owner},
		team.Join{Account: clinic, Member: ana.Member, Name: domain.Secret("Ana")},
		team.Invite{Account: clinic, Member: tom.Member, Email: domain.Secret("tom@example.com"), Role: team.Staff},
	} {
		_, err := engine.Do(t.Context(), commands.ForAccount(clinic, domain.Actor{}), cmd)
		w.ok(err)
	}
	var provider *sso.Provider
	if issuer != "" {
		provider = sso.New(sso.Config{Issuer: issuer, Client: "clickbook", Secret: "s3cret", Base: "https://example.com"}, w.people)
	}
	w.pages = signin.New(w.people, provider, slog.New(slog.DiscardHandler))
	return w
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// link returns the path of a new link.
func (w *world) link(at people.Place) string {
	w.Helper()
	link, err := w.people.Printed(w.Context(), at)
	w.ok(err)
	return strings.TrimPrefix(link, "https://example.com")
}

// send sends a request with cookies and headers, which are name and value.
func (w *world) send(method, path string, form url.Values, cookies []*http.Cookie, headers ...string) *httptest.ResponseRecorder {
	w.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Host = "example.com"
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, one := range cookies {
		r.AddCookie(one)
	}
	for i := 0; i < len(headers); i += 2 {
		if r.Header.Set(headers[i], headers[i+1]); headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	out := httptest.NewRecorder()
	w.pages.ServeHTTP(out, r)
	return out
}

// signedIn returns who has the session that a response began, "" if it began none.
func (w *world) signedIn(out *httptest.ResponseRecorder) string {
	w.Helper()
	for _, one := range out.Result().Cookies() {
		if one.Name == "__Host-clickbook" {
			signed, ok, err := w.people.Find(w.Context(), one.Value)
			w.ok(err)
			if ok {
				return signed.Member.Name.Reveal()
			}
		}
	}
	return ""
}

func TestReadingALinkUsesNothing(t *testing.T) {
	w := newWorld(t, "")
	path := w.link(ana)
	for range 3 {
		out := w.send("GET", path, nil, nil)
		if out.Code != 200 || !strings.Contains(out.Body.String(), "Bei Praxis Nord anmelden") || w.signedIn(out) != "" {
			t.Fatalf("reading returned %d %s", out.Code, out.Body)
		}
		for name, want := range map[string]string{"X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store"} {
			if got := out.Header().Get(name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
	}
	out := w.send("POST", path, nil, nil)
	if out.Code != 303 || out.Header().Get("Location") != "/app/" || w.signedIn(out) != "Ana" {
		t.Errorf("using it returned %d to %q", out.Code, out.Header().Get("Location"))
	}
	for _, method := range []string{"GET", "POST"} {
		if out := w.send(method, path, nil, nil, "Accept-Language", "fr-CA,en;q=0.5"); out.Code != 404 ||
			!strings.Contains(out.Body.String(), "Ce lien n’est plus valable") {
			t.Errorf("%s after it was used returned %d %s", method, out.Code, out.Body)
		}
	}
}

func TestJoiningKeepsWhatWasTyped(t *testing.T) {
	w := newWorld(t, "")
	path := w.link(tom)
	long := strings.Repeat("é", 201)
	out := w.send("POST", path, url.Values{"name": {long}}, nil)
	if out.Code != 422 || !strings.Contains(out.Body.String(), long) || !strings.Contains(out.Body.String(), "at most 200") {
		t.Fatalf("a name that is too long returned %d %s", out.Code, out.Body)
	}
	hostile := `<b>"T" &</b> שם 🦷`
	out = w.send("POST", path, url.Values{"name": {hostile}}, nil)
	if out.Code != 303 || out.Header().Get("Location") != "/app/me?welcome=yes" || w.signedIn(out) != hostile {
		t.Errorf("joining returned %d to %q as %q", out.Code, out.Header().Get("Location"), w.signedIn(out))
	}
}

// TestNewSessionEndsTheOneBefore signs in twice in one browser.
func TestNewSessionEndsTheOneBefore(t *testing.T) {
	w := newWorld(t, "")
	first := w.send("POST", w.link(ana), nil, nil)
	w.send("POST", w.link(ana), nil, first.Result().Cookies())
	if who := w.signedIn(first); who != "" {
		t.Errorf("the first session is still that of %s", who)
	}
}

func TestPageRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		headers []string
		status  int
	}{
		"a form of another site":       {[]string{"Sec-Fetch-Site", "cross-site"}, 403},
		"a form of another origin":     {[]string{"Origin", "https://evil.example.com"}, 403},
		"a connection without secrecy": {[]string{"Host", "192.168.1.5:8080"}, 403},
	} {
		w := newWorld(t, "")
		path := w.link(ana)
		if out := w.send("POST", path, nil, nil, c.headers...); out.Code != c.status || w.signedIn(out) != "" {
			t.Errorf("%s returned %d %s", name, out.Code, out.Body)
		}
		if out := w.send("POST", path, nil, nil); w.signedIn(out) != "Ana" {
			t.Errorf("%s has used the link", name)
		}
	}
}

// organisation is an OpenID Connect provider in this process, with real signatures.
type organisation struct {
	*httptest.Server
	key    *rsa.PrivateKey
	claims jwt.MapClaims // of the next token; the nonce is that of the request unless it is set
	hash   string        // the challenge of PKCE
}

func newOrganisation(t *testing.T) *organisation {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	o := &organisation{key: key}
	mux := http.NewServeMux()
	reply := func(w http.ResponseWriter, body any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(body)
	}
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]any{
			"issuer": o.URL, "authorization_endpoint": o.URL + "/authorize", "token_endpoint": o.URL + "/token",
			"jwks_uri": o.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, map[string]any{"keys": []any{map[string]string{
			"kty": "RSA", "kid": "one", "alg": "RS256", "use": "sig",
			"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()),
			"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
		}}})
	})
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		if base64.RawURLEncoding.EncodeToString(sum[:]) != o.hash || r.FormValue("code") != "the code" {
			http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
			return
		}
		token := jwt.NewWithClaims(jwt.SigningMethodRS256, o.claims)
		token.Header["kid"] = "one"
		signed, err := token.SignedString(o.key)
		if err != nil {
			t.Error(err)
		}
		reply(w, map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": signed})
	})
	o.Server = httptest.NewServer(mux)
	t.Cleanup(o.Close)
	return o
}

// signIn goes to the provider and comes back. change can spoil the way back.
func (o *organisation) signIn(w *world, email string, change func(query url.Values, cookies *[]*http.Cookie)) *httptest.ResponseRecorder {
	w.Helper()
	out := w.send("GET", sso.BeginPath, nil, nil)
	to, err := url.Parse(out.Header().Get("Location"))
	w.ok(err)
	asked := to.Query()
	if out.Code != 303 || asked.Get("redirect_uri") != "https://example.com/s/sso/back" || asked.Get("code_challenge_method") != "S256" {
		w.Fatalf("it sends the browser with %d to %s", out.Code, to)
	}
	o.hash = asked.Get("code_challenge")
	base := jwt.MapClaims{
		"iss": o.URL, "aud": "clickbook", "sub": "1", "exp": w.clock.Add(time.Minute).Unix(), "iat": w.clock.Unix(),
		"nonce": asked.Get("nonce"), "email": email, "email_verified": true, "name": "Tom Weber",
	}
	for name, value := range o.claims {
		base[name] = value
	}
	o.claims = base
	query := url.Values{"state": {asked.Get("state")}, "code": {"the code"}}
	cookies := out.Result().Cookies()
	if change != nil {
		change(query, &cookies)
	}
	return w.send("GET", sso.BackPath+"?"+query.Encode(), nil, cookies)
}

func TestOrganisationSignsIn(t *testing.T) {
	o := newOrganisation(t)
	w := newWorld(t, o.URL)
	out := o.signIn(w, "ANA@example.com", nil)
	if out.Code != 303 || out.Header().Get("Location") != "/app/" || w.signedIn(out) != "Ana" {
		t.Fatalf("it returned %d %s", out.Code, out.Body)
	}
	o.claims = nil
	if out := o.signIn(w, "tom@example.com", nil); w.signedIn(out) != "Tom Weber" { // invited, and joins by it
		t.Errorf("somebody who was invited got %d %s", out.Code, out.Body)
	}
}

func TestOrganisationIsNotTrustedBlindly(t *testing.T) {
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		claims jwt.MapClaims
		email  string
		key    *rsa.PrivateKey
		change func(url.Values, *[]*http.Cookie)
		says   string
	}{
		"an address that is not verified": {claims: jwt.MapClaims{"email_verified": false}, says: "did not confirm"},
		"somebody who is no member":       {email: "eve@example.com", says: "ask an owner to invite you"},
		"a token for another program":     {claims: jwt.MapClaims{"aud": "another"}},
		"a token of another provider":     {claims: jwt.MapClaims{"iss": "https://evil.example.com"}},
		"a token of another sign-in":      {claims: jwt.MapClaims{"nonce": "another"}},
		"an expired token":                {claims: jwt.MapClaims{"exp": 1}},
		"a token with a false signature":  {key: other},
		"a state that nobody began":       {change: func(q url.Values, _ *[]*http.Cookie) { q.Set("state", strings.Repeat("A", 26)) }, says: "another browser"},
		"another browser":                 {change: func(_ url.Values, c *[]*http.Cookie) { *c = nil }, says: "another browser"},
		"another browser with a cookie":   {change: func(_ url.Values, c *[]*http.Cookie) { (*c)[0].Value = "x" }, says: "another browser"},
		"a person who declined":           {change: func(q url.Values, _ *[]*http.Cookie) { q.Del("code") }, says: "did not sign you in"},
		"a code of another sign-in":       {change: func(q url.Values, _ *[]*http.Cookie) { q.Set("code", "another") }},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOrganisation(t)
			w := newWorld(t, o.URL)
			if o.claims = c.claims; c.key != nil {
				o.key = c.key
			}
			if c.email == "" {
				c.email = "ana@example.com"
			}
			out := o.signIn(w, c.email, c.change)
			if out.Code < 400 || w.signedIn(out) != "" || !strings.Contains(out.Body.String(), c.says) {
				t.Errorf("it returned %d %s", out.Code, out.Body)
			}
		})
	}
}
