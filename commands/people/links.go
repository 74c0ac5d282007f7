package people

import (
	"context"
	"encoding/hex"
	"regexp"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/team"
)

// LinkPath is the address of the page of a one-time link, which its secret follows.
const LinkPath = "/s/"

// maxName bounds the name of a person.
const maxName = 200

// secretForm matches what newSecret returns. A text of another form is not looked up.
var secretForm = regexp.MustCompile(`^[A-Z2-7]{26}$`)

// Printed makes a link for a member that the program prints, such as for an operator who is locked out.
func (p *People) Printed(ctx context.Context, at Place) (url string, err error) {
	return p.link(ctx, at, printedValid)
}

// PrintedFirst makes the link that makes the first admin.
func (p *People) PrintedFirst(ctx context.Context) (url string, err error) {
	return p.add(ctx, Secret{Purpose: FirstStart}, printedValid)
}

// link makes a link for a member: an invitation for somebody who has not joined yet. valid counts for members only.
func (p *People) link(ctx context.Context, at Place, valid time.Duration) (url string, err error) {
	member, ok, err := p.present(ctx, at)
	if err == nil && !ok {
		err = team.ErrUnknown
	}
	if err != nil {
		return "", err
	}
	secret := Secret{Purpose: SignIn, Account: at.Account, Member: at.Member}
	if !member.Joined {
		secret.Purpose, valid = Invitation, inviteValid
	}
	return p.add(ctx, secret, valid)
}

func (p *People) add(ctx context.Context, secret Secret, valid time.Duration) (url string, err error) {
	text := newSecret()
	secret.Hash, secret.ExpiresAt = hashOf(text), p.Engine.Now().Add(valid)
	return p.Base + LinkPath + text, p.Store.AddSecret(ctx, secret)
}

// Opened is what a link is good for.
type Opened struct {
	Purpose Purpose
	Place   Place
	Member  team.Member // zero for a first start
	Team    string      // the name of the account; "" for the installation
	Locale  string
}

// Open returns what a link is good for, and does not use it: programs that scan mails fetch every link. It returns
// ErrLink for one that cannot be used.
func (p *People) Open(ctx context.Context, text string) (Opened, error) {
	if !secretForm.MatchString(text) {
		return Opened{}, ErrLink
	}
	secret, ok, err := p.Store.FindSecret(ctx, hashOf(text))
	if err != nil {
		return Opened{}, err
	}
	if !ok {
		return Opened{}, ErrLink
	}
	return p.opened(ctx, secret)
}

func (p *People) opened(ctx context.Context, secret Secret) (Opened, error) {
	opened := Opened{Purpose: secret.Purpose, Place: Place{secret.Account, secret.Member}}
	if p.Engine.Now().After(secret.ExpiresAt) {
		return Opened{}, ErrLink
	}
	switch secret.Purpose {
	case FirstStart:
		return opened, nil
	case SignIn, Invitation:
	default:
		return Opened{}, ErrLink
	}
	member, ok, err := p.present(ctx, opened.Place)
	if err != nil {
		return Opened{}, err
	}
	if !ok || member.Joined != (secret.Purpose == SignIn) {
		return Opened{}, ErrLink
	}
	opened.Member = member
	if opened.Place.Account.IsZero() {
		return opened, nil
	}
	of, _, err := commands.Load(ctx, p.Engine, account.Decider, account.Stream(opened.Place.Account))
	opened.Team, opened.Locale = of.Name.Reveal(), of.Locale
	return opened, err
}

// Person is what somebody says of themselves when they join. A first admin gives an address too.
type Person struct{ Name, Email string }

// Use uses a link and begins a session. It refuses a person without a name before the link is used, so nothing has to
// be asked for again.
func (p *People) Use(ctx context.Context, text string, person Person, agent string) (secret string, err error) {
	opened, err := p.Open(ctx, text)
	if err != nil {
		return "", err
	}
	if opened.Purpose != SignIn {
		if person, err = checked(opened.Purpose, person); err != nil {
			return "", err
		}
	}
	used, ok, err := p.Store.UseSecret(ctx, hashOf(text))
	if err != nil {
		return "", err
	}
	if !ok {
		return "", ErrLink
	}
	if opened, err = p.opened(ctx, used); err != nil {
		return "", err
	}
	at := opened.Place
	switch opened.Purpose {
	case FirstStart:
		at, err = p.found(ctx, used.Hash, person)
	case Invitation:
		_, err = p.Engine.Do(ctx, origin(at), team.Join{
			Account: at.Account, Member: at.Member, Name: domain.Secret(person.Name),
		})
	default:
	}
	if err != nil {
		return "", err
	}
	return p.Begin(ctx, at, ByLink, agent)
}

func checked(purpose Purpose, person Person) (Person, error) {
	name, err := domain.ParseText("your name", person.Name, maxName)
	if err != nil {
		return person, err
	}
	person.Name = name
	if purpose == FirstStart {
		person.Email, err = domain.ParseEmail(person.Email)
	}
	return person, err
}

// found makes an admin of the person who used the link of a first start. The member's id derives from the link, so that
// a crash in between leaves one member.
func (p *People) found(ctx context.Context, link Hash, person Person) (Place, error) {
	at := Place{Member: domain.DeriveID[domain.MemberID]("first admin", hex.EncodeToString(link[:]))}
	by := origin(at)
	_, err := p.Engine.Do(ctx, by, team.Invite{
		Member: at.Member, Email: domain.Secret(person.Email), Role: team.Admin,
	})
	if err == nil {
		_, err = p.Engine.Do(ctx, by, team.Join{Member: at.Member, Name: domain.Secret(person.Name)})
	}
	return at, err
}
