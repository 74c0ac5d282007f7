// Package logcopy copies a log from one store to another, resumes an interrupted copy and verifies the result by a
// hash. It also names the marks by which a log knows whose it is.
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

// logCopy moves a log to another store. What it appends are the very appends of the source, because a retry is
// recognised by its whole append. There is no record of how far it came: the destination itself is one.
type Copy struct {
	From, To         domain.EventStore
	FromName, ToName string
	source           string // the name mark of the log that is copied
	Step             func() // called for each event written or read again
}

// begin marks the destination as unfinished, before the first event, and counts what there is to copy.
func (c *Copy) Begin(ctx context.Context) (total int, err error) {
	unfinished, err := c.From.Mark(ctx, CopyMark)
	switch {
	case err != nil:
		return 0, err
	case unfinished != "":
		return 0, fmt.Errorf("%s is itself an unfinished copy; finish that one first", c.FromName)
	}
	for _, err := range c.From.ReadAll(ctx, domain.Position{}, domain.Filter{}) {
		if err != nil {
			return total, err
		}
		total++
	}
	if total == 0 {
		return 0, fmt.Errorf("%s holds no log, so there is nothing to copy; check --from", c.FromName)
	}
	if c.source, err = LogName(ctx, c.From); err != nil {
		return total, err
	}
	return total, c.mark(ctx)
}

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
		return fmt.Errorf("%s holds a log already; choose an empty store to copy to", c.ToName)
	}
	err = c.To.SetMark(ctx, CopyMark, "", c.source)
	if errors.Is(err, domain.ErrConflict) {
		return fmt.Errorf("another copy into %s has just begun; wait for it, or choose another store", c.ToName)
	}
	return err
}

// run copies what is missing, holds both logs to each other, and only then lets the copy be used.
func (c *Copy) Run(ctx context.Context) (logSum, error) {
	sum, err := c.copy(ctx)
	if err != nil {
		return sum, err
	}
	again := newLogSum()
	for entry, err := range c.To.ReadAll(ctx, domain.Position{}, domain.Filter{}) {
		if err != nil {
			return sum, err
		}
		again.add(entry)
		c.Step()
	}
	if again.Events != sum.Events || again.String() != sum.String() {
		return sum, fmt.Errorf("%s has %d events with the hash %s, and %s %d with %s: the copy is not the same; "+
			"empty it and copy again", c.ToName, again.Events, again, c.FromName, sum.Events, sum)
	}
	return sum, c.release(ctx)
}

// release names the copy and its owner, then takes the mark of the unfinished away.
func (c *Copy) release(ctx context.Context) error {
	owner, err := c.From.Mark(ctx, OwnerMark)
	if err == nil {
		err = c.To.SetMark(ctx, OwnerMark, "", owner)
	}
	if err == nil {
		_, err = LogName(ctx, c.To)
	}
	if err == nil {
		err = c.To.SetMark(ctx, CopyMark, c.source, "")
	}
	return err
}

// copy goes through the source once, beside what the destination already has. Whatever was appended to the source on
// the way is copied too.
func (c *Copy) copy(ctx context.Context) (logSum, error) {
	sum := newLogSum()
	has, stop := iter.Pull2(c.To.ReadAll(ctx, domain.Position{}, domain.Filter{}))
	defer stop()
	var open []domain.Entry // of one append
	var last domain.Position
	for {
		before := sum.Events
		for entry, err := range c.From.ReadAll(ctx, last, domain.Filter{}) {
			if err != nil {
				return sum, err
			}
			sum.add(entry)
			last = entry.Position
			c.Step()
			if n := len(open); n > 0 && (open[n-1].Stream != entry.Stream || open[n-1].Rest != entry.Rest+1) {
				return sum, fmt.Errorf("%s: the append that ends in revision %d of %s is broken; restore a backup of it",
					c.FromName, entry.Revision, entry.Stream)
			}
			if open = append(open, entry); entry.Rest > 0 {
				continue
			}
			if err := c.bring(ctx, has, open); err != nil {
				return sum, err
			}
			open = open[:0]
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

// bring makes sure that the destination has an append: as the next one it holds already, or by appending it.
func (c *Copy) bring(
	ctx context.Context, has func() (domain.Entry, error, bool), wanted []domain.Entry,
) error {
	there := 0
	for _, entry := range wanted {
		found, err, more := has()
		if err != nil {
			return err
		}
		if more && !sameEntry(found, entry) {
			return c.differs()
		}
		if more {
			there++
		}
	}
	switch there {
	case len(wanted):
		return nil
	case 0:
	default: // half of an append
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
	return fmt.Errorf("%s holds other events than %s; empty it and copy again, or choose another store",
		c.ToName, c.FromName)
}

// sameEntry compares everything but the position.
func sameEntry(a, b domain.Entry) bool {
	return a.Stream == b.Stream && a.Revision == b.Revision && a.Rest == b.Rest && a.ID == b.ID && a.Type == b.Type &&
		bytes.Equal(a.Data, b.Data) && bytes.Equal(a.Meta, b.Meta)
}

// logSum is SHA-256 over every event of a log in order, all but the positions, and how many they are.
type logSum struct {
	hash   hash.Hash
	Events int
}

func newLogSum() logSum { return logSum{hash: sha256.New()} }

func (s *logSum) add(entry domain.Entry) {
	s.Events++
	var head []byte
	for _, field := range [][]byte{[]byte(entry.Stream), entry.ID[:], []byte(entry.Type), entry.Data, entry.Meta} {
		head = binary.BigEndian.AppendUint64(head[:0], uint64(len(field))) // so that no two events look alike
		s.hash.Write(head)
		s.hash.Write(field)
	}
	head = binary.BigEndian.AppendUint64(head[:0], uint64(entry.Revision))
	s.hash.Write(binary.BigEndian.AppendUint64(head, uint64(entry.Rest)))
}

func (s logSum) String() string { return hex.EncodeToString(s.hash.Sum(nil)) }
