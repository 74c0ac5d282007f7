package httpapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
	"github.com/gorilla/mux"

	"github.com/clickbook/clickbook/adapters/exporting"
	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/problem"
	"github.com/clickbook/clickbook/adapters/ical"
	"github.com/clickbook/clickbook/adapters/internal/addresslimit"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/links"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/feed"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/projections"
)

// What a calendar feed shows of the past and of the time ahead, and of how many appointments at most.
const (
	feedBack  = 31 * 24 * time.Hour
	feedAhead = 366 * 24 * time.Hour
	feedMost  = 20_000
)

func (h *handlers) ListFeeds(ctx context.Context, r api.ListFeedsRequestObject) (api.ListFeedsResponseObject, error) {
	owner := domain.AccountID{UUID: r.Account}
	known, err := h.Reader.Resources.All(ctx, owner)
	if err != nil {
		return nil, err
	}
	shown := api.ListFeeds200JSONResponse{}
	add := func(of feed.Of, name string) error {
		state, _, err := commands.Load(ctx, h.Engine, feed.Decider, of.Stream())
		one := api.CalendarFeed{Resource: of.Resource.UUID, Name: name, On: state.On, Names: state.On && state.Names}
		if state.On {
			one.Url = h.ByLink.Links.Feed(state)
		}
		shown.Items = append(shown.Items, one)
		return err
	}
	if err := add(feed.Of{Account: owner}, middleware.AccountOf(ctx).Name.Reveal()); err != nil {
		return nil, err
	}
	for _, one := range known {
		if one.Retired {
			continue
		}
		if err := add(feed.Of{Account: owner, Resource: one.ID}, one.Name); err != nil {
			return nil, err
		}
	}
	return shown, nil
}

func (h *handlers) RotateFeed(
	ctx context.Context, r api.RotateFeedRequestObject,
) (api.RotateFeedResponseObject, error) {
	if _, err := openAccount(ctx); err != nil {
		return nil, err
	}
	of, err := h.feedOf(ctx, r.Account, r.Body.Resource)
	if err != nil {
		return nil, err
	}
	state, _, err := commands.Load(ctx, h.Engine, feed.Decider, of.Stream())
	if err != nil {
		return nil, err
	}
	outcome, err := h.run(ctx, feed.Rotate{Of: of, Generation: state.Generation, Names: r.Body.Names})
	return api.RotateFeed200JSONResponse{DoneJSONResponse: done(name(of.Stream().Key()), outcome)}, err
}

func (h *handlers) TurnFeedOff(
	ctx context.Context, r api.TurnFeedOffRequestObject,
) (api.TurnFeedOffResponseObject, error) {
	of, err := h.feedOf(ctx, r.Account, r.Body.Resource)
	if err != nil {
		return nil, err
	}
	outcome, err := h.run(ctx, feed.TurnOff{Of: of})
	return api.TurnFeedOff200JSONResponse{DoneJSONResponse: done(name(of.Stream().Key()), outcome)}, err
}

// feedOf returns the feed of a resource of the account, or of the whole account.
func (h *handlers) feedOf(ctx context.Context, owner, of uuid.UUID) (feed.Of, error) {
	found := feed.Of{Account: domain.AccountID{UUID: owner}, Resource: domain.ResourceID{UUID: of}}
	if of == uuid.Nil {
		return found, nil
	}
	known, _, err := commands.Load(ctx, h.Engine, resource.Decider, resource.Stream(found.Resource))
	if err == nil && known.Account != found.Account {
		err = resource.ErrUnknown
	}
	return found, err
}

// serveFeeds serves calendar feeds, which need no key: the address is the authority.
func (h *handlers) serveFeeds(router *mux.Router) {
	limit := addresslimit.New(h.Engine.Now)
	router.HandleFunc(links.FeedPath+"{token}", func(w http.ResponseWriter, r *http.Request) {
		if !limit.Allow(r) {
			middleware.Refuse(w, r, errBusyFeed)
			return
		}
		if err := h.serveFeed(w, r, mux.Vars(r)["token"]); err != nil {
			middleware.Refuse(w, r, err)
		}
	}).Methods(http.MethodGet)
}

var errBusyFeed = &problem.Problem{
	Status: http.StatusTooManyRequests, Code: "too_many_requests", RetryAfter: 60,
	Detail: "this address reads calendars too often; wait a minute",
}

func (h *handlers) serveFeed(w http.ResponseWriter, r *http.Request, file string) error {
	token, whole := strings.CutSuffix(file, links.FeedEnd)
	if !whole {
		return links.ErrLink
	}
	state, err := h.ByLink.Links.OpenFeed(r.Context(), token)
	if err != nil {
		return err
	}
	owner, _, err := commands.Load(r.Context(), h.Engine, account.Decider, account.Stream(state.Account))
	if err == nil && owner.Closed {
		err = links.ErrLink
	}
	if err != nil {
		return err
	}
	body, tag, err := h.feedFile(r.Context(), state)
	if err != nil {
		return err
	}
	header := w.Header()
	header.Set("ETag", tag)
	header.Set("Cache-Control", "private, no-cache")
	if slices.Contains(r.Header.Values("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	header.Set("Content-Type", contentTypes[exporting.ICS])
	_, _ = w.Write(body)
	return nil
}

// emptyCalendar is a calendar without events, for a feed without appointments.
const emptyCalendar = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//ClickBook//Appointments//EN\r\nEND:VCALENDAR\r\n"

// feedFile returns the calendar of a feed and its entity tag, which stays the same until something in it changes.
func (h *handlers) feedFile(ctx context.Context, of feed.State) ([]byte, string, error) {
	now := h.Engine.Now()
	selection := projections.Selection{
		During: domain.Interval{Start: now.Add(-feedBack), End: now.Add(feedAhead)}, Limit: feedMost,
		Statuses: []appointment.Status{
			appointment.StatusPending, appointment.StatusBooked, appointment.StatusArrived, appointment.StatusFulfilled,
			appointment.StatusNoShow,
		},
	}
	if !of.Resource.IsZero() {
		selection.Resources = []domain.ResourceID{of.Resource}
	}
	found, err := h.Reader.Calendar.Find(ctx, of.Account, selection)
	if err != nil {
		return nil, "", err
	}
	var out bytes.Buffer
	calendar, sum := ical.NewWriter(&out, now), sha256.New()
	for _, one := range found {
		who := one.ClientName
		if !of.Names {
			who = initials(who)
		}
		event := ical.Event{
			UID: one.ID.String(), Sequence: one.Sequence, Status: one.Status, Summary: one.ServiceName,
			Start: one.Visit.Start, End: one.Visit.End, Created: one.RequestedAt,
		}
		if who != "" { // an erased client has no name
			event.Summary += ": " + who
		}
		_, _ = fmt.Fprintf(sum, "%v\n", event)
		if err := calendar.Write(event); err != nil {
			return nil, "", err
		}
	}
	tag := fmt.Sprintf(`"%x"`, sum.Sum(nil)[:16])
	if err := calendar.Close(); errors.Is(err, ical.ErrEmpty) {
		return []byte(emptyCalendar), tag, nil
	} else if err != nil {
		return nil, "", err
	}
	return out.Bytes(), tag, nil
}

// initials returns the first letter of each of the first three words of a name: "C. W." for Clara Wieck.
func initials(of string) string {
	var letters []string
	for word := range strings.FieldsSeq(of) {
		for _, letter := range word {
			if unicode.IsLetter(letter) {
				letters = append(letters, string(unicode.ToUpper(letter))+".")
				break
			}
		}
		if len(letters) == 3 {
			break
		}
	}
	return strings.Join(letters, " ")
}
