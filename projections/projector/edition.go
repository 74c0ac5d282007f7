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

// An edition is one set of a projection's tables with its checkpoint. The current one has the names that the queries
// know. One that was replaced is kept, for going back: of the same version under names that end in old, of another
// version under its own.
type edition struct {
	name   string // calendar_v1, calendar_v1_old
	at     domain.Position
	seen   int // events of the log up to there, heard or not
	tables []string
}

// What stands behind the names of an edition's tables, and behind its own.
const (
	current = ""
	old     = "_old"
	between = "_swap" // within the transaction that changes places
)

// checkpoints says how far each edition has come, and which tables are its own.
var checkpoints = readmodel.Table{
	Name:    "checkpoints",
	Columns: "view TEXT NOT NULL, position TEXT NOT NULL, seen BIGINT NOT NULL, tables TEXT NOT NULL",
	Key:     "view",
}

// editions are all there are, by name.
func editions(ctx context.Context, db readmodel.Reader) ([]edition, error) {
	return readmodel.List(ctx, db, func(row readmodel.Row) (e edition, err error) {
		e.name, e.seen, e.tables = row.Text(0), int(row.Int(2)), strings.Fields(row.Text(3))
		e.at, err = domain.ParsePosition(row.Text(1))
		return e, err
	}, `SELECT view, position, seen, tables FROM checkpoints ORDER BY view`)
}

// of reports whether it is an edition of that projection, of whatever version.
func (e edition) of(p readmodel.Projection) bool { return strings.HasPrefix(e.name, p.Name+"_v") }

// replaced reports whether it is an edition of one of them, and not the current one.
func (e edition) replaced(views []*view) bool {
	return slices.ContainsFunc(views, func(v *view) bool { return e.of(v.Projection) && e.name != v.String() })
}

// drop ends editions.
func drop(ctx context.Context, tx readmodel.Tx, ended []edition) error {
	for _, e := range ended {
		for _, table := range e.tables {
			if err := tx.Exec(ctx, "DROP TABLE IF EXISTS "+table); err != nil {
				return err
			}
		}
		if err := tx.Exec(ctx, `DELETE FROM checkpoints WHERE view = $1`, e.name); err != nil {
			return err
		}
	}
	return nil
}

// dropThose drops the editions that the condition finds and answers how many they were.
func dropThose(ctx context.Context, tx readmodel.Tx, condition func(edition) bool) (int, error) {
	found, err := editions(ctx, tx)
	if err != nil {
		return 0, err
	}
	found = slices.DeleteFunc(found, func(e edition) bool { return !condition(e) })
	return len(found), drop(ctx, tx, found)
}

// enter writes the checkpoint of a new edition.
func enter(ctx context.Context, tx readmodel.Tx, p readmodel.Projection, suffix string, at domain.Position, seen int) error {
	return tx.Exec(ctx, `INSERT INTO checkpoints (view, position, seen, tables) VALUES ($1, $2, $3, $4)`,
		p.String()+suffix, at, seen, strings.Join(p.TableNames(suffix), " "))
}

// rename gives an edition the names of another, which must be free.
func rename(ctx context.Context, tx readmodel.Tx, p readmodel.Projection, from, to string) error {
	for _, table := range p.Tables {
		if err := tx.Exec(ctx, "ALTER TABLE "+table.Name+from+" RENAME TO "+table.Name+to); err != nil {
			return err
		}
	}
	return tx.Exec(ctx, `UPDATE checkpoints SET view = $2, tables = $3 WHERE view = $1`, p.String()+from, p.String()+to,
		strings.Join(p.TableNames(to), " "))
}

// checkpoint moves views that stand at one place, each from where the projector knows it to be: should anybody else
// have moved it, nothing of the transaction may stay.
func checkpoint(ctx context.Context, tx readmodel.Tx, views []*view, to domain.Position, more int) error {
	names := make([]string, len(views)) // they come from the program
	for i, v := range views {
		names[i] = "'" + v.String() + "'"
	}
	moved, err := readmodel.List(ctx, tx, func(row readmodel.Row) (string, error) { return row.Text(0), nil },
		`UPDATE checkpoints SET position = $1, seen = seen + $2 WHERE position = $3 AND view IN (`+
			strings.Join(names, ", ")+`) RETURNING view`, to, more, views[0].at)
	if err == nil && len(moved) < len(views) {
		return errMoved
	}
	return err
}

// errMoved says that the checkpoints are not where this projector left them.
var errMoved = errors.New("the read models were changed by another process; let one alone keep them, and start again")

// about is what the database knows of itself.
var about = readmodel.Table{Name: "about", Columns: "name TEXT NOT NULL, value TEXT NOT NULL", Key: "name"}

// What is known.
const (
	aboutLog        = "log"        // whose positions the checkpoints are
	aboutGeneration = "generation" // how many editions were built beside others
	aboutPurge      = "purge"      // "due" from an erasure on until what it overwrote is purged
)

func known(ctx context.Context, tx readmodel.Tx, name string) (string, error) {
	value, _, err := readmodel.One(ctx, tx, func(row readmodel.Row) (string, error) { return row.Text(0), nil },
		`SELECT value FROM about WHERE name = $1`, name)
	return value, err
}

func learn(ctx context.Context, tx readmodel.Tx, name, value string) error {
	return tx.Exec(ctx, `INSERT INTO about (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
}

// generation is what a new edition is called by until it is the current one. It is never used again, because indexes
// keep the name they were made with.
func generation(ctx context.Context, tx readmodel.Tx) (string, error) {
	before, err := known(ctx, tx, aboutGeneration)
	if err != nil {
		return "", err
	}
	n, err := strconv.Atoi("0" + before)
	if err != nil {
		return "", fmt.Errorf("the generation of the read models is %q: %w", before, err)
	}
	return fmt.Sprintf("_g%d", n+1), learn(ctx, tx, aboutGeneration, strconv.Itoa(n+1))
}
