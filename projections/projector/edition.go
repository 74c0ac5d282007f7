package projector

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// An edition is one set of a projection's tables with its checkpoint. The current one has the table names that
// queries use. One that was replaced is kept for a rollback: with names that end in old if it has the same version,
// under its own names if it has another.
type edition struct {
	name   string // calendar_v3, calendar_v3_old
	at     domain.Position
	seen   int // events of the log up to there, of any type
	tables []string
}

// The suffixes of an edition's name and of the names of its tables.
const (
	current  = ""
	old      = "_old"
	swapping = "_swap" // only within the transaction that swaps two editions
)

// checkpoints has one row for each edition.
var checkpoints = readmodel.Table{
	Name:    "checkpoints",
	Columns: "view TEXT NOT NULL, position TEXT NOT NULL, seen BIGINT NOT NULL, tables TEXT NOT NULL",
	Key:     "view",
}

// editions returns all editions, sorted by name.
func editions(ctx context.Context, db readmodel.Reader) ([]edition, error) {
	return readmodel.List(ctx, db, func(row readmodel.Row) (e edition, err error) {
		e.name, e.seen, e.tables = row.Text(0), int(row.Int(2)), strings.Fields(row.Text(3))
		e.at, err = domain.ParsePosition(row.Text(1))
		return e, err
	}, `SELECT view, position, seen, tables FROM checkpoints ORDER BY view`)
}

// of reports whether it is an edition of a projection, in any version.
func (e edition) of(p readmodel.Projection) bool { return strings.HasPrefix(e.name, p.Name+"_v") }

// replaced reports whether it is an edition of one of the views, but not the current one.
func (e edition) replaced(views []*view) bool {
	return slices.ContainsFunc(views, func(v *view) bool { return e.of(v.Projection) && e.name != v.String() })
}

// drop drops the tables and checkpoints of editions.
func drop(ctx context.Context, tx readmodel.Tx, dropped []edition) error {
	for _, e := range dropped {
		for _, table := range e.tables {
			if err := tx.Drop(ctx, table); err != nil {
				return err
			}
		}
		if err := tx.Exec(ctx, `DELETE FROM checkpoints WHERE view = $1`, e.name); err != nil {
			return err
		}
	}
	return nil
}

// dropMatching drops the editions that match a condition and returns how many it dropped.
func dropMatching(ctx context.Context, tx readmodel.Tx, condition func(edition) bool) (int, error) {
	found, err := editions(ctx, tx)
	if err != nil {
		return 0, err
	}
	found = slices.DeleteFunc(found, func(e edition) bool { return !condition(e) })
	return len(found), drop(ctx, tx, found)
}

// insert inserts the checkpoint of a new edition.
func (e edition) insert(ctx context.Context, tx readmodel.Tx) error {
	return tx.Exec(ctx, `INSERT INTO checkpoints (view, position, seen, tables) VALUES ($1, $2, $3, $4)`,
		e.name, e.at, e.seen, strings.Join(e.tables, " "))
}

// rename replaces the suffix of an edition and its tables. The new names must be free.
func rename(ctx context.Context, tx readmodel.Tx, p readmodel.Projection, from, to string) error {
	for _, table := range p.Tables {
		if err := tx.Exec(ctx, "ALTER TABLE "+table.Name+from+" RENAME TO "+table.Name+to); err != nil {
			return err
		}
	}
	return tx.Exec(ctx, `UPDATE checkpoints SET view = $2, tables = $3 WHERE view = $1`, p.String()+from, p.String()+to,
		strings.Join(p.TableNames(to), " "))
}

// moves are the statements that check and move the checkpoints of some views. They compare the name of each row with
// CASE: for a list with IN, and to return rows that were updated, SQLite makes and frees a temporary table each time,
// which takes longer than to apply an event.
type moves struct {
	check, move string
	views       int
}

func newMoves(views []*view) moves {
	names := make([]string, len(views))
	for i, v := range views {
		names[i] = v.String() // constants of the program, safe to quote
	}
	among := "CASE view WHEN '" + strings.Join(names, "' THEN 1 WHEN '") + "' THEN 1 ELSE 0 END = 1"
	return moves{
		check: `SELECT count(*) FROM checkpoints WHERE position = $1 AND ` + among,
		move:  `UPDATE checkpoints SET position = $1, seen = seen + $2 WHERE position = $3 AND ` + among,
		views: len(views),
	}
}

// movesOf returns the moves of views. Those of all views are used for each step.
func (p *Projector) movesOf(views []*view) moves {
	if len(views) < len(p.wired) {
		return newMoves(views)
	}
	if p.moves.views == 0 {
		p.moves = newMoves(views)
	}
	return p.moves
}

// checkFrom returns errMoved if another process has moved one of the views.
func (m moves) checkFrom(ctx context.Context, tx readmodel.Tx, from domain.Position) error {
	read := func(row readmodel.Row) (int, error) { return int(row.Int(0)), nil }
	there, _, err := readmodel.One(ctx, tx, read, m.check, from)
	if err == nil && there < m.views {
		return errMoved
	}
	return err
}

// errMoved reports that the checkpoints are not where this projector left them.
var errMoved = errors.New("another process changed the read models: stop it, and start this one again")

// aboutTable stores facts about the database by name.
var aboutTable = readmodel.Table{Name: "about", Columns: "name TEXT NOT NULL, value TEXT NOT NULL", Key: "name"}

// The names of facts. They are stored.
const (
	aboutLog        = "log"        // the identity of the log that the checkpoints belong to
	aboutGeneration = "generation" // how many editions were built in scratch databases
	aboutPurge      = "purge"      // "due" from an erasure until the database is purged
)

// readAbout returns a fact, empty when it is not stored.
func readAbout(ctx context.Context, tx readmodel.Tx, name string) (string, error) {
	value, _, err := readmodel.One(ctx, tx, func(row readmodel.Row) (string, error) { return row.Text(0), nil },
		`SELECT value FROM about WHERE name = $1`, name)
	return value, err
}

// writeAbout stores a fact.
func writeAbout(ctx context.Context, tx readmodel.Tx, name, value string) error {
	return tx.Exec(ctx, `INSERT INTO about (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
}

// nextSuffix returns the suffix of a new edition until it becomes the current one. No suffix is used twice, because
// indexes keep the names that they were created with.
func nextSuffix(ctx context.Context, tx readmodel.Tx) (string, error) {
	before, err := readAbout(ctx, tx, aboutGeneration)
	if err != nil {
		return "", err
	}
	n, err := strconv.Atoi("0" + before)
	if err != nil {
		return "", fmt.Errorf("invalid generation %q of the read models: %w", before, err)
	}
	return fmt.Sprintf("_g%d", n+1), writeAbout(ctx, tx, aboutGeneration, strconv.Itoa(n+1))
}
