// Package live tells open pages what has changed. It follows the log, waits until the read models have applied an
// event, and tells the streams of its account which topics to read again. A stream says that something changed and
// never what: a page reads it through the API, which knows who may see it.
package live

import (
	"context"
	"errors"
	"sync"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// Limits of the streams.
const (
	maxStreams = 200   // of one account, and of the installation
	maxResumed = 5_000 // events that are read for a page that comes back; one that missed more starts again
)

// ErrTooMany refuses a stream of an account that has enough.
var ErrTooMany = errors.New("this account has too many open pages")

// Log is the part of an event store that the hub needs.
type Log interface {
	domain.LogReader
	domain.Subscriber
}

// Views are the read models. Wait returns once they have reached a position.
type Views interface {
	Wait(ctx context.Context, position domain.Position) error
}

// About is what a message is about.
type About struct {
	Account     domain.AccountID
	Appointment domain.AppointmentID
}

// FindAbout returns what messages are about, by the read models.
type FindAbout func(ctx context.Context, of []domain.MessageID) (map[domain.MessageID]About, error)

// Hub tells the open streams of changes.
type Hub struct {
	log   Log
	views Views
	about FindAbout

	mu      sync.Mutex
	at      domain.Position // up to which the streams were told
	streams map[*stream]bool
	of      map[domain.AccountID]int // streams by account; those of the installation are under zero
	closed  bool
}

// New returns a hub over a log and its read models.
func New(log Log, views Views, about FindAbout) *Hub {
	return &Hub{
		log: log, views: views, about: about, streams: make(map[*stream]bool), of: make(map[domain.AccountID]int),
	}
}

// Run tells the streams of what is appended until ctx ends. If it is run again, it continues where it was.
func (h *Hub) Run(ctx context.Context) error {
	h.mu.Lock()
	at := h.at
	h.mu.Unlock()
	if at.IsZero() {
		head, err := h.log.Head(ctx)
		if err != nil {
			return err
		}
		at = head
		h.mu.Lock()
		h.at = head
		h.mu.Unlock()
	}
	return h.log.Subscribe(ctx, at, domain.Filter{}, h.tell)
}

// Close ends all streams, and every later one at once. A server calls it when it is told to stop.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for s := range h.streams {
		s.end()
	}
}

// tell tells the streams of a batch of the log, once the read models have applied it.
func (h *Hub) tell(ctx context.Context, batch []domain.Entry) error {
	last := batch[len(batch)-1].Position
	if err := h.views.Wait(ctx, last); err != nil {
		return err
	}
	changes, err := h.changes(ctx, batch)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = last
	for s := range h.streams {
		s.add(changes)
	}
	return nil
}

// changes returns what entries change, by account. What concerns every account is under zero.
func (h *Hub) changes(ctx context.Context, entries []domain.Entry) (map[domain.AccountID]change, error) {
	about, err := h.messagesIn(ctx, entries)
	if err != nil {
		return nil, err
	}
	changes := make(map[domain.AccountID]change)
	for _, entry := range entries {
		named := topics[entry.Type]
		if len(named) == 0 {
			continue
		}
		meta, err := entry.Metadata()
		if err != nil {
			return nil, err
		}
		key, _ := uuid.Parse(entry.Stream.Key())
		category := entry.Stream.Category()
		of, told := meta.Account, domain.MessageID{UUID: key}
		if category == "message" && of.IsZero() {
			of = about[told].Account
		}
		if of.IsZero() && !common[category] {
			of = installation
		}
		one := changes[of]
		if one.topics == nil {
			one.topics = make(map[Topic]bool)
		}
		one.at = entry.Position
		for _, topic := range named {
			one.topics[topic] = true
		}
		switch category {
		case "appointment":
			one.appointments.add(key)
		case "message":
			one.messages.add(key)
			one.appointments.add(about[told].Appointment.UUID)
		}
		changes[of] = one
	}
	return changes, nil
}

// common are the categories of streams that concern every account.
var common = map[string]bool{"outage": true, "provider": true, "route": true, "window": true}

// installation is in the place of an account for what only an admin of the installation hears of.
var installation = domain.AccountID{UUID: uuid.Max}

// messagesIn returns what the messages of entries are about.
func (h *Hub) messagesIn(ctx context.Context, entries []domain.Entry) (map[domain.MessageID]About, error) {
	seen := make(map[domain.MessageID]bool)
	var found []domain.MessageID
	for _, entry := range entries {
		if entry.Stream.Category() != "message" {
			continue
		}
		id, err := domain.ParseID[domain.MessageID](entry.Stream.Key())
		if err == nil && !seen[id] {
			seen[id] = true
			found = append(found, id)
		}
	}
	if len(found) == 0 {
		return nil, nil
	}
	return h.about(ctx, found)
}

// missed returns what has changed after one position up to another. ok is false if that is too much to say.
func (h *Hub) missed(ctx context.Context, after, upTo domain.Position) (
	changes map[domain.AccountID]change, ok bool, err error,
) {
	if upTo.Before(after) {
		return nil, false, nil // it is a position of another log, or of a server that is ahead
	}
	var entries []domain.Entry
	for entry, err := range h.log.ReadAll(ctx, after, domain.Filter{}) {
		switch {
		case err != nil:
			return nil, false, err
		case upTo.Before(entry.Position):
			changes, err = h.changes(ctx, entries)
			return changes, true, err
		case len(entries) == maxResumed:
			return nil, false, nil
		}
		entries = append(entries, domain.Entry{
			Stored: domain.Stored{Type: entry.Type, Meta: entry.Meta}, Position: entry.Position, Stream: entry.Stream,
		})
	}
	changes, err = h.changes(ctx, entries)
	return changes, true, err
}
