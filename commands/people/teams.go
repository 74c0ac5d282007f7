package people

import (
	"context"

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
