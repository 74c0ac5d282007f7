package people

import (
	"context"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/team"
)

// Team is a team of a person.
type Team struct {
	Place
	Role string
	Name string // of the account; "" for the installation
}

// Teams returns the teams in which the address of a member has joined.
func (p *People) Teams(ctx context.Context, at Place) (teams []Team, err error) {
	self, ok, err := p.present(ctx, at)
	if err != nil || !ok {
		return nil, err
	}
	places, err := p.Directory.WithEmail(ctx, self.Email.Reveal())
	if err != nil {
		return nil, err
	}
	for _, place := range places {
		member, ok, err := p.present(ctx, place)
		if err != nil {
			return nil, err
		}
		if !ok || !member.Joined || !team.SameEmail(member.Email.Reveal(), self.Email.Reveal()) {
			continue
		}
		of, err := p.account(ctx, place.Account)
		if err != nil {
			return nil, err
		}
		teams = append(teams, Team{Place: place, Role: member.Role, Name: of.Name.Reveal()})
	}
	return teams, nil
}

// Keep stores data that can be used once, such as the challenge of a passkey, and returns the secret that finds it.
func (p *People) Keep(ctx context.Context, purpose Purpose, at Place, data []byte) (secret string, err error) {
	secret = newSecret()
	return secret, p.Store.AddSecret(ctx, Secret{
		Hash: hashOf(secret), Purpose: purpose, Account: at.Account, Member: at.Member, Data: data,
		ExpiresAt: p.Engine.Now().Add(ceremonyValid),
	})
}

// Take returns the data of a secret, once. ok is false if it was taken, has expired, or is for another purpose or
// member.
func (p *People) Take(ctx context.Context, purpose Purpose, at Place, secret string) (data []byte, ok bool, err error) {
	if !secretForm.MatchString(secret) {
		return nil, false, nil
	}
	used, ok, err := p.Store.UseSecret(ctx, hashOf(secret))
	if err != nil || !ok || used.Purpose != purpose || used.Account != at.Account || used.Member != at.Member ||
		p.Engine.Now().After(used.ExpiresAt) {
		return nil, false, err
	}
	return used.Data, true, nil
}

// Member returns a member who has joined, for their passkeys.
func (p *People) Member(ctx context.Context, at Place) (team.Member, bool, error) {
	member, ok, err := p.present(ctx, at)
	return member, ok && member.Joined, err
}

// Recognise returns the member with an address that somebody else has verified, such as the provider of an
// organisation. Somebody who was only invited joins, under the name that was given.
func (p *People) Recognise(ctx context.Context, email, name string) (at Place, ok bool, err error) {
	places, err := p.Directory.WithEmail(ctx, email)
	if err != nil {
		return at, false, err
	}
	var invited []Place
	for _, place := range places {
		member, present, err := p.present(ctx, place)
		switch {
		case err != nil:
			return at, false, err
		case !present || !team.SameEmail(member.Email.Reveal(), email):
		case member.Joined:
			return place, true, nil
		default:
			invited = append(invited, place)
		}
	}
	if len(invited) == 0 {
		return at, false, nil
	}
	called, err := domain.ParseText("your name", name, maxName)
	if err != nil {
		called = email
	}
	at = invited[0]
	_, err = p.Engine.Do(ctx, origin(at), team.Join{Account: at.Account, Member: at.Member, Name: domain.Secret(called)})
	return at, err == nil, err
}
