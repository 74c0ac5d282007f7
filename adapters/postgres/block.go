package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/clickbook/clickbook/domain"
)

// Block is a transaction that will store many appends, with positions that are known before. Readers of the log wait
// while it is open, those of other processes too. It is for a lax store, and a process that has the log for itself.
type Block struct {
	store *Store
	tx    pgx.Tx
	conn  *pgx.Conn
	xid   int64
}

// Begin begins a block. Use Commit or Rollback.
func (s *Store) Begin(ctx context.Context) (*Block, error) {
	ctx, cancel := s.soon(ctx, 0)
	defer cancel()
	b := &Block{store: s}
	var err error
	select {
	case b.conn = <-s.spare:
	default:
		if b.conn, err = s.session(ctx); err != nil {
			return nil, s.schema.Fault(s.slow(ctx, err))
		}
	}
	if b.tx, err = b.conn.Begin(ctx); err == nil {
		err = b.tx.QueryRow(ctx, "SELECT $1 + pg_current_xact_id()::text::bigint", s.base).Scan(&b.xid)
	}
	if err != nil {
		b.Rollback()
		return nil, s.schema.Fault(s.slow(ctx, err))
	}
	return b, nil
}

// Position returns the position of the nth event of the block, from 1.
func (b *Block) Position(n int) domain.Position { return position(b.xid, int32(n)) }

// Rollback gives the block up.
func (b *Block) Rollback() { hangUp(b.conn) }

// Commit stores the entries, which are in order and have the positions of the block from the first on. It fails if a
// stream has other events since.
func (b *Block) Commit(ctx context.Context, entries []domain.Entry) error {
	size := 0
	for i := range entries {
		size += len(entries[i].Data) + len(entries[i].Meta) + eventBytes
	}
	ctx, cancel := b.store.soon(ctx, size)
	defer cancel()
	if err := b.store.slow(ctx, b.insert(ctx, entries)); err != nil {
		b.Rollback()
		return b.store.schema.Fault(err)
	}
	b.store.grew(b.xid)
	select {
	case b.store.spare <- b.conn:
	default:
		b.Rollback()
	}
	return nil
}

// insert moves the streams, inserts the entries and commits.
func (b *Block) insert(ctx context.Context, entries []domain.Entry) error {
	ids, err := b.move(ctx, entries)
	if err != nil {
		return err
	}
	_, err = b.tx.CopyFrom(ctx, pgx.Identifier{"events"},
		[]string{"xid", "seq", "rest", "stream", "revision", "id", "name", "type", "data", "meta"},
		pgx.CopyFromSlice(len(entries), func(i int) ([]any, error) {
			e := &entries[i]
			return []any{
				b.xid, int32(i + 1), int32(e.Rest), ids[e.Stream], int64(e.Revision), e.ID, string(e.Stream), e.Type,
				filled(e.Data), filled(e.Meta),
			}, nil
		}))
	if err != nil {
		return err
	}
	return b.tx.Commit(ctx)
}

// filled returns data, which is never NULL in the log.
func filled(data []byte) []byte {
	if data == nil {
		return []byte{}
	}
	return data
}

// move makes the last of the entries the ends of their streams. It returns the ids of the streams.
func (b *Block) move(ctx context.Context, entries []domain.Entry) (map[domain.Stream]int64, error) {
	ids := make(map[domain.Stream]int64)
	var names []string
	var expected, heads []int64
	place := make(map[domain.Stream]int)
	for i := range entries {
		e := &entries[i]
		at, ok := place[e.Stream]
		if !ok {
			at = len(names)
			place[e.Stream] = at
			names, expected, heads = append(names, string(e.Stream)), append(expected, int64(e.Revision)-1), append(heads, 0)
		}
		heads[at] = int64(e.Revision)
	}
	rows, err := b.tx.Query(ctx, `
		WITH n AS MATERIALIZED (
			SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS n (name, expected, head)),
		made AS (INSERT INTO streams (name, head, xid) SELECT n.name, n.head, $4 FROM n WHERE n.expected = -1
			ON CONFLICT (name) DO NOTHING RETURNING name, id),
		moved AS (UPDATE streams s SET head = n.head, xid = $4 FROM n
			WHERE n.expected >= 0 AND s.name = n.name AND s.head = n.expected RETURNING s.name, s.id)
		SELECT name, id FROM made UNION ALL SELECT name, id FROM moved`, names, expected, heads, b.xid)
	if err != nil {
		return nil, err
	}
	var name string
	var id int64
	if _, err := pgx.ForEachRow(rows, []any{&name, &id}, func() error {
		ids[domain.Stream(name)] = id
		return nil
	}); err != nil {
		return nil, err
	}
	if len(ids) < len(names) {
		return nil, fmt.Errorf("%d streams of %d have other events; nobody else may use %s meanwhile: %w",
			len(names)-len(ids), len(names), b.store.schema.Where(), domain.ErrConflict)
	}
	return ids, nil
}
