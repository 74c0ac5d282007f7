package people

import (
	"context"
	"encoding/hex"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/clickbook/clickbook/domain"
)

// maxAgent bounds what is kept of a browser's name for itself, in bytes.
const maxAgent = 200

// Begin begins a session of a member and returns the secret for the cookie.
func (p *People) Begin(ctx context.Context, at Place, how, agent string) (secret string, err error) {
	member, ok, err := p.present(ctx, at)
	if err == nil && (!ok || !member.Joined) {
		err = ErrLink
	}
	if err != nil {
		return "", err
	}
	secret, now := newSecret(), p.Engine.Now()
	hash := hashOf(secret)
	return secret, p.Store.AddSession(ctx, Session{
		Hash: hash, ID: hex.EncodeToString(hash[:8]), Account: at.Account, Member: at.Member, Role: member.Role,
		How: how, Agent: printable(agent), CreatedAt: now, SeenAt: now,
	})
}

// printable cuts and cleans what a browser says of itself.
func printable(agent string) string {
	agent = strings.Map(func(r rune) rune {
		if r < ' ' || r == utf8.RuneError || r == 0x7f {
			return -1
		}
		return r
	}, agent)
	if len(agent) > maxAgent {
		agent = strings.ToValidUTF8(agent[:maxAgent], "")
	}
	return agent
}

// Find returns who is signed in with the secret of a cookie. ok is false for a session that is unknown or has ended,
// and for a member who was removed or has another role since.
func (p *People) Find(ctx context.Context, secret string) (signed Signed, ok bool, err error) {
	if len(secret) != secretLength { // an unknown text must not cost a look-up
		return Signed{}, false, nil
	}
	session, ok, err := p.Store.FindSession(ctx, hashOf(secret))
	now := p.Engine.Now()
	if err != nil || !ok || session.expired(now) {
		return Signed{}, false, err
	}
	member, ok, err := p.present(ctx, Place{session.Account, session.Member})
	if err != nil || !ok || member.Role != session.Role {
		return Signed{}, false, err
	}
	if now.Sub(session.SeenAt) >= seenEvery {
		if err := p.Store.SessionSeen(ctx, session.Hash, now); err != nil {
			return Signed{}, false, err
		}
		session.SeenAt = now
	}
	return Signed{Session: session, Member: member}, true, nil
}

// Sessions returns the sessions of a member that have not ended, the newest first.
func (p *People) Sessions(ctx context.Context, at Place) (open []Session, err error) {
	all, err := p.Store.Sessions(ctx, at.Account, at.Member)
	now := p.Engine.Now()
	for _, one := range all {
		if !one.expired(now) {
			open = append(open, one)
		}
	}
	return open, err
}

// End ends one session of a member.
func (p *People) End(ctx context.Context, at Place, id string) error {
	return p.Store.EndSession(ctx, at.Account, at.Member, id)
}

// EndAll ends all sessions of a member, and the links by which they could begin another.
func (p *People) EndAll(ctx context.Context, account domain.AccountID, member domain.MemberID) error {
	return p.Store.EndSessions(ctx, account, member)
}

// Forget deletes what has ended by itself.
func (p *People) Forget(ctx context.Context) error {
	now := p.Engine.Now()
	return p.Store.ForgetSessions(ctx, now.Add(-IdleLimit), now.Add(-AbsoluteLimit), now)
}

// EndsAt returns when a session ends unless it is used.
func (s Session) EndsAt() time.Time {
	idle, absolute := s.SeenAt.Add(IdleLimit), s.CreatedAt.Add(AbsoluteLimit)
	if absolute.Before(idle) {
		return absolute
	}
	return idle
}

// SignOut ends the session with the secret of a cookie. An unknown one has ended already.
func (p *People) SignOut(ctx context.Context, secret string) error {
	session, ok, err := p.Store.FindSession(ctx, hashOf(secret))
	if err != nil || !ok {
		return err
	}
	return p.Store.EndSession(ctx, session.Account, session.Member, session.ID)
}

// Switch begins a session of the same person in another team, and ends the one before.
func (p *People) Switch(ctx context.Context, from Place, session string, to Place) (secret string, err error) {
	open, err := p.Store.Sessions(ctx, from.Account, from.Member)
	if err != nil {
		return "", err
	}
	for _, one := range open {
		if one.ID != session {
			continue
		}
		if secret, err = p.Begin(ctx, to, one.How, one.Agent); err != nil {
			return "", err
		}
		return secret, p.End(ctx, from, session)
	}
	return "", ErrLink
}
