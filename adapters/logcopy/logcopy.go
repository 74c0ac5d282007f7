// Package logcopy copies a log from one store to another, resumes an interrupted copy, and verifies the result by a
// hash. It also names the marks that say whose log it is.
package logcopy

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"iter"

	"github.com/clickbook/clickbook/domain"
)

// Copy copies a log to another store. It repeats the appends of the source, because a store recognises a retry by the
// whole append. It keeps no record of its progress: the destination shows how far it came.
type Copy struct {
	From, To         domain.EventStore
	FromName, ToName string // in errors
	Step             func() // called for each event, once when it is copied and once when it is verified
	source           string // the name mark of From
}

// Begin marks the destination as an unfinished copy and returns how many events there are to copy. It refuses a
// destination that holds another log.
func (c *Copy) Begin(ctx context.Context) (total int, err error) {
	unfinished, err := c.From.Mark(ctx, CopyMark)
	switch {
	case err != nil:
		return 0, err
	case unfinished != "":
		return 0, fmt.Errorf("%s is an unfinished copy; finish that copy first", c.FromName)
	}
	for _, err := range c.From.ReadAll(ctx, domain.Position{}, domain.Filter{}) {
		if err != nil {
			return total, err
		}
		total++
	}
	if total == 0 {
		return 0, fmt.Errorf("%s holds no log; check --from", c.FromName)
	}
	if c.source, err = LogName(ctx, c.From); err != nil {
		return total, err
	}
	return total, c.mark(ctx)
}

// mark marks the destination, unless an earlier copy of the same log did.
func (c *Copy) mark(ctx context.Context) error {
	owner, err := c.To.Mark(ctx, OwnerMark)
	unfinished, err2 := c.To.Mark(ctx, CopyMark)
	head, err3 := c.To.Head(ctx)
	if err := errors.Join(err, err2, err3); err != nil {
		return err
	}
	switch {
	case unfinished == c.source:
		return nil
	case unfinished != "":
		return fmt.Errorf("%s holds an unfinished copy of another log than %s; empty it, or choose another store",
			c.ToName, c.FromName)
	case owner != "" || !head.IsZero():
		return fmt.Errorf("%s already holds a log; choose an empty store to copy to", c.ToName)
	}
	err = c.To.SetMark(ctx, CopyMark, "", c.source)
	if errors.Is(err, domain.ErrConflict) {
		return fmt.Errorf("another copy to %s is running; wait for it, or choose another store", c.ToName)
	}
	return err
}

// settler is a store that acknowledges events before it has them. After Settle it reads what it has.
type settler interface{ Settle() error }

// Run copies the missing events and verifies the destination. Only then does it remove the mark of an unfinished
// copy.
func (c *Copy) Run(ctx context.Context) (Sum, error) {
	sum, err := c.copy(ctx)
	if err != nil {
		return sum, err
	}
	if to, ok := c.To.(settler); ok {
		if err := to.Settle(); err != nil {
			return sum, err
		}
	}
	copied := newSum()
	for entry, err := range c.To.ReadAll(ctx, domain.Position{}, domain.Filter{}) {
		if err != nil {
			return sum, err
		}
		copied.add(entry)
		c.Step()
	}
	if copied.Events != sum.Events || copied.String() != sum.String() {
		return sum, fmt.Errorf("%s has %d events with the hash %s, and %s has %d with %s: the copy is wrong; "+
			"empty it and copy again", c.ToName, copied.Events, copied, c.FromName, sum.Events, sum)
	}
	return sum, c.finish(ctx)
}

// finish names the copy and its owner, then removes the mark of an unfinished copy.
func (c *Copy) finish(ctx context.Context) error {
	err := c.copyMark(ctx, TrialMark)
	if err == nil {
		err = c.copyMark(ctx, OwnerMark) // last: an owned log is finished but for its name
	}
	if err == nil {
		_, err = LogName(ctx, c.To)
	}
	if err == nil {
		err = c.To.SetMark(ctx, CopyMark, c.source, "")
	}
	return err
}

// copyMark copies a mark that the source has, unless the destination has it.
func (c *Copy) copyMark(ctx context.Context, name string) error {
	value, err := c.From.Mark(ctx, name)
	if err != nil || value == "" {
		return err
	}
	has, err := c.To.Mark(ctx, name)
	if err != nil || has == value {
		return err
	}
	return c.To.SetMark(ctx, name, has, value)
}

// copy reads the source and, in step, what the destination already has. It also copies what is appended to the source
// in the meantime.
func (c *Copy) copy(ctx context.Context) (Sum, error) {
	sum := newSum()
	has, stop := iter.Pull2(c.To.ReadAll(ctx, domain.Position{}, domain.Filter{}))
	defer stop()
	var group []domain.Entry // of one append
	var last domain.Position
	for {
		before := sum.Events
		for entry, err := range c.From.ReadAll(ctx, last, domain.Filter{}) {
			if err != nil {
				return sum, err
			}
			if _, err := entry.Check(); err != nil {
				return sum, fmt.Errorf("%s: %w", c.FromName, err)
			}
			sum.add(entry)
			last = entry.Position
			c.Step()
			if n := len(group); n > 0 && (group[n-1].Stream != entry.Stream || group[n-1].Rest != entry.Rest+1) {
				return sum, fmt.Errorf("%s: the append that ends in revision %d of %s is incomplete; restore a backup of the log",
					c.FromName, entry.Revision, entry.Stream)
			}
			if group = append(group, entry); entry.Rest > 0 {
				continue
			}
			if err := c.ensure(ctx, has, group); err != nil {
				return sum, err
			}
			group = group[:0]
		}
		if sum.Events == before {
			break
		}
	}
	if _, err, more := has(); more {
		return sum, errors.Join(err, c.differs())
	}
	return sum, nil
}

// ensure compares an append with the next one of the destination, or appends it if the destination has no more.
func (c *Copy) ensure(
	ctx context.Context, has func() (domain.Entry, error, bool), wanted []domain.Entry,
) error {
	found := 0
	for _, entry := range wanted {
		next, err, more := has()
		if err != nil {
			return err
		}
		if more && !sameEntry(next, entry) {
			return c.differs()
		}
		if more {
			found++
		}
	}
	switch found {
	case len(wanted):
		return nil
	case 0:
	default: // part of an append
		return c.differs()
	}
	events := make([]domain.Stored, len(wanted))
	for i, entry := range wanted {
		events[i] = entry.Stored
	}
	_, err := c.To.Append(ctx, wanted[0].Stream, wanted[0].Revision-1, events)
	if errors.Is(err, domain.ErrConflict) {
		return errors.Join(c.differs(), err)
	}
	return err
}

func (c *Copy) differs() error {
	return fmt.Errorf("%s and %s hold different events; empty the former and copy again, or choose another store",
		c.ToName, c.FromName)
}

// sameEntry compares everything except the position.
func sameEntry(a, b domain.Entry) bool {
	return a.Stream == b.Stream && a.Revision == b.Revision && a.Rest == b.Rest && a.ID == b.ID && a.Type == b.Type &&
		bytes.Equal(a.Data, b.Data) && bytes.Equal(a.Meta, b.Meta)
}

// Sum is a hash over every event of a log in order, without the positions, and the number of events.
type Sum struct {
	hash   hash.Hash
	Events int
}

func newSum() Sum { return Sum{hash: sha256.New()} }

func (s *Sum) add(entry domain.Entry) {
	s.Events++
	var head []byte
	for _, field := range [][]byte{[]byte(entry.Stream), entry.ID[:], []byte(entry.Type), entry.Data, entry.Meta} {
		head = binary.BigEndian.AppendUint64(head[:0], uint64(len(field))) // fields cannot run into each other
		s.hash.Write(head)
		s.hash.Write(field)
	}
	head = binary.BigEndian.AppendUint64(head[:0], uint64(entry.Revision))
	s.hash.Write(binary.BigEndian.AppendUint64(head, uint64(entry.Rest)))
}

// String returns the SHA-256 in hexadecimal.
func (s Sum) String() string { return hex.EncodeToString(s.hash.Sum(nil)) }
