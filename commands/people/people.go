// Package people lets the people of a team in: by a one-time link, by a passkey, or by the sign-in of their
// organisation. It keeps sessions and links by their hashes only, so a thief of its files cannot sign in. Who is in a
// team and what they may do is decided by package team; a session is checked against it at every request, so a change
// counts at once. The package knows no HTTP.
package people

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"log/slog"
	"sync"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/team"
)

// How long things are valid. They are chosen for a shared computer at a reception: it is signed out overnight.
const (
	IdleLimit     = 12 * time.Hour      // of a session that is not used
	AbsoluteLimit = 14 * 24 * time.Hour // of any session

	linkValid     = 15 * time.Minute   // a link for somebody who asked to sign in
	inviteValid   = 7 * 24 * time.Hour // an invitation
	printedValid  = 24 * time.Hour     // a link that the program printed
	ceremonyValid = 5 * time.Minute    // the time that a browser has for a passkey
	secondValid   = 24 * time.Hour     // the time that a second person has

	// seenEvery is how often the use of a session is recorded: a record of every request would cost a write to the disk.
	seenEvery = 5 * time.Minute
)

// Hash is the SHA-256 of a secret of at least 128 random bits. With that much entropy a slow hash would add nothing.
type Hash [sha256.Size]byte

func hashOf(secret string) Hash { return sha256.Sum256([]byte(secret)) }

// newSecret returns 130 random bits as 26 letters and digits.
func newSecret() string { return rand.Text() }

// secretLength is that of every text that newSecret returns. Go may change it.
var secretLength = len(newSecret())

// Session is a browser in which a member is signed in.
type Session struct {
	Hash      Hash // of the secret in the cookie
	ID        string
	Account   domain.AccountID // zero for the installation
	Member    domain.MemberID
	Role      string // when the session began: a change of the role ends it
	How       string // ByLink, ByPasskey or ByOrganisation
	Agent     string // what the browser calls itself
	CreatedAt time.Time
	SeenAt    time.Time
}

// How sessions begin.
const (
	ByLink         = "link"
	ByPasskey      = "passkey"
	ByOrganisation = "organisation"
)

// expired reports whether a session has ended by itself.
func (s Session) expired(now time.Time) bool {
	return now.Sub(s.SeenAt) > IdleLimit || now.Sub(s.CreatedAt) > AbsoluteLimit
}

// Secret is something that can be used once: a link, or the challenge of a passkey.
type Secret struct {
	Hash      Hash
	Purpose   Purpose
	Account   domain.AccountID
	Member    domain.MemberID // zero for a first start, and for a passkey whose owner is not known yet
	Data      []byte          // of a challenge
	ExpiresAt time.Time
}

// Purpose is what a secret is good for. A secret is never good for two purposes.
type Purpose string

// The purposes.
const (
	SignIn     Purpose = "sign-in"    // a link of a member
	Invitation Purpose = "invitation" // a link of somebody who has not joined
	FirstStart Purpose = "first"      // makes the first admin
	AddKey     Purpose = "add-key"    // a passkey is registered
	UseKey     Purpose = "use-key"    // a passkey signs in
	Sso        Purpose = "sso"        // a browser is at the provider of an organisation
	Second     Purpose = "second"     // what a first person wants, and a second one has to do too
)

// Store keeps sessions and secrets. Times are in microseconds.
type Store interface {
	AddSession(ctx context.Context, session Session) error
	FindSession(ctx context.Context, hash Hash) (session Session, ok bool, err error)
	SessionSeen(ctx context.Context, hash Hash, at time.Time) error
	// Sessions returns those of a member, the newest first.
	Sessions(ctx context.Context, account domain.AccountID, member domain.MemberID) ([]Session, error)
	// EndSession ends one session of a member, by its id.
	EndSession(ctx context.Context, account domain.AccountID, member domain.MemberID, id string) error
	// EndSessions ends all sessions of a member and all that could begin another.
	EndSessions(ctx context.Context, account domain.AccountID, member domain.MemberID) error

	AddSecret(ctx context.Context, secret Secret) error
	FindSecret(ctx context.Context, hash Hash) (secret Secret, ok bool, err error)
	// UseSecret deletes a secret and returns it. Of two calls at the same time, one gets it.
	UseSecret(ctx context.Context, hash Hash) (secret Secret, ok bool, err error)

	// ForgetSessions deletes what has ended: sessions by either limit, and secrets that have expired.
	ForgetSessions(ctx context.Context, seenBefore, createdBefore, now time.Time) error
}

// Directory finds members by their address, in all teams.
type Directory interface {
	WithEmail(ctx context.Context, email string) ([]Place, error)
}

// Place is a member of one team.
type Place struct {
	Account domain.AccountID // zero for the installation
	Member  domain.MemberID
}

// Config is what signing in needs.
type Config struct {
	Engine    *commands.Engine
	Store     Store
	Directory Directory
	Mailer    messaging.Mailer
	Base      string       // what links begin with, without a slash at its end
	Log       *slog.Logger // nil logs nothing
}

// People signs members in.
type People struct {
	Config
	asked   *limit
	sending chan struct{} // bounds the emails that are being sent
	running sync.WaitGroup
}

// maxSending bounds the emails that are sent at once, and mailTimeout how long one takes.
const (
	maxSending  = 32
	mailTimeout = time.Minute
)

// New returns People. Call Wait before the stores are closed.
func New(config Config) *People {
	return &People{Config: config, asked: newLimit(), sending: make(chan struct{}, maxSending)}
}

// Signed is somebody who is signed in.
type Signed struct {
	Session Session
	Member  team.Member
}

// Refusals of signing in.
var (
	// ErrLink refuses every link that cannot be used. The reason is not told, because a stranger could learn from it.
	ErrLink = domain.Refuse(domain.Unknown, "sign_in_link_invalid",
		"this link was used, has expired or is not complete; ask for a new one on the sign-in page")
	ErrAskedOften = domain.Refuse(domain.Disallowed, "sign_in_asked_often",
		"several links were sent to this address; use the newest one, or wait ten minutes")
	ErrMail = domain.Refuse(domain.Disallowed, "mail_not_sent",
		"the mail server did not take the email; send it again in a minute")
)

// load returns a team as it is now.
func (p *People) load(ctx context.Context, account domain.AccountID) (team.State, error) {
	state, _, err := commands.LoadKnown(ctx, p.Engine, team.Decider, team.Stream(account))
	return state, err
}

// present returns a member who was not removed.
func (p *People) present(ctx context.Context, at Place) (team.Member, bool, error) {
	state, err := p.load(ctx, at.Account)
	if err != nil {
		return team.Member{}, false, err
	}
	member, ok := state.Present(at.Member)
	return member, ok, nil
}

// origin returns the origin of what a member does about themselves.
func origin(at Place) commands.Origin {
	actor := Actor(at.Member)
	if at.Account.IsZero() {
		return commands.ForInstallation(actor)
	}
	return commands.ForAccount(at.Account, actor)
}

// Actor returns the actor of the events that a member causes.
func Actor(member domain.MemberID) domain.Actor {
	return domain.Actor{ID: "member:" + member.String(), Channel: "page"}
}
