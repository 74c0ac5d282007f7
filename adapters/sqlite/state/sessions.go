package state

import (
	"context"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/clickbook/clickbook/commands/people"
	"github.com/clickbook/clickbook/domain"
)

// AddSession implements people.Store, as do the other methods of this file.
func (f *File) AddSession(ctx context.Context, s people.Session) error {
	return f.run(ctx, `INSERT INTO sessions (hash, id, account, member, role, how, agent, created_at, seen_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, []any{
		s.Hash[:], s.ID, s.Account.UUID[:], s.Member.UUID[:], s.Role, s.How, s.Agent, s.CreatedAt.UnixMicro(),
		s.SeenAt.UnixMicro(),
	}, nil)
}

const sessionColumns = "SELECT hash, id, account, member, role, how, agent, created_at, seen_at FROM sessions "

func readSession(stmt *sqlite.Stmt) (s people.Session) {
	stmt.ColumnBytes(0, s.Hash[:])
	s.ID = stmt.ColumnText(1)
	stmt.ColumnBytes(2, s.Account.UUID[:])
	stmt.ColumnBytes(3, s.Member.UUID[:])
	s.Role, s.How, s.Agent = stmt.ColumnText(4), stmt.ColumnText(5), stmt.ColumnText(6)
	s.CreatedAt, s.SeenAt = micros(stmt, 7), micros(stmt, 8)
	return s
}

func micros(stmt *sqlite.Stmt, column int) time.Time {
	return time.UnixMicro(stmt.ColumnInt64(column)).UTC()
}

// FindSession returns a session by the hash of its secret.
func (f *File) FindSession(ctx context.Context, hash people.Hash) (session people.Session, ok bool, err error) {
	err = f.read(ctx, sessionColumns+"WHERE hash = ?", []any{hash[:]}, func(stmt *sqlite.Stmt) error {
		session, ok = readSession(stmt), true
		return nil
	})
	return session, ok, err
}

// SessionSeen records that a session was used.
func (f *File) SessionSeen(ctx context.Context, hash people.Hash, at time.Time) error {
	return f.run(ctx, "UPDATE sessions SET seen_at = max(seen_at, ?) WHERE hash = ?", []any{at.UnixMicro(), hash[:]}, nil)
}

// Sessions returns the sessions of a member, the newest first.
func (f *File) Sessions(
	ctx context.Context, account domain.AccountID, member domain.MemberID,
) (all []people.Session, err error) {
	err = f.read(ctx, sessionColumns+"WHERE account = ? AND member = ? ORDER BY created_at DESC, hash",
		[]any{account.UUID[:], member.UUID[:]}, func(stmt *sqlite.Stmt) error {
			all = append(all, readSession(stmt))
			return nil
		})
	return all, err
}

// EndSession deletes a session of a member.
func (f *File) EndSession(
	ctx context.Context, account domain.AccountID, member domain.MemberID, id string,
) error {
	return f.run(ctx, "DELETE FROM sessions WHERE account = ? AND member = ? AND id = ?",
		[]any{account.UUID[:], member.UUID[:], id}, nil)
}

// EndSessions deletes the sessions and the secrets of a member.
func (f *File) EndSessions(ctx context.Context, account domain.AccountID, member domain.MemberID) error {
	for _, table := range []string{"secrets", "sessions"} { // secrets first: none may begin a session in between
		err := f.run(ctx, "DELETE FROM "+table+" WHERE account = ? AND member = ?",
			[]any{account.UUID[:], member.UUID[:]}, nil)
		if err != nil {
			return err
		}
	}
	return nil
}

// AddSecret stores a secret.
func (f *File) AddSecret(ctx context.Context, s people.Secret) error {
	data := s.Data
	if data == nil {
		data = []byte{}
	}
	return f.run(ctx, `INSERT INTO secrets (hash, purpose, account, member, data, expires_at)
		VALUES (?, ?, ?, ?, ?, ?)`, []any{
		s.Hash[:], string(s.Purpose), s.Account.UUID[:], s.Member.UUID[:], data, s.ExpiresAt.UnixMicro(),
	}, nil)
}

// FindSecret returns a secret and leaves it.
func (f *File) FindSecret(ctx context.Context, hash people.Hash) (secret people.Secret, ok bool, err error) {
	return f.secret(ctx, "SELECT purpose, account, member, data, expires_at FROM secrets WHERE hash = ?", hash)
}

// UseSecret deletes a secret and returns it.
func (f *File) UseSecret(ctx context.Context, hash people.Hash) (secret people.Secret, ok bool, err error) {
	return f.secret(ctx, "DELETE FROM secrets WHERE hash = ? RETURNING purpose, account, member, data, expires_at", hash)
}

func (f *File) secret(ctx context.Context, query string, hash people.Hash) (s people.Secret, ok bool, err error) {
	err = f.run(ctx, query, []any{hash[:]}, func(stmt *sqlite.Stmt) error {
		ok = true
		s.Hash, s.Purpose = hash, people.Purpose(stmt.ColumnText(0))
		stmt.ColumnBytes(1, s.Account.UUID[:])
		stmt.ColumnBytes(2, s.Member.UUID[:])
		s.Data, s.ExpiresAt = blob(stmt, 3), micros(stmt, 4)
		return nil
	})
	return s, ok && err == nil, err
}

// ForgetSessions deletes the sessions and secrets that have ended.
func (f *File) ForgetSessions(ctx context.Context, seenBefore, createdBefore, now time.Time) error {
	err := f.run(ctx, "DELETE FROM sessions WHERE seen_at < ? OR created_at < ?",
		[]any{seenBefore.UnixMicro(), createdBefore.UnixMicro()}, nil)
	if err != nil {
		return err
	}
	return f.run(ctx, "DELETE FROM secrets WHERE expires_at < ?", []any{now.UnixMicro()}, nil)
}
