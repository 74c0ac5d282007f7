// Package views builds read models in memory: it runs the few kinds of statements with which projections apply events,
// on rows in Go maps. Building them so takes a fraction of the time that a database needs, above all with SQLite in Go.
// It serves no queries of readers, keeps nothing, and cannot undo. Whatever is beyond it, another statement
// or more rows than its memory is for, moves all rows to a scratch database on the disk, which goes on from there.
package views

import (
	"context"
	"errors"
	"iter"
	"sync/atomic"

	"github.com/clickbook/clickbook/projections/readmodel"
)

// roomBytes is how much memory the rows of all scratches of a Room take at most, about: a scratch that finds the room
// full moves to the disk, so the last one to grow does.
const roomBytes = 512 << 20

// Room bounds the memory of all scratches that are made in it. The zero Room is empty.
type Room struct{ used atomic.Int64 }

// take adds bytes to what is used, and reports whether they fit.
func (r *Room) take(bytes, most int) bool { return r.used.Add(int64(bytes)) <= int64(most) }

// Scratch is a read-model database in memory for one projection and one user.
type Scratch struct {
	tables  map[string]*table
	plans   map[string]plan
	options Options
	bytes   int // of all rows
	taken   int // of them, from the room
	disk    readmodel.Scratch
	env     env
}

// Options configure a scratch.
type Options struct {
	Disk     func() (readmodel.Scratch, error) // makes the database for what does not fit
	Text     func(string) string               // changes each text that is stored; nil leaves them as they are
	Room     *Room                             // shared with other scratches; nil means one of its own
	MaxBytes int                               // of all rows in the room, 512 MiB if 0
}

var _ readmodel.Scratch = (*Scratch)(nil)

// NewScratch creates an empty database.
func NewScratch(options Options) *Scratch {
	if options.MaxBytes == 0 {
		options.MaxBytes = roomBytes
	}
	if options.Room == nil {
		options.Room = new(Room)
	}
	return &Scratch{tables: make(map[string]*table), plans: make(map[string]plan), options: options}
}

// IsOnDisk reports whether the rows have moved to the disk.
func (s *Scratch) IsOnDisk() bool { return s.disk != nil }

// Close frees all rows.
func (s *Scratch) Close() error {
	s.empty()
	if s.disk != nil {
		return s.disk.Close()
	}
	return nil
}

// empty drops all rows.
func (s *Scratch) empty() {
	s.tables, s.plans, s.bytes = nil, nil, 0
	s.fits()
}

// fits reports whether all rows fit into the room.
func (s *Scratch) fits() bool {
	more := s.bytes - s.taken
	s.taken = s.bytes
	return s.options.Room.take(more, s.options.MaxBytes) || more <= 0
}

// Purge implements readmodel.Database. It does nothing, because no row outlives the process.
func (*Scratch) Purge(context.Context) error { return nil }

// Scratch implements readmodel.Database.
func (s *Scratch) Scratch() (readmodel.Scratch, error) { return NewScratch(s.options), nil }

// Query implements readmodel.Reader for the statements that projections use.
func (s *Scratch) Query(ctx context.Context, sql string, args ...any) iter.Seq2[readmodel.Row, error] {
	if s.disk != nil {
		return s.disk.Query(ctx, sql, s.stored(args)...)
	}
	return func(yield func(readmodel.Row, error) bool) {
		rows, err := s.run(sql, args)
		for _, one := range rows {
			if !yield(row(one), nil) {
				return
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// Write implements readmodel.Database, except that it cannot roll back.
func (s *Scratch) Write(ctx context.Context, change func(readmodel.Tx) error) error {
	if s.disk != nil {
		return s.disk.Write(ctx, func(moved readmodel.Tx) error { return change(&tx{scratch: s, moved: moved}) })
	}
	t := &tx{scratch: s}
	err := change(t)
	if t.end != nil {
		err = t.end(err)
	}
	return err
}

// run runs a statement and returns the rows of its result.
func (s *Scratch) run(sql string, args []any) ([]string, error) {
	run, ok := s.plans[sql]
	if !ok {
		var err error
		if run, err = s.compile(sql); err != nil {
			return nil, err
		}
		s.plans[sql] = run
	}
	s.env.start(args, s.options.Text)
	rows, err := run(&s.env)
	return rows, errors.Join(err, s.env.err)
}

// stored returns the arguments as they are stored.
func (s *Scratch) stored(args []any) []any {
	if s.options.Text == nil {
		return args
	}
	changed := make([]any, len(args))
	for i, arg := range args {
		if text, ok := arg.(string); ok {
			arg = s.options.Text(text)
		}
		changed[i] = arg
	}
	return changed
}
