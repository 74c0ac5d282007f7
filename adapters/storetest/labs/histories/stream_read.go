package histories

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/anishathalye/porcupine"

	"github.com/clickbook/clickbook/domain"
)

func (c *streamClient) read(i int, read reading) error {
	ctx, cancel := withPatience(c.rng)
	defer cancel()
	call := porcupine.Operation{ClientId: c.name, Input: read, Call: c.clock.tick()}
	var got ids
	var failed error
	by := byStream
	if read.way == inLog {
		by = byLog
	}
	after, entries := max(read.from, 0)-1, c.entries(ctx, i, read)
	for entry, err := range entries {
		if err != nil {
			failed = err
			break
		}
		due := after + 1 + domain.Revision(len(got))
		if read.way == backwards {
			if due = entry.Revision; len(got) > 0 {
				due = after - domain.Revision(len(got))
			} else {
				after = entry.Revision
			}
		}
		if err := intact(entry, c.names[i], due); err != nil {
			return err
		}
		c.see(i, entry.ID, domain.Appended{Revision: entry.Revision, Position: entry.Position}, c.clock.tick(), by)
		if got = append(got, entry.ID); read.way == backwards && len(got) == read.most {
			break
		}
	}
	call.Return = c.clock.tick()
	c.report.calls++
	if failed != nil {
		if !unsure(failed) {
			return fmt.Errorf("read: %w, which is not an error of the port", failed)
		}
		return nil // what it saw is recorded, but there may have been more
	}
	if read.way == backwards {
		slices.Reverse(got)
	}
	call.Output = got
	if read.way == inLog {
		c.looks = append(c.looks, look{stream: i, from: read.from, count: len(got), at: call.Call})
	}
	c.stale[i] = false
	c.calls[i] = append(c.calls[i], call)
	return nil
}

func (c *streamClient) entries(ctx context.Context, i int, read reading) iter.Seq2[domain.Entry, error] {
	switch read.way {
	case backwards:
		return c.store.ReadStreamBackwards(ctx, c.names[i])
	case inLog:
		return c.store.ReadAll(ctx, c.known[i].Position, domain.Filter{Prefixes: []string{string(c.names[i])}})
	case forwards:
	}
	return c.store.ReadStream(ctx, c.names[i], read.from)
}

// intact returns what is wrong with an entry by itself.
func intact(entry domain.Entry, stream domain.Stream, due domain.Revision) error {
	switch {
	case entry.Stream != stream || entry.Revision != due:
		return fmt.Errorf("read %s: got revision %d of %s, want %d",
			stream, entry.Revision, entry.Stream, due)
	case entry.Type != "Noted" || string(entry.Data) != entry.ID.String() || string(entry.Meta) != "{}":
		return fmt.Errorf("read %s: event %s has type %s, data %q, metadata %q", stream, entry.ID, entry.Type, entry.Data, entry.Meta)
	}
	return nil
}

// head reads the head of the log.
func (c *streamClient) head() error {
	ctx, cancel := withPatience(c.rng)
	defer cancel()
	begun := c.clock.tick()
	position, err := c.store.Head(ctx)
	c.report.calls++
	if err == nil {
		c.looks = append(c.looks, look{head: true, position: position, at: begun, until: c.clock.tick()})
		return nil
	}
	if !unsure(err) {
		return fmt.Errorf("head: %w, which is not an error of the port", err)
	}
	return nil
}

// lookAgain reads everything at the end.
func (c *streamClient) lookAgain() error {
	for i := range streams {
		for tries, before := 0, len(c.calls[i]); len(c.calls[i]) == before; tries++ {
			if tries == 100 {
				return fmt.Errorf("client %d: no read of %s succeeds", c.name, c.names[i])
			}
			if err := c.read(i, reading{way: forwards, from: domain.NoStream}); err != nil {
				return err
			}
		}
	}
	return nil
}
