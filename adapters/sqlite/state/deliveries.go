package state

import (
	"context"
	"time"

	"github.com/google/uuid"
	"zombiezen.com/go/sqlite"

	"github.com/clickbook/clickbook/commands/webhooks"
	"github.com/clickbook/clickbook/domain"
)

// deliverySchema is what version 4 added: the queue of the calls of webhooks. next_at is NULL for one that is over.
const deliverySchema = `
CREATE TABLE deliveries (
	id        BLOB PRIMARY KEY,
	account   BLOB NOT NULL,
	webhook   BLOB NOT NULL,
	kind      TEXT NOT NULL,
	body      BLOB NOT NULL,
	queued_at INTEGER NOT NULL,
	next_at   INTEGER,
	attempts  INTEGER NOT NULL,
	tried_at  INTEGER,
	code      INTEGER NOT NULL,
	failure   TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX deliveries_due ON deliveries (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX deliveries_by_webhook ON deliveries (webhook, queued_at);
CREATE INDEX deliveries_by_age ON deliveries (queued_at)`

const deliveryColumns = `SELECT id, account, webhook, kind, body, queued_at, next_at, attempts, tried_at, code, failure
	FROM deliveries `

// AddDelivery implements webhooks.Queue, as do the other methods of this file.
func (f *File) AddDelivery(ctx context.Context, d webhooks.Delivery) error {
	return f.run(ctx, `INSERT INTO deliveries
		(id, account, webhook, kind, body, queued_at, next_at, attempts, tried_at, code, failure)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`, delivered(d), nil)
}

// SaveDelivery replaces what is known of a delivery.
func (f *File) SaveDelivery(ctx context.Context, d webhooks.Delivery) error {
	return f.run(ctx, `UPDATE deliveries SET next_at = ?, attempts = ?, tried_at = ?, code = ?, failure = ?
		WHERE id = ?`, []any{instant(d.NextAt), d.Attempts, instant(d.TriedAt), d.Code, d.Failure, d.ID[:]}, nil)
}

// DueDeliveries returns deliveries to try now, those that are due for the longest time first.
func (f *File) DueDeliveries(ctx context.Context, now time.Time, limit int) ([]webhooks.Delivery, error) {
	return f.deliveries(ctx, "WHERE next_at <= ? ORDER BY next_at, id LIMIT ?", now.UnixMicro(), limit)
}

// Deliveries returns the newest deliveries of a webhook.
func (f *File) Deliveries(
	ctx context.Context, account domain.AccountID, hook domain.WebhookID, limit int,
) ([]webhooks.Delivery, error) {
	return f.deliveries(ctx, "WHERE webhook = ? AND account = ? ORDER BY queued_at DESC, id LIMIT ?",
		hook.UUID[:], account.UUID[:], limit)
}

// DeliveredSince reports whether the webhook has accepted a call since a time.
func (f *File) DeliveredSince(ctx context.Context, hook domain.WebhookID, since time.Time) (found bool, err error) {
	err = f.read(ctx, `SELECT 1 FROM deliveries
		WHERE webhook = ? AND tried_at >= ? AND next_at IS NULL AND failure = '' LIMIT 1`,
		[]any{hook.UUID[:], since.UnixMicro()}, func(*sqlite.Stmt) error {
			found = true
			return nil
		})
	return found, err
}

// DropDeliveries deletes the deliveries of a webhook that wait.
func (f *File) DropDeliveries(ctx context.Context, hook domain.WebhookID) error {
	return f.run(ctx, "DELETE FROM deliveries WHERE webhook = ? AND next_at IS NOT NULL", []any{hook.UUID[:]}, nil)
}

// ForgetDeliveries deletes those that were queued before a time and wait no longer.
func (f *File) ForgetDeliveries(ctx context.Context, before time.Time) error {
	return f.run(ctx, "DELETE FROM deliveries WHERE queued_at < ? AND next_at IS NULL", []any{before.UnixMicro()}, nil)
}

func (f *File) deliveries(ctx context.Context, where string, args ...any) (all []webhooks.Delivery, err error) {
	err = f.read(ctx, deliveryColumns+where, args, func(stmt *sqlite.Stmt) error {
		d := webhooks.Delivery{
			Kind: stmt.ColumnText(3), Body: blob(stmt, 4), QueuedAt: time.UnixMicro(stmt.ColumnInt64(5)).UTC(),
			NextAt: instantAt(stmt, 6), Attempts: stmt.ColumnInt(7), TriedAt: instantAt(stmt, 8), Code: stmt.ColumnInt(9),
			Failure: stmt.ColumnText(10),
		}
		for i, id := range []*uuid.UUID{&d.ID, &d.Account.UUID, &d.Webhook.UUID} {
			stmt.ColumnBytes(i, id[:])
		}
		all = append(all, d)
		return nil
	})
	return all, err
}

func delivered(d webhooks.Delivery) []any {
	return []any{
		d.ID[:], d.Account.UUID[:], d.Webhook.UUID[:], d.Kind, d.Body, domain.Microseconds(d.QueuedAt).UnixMicro(),
		instant(d.NextAt), d.Attempts, instant(d.TriedAt), d.Code, d.Failure,
	}
}

// instant returns a time as it is stored, NULL for none.
func instant(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return domain.Microseconds(at).UnixMicro()
}

func instantAt(stmt *sqlite.Stmt, column int) time.Time {
	if stmt.ColumnIsNull(column) {
		return time.Time{}
	}
	return time.UnixMicro(stmt.ColumnInt64(column)).UTC()
}
