package directory

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/access"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Keys answers: whose API key is this, and what may its holder do? The key itself is not stored, only its hash.
type Keys struct{ DB readmodel.Reader }

// Key is what is stored of an API key.
type Key struct {
	Prefix   string
	Account  domain.AccountID // zero for an admin key of the installation
	Hash     string           // SHA-256 of the key, hexadecimal
	Role     string
	Label    string
	IssuedAt time.Time
	Revoked  bool
}

var keys = readmodel.Projection{
	Name: "keys", Version: 1,
	Tables: []readmodel.Table{{
		Name: "keys_v1",
		Columns: `prefix TEXT NOT NULL, account BYTEA NOT NULL, hash TEXT NOT NULL, role TEXT NOT NULL,
			label TEXT NOT NULL, issued_at BIGINT NOT NULL, revoked BIGINT NOT NULL`,
		Key:     "prefix",
		Indexes: []string{"(account, prefix)"},
	}},
	Types: domain.NamesOf(access.KeyIssued{}, access.KeyRevoked{}),
	Apply: readmodel.ApplyEach(applyKey),
}

func applyKey(w readmodel.Writer, r domain.Recorded) error {
	switch e := r.Event.(type) {
	case access.KeyIssued:
		return w.Exec(`INSERT INTO keys_v1 (prefix, account, hash, role, label, issued_at, revoked)
			VALUES ($1, $2, $3, $4, $5, $6, 0)`, e.Prefix, readmodel.Key(e.Account), e.Hash, e.Role, e.Label,
			readmodel.Micros(r.Meta.OccurredAt))
	case access.KeyRevoked:
		return w.Exec(`UPDATE keys_v1 SET revoked = 1 WHERE prefix = $1`, e.Prefix)
	default:
		return domain.Unexpected(r)
	}
}

const keyColumns = `SELECT prefix, account, hash, role, label, issued_at, revoked FROM keys_v1 `

func readKey(row readmodel.Row) (k Key, err error) {
	readmodel.ReadID(&k.Account, row, 1)
	k.Prefix, k.Hash, k.Role, k.Label = row.Text(0), row.Text(2), row.Text(3), row.Text(4)
	k.IssuedAt, k.Revoked = readmodel.Time(row.Int(5)), row.Int(6) != 0
	return k, nil
}

// Find returns the key with a prefix, revoked or not. ok is false when there never was one.
func (q Keys) Find(ctx context.Context, prefix string) (found Key, ok bool, err error) {
	return readmodel.One(ctx, q.DB, readKey, keyColumns+`WHERE prefix = $1`, prefix)
}

// maxRevoked bounds the revoked keys in a list: a program may revoke and issue one every minute.
const maxRevoked = 500

// Of returns the valid keys of an account and the newest of its revoked ones, by prefix, or those of the installation
// for the zero id.
func (q Keys) Of(ctx context.Context, account domain.AccountID) ([]Key, error) {
	return readmodel.List(ctx, q.DB, readKey, keyColumns+`WHERE account = $1 AND (revoked = 0 OR prefix IN (
			SELECT prefix FROM keys_v1 WHERE account = $1 AND revoked = 1
			ORDER BY issued_at DESC, prefix LIMIT 0 + $2))
		ORDER BY prefix`, readmodel.Key(account), maxRevoked)
}
