package projections

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/clickbook/clickbook/domain"
)

// checkpoints says how far each version of each projection has come, and which tables are its own.
var checkpoints = Table{
	Name:    "checkpoints",
	Columns: "view TEXT NOT NULL, position TEXT NOT NULL, seen BIGINT NOT NULL, tables TEXT NOT NULL",
	Key:     "view",
}

// open makes what tables are missing and reads the checkpoints, once.
func (p *Projector) open(ctx context.Context) error {
	switch {
	case p.views != nil:
		return nil
	case len(p.wired) == 0:
		return errors.New("read models: none is wired")
	}
	var views []*view
	err := p.db.Write(ctx, func(tx Tx) error {
		views = nil
		if err := tx.Create(ctx, checkpoints); err != nil {
			return err
		}
		for _, projection := range p.wired {
			v, err := openView(ctx, tx, projection)
			if err != nil {
				return fmt.Errorf("read model %s: %w", projection.Name, err)
			}
			views = append(views, v)
		}
		return nil
	})
	if err != nil {
		return err
	}
	head, err := p.log.Head(ctx)
	if err != nil {
		return fmt.Errorf("read models: %w", err)
	}
	ahead := slices.DeleteFunc(slices.Clone(views), func(v *view) bool { return !head.Before(v.at) })
	if err := p.empty(ctx, ahead); err != nil { // the log was restored from a backup, so they know too much
		return err
	}
	p.views = views
	p.gate.open(earliest(views))
	return nil
}

func openView(ctx context.Context, tx Tx, projection Projection) (*view, error) {
	v := &view{Projection: projection, listens: make(map[string]bool)}
	for _, name := range projection.Types {
		v.listens[name] = true
	}
	var tables []string
	for _, table := range projection.Tables {
		tables = append(tables, table.Name)
		if err := tx.Create(ctx, table); err != nil {
			return nil, err
		}
	}
	err := tx.Exec(ctx, `INSERT INTO checkpoints (view, position, seen, tables) VALUES ($1, $2, 0, $3)
		ON CONFLICT (view) DO NOTHING`, projection, domain.Position{}, strings.Join(tables, " "))
	if err != nil {
		return nil, err
	}
	for row, err := range tx.Query(ctx, `SELECT position, seen FROM checkpoints WHERE view = $1`, projection) {
		if err != nil {
			return nil, err
		}
		v.seen = int(row.Int(1))
		if v.at, err = domain.ParsePosition(row.Text(0)); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// checkpoint moves views that stand at one place in one statement; their names come from the program.
func checkpoint(ctx context.Context, tx Tx, views []*view, at domain.Position, more int) error {
	names := make([]string, len(views))
	for i, v := range views {
		names[i] = "'" + v.String() + "'"
	}
	return tx.Exec(ctx, `UPDATE checkpoints SET position = $1, seen = seen + $2 WHERE view IN (`+
		strings.Join(names, ", ")+`)`, at, more)
}

// retire drops the tables of other versions of the wired projections: nobody would keep them true, or erase a person
// from them. Projections that are not wired here may be another projector's and are left alone.
func (p *Projector) retire(ctx context.Context, caughtUp []*view) error {
	if p.retired || len(caughtUp) < len(p.views) {
		return nil
	}
	type leftover struct{ view, tables string }
	found, err := list(ctx, p.db, func(row Row) (leftover, error) { return leftover{row.Text(0), row.Text(1)}, nil },
		`SELECT view, tables FROM checkpoints ORDER BY view`)
	if err != nil {
		return err
	}
	found = slices.DeleteFunc(found, func(l leftover) bool {
		return !slices.ContainsFunc(p.views, func(v *view) bool {
			return v.String() != l.view && strings.HasPrefix(l.view, v.Name+"_v")
		})
	})
	p.retired = true
	if len(found) == 0 {
		return nil
	}
	err = p.db.Write(ctx, func(tx Tx) error {
		for _, l := range found {
			for table := range strings.FieldsSeq(l.tables) {
				if err := tx.Exec(ctx, "DROP TABLE IF EXISTS "+table); err != nil {
					return err
				}
			}
			if err := tx.Exec(ctx, `DELETE FROM checkpoints WHERE view = $1`, l.view); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return p.db.Purge(ctx)
}
