package httpapi

import (
	"context"
	"maps"
	"reflect"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/problem"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
	"github.com/clickbook/clickbook/projections/readmodel"
)

func (h *handlers) ListMessages(
	ctx context.Context, r api.ListMessagesRequestObject,
) (api.ListMessagesResponseObject, error) {
	narrowed, none, err := h.narrowed(ctx, domain.AccountID{UUID: r.Account}, r.Params)
	if err != nil || none {
		return api.ListMessages200JSONResponse{Items: []api.Message{}}, err
	}
	found, err := h.listMessages(ctx, r.Params, func(
		ctx context.Context, filter projections.MessageFilter,
	) ([]projections.Message, error) {
		filter.Clients, filter.Messages = narrowed.Clients, narrowed.Messages
		return h.Reader.Messages.Find(ctx, domain.AccountID{UUID: r.Account}, filter)
	})
	return api.ListMessages200JSONResponse(found), err
}

// maxSearched bounds the clients whose messages a search lists.
const maxSearched = 200

var errSearchWide = domain.Refuse(domain.Invalid, "search_too_wide",
	"the search finds more than 200 clients; write more of the name or the number").At("q")

// narrowed returns the clients that a search finds, and the messages that need a person. none means that there are none
// where some are asked for.
func (h *handlers) narrowed(
	ctx context.Context, account domain.AccountID, params api.ListMessagesParams,
) (filter projections.MessageFilter, none bool, err error) {
	if params.Q != "" {
		found, err := h.Reader.Clients.Find(ctx, account, params.Q, readmodel.NameCursor{}, maxSearched+1)
		if err != nil || len(found) == 0 {
			return filter, true, err
		}
		if len(found) > maxSearched {
			return filter, false, errSearchWide
		}
		filter.Clients = each(found, func(one directory.Client) domain.ClientID { return one.ID })
	}
	if params.NeedsPerson {
		calls, err := h.openCalls(ctx, account)
		if err != nil || len(calls) == 0 {
			return filter, true, err
		}
		filter.Messages = each(calls[:min(len(calls), maxNeedy)], func(one projections.Call) domain.MessageID {
			return one.Message
		})
	}
	return filter, false, nil
}

// maxNeedy bounds the messages that need a person in a list. The call sheet has all of them.
const maxNeedy = 2000

func (h *handlers) ListAllMessages(
	ctx context.Context, r api.ListAllMessagesRequestObject,
) (api.ListAllMessagesResponseObject, error) {
	var find findMessages = h.Reader.Messages.FindAll
	if r.Params.Account != uuid.Nil {
		find = h.messagesOf(r.Params.Account)
	}
	found, err := h.listMessages(ctx, api.ListMessagesParams{
		Client: r.Params.Client, Appointment: r.Params.Appointment, State: r.Params.State,
		Undelivered: r.Params.Undelivered, Channel: r.Params.Channel, Provider: r.Params.Provider,
		Country: r.Params.Country, From: r.Params.From, To: r.Params.To, Cursor: r.Params.Cursor, Limit: r.Params.Limit,
	}, find)
	return api.ListAllMessages200JSONResponse(found), err
}

// findMessages returns the messages that match a filter.
type findMessages func(context.Context, projections.MessageFilter) ([]projections.Message, error)

func (h *handlers) messagesOf(account uuid.UUID) findMessages {
	return func(ctx context.Context, filter projections.MessageFilter) ([]projections.Message, error) {
		return h.Reader.Messages.Find(ctx, domain.AccountID{UUID: account}, filter)
	}
}

func (h *handlers) listMessages(
	ctx context.Context, params api.ListMessagesParams, find findMessages,
) (api.MessagePage, error) {
	filter := projections.MessageFilter{
		Queued:   domain.Interval{Start: params.From, End: params.To},
		Statuses: each(params.State, func(state api.MessageState) message.Status { return message.Status(state) }),
		Channel:  string(params.Channel), Country: params.Country, Provider: params.Provider,
		Client: domain.ClientID{UUID: params.Client}, Appointment: domain.AppointmentID{UUID: params.Appointment},
	}
	if params.Undelivered {
		filter.Undelivered = h.Engine.Now()
	}
	request, err := h.openPage(ctx, params.Cursor, params.Limit, &filter.After)
	if err != nil {
		return api.MessagePage{}, err
	}
	filter.Limit = request.rows()
	found, err := find(ctx, filter)
	items, next := page(ctx, h, request, found, projections.Message.Cursor)
	return api.MessagePage{Items: each(items, shownMessage), Next: next}, err
}

func (h *handlers) ShowMessage(
	ctx context.Context, r api.ShowMessageRequestObject,
) (api.ShowMessageResponseObject, error) {
	id := domain.MessageID{UUID: r.Message}
	one, ok, err := h.Reader.Messages.One(ctx, domain.AccountID{UUID: r.Account}, id)
	if err == nil && !ok {
		err = message.ErrUnknown
	}
	if err != nil {
		return nil, err
	}
	story := api.MessageStory{Message: shownMessage(one), Events: []api.StoryEvent{}}
	replaced, err := h.Reader.Messages.Replaced(ctx, one)
	if err != nil {
		return nil, err
	}
	story.Message.Replaces = each(replaced, func(text domain.MessageID) uuid.UUID { return text.UUID })
	for recorded, err := range h.Engine.History(ctx, message.Stream(id)) {
		if err != nil {
			return nil, err
		}
		story.Events = append(story.Events, storyEvent(recorded))
		story.Revision = int64(recorded.Revision)
	}
	if story.Timeline, err = h.messageTimeline(ctx, domain.AccountID{UUID: r.Account}, one, replaced); err != nil {
		return nil, err
	}
	return api.ShowMessage200JSONResponse{
		Body: story, Headers: api.ShowMessage200ResponseHeaders{ETag: etag(domain.Revision(story.Revision))},
	}, nil
}

func shownMessage(one projections.Message) api.Message {
	return api.Message{
		Id: one.ID.UUID, Account: one.Account.UUID, Client: one.Client.UUID, ClientName: one.ClientName,
		Appointment: one.Appointment.UUID,
		Channel:     api.Channel(one.Channel), Kind: api.MessageKind(one.Kind), Rule: one.Rule,
		State: api.MessageState(one.Status), Reason: one.Reason, To: one.Address, Title: one.Title, Text: one.Text,
		Country: one.Country, Provider: one.Provider, Attempts: one.Attempts, Segments: one.Segments, PriceMicro: one.Price,
		ScheduledFor: one.ScheduledFor, QueuedAt: one.QueuedAt, SentAt: one.SentAt, ChangedAt: one.ChangedAt,
		Fallback: one.Fallback.UUID,
	}
}

func storyEvent(recorded domain.Recorded) api.StoryEvent {
	return api.StoryEvent{
		Id: recorded.ID, Revision: int64(recorded.Revision), Position: recorded.Position.String(),
		Type: recorded.Event.EventType(), OccurredAt: recorded.Meta.OccurredAt, RecordedAt: recorded.Meta.RecordedAt,
		Actor: recorded.Meta.Actor.ID, Channel: recorded.Meta.Actor.Channel, Cause: recorded.Meta.Causation,
		Facts: eventFields(recorded.Event),
	}
}

func (h *handlers) ListDueReminders(
	ctx context.Context, r api.ListDueRemindersRequestObject,
) (api.ListDueRemindersResponseObject, error) {
	until := r.Params.Until
	if until.IsZero() {
		until = h.Engine.Now().AddDate(0, 0, 7)
	}
	var after readmodel.Cursor
	request, err := h.openPage(ctx, r.Params.Cursor, r.Params.Limit, &after)
	if err != nil {
		return nil, err
	}
	found, err := h.Reader.Due.Of(ctx, domain.AccountID{UUID: r.Account}, until, after, request.rows())
	items, next := page(ctx, h, request, found, projections.Reminder.Cursor)
	return api.ListDueReminders200JSONResponse{Items: each(items, dueReminder), Next: next}, err
}

func dueReminder(one projections.Reminder) api.DueReminder {
	return api.DueReminder{
		Message: one.Message.UUID, Appointment: one.Appointment.UUID, Sequence: one.Sequence, Rule: one.Rule,
		DueAt: one.DueAt, Suppressed: one.Suppressed,
	}
}

func (h *handlers) ReportDeliveries(
	ctx context.Context, r api.ReportDeliveriesRequestObject,
) (api.ReportDeliveriesResponseObject, error) {
	report, err := h.report(ctx, projections.DeliveryFilter{
		Account:  domain.AccountID{UUID: r.Account},
		Days:     domain.Interval{Start: r.Params.From.Time, End: r.Params.To.Time},
		Provider: r.Params.Provider, Country: r.Params.Country,
	})
	return api.ReportDeliveries200JSONResponse(report), err
}

func (h *handlers) ReportAllDeliveries(
	ctx context.Context, r api.ReportAllDeliveriesRequestObject,
) (api.ReportAllDeliveriesResponseObject, error) {
	report, err := h.report(ctx, projections.DeliveryFilter{
		Days:     domain.Interval{Start: r.Params.From.Time, End: r.Params.To.Time},
		Provider: r.Params.Provider, Country: r.Params.Country,
	})
	return api.ReportAllDeliveries200JSONResponse(report), err
}

// maxReport bounds the days of a report, in UTC: it has a row for each day, provider and country.
const maxReport = 366 * 24 * time.Hour

var errReportWindow = domain.Refuse(domain.Invalid, "window_invalid",
	"a report covers at most 366 days; ask for a longer range in parts").At("to")

func (h *handlers) report(ctx context.Context, filter projections.DeliveryFilter) (api.DeliveryReport, error) {
	if !filter.Days.Start.Before(filter.Days.End) {
		return api.DeliveryReport{}, problem.Invalid("to", "to must be after from")
	}
	if filter.Days.End.Sub(filter.Days.Start) > maxReport {
		return api.DeliveryReport{}, errReportWindow
	}
	filter.By = projections.By{Provider: true, Country: true, Day: true}
	lines, err := h.Reader.Deliveries.Report(ctx, filter)
	if err != nil {
		return api.DeliveryReport{}, err
	}
	report := api.DeliveryReport{Rows: each(lines, func(line projections.Delivery) api.DeliveryRow {
		row := api.DeliveryRow{Provider: line.Provider, Country: line.Country, Counts: counts(line)}
		row.Day.Time = line.Day
		return row
	})}
	filter.By = projections.By{}
	totals, err := h.Reader.Deliveries.Report(ctx, filter)
	for _, total := range totals {
		report.Total = counts(total)
	}
	if err == nil {
		report.Outages, err = h.bands(ctx, filter)
	}
	return report, err
}

func counts(line projections.Delivery) api.DeliveryCounts {
	return api.DeliveryCounts{
		Queued: line.Queued, Suppressed: line.Suppressed, Attempted: line.Attempted, Refused: line.Refused,
		Sent: line.Sent, Delivered: line.Delivered, Undelivered: line.Undelivered, Expired: line.Expired,
		Failed: line.Failed, Unknown: line.Unknown(),
		LatencyP50S: int(line.Latency(0.5) / time.Second), LatencyP90S: int(line.Latency(0.9) / time.Second),
		LatencyP99S: int(line.Latency(0.99) / time.Second),
	}
}

// eventFields returns the fields of an event under their stored names. Private texts are readable, or "" after an
// erasure.
func eventFields(event domain.Event) map[string]any { return fieldsOf(reflect.ValueOf(event)) }

func fieldsOf(of reflect.Value) map[string]any {
	fields := make(map[string]any)
	for i := range of.NumField() {
		field, value := of.Type().Field(i), of.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Anonymous && name == "" {
			maps.Copy(fields, fieldsOf(value))
			continue
		}
		if strings.HasPrefix(options, "omit") && value.IsZero() {
			continue
		}
		fields[name] = fieldValue(value)
	}
	return fields
}

func fieldValue(value reflect.Value) any {
	if private, ok := value.Interface().(domain.Private); ok {
		return private.Reveal()
	}
	if value.Kind() == reflect.Struct && holdsPrivate(value.Type()) {
		return fieldsOf(value)
	}
	return value.Interface()
}

func holdsPrivate(shape reflect.Type) bool {
	for i := range shape.NumField() {
		field := shape.Field(i).Type
		if field == reflect.TypeFor[domain.Private]() || field.Kind() == reflect.Struct && holdsPrivate(field) {
			return true
		}
	}
	return false
}
