package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/passkeys/passkeystest"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/commands/people"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/team"
	"github.com/clickbook/clickbook/projections/directory"
)

// memberRows is the people.Directory of the read models.
type memberRows struct{ directory.Members }

func (q memberRows) WithEmail(ctx context.Context, email string) (places []people.Place, err error) {
	rows, err := q.Members.WithEmail(ctx, email)
	for _, row := range rows {
		places = append(places, people.Place{Account: row.Account, Member: row.ID})
	}
	return places, err
}

// mailbox keeps emails. It refuses them while broken is set.
type mailbox struct {
	mu     sync.Mutex
	mails  []messaging.Mail
	broken error
}

func (m *mailbox) Mail(_ context.Context, mail messaging.Mail) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken == nil {
		m.mails = append(m.mails, mail)
	}
	return m.broken
}

var linkForm = regexp.MustCompile(`https://example\.com/s/([A-Z2-7]{26})`)

// lastMail returns the newest email and the secret of its link.
func (w *world) lastMail() (mail messaging.Mail, secret string) {
	w.t.Helper()
	w.people.Wait()
	w.mails.mu.Lock()
	defer w.mails.mu.Unlock()
	if len(w.mails.mails) == 0 {
		w.t.Fatal("no email was sent")
	}
	mail = w.mails.mails[len(w.mails.mails)-1]
	found := linkForm.FindStringSubmatch(mail.Body)
	if found == nil {
		w.t.Fatalf("the email has no link: %s", mail.Body)
	}
	return mail, found[1]
}

func (w *world) account(id string) domain.AccountID {
	w.t.Helper()
	if id == "" {
		return domain.AccountID{}
	}
	account, err := domain.ParseID[domain.AccountID](id)
	w.ok(err)
	return account
}

// member adds a member who has joined. An empty account means the installation.
func (w *world) member(account, role string) domain.MemberID {
	w.t.Helper()
	w.keys++
	of, id := w.account(account), domain.DeriveID[domain.MemberID]("test member", w.keys)
	origin := commands.ForInstallation(domain.Actor{})
	if !of.IsZero() {
		origin = commands.ForAccount(of, domain.Actor{})
	}
	for _, cmd := range []domain.Command{
		team.Invite{Account: of, Member: id, Email: domain.Secret(role + id.String()[:8] + "@example.com"), Role: role},
		team.Join{Account: of, Member: id, Name: domain.Secret("Some " + role)},
	} {
		_, err := w.engine.Do(context.Background(), origin, cmd)
		w.ok(err)
	}
	return id
}

// signIn begins a session of a new member, for call.
func (w *world) signIn(account, role string) string {
	w.t.Helper()
	return w.begin(people.Place{Account: w.account(account), Member: w.member(account, role)})
}

func (w *world) begin(at people.Place) string {
	w.t.Helper()
	secret, err := w.people.Begin(context.Background(), at, people.ByLink, "Firefox")
	w.ok(err)
	return "session " + secret
}

// cookieOf returns the session that a response began, for call.
func cookieOf(t *testing.T, got result) string {
	t.Helper()
	found := regexp.MustCompile(`^__Host-clickbook=([A-Z2-7]{26}); Path=/; .*HttpOnly; Secure; SameSite=Lax$`).
		FindStringSubmatch(got.header.Get("Set-Cookie"))
	if found == nil {
		t.Fatalf("the response began no session: %q", got.header.Get("Set-Cookie"))
	}
	return "session " + found[1]
}

// TestSessionsOfMembersAreWalled calls every operation with the session of each role, and those of an account with a
// session of another account.
func TestSessionsOfMembersAreWalled(t *testing.T) {
	w := newWorld(t)
	mine, other := w.newAccount(), w.newAccount()
	values := w.ids(mine)
	sessions := map[string]string{"admin": w.signIn("", "admin")}
	for _, role := range []string{"owner", "staff", "billing"} {
		sessions[role] = w.signIn(mine.id, role)
	}
	stranger := w.signIn(other.id, "owner")
	before := w.head()
	for _, route := range routeTable(t) {
		if len(route.roles) == 0 || route.described.OperationID == "signOut" {
			continue
		}
		address := route.address(values)
		if strings.Contains(route.path, "{account}") {
			w.refused(404, "unknown", stranger, route.method, address, route.body(values), "If-Match", `"0"`)
		}
		for role, session := range sessions {
			got := w.call(session, route.method, address, nil, "Idempotency-Key", "", "If-Match", "broken")
			if forbidden := got.status == http.StatusForbidden; forbidden == slices.Contains(route.roles, role) ||
				got.status == 401 {
				t.Errorf("%s %s by %s returned %d: %s", route.method, route.path, role, got.status, got.text("detail"))
			}
			if route.method == "GET" {
				continue
			}
			w.refused(403, "csrf_missing", session, route.method, address, route.body(values), "Clickbook-Csrf", "")
			w.refused(403, "foreign_site", session, route.method, address, route.body(values), "Sec-Fetch-Site", "cross-site")
			w.refused(403, "foreign_site", session, route.method, address, route.body(values),
				"Origin", "https://evil.example.com")
		}
		if w.head() != before {
			t.Fatalf("%s %s had an effect", route.method, route.path)
		}
	}
}

func TestSessionEnds(t *testing.T) {
	for name, end := range map[string]func(w *world, at people.Place, session string){
		"after twelve hours without use": func(w *world, _ people.Place, _ string) { w.clock = w.clock.Add(12*time.Hour + time.Second) },
		"after fourteen days of use": func(w *world, _ people.Place, session string) {
			for range 14*24/11 + 1 {
				w.call(session, "GET", "/whoami", nil)
				w.clock = w.clock.Add(11 * time.Hour)
			}
		},
		"when its member signs out": func(w *world, _ people.Place, session string) {
			got := w.must(200, session, "POST", "/sign-out", nil)
			if cleared := got.header.Get("Set-Cookie"); !strings.Contains(cleared, "Max-Age=0") {
				w.t.Errorf("signing out leaves the cookie: %q", cleared)
			}
		},
		"when its member ends it elsewhere": func(w *world, at people.Place, session string) {
			me := w.must(200, session, "GET", "/whoami", nil).text("session")
			w.must(200, w.begin(at), "DELETE", "/sessions/"+me, nil)
		},
		"when an owner ends it": func(w *world, at people.Place, _ string) {
			w.must(200, w.signIn(at.Account.String(), "owner"), "DELETE",
				"/accounts/"+at.Account.String()+"/members/"+at.Member.String()+"/sessions", nil)
		},
		"when the member is removed": func(w *world, at people.Place, _ string) {
			w.must(200, w.signIn(at.Account.String(), "owner"), "DELETE",
				"/accounts/"+at.Account.String()+"/members/"+at.Member.String(), nil)
		},
		"when the role changes": func(w *world, at people.Place, _ string) {
			owner := w.signIn(at.Account.String(), "owner")
			path := "/accounts/" + at.Account.String() + "/members"
			tag := w.must(200, owner, "GET", path, nil).header.Get("ETag")
			w.must(200, owner, "PUT", path+"/"+at.Member.String(), object{"role": "owner"}, "If-Match", tag)
		},
		"when the role changes and its end was not recorded": func(w *world, at people.Place, _ string) {
			_, err := w.engine.Do(context.Background(), commands.ForAccount(at.Account, domain.Actor{}),
				team.ChangeRole{Account: at.Account, Member: at.Member, Role: "owner"})
			w.ok(err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			acc := w.newAccount()
			at := people.Place{Account: w.account(acc.id), Member: w.member(acc.id, "staff")}
			session := w.begin(at)
			w.must(200, session, "GET", "/whoami", nil)
			end(w, at, session)
			w.refused(401, "signed_out", session, "GET", "/whoami", nil)
		})
	}
}

func TestSessionLastsWhileItIsUsed(t *testing.T) {
	w := newWorld(t)
	session := w.signIn(w.newAccount().id, "staff")
	for range 13 * 24 / 11 {
		w.clock = w.clock.Add(11 * time.Hour)
		w.must(200, session, "GET", "/whoami", nil)
	}
}

// TestSessionsOfOthersAreOutOfReach ends a session by its id with the session of somebody else.
func TestSessionsOfOthersAreOutOfReach(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	session, other := w.signIn(acc.id, "staff"), w.signIn(acc.id, "owner")
	id := w.must(200, session, "GET", "/whoami", nil).text("session")
	w.must(200, other, "DELETE", "/sessions/"+id, nil)
	w.must(200, session, "GET", "/whoami", nil)
	if listed := w.must(200, other, "GET", "/sessions", nil).items(); len(listed) != 1 || listed[0]["current"] != true {
		t.Errorf("the sessions of an owner are %v", listed)
	}
	w.refused(409, "member_needed", acc.owner, "GET", "/sessions", nil)
}

// TestInvitation invites somebody, who joins by the link of the email, once.
func TestInvitation(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	owner := w.signIn(acc.id, "owner")
	invited := w.must(201, owner, "POST", acc.path+"/members", object{
		"email": "Tom@example.com", "role": "staff", "resource": acc.resource,
	})
	mail, secret := w.lastMail()
	if mail.To != "Tom@example.com" || !strings.Contains(mail.Subject, "Music school") || !strings.Contains(mail.Body, "Link") {
		t.Errorf("the invitation, to a German account, is %+v", mail)
	}
	ctx := context.Background()
	for range 2 { // opening uses nothing
		if opened, err := w.people.Open(ctx, secret); err != nil || opened.Purpose != people.Invitation {
			t.Fatalf("the link opens %+v, %v", opened, err)
		}
	}
	if _, err := w.people.Use(ctx, secret, people.Person{Name: " "}, ""); !strings.Contains(err.Error(), "your name") {
		t.Fatalf("without a name: %v", err)
	}
	cookie, err := w.people.Use(ctx, secret, people.Person{Name: "Tom"}, "Firefox")
	w.ok(err)
	if _, err := w.people.Use(ctx, secret, people.Person{Name: "Eve"}, ""); !errors.Is(err, people.ErrLink) {
		t.Errorf("the link was used twice: %v", err)
	}
	me := w.must(200, "session "+cookie, "GET", "/whoami", nil)
	for member, want := range map[string]string{
		"name": "Tom", "email": "Tom@example.com", "role": "staff", "account": acc.id, "resource": acc.resource,
		"member": invited.text("id"), "prefix": "",
	} {
		if me.text(member) != want {
			t.Errorf("whoami says %s %q, want %q", member, me.text(member), want)
		}
	}
	w.refused(409, "member_exists", owner, "POST", acc.path+"/members", object{"email": "tom@example.com", "role": "staff"})
	w.refused(404, "resource_unknown", owner, "POST", acc.path+"/members",
		object{"email": "x@example.com", "role": "staff", "resource": w.newAccount().resource})
	w.refused(403, "role_forbidden", owner, "POST", acc.path+"/members", object{"email": "b@example.com", "role": "billing"})
	w.must(201, w.admin, "POST", acc.path+"/members", object{"email": "b@example.com", "role": "billing"})
	w.refused(422, "member_role_invalid", w.admin, "POST", acc.path+"/members", object{"email": "c@example.com", "role": "admin"})

	w.mails.broken = context.DeadlineExceeded
	w.refused(409, "mail_not_sent", owner, "POST", acc.path+"/members", object{"email": "d@example.com", "role": "staff"})
	w.mails.broken = nil
	list := w.must(200, owner, "GET", acc.path+"/members", nil).items()
	last := list[len(list)-1]
	if last["email"] != "d@example.com" || last["state"] != "invited" {
		t.Errorf("who was invited while the mail server was down is %v", last)
	}
	w.must(202, owner, "POST", acc.path+"/members/"+last["member"].(string)+"/invitation", nil)
}

func TestLinksThatCannotBeUsed(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	ctx := context.Background()
	id := w.member(acc.id, "staff")
	at := people.Place{Account: w.account(acc.id), Member: id}
	made := func() string {
		w.ok(w.people.SendInvitation(ctx, at))
		_, secret := w.lastMail()
		return secret
	}
	refused := func(name, secret string) {
		t.Helper()
		if _, err := w.people.Open(ctx, secret); !errors.Is(err, people.ErrLink) {
			t.Errorf("%s: opening returned %v", name, err)
		}
		if _, err := w.people.Use(ctx, secret, people.Person{Name: "Eve"}, ""); !errors.Is(err, people.ErrLink) {
			t.Errorf("%s: using returned %v", name, err)
		}
	}
	refused("unknown", "AAAAAAAAAAAAAAAAAAAAAAAAAA")
	refused("malformed", "../../x")
	secret := made()
	w.clock = w.clock.Add(15*time.Minute + time.Second)
	refused("expired", secret)
	secret = made()
	w.must(200, acc.owner, "DELETE", acc.path+"/members/"+id.String()+"/sessions", nil)
	refused("ended by an owner", secret)
	secret = made()
	ceremony, err := w.people.Keep(ctx, people.UseKey, at, nil)
	w.ok(err)
	refused("of another purpose", ceremony)
	w.must(200, acc.owner, "DELETE", acc.path+"/members/"+id.String(), nil)
	refused("of a removed member", secret)
}

// TestAskingForALinkTellsNothing asks for a known and an unknown address. Both get the same reply; one gets an email.
func TestAskingForALinkTellsNothing(t *testing.T) {
	w := newWorld(t)
	mine, other := w.newAccount(), w.newAccount()
	for _, acc := range []fixture{mine, other} {
		w.must(201, acc.owner, "POST", acc.path+"/members", object{"email": "ana@example.com", "role": "staff"})
		_, secret := w.lastMail()
		_, err := w.people.Use(context.Background(), secret, people.Person{Name: "Ana"}, "")
		w.ok(err)
	}
	w.must(200, mine.owner, "GET", mine.path+"/services", nil) // the read models know them
	sent := len(w.mails.mails)
	known := w.must(202, "", "POST", "/sign-in", object{"email": "ANA@example.com"})
	unknown := w.must(202, "", "POST", "/sign-in", object{"email": "eve@example.com"})
	mail, secret := w.lastMail()
	if known.raw != unknown.raw {
		t.Errorf("the replies differ: %s and %s", known.raw, unknown.raw)
	}
	if len(w.mails.mails) != sent+1 || mail.To != "ana@example.com" || len(linkForm.FindAllString(mail.Body, -1)) != 2 {
		t.Errorf("want one email with a link for each team, got %d: %+v", len(w.mails.mails)-sent, mail)
	}
	cookie, err := w.people.Use(context.Background(), secret, people.Person{}, "")
	w.ok(err)
	for _, email := range []string{"ana@example.com", "eve@example.com"} { // known or not
		for range 4 {
			w.must(202, "", "POST", "/sign-in", object{"email": email})
		}
		got := w.refused(429, "sign_in_asked_often", "", "POST", "/sign-in", object{"email": email})
		if got.header.Get("Retry-After") == "" {
			t.Error("a refusal for asking too often lacks Retry-After")
		}
	}
	w.refused(422, "email_malformed", "", "POST", "/sign-in", object{"email": "ana"})
	w.refused(403, "foreign_site", "", "POST", "/sign-in", object{"email": "ana@example.com"}, "Sec-Fetch-Site", "cross-site")

	session := "session " + cookie
	teams := w.must(200, session, "GET", "/teams", nil).items()
	if len(teams) != 2 || teams[0]["name"] != "Music school" {
		t.Fatalf("the teams are %v", teams)
	}
	to := mine.id
	if w.must(200, session, "GET", "/whoami", nil).text("account") == to {
		to = other.id
	}
	switched := cookieOf(t, w.must(200, session, "POST", "/teams", object{"account": to}))
	if got := w.must(200, switched, "GET", "/whoami", nil).text("account"); got != to {
		t.Errorf("after switching the account is %s, want %s", got, to)
	}
	w.refused(401, "signed_out", session, "GET", "/whoami", nil)
	w.refused(404, "member_unknown", switched, "POST", "/teams", object{"account": w.newAccount().id})
	w.refused(404, "member_unknown", switched, "POST", "/teams", object{})
}

func TestSigningInNeedsAnEncryptedConnection(t *testing.T) {
	w := newWorld(t)
	r := w.request("", "POST", "/sign-in", object{"email": "ana@example.com"})
	r.Host = "192.168.1.5:8080"
	if got := w.serve(r); got.status != 403 || got.text("code") != "not_encrypted" {
		t.Errorf("signing in without encryption returned %d %s", got.status, got.raw)
	}
}

// addPasskey registers a passkey of the member who is signed in.
func (w *world) addPasskey(session string, device *passkeystest.Device) result {
	w.t.Helper()
	begun := w.must(200, session, "POST", "/passkeys/begin", nil)
	return w.must(201, session, "POST", "/passkeys", object{
		"ceremony": begun.text("ceremony"), "credential": device.Create(w.t, w.options(begun)), "label": "Phone",
	})
}

func (w *world) options(begun result) []byte {
	w.t.Helper()
	options, err := json.Marshal(begun.body["options"])
	w.ok(err)
	return options
}

func (w *world) proof(device *passkeystest.Device) object {
	w.t.Helper()
	begun := w.must(200, "", "POST", "/sign-in/passkey/begin", nil)
	return object{"ceremony": begun.text("ceremony"), "credential": device.Get(w.t, w.options(begun))}
}

func TestPasskeys(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	session := w.signIn(acc.id, "billing")
	device := &passkeystest.Device{Origin: "https://example.com"}
	added := w.addPasskey(session, device)
	me := w.must(200, session, "GET", "/whoami", nil).text("member")
	signed := w.must(200, "", "POST", "/sign-in/passkey", w.proof(device))
	if got := w.must(200, cookieOf(t, signed), "GET", "/whoami", nil).text("member"); got != me {
		t.Errorf("the passkey signed in %s, want %s", got, me)
	}

	proof := w.proof(device)
	w.must(200, "", "POST", "/sign-in/passkey", proof)
	w.refused(409, "passkey_ceremony_ended", "", "POST", "/sign-in/passkey", proof) // the challenge is used
	proof = w.proof(device)
	w.clock = w.clock.Add(5*time.Minute + time.Second)
	w.refused(409, "passkey_ceremony_ended", "", "POST", "/sign-in/passkey", proof)
	foreign := *device
	foreign.Origin = "https://example.com.evil.example"
	w.refused(409, "passkey_refused", "", "POST", "/sign-in/passkey", w.proof(&foreign))
	unverified := *device
	unverified.Unverified = true
	w.refused(409, "passkey_refused", "", "POST", "/sign-in/passkey", w.proof(&unverified))
	w.refused(409, "passkey_refused", "", "POST", "/sign-in/passkey", object{"ceremony": "x", "credential": object{}})
	begun := w.must(200, session, "POST", "/passkeys/begin", nil)
	other := w.signIn(acc.id, "owner")
	w.refused(409, "passkey_ceremony_ended", other, "POST", "/passkeys", object{ // begun by somebody else
		"ceremony": begun.text("ceremony"), "label": "Phone",
		"credential": (&passkeystest.Device{Origin: "https://example.com"}).Create(t, w.options(begun)),
	})

	w.must(200, session, "DELETE", "/passkeys/"+added.text("id"), nil)
	w.refused(409, "passkey_refused", "", "POST", "/sign-in/passkey", w.proof(device))
	w.addPasskey(session, device)
	w.must(200, acc.owner, "DELETE", acc.path+"/members/"+me, nil)
	w.refused(409, "passkey_refused", "", "POST", "/sign-in/passkey", w.proof(device))
}

// TestMembersAreActors changes something as a member and reads who did it from the log.
func TestMembersAreActors(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	session := w.signIn(acc.id, "staff")
	added := w.must(201, session, "POST", acc.path+"/clients", object{"name": "Robert"})
	me := w.must(200, session, "GET", "/whoami", nil).text("member")
	for recorded, err := range w.engine.History(context.Background(), domain.StreamOf("client", added.text("id"))) {
		w.ok(err)
		if want := (domain.Actor{ID: "member:" + me, Channel: "page"}); recorded.Meta.Actor != want {
			t.Errorf("the actor is %+v, want %+v", recorded.Meta.Actor, want)
		}
	}
	if log := w.log.String(); !strings.Contains(log, "member:"+me) || strings.Contains(log, "@example.com") {
		t.Error("the log of requests lacks the id of the member, or holds an address")
	}
}

func TestErasedMemberIsForgotten(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	owner := w.signIn(acc.id, "owner")
	id := w.member(acc.id, "staff")
	w.refused(409, "member_last_owner", acc.owner, "DELETE",
		acc.path+"/members/"+w.must(200, owner, "GET", "/whoami", nil).text("member"), nil)
	w.must(200, owner, "DELETE", acc.path+"/members/"+id.String()+"?erase=true", nil)
	for recorded, err := range w.engine.History(context.Background(), team.Stream(w.account(acc.id))) {
		w.ok(err)
		if joined, ok := recorded.Event.(team.MemberJoined); ok && joined.Member == id && !joined.Name.IsErased() {
			t.Errorf("the name of an erased member can be read: %q", joined.Name.Reveal())
		}
	}
}

// peopleStory calls every operation about people for TestEveryOperationWorks.
func (w *world) peopleStory(acc fixture) {
	w.t.Helper()
	t, ok := w.t.(*testing.T)
	if !ok {
		w.t.Fatal("the story is a test")
	}
	w.must(200, "", "GET", "/sign-in", nil)
	w.must(202, "", "POST", "/sign-in", object{"email": "ana@example.com"})
	owner, admin := w.signIn(acc.id, "owner"), w.signIn("", "admin")
	for path, by := range map[string]string{acc.path + "/members": owner, "/members": admin} {
		role := "staff"
		if by == admin {
			role = "admin"
		}
		id := w.must(201, by, "POST", path, object{"email": "new@example.com", "role": role}).text("id")
		listed := w.must(200, by, "GET", path, nil)
		if by == owner {
			w.must(200, by, "PUT", path+"/"+id, object{"role": "owner"}, "If-Match", listed.header.Get("ETag"))
		}
		w.must(202, by, "POST", path+"/"+id+"/invitation", nil)
		link := w.must(201, w.admin, "POST", path+"/"+id+"/link", nil, "Idempotency-Key", "link-of-"+role)
		again := w.must(201, w.admin, "POST", path+"/"+id+"/link", nil, "Idempotency-Key", "link-of-"+role)
		if link.text("link") == "" || again.text("link") != "" {
			t.Errorf("the link was shown as %q, then %q", link.text("link"), again.text("link"))
		}
		w.must(200, by, "GET", path+"/"+id+"/sessions", nil)
		w.must(200, by, "DELETE", path+"/"+id+"/sessions", nil)
		w.must(200, by, "DELETE", path+"/"+id, nil)
	}
	device := &passkeystest.Device{Origin: "https://example.com"}
	added := w.addPasskey(owner, device)
	w.must(200, owner, "GET", "/passkeys", nil)
	second := cookieOf(t, w.must(200, "", "POST", "/sign-in/passkey", w.proof(device)))
	w.must(200, owner, "DELETE", "/passkeys/"+added.text("id"), nil)
	w.must(200, owner, "GET", "/teams", nil)
	moved := cookieOf(t, w.must(200, second, "POST", "/teams", object{"account": acc.id}))
	w.must(200, owner, "GET", "/sessions", nil)
	w.must(200, owner, "DELETE", "/sessions/"+w.must(200, moved, "GET", "/whoami", nil).text("session"), nil)
	w.must(200, owner, "POST", "/sign-out", nil)
}
