package people

import (
	"context"
)

// Seconded reports whether somebody else has asked for the same thing within a day, and who that was. What is asked for
// is named by a text of its values. If nobody else has, the first person is noted, and a second one has to do the same.
func (p *People) Seconded(ctx context.Context, what, who string) (first string, ok bool, err error) {
	hash := hashOf(string(Second) + " " + what)
	noted, ok, err := p.Store.FindSecret(ctx, hash)
	if err != nil {
		return "", false, err
	}
	now := p.Engine.Now()
	if ok && now.Before(noted.ExpiresAt) {
		if string(noted.Data) == who {
			return "", false, nil
		}
		used, ok, err := p.Store.UseSecret(ctx, hash)
		return string(used.Data), ok, err
	}
	if ok { // too old
		if _, _, err := p.Store.UseSecret(ctx, hash); err != nil {
			return "", false, err
		}
	}
	return "", false, p.Store.AddSecret(ctx, Secret{
		Hash: hash, Purpose: Second, Data: []byte(who), ExpiresAt: now.Add(secondValid),
	})
}
