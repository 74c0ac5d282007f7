package peers

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/clickbook/clickbook/domain"
)

// The limits are what the databases achieve with a single client that knows everything in advance and checks nothing:
// a group of rows per transaction, and one ordered scan that decodes nothing.

// row is an event as bytes, with a number for its stream.
type row struct {
	stream, version int64
	stored          domain.Stored
}

type rows struct {
	codec   *domain.Codec
	streams map[uuid.UUID]int64
}

func newRows() (rows, error) {
	codec, err := newCodec()
	return rows{codec, make(map[uuid.UUID]int64)}, err
}

func (r rows) of(batch []event) ([]row, error) {
	all := make([]row, len(batch))
	for i, e := range batch {
		if r.streams[e.stream] == 0 {
			r.streams[e.stream] = int64(len(r.streams) + 1)
		}
		stored, err := r.codec.Encode(e.id, e.value, e.meta)
		if err != nil {
			return nil, err
		}
		all[i] = row{r.streams[e.stream], int64(e.version), stored}
	}
	return all, nil
}

// follow is implemented by stores only.
func (rows) follow(context.Context, func(uuid.UUID, int)) (func() error, error) {
	return nil, errors.New("a limit cannot follow")
}

// bareSQLite is a table like that of our store, in a file with the settings of our store, with the driver that we
// use.
type bareSQLite struct {
	rows
	conn   *sqlite.Conn
	insert *sqlite.Stmt
}

func openBareSQLite(_ context.Context, path string) (contender, error) {
	rows, err := newRows()
	if err != nil {
		return nil, err
	}
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite, sqlite.OpenCreate)
	if err != nil {
		return nil, err
	}
	for _, statement := range []string{
		"PRAGMA page_size=8192", "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA cache_size=-262144",
		"PRAGMA wal_autocheckpoint=4000",
		`CREATE TABLE events (position INTEGER PRIMARY KEY, stream INTEGER NOT NULL, version INTEGER NOT NULL,
			type TEXT NOT NULL, id BLOB NOT NULL, data BLOB NOT NULL, meta BLOB NOT NULL)`,
		"CREATE UNIQUE INDEX versions ON events (stream, version)",
	} {
		if err := sqlitex.ExecuteTransient(conn, statement, nil); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	insert, err := conn.Prepare("INSERT INTO events (stream, version, type, id, data, meta) VALUES (?, ?, ?, ?, ?, ?)")
	return &bareSQLite{rows, conn, insert}, err
}

func (b *bareSQLite) prepare(batch []event) (func(context.Context) error, error) {
	rows, err := b.of(batch)
	if err != nil {
		return nil, err
	}
	return func(context.Context) (err error) {
		end, err := sqlitex.ImmediateTransaction(b.conn)
		if err != nil {
			return err
		}
		defer end(&err)
		for _, r := range rows {
			b.insert.BindInt64(1, r.stream)
			b.insert.BindInt64(2, r.version)
			b.insert.BindText(3, r.stored.Type)
			b.insert.BindBytes(4, r.stored.ID[:])
			b.insert.BindBytes(5, r.stored.Data)
			b.insert.BindBytes(6, r.stored.Meta)
			if _, err := b.insert.Step(); err != nil {
				return err
			}
			if err := b.insert.Reset(); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

func (b *bareSQLite) replay(_ context.Context, _ domain.Unmarshal, each func(domain.Event) bool) error {
	buffer := make([]byte, 4096)
	return enough(sqlitex.ExecuteTransient(b.conn,
		"SELECT position, stream, version, type, id, data, meta FROM events ORDER BY position",
		&sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
			for i := range 3 {
				_ = stmt.ColumnInt64(i)
			}
			for i := 3; i < 7; i++ {
				stmt.ColumnBytes(i, buffer)
			}
			if !each(nil) {
				return errEnough
			}
			return nil
		}}))
}

func (b *bareSQLite) close() error { return errors.Join(b.insert.Finalize(), b.conn.Close()) }

// barePostgres sends each group as one statement with an array per column, with the driver that we use.
type barePostgres struct {
	rows
	conn *pgx.Conn
}

func openBarePostgres(ctx context.Context, url string) (contender, error) {
	rows, err := newRows()
	if err != nil {
		return nil, err
	}
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	_, err = conn.Exec(ctx, `CREATE TABLE events (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		stream bigint NOT NULL, version bigint NOT NULL, type text NOT NULL, id uuid NOT NULL, data bytea NOT NULL,
		meta bytea NOT NULL, UNIQUE (stream, version))`)
	return &barePostgres{rows, conn}, err
}

func (b *barePostgres) prepare(batch []event) (func(context.Context) error, error) {
	rows, err := b.of(batch)
	if err != nil {
		return nil, err
	}
	var streams, versions []int64
	var types []string
	var ids [][16]byte
	var data, meta [][]byte
	for _, r := range rows {
		streams, versions = append(streams, r.stream), append(versions, r.version)
		types, ids = append(types, r.stored.Type), append(ids, r.stored.ID)
		data, meta = append(data, r.stored.Data), append(meta, r.stored.Meta)
	}
	return func(ctx context.Context) error {
		_, err := b.conn.Exec(ctx, `INSERT INTO events (stream, version, type, id, data, meta)
			SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::uuid[], $5::bytea[], $6::bytea[])`,
			streams, versions, types, ids, data, meta)
		return err
	}, nil
}

func (b *barePostgres) replay(ctx context.Context, _ domain.Unmarshal, each func(domain.Event) bool) error {
	rows, err := b.conn.Query(ctx,
		"SELECT position, stream, version, type, id, data, meta FROM events ORDER BY position")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		_ = rows.RawValues()
		if !each(nil) {
			break
		}
	}
	return rows.Err()
}

func (b *barePostgres) close() error { return b.conn.Close(context.Background()) }
