package views

import (
	"context"
	"errors"
	"iter"

	"github.com/clickbook/clickbook/projections/readmodel"
)

// tx changes a scratch.
type tx struct {
	scratch *Scratch
	moved   readmodel.Tx      // to the disk; nil while the rows are in memory
	end     func(error) error // ends the transaction on the disk, if it began within this one
}

func (t *tx) Query(ctx context.Context, sql string, args ...any) iter.Seq2[readmodel.Row, error] {
	return func(yield func(readmodel.Row, error) bool) {
		if t.moved == nil {
			rows, err := t.scratch.run(sql, args)
			if errors.Is(err, errBeyond) {
				err = t.moveToDisk(ctx)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if t.moved == nil {
				for _, one := range rows {
					if !yield(row(one), nil) {
						return
					}
				}
				return
			}
		}
		t.moved.Query(ctx, sql, t.scratch.stored(args)...)(yield)
	}
}

func (t *tx) Exec(ctx context.Context, sql string, args ...any) error {
	if t.moved == nil {
		_, err := t.scratch.run(sql, args)
		if err == nil && !t.scratch.fits() {
			return t.moveToDisk(ctx)
		}
		if !errors.Is(err, errBeyond) {
			return err
		}
		if err := t.moveToDisk(ctx); err != nil {
			return err
		}
	}
	return t.moved.Exec(ctx, sql, t.scratch.stored(args)...)
}

func (t *tx) Create(ctx context.Context, created readmodel.Table) error {
	if t.moved != nil {
		return t.moved.Create(ctx, created)
	}
	if t.scratch.tables[created.Name] != nil {
		return nil
	}
	made, err := newTable(t.scratch, created)
	if err == nil {
		t.scratch.tables[created.Name] = made
	}
	return err
}

func (t *tx) Drop(ctx context.Context, dropped string) error {
	if t.moved != nil {
		return t.moved.Drop(ctx, dropped)
	}
	one := t.scratch.tables[dropped]
	if one == nil {
		return nil
	}
	for _, entry := range one.entries() {
		t.scratch.bytes -= len(entry.key) + len(entry.row) + perRow
	}
	delete(t.scratch.tables, dropped)
	clear(t.scratch.plans) // some are of that table
	return nil
}

func (t *tx) Fill(ctx context.Context, filled readmodel.Table, rows iter.Seq2[readmodel.Row, error]) error {
	if t.moved != nil {
		return t.moved.Fill(ctx, filled, rows)
	}
	into := t.scratch.tables[filled.Name]
	var packed []byte
	for row, err := range rows {
		if err != nil {
			return err
		}
		packed = row.Pack(packed[:0])
		into.insert(string(into.keyOf(string(packed))), string(packed))
	}
	return nil
}

// moveToDisk moves all rows to a database on the disk. Its transaction is open until end is called, so it runs in
// another goroutine, which only waits.
func (t *tx) moveToDisk(ctx context.Context) error {
	disk, err := t.scratch.options.Disk()
	if err != nil {
		return err
	}
	begun, over, done := make(chan readmodel.Tx), make(chan error), make(chan error, 1)
	go func() {
		done <- disk.Write(ctx, func(moved readmodel.Tx) error {
			begun <- moved
			return <-over
		})
	}()
	select {
	case err := <-done:
		return errors.Join(err, disk.Close())
	case t.moved = <-begun:
	}
	t.end = func(err error) error {
		over <- err
		return <-done
	}
	tables := t.scratch.tables
	t.scratch.disk = disk
	t.scratch.empty()
	for _, one := range tables {
		if err := t.moved.Create(ctx, one.Table); err != nil {
			return err
		}
		if err := t.moved.Fill(ctx, one.Table, one.all()); err != nil {
			return err
		}
	}
	return nil
}
