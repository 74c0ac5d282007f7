package httpapi

import (
	"context"
	"iter"
	"time"

	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections"
)

// Messages is what the API asks about texts and emails.
type Messages interface {
	One(ctx context.Context, account domain.AccountID, id domain.MessageID) (projections.Message, bool, error)
	Find(ctx context.Context, account domain.AccountID, in projections.MessageFilter) ([]projections.Message, error)
	Story(ctx context.Context, streams domain.StreamReader, codec *domain.Codec, account domain.AccountID,
		id domain.MessageID) iter.Seq2[domain.Recorded, error]
}

// Deliveries is what the API asks about how well texts arrive.
type Deliveries interface {
	Report(ctx context.Context, in projections.DeliveryFilter) ([]projections.Delivery, error)
}

func (a *api) ListMessages(ctx context.Context, r ListMessagesRequestObject) (ListMessagesResponseObject, error) {
	size := sizeOf(r.Params.Limit)
	filter := projections.MessageFilter{
		Queued:  domain.Interval{Start: r.Params.From, End: r.Params.To},
		Channel: string(r.Params.Channel), Country: r.Params.Country, Provider: r.Params.Provider,
		Client: domain.ClientID{UUID: r.Params.Client}, Appointment: domain.AppointmentID{UUID: r.Params.Appointment},
		Limit: size + 1,
	}
	if r.Params.State != "" {
		filter.Statuses = []message.Status{message.Status(r.Params.State)}
	}
	var err error
	if filter.After, err = markOf(r.Params.Cursor); err != nil {
		return nil, err
	}
	found, err := a.Messages.Find(ctx, domain.AccountID{UUID: r.Account}, filter)
	items, next := pageOf(found, size, func(one projections.Message) string { return cursorAt(one.Cursor()) })
	return ListMessages200JSONResponse{Items: each(items, shownMessage), Next: next}, err
}

func (a *api) ShowMessage(ctx context.Context, r ShowMessageRequestObject) (ShowMessageResponseObject, error) {
	owner, id := domain.AccountID{UUID: r.Account}, domain.MessageID{UUID: r.Message}
	one, ok, err := a.Messages.One(ctx, owner, id)
	if err == nil && !ok {
		err = message.ErrUnknown
	}
	if err != nil {
		return nil, err
	}
	story := MessageStory{Message: shownMessage(one), Events: []StoryEvent{}}
	for recorded, err := range a.Messages.Story(ctx, a.Streams, a.Engine.Codec(), owner, id) {
		if err != nil {
			return nil, err
		}
		story.Events = append(story.Events, storyEvent(recorded))
		story.Revision = int64(recorded.Revision)
	}
	return ShowMessage200JSONResponse{story, ShowMessage200ResponseHeaders{etag(domain.Revision(story.Revision))}}, nil
}

func shownMessage(one projections.Message) Message {
	return Message{
		Id: one.ID.UUID, Client: one.Client.UUID, ClientName: one.ClientName, Appointment: one.Appointment.UUID,
		Channel: Channel(one.Channel), Kind: MessageKind(one.Kind), Rule: one.Rule, State: MessageState(one.Status),
		Reason: one.Reason, To: one.Address, Title: one.Title, Text: one.Text, Country: one.Country,
		Provider: one.Provider, Attempts: one.Attempts, Segments: one.Segments, PriceMicro: one.Price,
		ScheduledFor: one.ScheduledFor, QueuedAt: one.QueuedAt, SentAt: one.SentAt, ChangedAt: one.ChangedAt,
	}
}

func storyEvent(recorded domain.Recorded) StoryEvent {
	return StoryEvent{
		Id: recorded.ID, Revision: int64(recorded.Revision), Position: recorded.Position.String(),
		Type: recorded.Event.EventType(), OccurredAt: recorded.Meta.OccurredAt, RecordedAt: recorded.Meta.RecordedAt,
		Actor: recorded.Meta.Actor.ID, Channel: recorded.Meta.Actor.Channel, Cause: recorded.Meta.Causation,
		Facts: factsOf(recorded.Event),
	}
}

// Due is what the API asks about reminders to come, soonest first.
type Due interface {
	Of(ctx context.Context, account domain.AccountID, before time.Time, limit int) ([]messaging.DueReminder, error)
}

func (a *api) ListDueReminders(
	ctx context.Context, r ListDueRemindersRequestObject,
) (ListDueRemindersResponseObject, error) {
	until := r.Params.Until
	if until.IsZero() {
		until = a.Engine.Now().AddDate(0, 0, 7)
	}
	found, err := a.Due.Of(ctx, domain.AccountID{UUID: r.Account}, until, sizeOf(r.Params.Limit))
	return ListDueReminders200JSONResponse{Items: each(found, func(one messaging.DueReminder) DueReminder {
		return DueReminder{
			Message: one.Message.UUID, Appointment: one.Appointment.UUID, Sequence: one.Sequence, Rule: one.Rule,
			DueAt: one.DueAt, Suppressed: one.Suppressed,
		}
	})}, err
}

func (a *api) ReportDeliveries(
	ctx context.Context, r ReportDeliveriesRequestObject,
) (ReportDeliveriesResponseObject, error) {
	report, err := a.report(ctx, projections.DeliveryFilter{
		Account:  domain.AccountID{UUID: r.Account},
		Days:     domain.Interval{Start: r.Params.From.Time, End: r.Params.To.Time},
		Provider: r.Params.Provider, Country: r.Params.Country,
	})
	return ReportDeliveries200JSONResponse(report), err
}

func (a *api) ReportAllDeliveries(
	ctx context.Context, r ReportAllDeliveriesRequestObject,
) (ReportAllDeliveriesResponseObject, error) {
	report, err := a.report(ctx, projections.DeliveryFilter{
		Days:     domain.Interval{Start: r.Params.From.Time, End: r.Params.To.Time},
		Provider: r.Params.Provider, Country: r.Params.Country,
	})
	return ReportAllDeliveries200JSONResponse(report), err
}

func (a *api) report(ctx context.Context, filter projections.DeliveryFilter) (DeliveryReport, error) {
	if !filter.Days.Start.Before(filter.Days.End) {
		return DeliveryReport{}, invalid("to", "to must be after from")
	}
	filter.By = projections.By{Provider: true, Country: true, Day: true}
	lines, err := a.Deliveries.Report(ctx, filter)
	if err != nil {
		return DeliveryReport{}, err
	}
	report := DeliveryReport{Rows: each(lines, func(line projections.Delivery) DeliveryRow {
		row := DeliveryRow{Provider: line.Provider, Country: line.Country, Counts: counts(line)}
		row.Day.Time = line.Day
		return row
	})}
	filter.By = projections.By{}
	totals, err := a.Deliveries.Report(ctx, filter)
	for _, total := range totals {
		report.Total = counts(total)
	}
	return report, err
}

func counts(line projections.Delivery) DeliveryCounts {
	return DeliveryCounts{
		Queued: line.Queued, Suppressed: line.Suppressed, Attempted: line.Attempted, Refused: line.Refused,
		Sent: line.Sent, Delivered: line.Delivered, Undelivered: line.Undelivered, Expired: line.Expired,
		Failed: line.Failed, Unknown: line.Unknown(),
		LatencyP50S: int(line.Latency(0.5) / time.Second), LatencyP90S: int(line.Latency(0.9) / time.Second),
		LatencyP99S: int(line.Latency(0.99) / time.Second),
	}
}
