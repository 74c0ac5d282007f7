package projections

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/access"
)

// Keys answers: whose API key is this, and what may its holder do? The key itself is stored nowhere.
type Keys struct{ DB Reader }

// Key is what is known of an API key.
type Key struct {
	Prefix   string
	Account  domain.AccountID // zero for an admin key of the installation
	Hash     string           // SHA-256 of the key, hexadecimal
	Role     string
	Label    string
	IssuedAt time.Time
	Revoked  bool
}

var keys = Projection{
	Name: "keys", Version: 1,
	Tables: []Table{{
		Name: "keys_v1",
		Columns: `prefix TEXT NOT NULL, account BYTEA NOT NULL, hash TEXT NOT NULL, role TEXT NOT NULL,
			label TEXT NOT NULL, issued_at BIGINT NOT NULL, revoked BIGINT NOT NULL`,
		Key:     "prefix",
		Indexes: []string{"(account, prefix)"},
	}},
	Types: types(access.KeyIssued{}, access.KeyRevoked{}),
	Apply: each(learnKey),
}

func learnKey(s session, r domain.Recorded) error {
	switch e := r.Event.(type) {
	case access.KeyIssued:
		return s.exec(`INSERT INTO keys_v1 (prefix, account, hash, role, label, issued_at, revoked)
			VALUES ($1, $2, $3, $4, $5, $6, 0)`, e.Prefix, key(e.Account), e.Hash, e.Role, e.Label,
			micros(r.Meta.OccurredAt))
	case access.KeyRevoked:
		return s.exec(`UPDATE keys_v1 SET revoked = 1 WHERE prefix = $1`, e.Prefix)
	}
	return nil
}

const keyColumns = `SELECT prefix, account, hash, role, label, issued_at, revoked FROM keys_v1 `

func readKey(row Row) (k Key, err error) {
	readID(&k.Account, row, 1)
	k.Prefix, k.Hash, k.Role, k.Label = row.Text(0), row.Text(2), row.Text(3), row.Text(4)
	k.IssuedAt, k.Revoked = moment(row.Int(5)), row.Int(6) != 0
	return k, nil
}

// Find is the key of a prefix, revoked or not; ok is false when there never was one.
func (q Keys) Find(ctx context.Context, prefix string) (found Key, ok bool, err error) {
	return one(ctx, q.DB, readKey, keyColumns+`WHERE prefix = $1`, prefix)
}

// Of are the keys of an account, or with the zero id those of the installation.
func (q Keys) Of(ctx context.Context, account domain.AccountID) ([]Key, error) {
	return list(ctx, q.DB, readKey, keyColumns+`WHERE account = $1 ORDER BY prefix`, key(account))
}
