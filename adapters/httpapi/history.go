package httpapi

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/adapters/httpapi/telling"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/access"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/team"
	"github.com/clickbook/clickbook/projections"
)

func (h *handlers) ShowHistory(
	ctx context.Context, r api.ShowHistoryRequestObject,
) (api.ShowHistoryResponseObject, error) {
	account, id := domain.AccountID{UUID: r.Account}, domain.AppointmentID{UUID: r.Appointment}
	if _, ok, err := h.Reader.Calendar.One(ctx, account, id); err != nil || !ok {
		return nil, cmp.Or(err, error(appointment.ErrUnknown))
	}
	story := h.newTimeline(account)
	if err := story.follow(ctx, appointment.StreamOf(id), api.HappeningThreadMain, telling.Appointment); err != nil {
		return nil, err
	}
	items, err := story.list(ctx)
	return api.ShowHistory200JSONResponse{Items: items}, err
}

// messageTimeline returns everything that belongs to a message.
func (h *handlers) messageTimeline(
	ctx context.Context, account domain.AccountID, one projections.Message, replaced []domain.MessageID,
) ([]api.Happening, error) {
	story := h.newTimeline(account)
	if err := story.follow(ctx, message.Stream(one.ID), api.HappeningThreadMain, telling.Message); err != nil {
		return nil, err
	}
	if err := story.addCause(ctx, one.Appointment); err != nil {
		return nil, err
	}
	others := replaced
	if !one.Fallback.IsZero() {
		others = append(others, one.Fallback)
	}
	for _, other := range others {
		from := len(story.items)
		if err := story.follow(ctx, message.Stream(other), api.HappeningThreadOther, telling.Message); err != nil {
			return nil, err
		}
		for i := from; i < len(story.items); i++ {
			story.items[i].shown.Message = other.UUID
		}
	}
	if err := story.addCredits(ctx, one.ID); err != nil {
		return nil, err
	}
	return story.list(ctx)
}

// timeline collects what has happened.
type timeline struct {
	*handlers
	account domain.AccountID
	items   []happening
}

// happening is one item of a timeline with what sorts and links it.
type happening struct {
	shown    api.Happening
	position domain.Position // zero for a line of the ledger
	actor    domain.Actor
	cause    uuid.UUID
}

func (h *handlers) newTimeline(account domain.AccountID) *timeline {
	return &timeline{handlers: h, account: account}
}

// follow adds the events of a stream.
func (t *timeline) follow(
	ctx context.Context, stream domain.Stream, thread api.HappeningThread, tell func(domain.Event) string,
) error {
	for recorded, err := range t.Engine.History(ctx, stream) {
		if err != nil {
			return err
		}
		t.add(recorded, thread, tell(recorded.Event))
	}
	return nil
}

func (t *timeline) add(recorded domain.Recorded, thread api.HappeningThread, told string) {
	one := happening{
		shown: api.Happening{
			Id: recorded.ID, Type: recorded.Event.EventType(), At: recorded.Meta.RecordedAt, What: told, Thread: thread,
		}, position: recorded.Position, actor: recorded.Meta.Actor, cause: recorded.Meta.Causation,
	}
	if n := attemptOf(recorded.Event); n > 0 && thread == api.HappeningThreadMain {
		one.shown.Thread, one.shown.Attempt = api.HappeningThreadAttempt, n
	}
	t.items = append(t.items, one)
}

// attemptOf returns the attempt that an event is about, or 0.
func attemptOf(event domain.Event) int {
	switch e := event.(type) {
	case message.SmsAttempted:
		return e.Attempt
	case message.SmsSent:
		return e.Attempt
	case message.SmsAttemptFailed:
		return e.Attempt
	case message.DeliveryReported:
		return e.Attempt
	case message.MailDelayed:
		return e.Attempt
	}
	return 0
}

// addCause adds the events of the appointment that caused events of the message.
func (t *timeline) addCause(ctx context.Context, about domain.AppointmentID) error {
	if about.IsZero() {
		return nil
	}
	causes := make(map[uuid.UUID]bool)
	for _, one := range t.items {
		causes[one.cause] = true
	}
	for recorded, err := range t.Engine.History(ctx, appointment.StreamOf(about)) {
		if err != nil {
			return err
		}
		if causes[recorded.ID] {
			t.add(recorded, api.HappeningThreadCause, telling.Appointment(recorded.Event))
		}
	}
	return nil
}

// maxMessageLines bounds the lines of the ledger about one message that are shown.
const maxMessageLines = 200

// addCredits adds the lines of the ledger about the message, one for each entry. The staff do not see the ledger.
func (t *timeline) addCredits(ctx context.Context, of domain.MessageID) error {
	if middleware.CallerOf(ctx).Role == access.Staff {
		return nil
	}
	lines, err := t.Reader.Ledger.Find(ctx, t.account, projections.LineFilter{
		Message: of.String(), Limit: maxMessageLines,
	})
	for _, entry := range entriesOf(lines) {
		first := entry[0]
		one := happening{
			shown: api.Happening{
				Type: first.Kind, At: first.RecordedAt, What: telling.Lines(entry), Thread: api.HappeningThreadCredits,
			}, actor: domain.Actor{ID: "books", Channel: "policy"},
		}
		one.cause, _ = uuid.Parse(first.Cause)
		t.items = append(t.items, one)
	}
	return err
}

// entriesOf returns lines by entry, the oldest first.
func entriesOf(newestFirst []projections.Line) (entries [][]projections.Line) {
	for _, line := range slices.Backward(newestFirst) {
		if last := len(entries) - 1; last >= 0 && entries[last][0].Entry == line.Entry {
			entries[last] = append(entries[last], line)
			continue
		}
		entries = append(entries, []projections.Line{line})
	}
	return entries
}

// list returns the timeline with numbers, gaps, causes and names.
func (t *timeline) list(ctx context.Context) ([]api.Happening, error) {
	slices.SortStableFunc(t.items, func(a, b happening) int {
		if !a.position.IsZero() && !b.position.IsZero() {
			return a.position.Compare(b.position)
		}
		return a.shown.At.Compare(b.shown.At)
	})
	numbers := make(map[uuid.UUID]int)
	who := make(map[domain.Actor]api.Who)
	shown := make([]api.Happening, len(t.items))
	for i, one := range t.items {
		one.shown.Number = i + 1
		if one.shown.Id != uuid.Nil {
			numbers[one.shown.Id] = i + 1
		}
		if i > 0 {
			one.shown.GapS = max(0, int(one.shown.At.Sub(shown[i-1].At)/time.Second))
		}
		if number := numbers[one.cause]; number <= i {
			one.shown.Because = number
		}
		named, known := who[one.actor]
		if !known {
			var err error
			if named, err = t.who(ctx, one.actor); err != nil {
				return nil, err
			}
			who[one.actor] = named
		}
		one.shown.Who = named
		shown[i] = one.shown
	}
	return shown, nil
}

// who names an actor for people.
func (t *timeline) who(ctx context.Context, actor domain.Actor) (api.Who, error) {
	kind, id, _ := strings.Cut(actor.ID, ":")
	switch {
	case kind == "member":
		return t.member(ctx, id)
	case kind == "key":
		known, ok, err := t.Reader.Keys.Find(ctx, id)
		if !ok || known.Label == "" {
			return api.Who{Kind: api.WhoKindKey, Name: id}, err
		}
		return api.Who{Kind: api.WhoKindKey, Name: known.Label}, err
	case actor.Channel == "link":
		return api.Who{Kind: api.WhoKindClient}, nil
	case actor.ID == "visitor":
		return api.Who{Kind: api.WhoKindVisitor}, nil
	case actor.Channel == "carrier":
		return api.Who{Kind: api.WhoKindProvider}, nil
	case actor.Channel == "import":
		return api.Who{Kind: api.WhoKindImport}, nil
	}
	return api.Who{Kind: api.WhoKindProgram, Name: actor.ID}, nil
}

// member names a member of the team of the account, or of the installation.
func (t *timeline) member(ctx context.Context, id string) (api.Who, error) {
	who := api.Who{Kind: api.WhoKindPerson}
	parsed, err := domain.ParseID[domain.MemberID](id)
	if err != nil {
		return who, nil
	}
	for _, of := range []domain.AccountID{t.account, {}} {
		state, _, err := commands.Load(ctx, t.Engine, team.Decider, team.Stream(of))
		if err != nil {
			return who, err
		}
		if found, ok := state.Find(parsed); ok {
			who.Name = found.Name.Reveal()
			return who, nil
		}
	}
	return who, nil
}
