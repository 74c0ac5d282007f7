// Package alone makes an event store on a server faster for a process that has the log for itself. It keeps the newest
// events and the ends of streams in memory, so that reading what was just appended needs no round trip, and stores
// many appends at once. A simulation reads after each append, and a copy only appends.
package alone

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/clickbook/clickbook/adapters/internal/bloom"
	"github.com/clickbook/clickbook/domain"
)

// limits bound what a store keeps in memory: between once and twice as many of the newest events, and in addition
// those of two blocks.
type limits struct {
	entries, bytes int
	ends           int // streams; more than there are events in two blocks
	block          int // events
	blockBytes     int
}

var usual = limits{entries: 4096, bytes: 8 << 20, ends: 64 << 10, block: 1000, blockBytes: 4 << 20}

// expectedStreams is for the filter that knows the absent ones, which takes 2 MiB.
const expectedStreams = 1 << 19

// Block is a transaction of the inner store. The positions of its events are known before they are stored.
type Block interface {
	// Position returns the position of the nth event, from 1. It comes after those of all blocks that began before.
	Position(n int) domain.Position
	// Commit stores entries, in order. None of them is stored if it fails.
	Commit(ctx context.Context, entries []domain.Entry) error
	Rollback()
}

// Store is an event store that nobody else appends to until it is closed. Appends run one after the other. If it has
// blocks, it acknowledges events before they are stored: those that cannot be stored are lost, and every later append
// returns the reason, as does Close.
type Store struct {
	inner
	limits limits
	begin  func(ctx context.Context) (Block, error) // nil if the store has no blocks

	order    sync.Mutex // held during an append, so that the tail is in the order of the log
	block    *block     // that is being filled; nil for none
	flushing chan *block
	flushed  sync.WaitGroup // of the blocks handed to flush

	mu     sync.Mutex // guards the fields below, which only the holder of order and flush change
	closed bool
	ends   *simplelru.LRU[domain.Stream, domain.Revision]
	names  *bloom.Filter // nil if the log was not empty

	tail   []domain.Entry  // the newest events of the log, without a gap
	size   int             // bytes in them
	sure   bool            // false after a failed append: its events may be in the log after the head
	floor  domain.Position // of the event before the tail
	head   domain.Position
	stored domain.Position // everything up to here is in the inner store
	broken error           // why a block could not be stored

	followers int // subscriptions, which need each event at once
}

type inner interface {
	domain.EventStore
	Verify(ctx context.Context) error
	Close() error
}

// block is a Block and what will be stored with it.
type block struct {
	Block
	entries []domain.Entry
	size    int
}

// New returns the store. From now on, only it may append to the log. begin begins a block of the inner store; nil means
// that it has none.
func New(ctx context.Context, in inner, begin func(ctx context.Context) (Block, error)) (*Store, error) {
	head, err := in.Head(ctx)
	if err != nil {
		return nil, err
	}
	s := &Store{
		inner: in, limits: usual, begin: begin, flushing: make(chan *block),
		sure: true, floor: head, head: head, stored: head,
	}
	if s.ends, err = simplelru.NewLRU[domain.Stream, domain.Revision](s.limits.ends, nil); err != nil {
		return nil, err
	}
	if head.IsZero() {
		s.names = new(bloom.Filter)
		_, done := s.names.Fill(expectedStreams)
		done(true)
	}
	go s.flush()
	return s, nil
}

// Close stores what is not stored yet.
func (s *Store) Close() error {
	s.order.Lock()
	defer s.order.Unlock()
	s.mu.Lock()
	closed := s.closed
	s.closed = true
	s.mu.Unlock()
	if closed {
		return s.inner.Close()
	}
	err := s.settle()
	close(s.flushing)
	if failed := s.inner.Close(); err == nil {
		err = failed
	}
	return err
}

// Settle returns when everything is stored. What is read after it comes from the inner store.
func (s *Store) Settle() error {
	s.order.Lock()
	defer s.order.Unlock()
	err := s.settle()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.tail, s.size, s.floor = nil, 0, s.head
	}
	return err
}

// Verify checks the log, with everything that was appended.
func (s *Store) Verify(ctx context.Context) error {
	if err := s.Settle(); err != nil {
		return err
	}
	return s.inner.Verify(ctx)
}

// SetMark implements domain.Marks. It stores the events first, because a mark may say that they are there.
func (s *Store) SetMark(ctx context.Context, name, before, after string) error {
	if err := s.Settle(); err != nil {
		return err
	}
	return s.inner.SetMark(ctx, name, before, after)
}

// Append implements domain.Appender.
func (s *Store) Append(
	ctx context.Context, stream domain.Stream, expected domain.Revision, events []domain.Stored,
) (domain.Appended, error) {
	if err := domain.CheckAppend(stream, expected, events); err != nil {
		return domain.Appended{}, err
	}
	s.order.Lock()
	defer s.order.Unlock()
	ahead, err := s.mayRunAhead(ctx, stream, expected)
	if err != nil {
		return domain.Appended{}, err
	}
	if ahead {
		return s.add(ctx, stream, expected, events)
	}
	if err := s.settle(); err != nil {
		return domain.Appended{}, err
	}
	return s.append(ctx, stream, expected, events)
}

// append appends to the inner store.
func (s *Store) append(
	ctx context.Context, stream domain.Stream, expected domain.Revision, events []domain.Stored,
) (domain.Appended, error) {
	s.know(stream) // also if it fails: the server may have done it
	appended, err := s.inner.Append(ctx, stream, expected, events)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.ends.Remove(stream)
		s.sure = false
		return appended, err
	}
	if !s.head.Before(appended.Position) { // a retry of an append before the last one
		return appended, nil
	}
	s.ends.Add(stream, appended.Revision)
	s.head, s.stored = appended.Position, appended.Position
	if !s.sure || len(events) > 1 { // other events may be between, or have positions that only the store knows
		s.sure, s.tail, s.size, s.floor = true, nil, 0, s.head
		return appended, nil
	}
	s.keep(domain.Entry{
		Stored: clone(events[0]), Position: appended.Position, Stream: stream, Revision: appended.Revision,
	})
	return appended, nil
}

// know notes that a stream may exist from now on.
func (s *Store) know(stream domain.Stream) {
	if s.names != nil {
		s.names.Add(string(stream))
	}
}

// lacks reports whether a stream certainly does not exist.
func (s *Store) lacks(stream domain.Stream) bool {
	return s.names != nil && s.names.Lacks(string(stream))
}

// mayRunAhead reports whether events may be acknowledged before they are stored: they will be, because the stream is
// at the expected revision.
func (s *Store) mayRunAhead(ctx context.Context, stream domain.Stream, expected domain.Revision) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	s.mu.Lock()
	end, known := s.ends.Get(stream)
	ready := s.begin != nil && !s.closed && s.sure && s.followers == 0
	s.mu.Unlock()
	if !ready {
		return false, nil
	}
	if !known && s.lacks(stream) {
		end, known = domain.NoStream, true
	}
	if !known { // no block has events of it, or its end would be known
		end = domain.NoStream
		for entry, err := range s.inner.ReadStreamBackwards(ctx, stream) {
			if err != nil {
				return false, err
			}
			end = entry.Revision
			break
		}
	}
	return end == expected, nil
}

// add adds events to the block.
func (s *Store) add(
	ctx context.Context, stream domain.Stream, expected domain.Revision, events []domain.Stored,
) (domain.Appended, error) {
	if err := s.failure(); err != nil {
		return domain.Appended{}, err
	}
	if s.block == nil {
		begun, err := s.begin(ctx)
		if err != nil {
			return domain.Appended{}, err
		}
		s.block = &block{Block: begun}
	}
	s.know(stream)
	appended := domain.Appended{Revision: expected + domain.Revision(len(events))}
	s.mu.Lock()
	for i := range events {
		appended.Position = s.block.Position(len(s.block.entries) + 1)
		entry := domain.Entry{
			Stored: clone(events[i]), Stream: stream, Revision: expected + domain.Revision(i) + 1,
			Rest: len(events) - 1 - i, Position: appended.Position,
		}
		s.block.entries = append(s.block.entries, entry)
		s.block.size += sizeOf(entry)
		s.head = entry.Position
		s.keep(entry)
	}
	s.ends.Add(stream, appended.Revision)
	s.mu.Unlock()
	if len(s.block.entries) >= s.limits.block || s.block.size >= s.limits.blockBytes {
		s.handOver()
	}
	return appended, nil
}

func (s *Store) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.broken
}

// handOver gives the block to flush. It waits while flush has another one.
func (s *Store) handOver() {
	s.flushed.Add(1)
	s.flushing <- s.block
	s.block = nil
}

// settle returns when everything is stored.
func (s *Store) settle() error {
	if s.block != nil {
		s.handOver()
	}
	s.flushed.Wait()
	return s.failure()
}

// flush stores one block after the other. After a failure it stores no more, because they would leave a gap.
func (s *Store) flush() {
	for full := range s.flushing {
		if s.failure() != nil {
			full.Rollback()
			s.flushed.Done()
			continue
		}
		err := full.Commit(context.Background(), full.entries)
		s.mu.Lock()
		if err != nil {
			s.broken = fmt.Errorf("the last %d events could not be stored; run the command again: %w", len(full.entries), err)
		} else {
			s.stored = full.entries[len(full.entries)-1].Position
		}
		s.mu.Unlock()
		s.flushed.Done()
	}
}

// keep adds an entry to the tail. When it has twice as many as it keeps, the older ones go, but for those that the
// inner store does not have yet.
func (s *Store) keep(entry domain.Entry) {
	s.tail = append(s.tail, entry)
	s.size += sizeOf(entry)
	if len(s.tail) < 2*s.limits.entries && s.size < 2*s.limits.bytes {
		return
	}
	from, size := len(s.tail), 0
	for from > 0 {
		next := s.tail[from-1]
		over := len(s.tail)-from >= s.limits.entries || size+sizeOf(next) > s.limits.bytes
		if over && !s.stored.Before(next.Position) {
			break
		}
		from--
		size += sizeOf(next)
	}
	if from > 0 {
		s.floor = s.tail[from-1].Position
	}
	s.size, s.tail = size, slices.Clone(s.tail[from:]) // readers may have the old one
}

func sizeOf(entry domain.Entry) int { return len(entry.Data) + len(entry.Meta) }

// Head implements domain.LogReader.
func (s *Store) Head(ctx context.Context) (domain.Position, error) {
	s.mu.Lock()
	head, sure := s.head, s.sure && !s.closed && ctx.Err() == nil
	s.mu.Unlock()
	if sure {
		return head, nil
	}
	return s.inner.Head(ctx)
}

// newest returns the tail and the position before it. Up to there, everything is in the inner store. ok is false if
// only the inner store can tell what the log holds, or why it cannot be read.
func (s *Store) newest(ctx context.Context) (tail []domain.Entry, floor domain.Position, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tail, s.floor, s.sure && !s.closed && ctx.Err() == nil
}

// ReadAll implements domain.LogReader.
func (s *Store) ReadAll(
	ctx context.Context, after domain.Position, filter domain.Filter,
) iter.Seq2[domain.Entry, error] {
	return func(yield func(domain.Entry, error) bool) {
		tail, floor, ok := s.newest(ctx)
		if !ok {
			s.inner.ReadAll(ctx, after, filter)(yield)
			return
		}
		if after.Before(floor) {
			for entry, err := range s.inner.ReadAll(ctx, after, filter) {
				if err == nil && floor.Before(entry.Position) {
					break
				}
				if !yield(entry, err) || err != nil {
					return
				}
			}
		}
		from, _ := slices.BinarySearchFunc(tail, after, func(e domain.Entry, at domain.Position) int {
			if at.Before(e.Position) {
				return 1
			}
			return -1 // at it or before it, so the first one is further on
		})
		for _, entry := range tail[from:] {
			if err := ctx.Err(); err != nil {
				yield(domain.Entry{}, err)
				return
			}
			if filter.Passes(entry) && !yield(owned(entry), nil) {
				return
			}
		}
	}
}

// ReadStream implements domain.StreamReader.
func (s *Store) ReadStream(
	ctx context.Context, stream domain.Stream, from domain.Revision,
) iter.Seq2[domain.Entry, error] {
	return func(yield func(domain.Entry, error) bool) {
		tail, more := s.ofStream(ctx, stream, from)
		if more {
			for entry, err := range s.inner.ReadStream(ctx, stream, from) {
				if err == nil && len(tail) > 0 && entry.Revision >= tail[0].Revision {
					break
				}
				if !yield(entry, err) || err != nil {
					return
				}
			}
		}
		for _, entry := range tail {
			if !yield(owned(entry), nil) {
				return
			}
		}
	}
}

// ReadStreamBackwards implements domain.StreamReader.
func (s *Store) ReadStreamBackwards(ctx context.Context, stream domain.Stream) iter.Seq2[domain.Entry, error] {
	return func(yield func(domain.Entry, error) bool) {
		tail, more := s.ofStream(ctx, stream, 0)
		for _, entry := range slices.Backward(tail) {
			if !yield(owned(entry), nil) {
				return
			}
		}
		if !more {
			return
		}
		for entry, err := range s.inner.ReadStreamBackwards(ctx, stream) {
			if err == nil && len(tail) > 0 && entry.Revision >= tail[0].Revision {
				continue
			}
			if !yield(entry, err) || err != nil {
				return
			}
		}
	}
}

// ofStream returns the newest events of a stream from a revision on, and whether there may be more before them, which
// are in the inner store.
func (s *Store) ofStream(
	ctx context.Context, stream domain.Stream, from domain.Revision,
) (tail []domain.Entry, more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.sure || s.closed || ctx.Err() != nil {
		return nil, true
	}
	if end, ok := s.ends.Get(stream); ok && end < from {
		return nil, false
	} else if !ok && s.lacks(stream) {
		return nil, false
	}
	for _, entry := range s.tail {
		if entry.Stream == stream && entry.Revision >= from {
			tail = append(tail, entry)
		}
	}
	return tail, len(tail) == 0 || tail[0].Revision > max(from, 0)
}

// Subscribe implements domain.Subscriber. While it runs, events are stored before they are acknowledged.
func (s *Store) Subscribe(
	ctx context.Context, after domain.Position, filter domain.Filter,
	handle func(context.Context, []domain.Entry) error,
) error {
	s.follow(1)
	defer s.follow(-1)
	if err := s.Settle(); err != nil {
		return err
	}
	return s.inner.Subscribe(ctx, after, filter, handle)
}

func (s *Store) follow(change int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.followers += change
}

func owned(entry domain.Entry) domain.Entry {
	entry.Stored = clone(entry.Stored)
	return entry
}

func clone(event domain.Stored) domain.Stored {
	event.Data, event.Meta = bytes.Clone(event.Data), bytes.Clone(event.Meta)
	return event
}
