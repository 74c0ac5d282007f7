package web

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/internal/addresslimit"
	"github.com/clickbook/clickbook/commands/links"
	"github.com/clickbook/clickbook/commands/visiting"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	bookingpage "github.com/clickbook/clickbook/domain/page"
)

// form is what a visitor fills in, with what they have typed.
type form struct {
	Name, Email, Phone, Note string
	Asked                    []asked
	Wrong                    map[string]string // what is wrong, by field

	Held       bool // false: the start was taken, and the visitor chooses another one
	Until      string
	Left       int // seconds
	Extends    bool
	LastTime   bool
	Action     string
	ExtendURL  string
	HoldURL    string
	TimesURL   string
	Submit     string
	NeedsEmail bool
}

// asked is a question of the page with what was typed.
type asked struct {
	ID, Text, Kind string
	Required       bool
	Choices        []string
	Value          string
}

// bookedPage shows what became of a hold.
type bookedPage struct {
	bookPage
	With, When, Time, In string
	Manage, Calendar     string
	Approval, Email      string
	NoteLabel            string
	Over                 bool
}

const replyPrefix = "q-" // of the names of the fields with replies

// typed reads a form.
func typed(r *http.Request) visiting.Form {
	f := visiting.Form{
		Name: r.PostFormValue("name"), Email: r.PostFormValue("email"), Phone: r.PostFormValue("phone"),
		Note: r.PostFormValue("note"), Trap: r.PostFormValue("website"), From: addresslimit.Of(r),
		Responses: make(map[string]string),
	}
	for name, values := range r.PostForm {
		if id, isReply := strings.CutPrefix(name, replyPrefix); isReply && len(values) > 0 {
			f.Responses[id] = values[0]
		}
	}
	return f
}

// hold holds the chosen start. A visitor who has typed already, because another start was taken, keeps it.
func (s *server) hold(r *http.Request, p place) (reply, error) {
	c, err := s.choiceOf(r, p)
	if err != nil {
		return reply{}, err
	}
	start, err := time.Parse(time.RFC3339, r.PostFormValue("start"))
	if err != nil {
		return s.showTimes(r, p, c, p.in.PickFirst, nil)
	}
	// The page has one request number, and its button may be pressed twice: the same start is held once.
	want := visiting.Wanted{
		Choice: c.Choice, Start: start, Replaces: r.PostFormValue("held"), From: addresslimit.Of(r),
		Request: domain.DeriveUUID("hold on the page", r.PostFormValue("request"), start.UTC().Format(time.RFC3339)),
	}
	held, err := s.Visiting.Hold(r.Context(), p.page, want)
	if errors.Is(err, appointment.ErrHoldEnded) { // the visitor went back to an old page
		want.Request = uuid.New()
		held, err = s.Visiting.Hold(r.Context(), p.page, want)
	}
	var taken *visiting.Taken
	hasTyped := r.PostFormValue("typed") != ""
	switch refusal, refused := domain.AsRefusal(err); {
	case errors.As(err, &taken) && hasTyped:
		return s.showTaken(r, p, c, typed(r), taken.Alternatives)
	case errors.As(err, &taken):
		return s.showTimes(r, p, c, p.in.TakenFull, append([]visiting.Start{}, taken.Alternatives...))
	case refused && refusal.Reason != domain.Unknown:
		return s.showTimes(r, p, c, p.complaint(refusal), nil)
	case err != nil:
		return reply{}, err
	case hasTyped:
		return s.showForm(r, p, held, typed(r), nil)
	}
	return reply{see: p.url("hold/"+url.PathEscape(held.Token), "staff", c.named)}, nil
}

// details shows the form of a hold, or what became of it.
func (s *server) details(r *http.Request, p place) (reply, error) {
	held, err := s.Visiting.Show(r.Context(), p.page, r.PathValue("token"))
	if errors.Is(err, appointment.ErrHoldEnded) {
		return s.showOver(p, p.in.HoldOver), nil
	}
	if err != nil {
		return reply{}, err
	}
	return s.showHeld(r, p, held)
}

func (s *server) showHeld(r *http.Request, p place, held visiting.Held) (reply, error) {
	if held.Booked == nil && !held.Email {
		return s.showForm(r, p, held, visiting.Form{}, nil)
	}
	view := s.heldPage(p, held, p.in.Booked)
	view.Policy = p.page.Page.Policy.Reveal()
	switch {
	case held.Email:
		view.Title = p.in.CheckEmail + " · " + p.business()
		view.Notice, view.Email = p.in.CheckEmail, p.fill(p.in.EmailSent, "until", p.clock(held.Until))
	case held.Booked.Status == appointment.StatusPending:
		view.Title = p.in.Pending + " · " + p.business()
		view.Notice, view.Approval = p.in.Pending, p.fill(p.in.PendingThanks)
	default:
		view.Notice, view.Approval = p.in.Booked, p.fill(p.in.BookedThanks)
		view.Calendar = s.local(held.Booked.Manage) + ".ics"
	}
	if held.Booked != nil {
		view.Manage = s.local(held.Booked.Manage)
	}
	return reply{template: "booked", data: view}, nil
}

// local returns the path of one of our own links.
func (s *server) local(link string) string { return s.prefix + strings.TrimPrefix(link, s.base) }

func (s *server) heldPage(p place, held visiting.Held, title string) *bookedPage {
	p.location = zoneOf(cmp.Or(p.zone, held.Zone))
	return &bookedPage{
		bookPage: bookPage{
			head: p.head(title + " · " + p.business()), Words: p.in, Service: held.Name, Back: p.url(""),
			Duration: p.duration(int(held.End.Sub(held.Start) / time.Minute)),
		},
		With: strings.Join(held.With, ", "), When: p.date(held.Start),
		Time: p.clock(held.Start) + "–" + p.clock(held.End), In: p.zoneInWords(held.Start),
	}
}

// showOver says that a hold or a link has ended, and leads back to the page.
func (s *server) showOver(p place, sentence string) reply {
	view := &bookedPage{bookPage: bookPage{
		head: p.head(p.in.Times + " · " + p.business()), Words: p.in, Notice: sentence, Bad: true, Back: p.url(""),
	}, Over: true}
	return reply{status: http.StatusGone, template: "booked", data: view}
}

// showForm shows the form of a hold with what was typed, and what is wrong with it.
func (s *server) showForm(
	r *http.Request, p place, held visiting.Held, given visiting.Form, problem *domain.Refusal,
) (reply, error) {
	service, err := s.Visiting.Service(r.Context(), p.page, held.Service)
	if err != nil {
		return reply{}, err
	}
	view := s.heldPage(p, held, p.in.YourDetails)
	p.location = zoneOf(cmp.Or(p.zone, held.Zone))
	view.Form = p.form(service, given)
	here := "hold/" + url.PathEscape(held.Token)
	f := &view.Form
	view.scripted = true
	f.Held, f.Extends, f.Left = true, held.Extends, int(held.Left/time.Second)
	f.Until = p.fill(p.in.HeldUntil, "until", p.clock(held.Until))
	f.Action, f.ExtendURL = p.url(here), p.url(here+"/extend")
	f.TimesURL = p.url(held.Service.String(), "held", held.Token, "staff", r.FormValue("staff"))
	if problem != nil {
		view.Notice, view.Bad = p.in.Correct, true
		field, complaint := problem.Field, p.complaint(problem)
		if id, isReply := strings.CutPrefix(field, "responses."); isReply {
			field = replyPrefix + id
		}
		if f.Wrong = map[string]string{field: complaint}; field == "" || field == visiting.ErrProgram.Field {
			view.Notice = complaint
		}
	}
	p.finishForm(r, view, service)
	status := 0
	if problem != nil {
		status = http.StatusUnprocessableEntity
	}
	return reply{status: status, template: "details", data: view}, nil
}

// showTaken shows the form with what was typed, when the start is not free any more: the visitor chooses another one.
func (s *server) showTaken(
	r *http.Request, p place, c choice, given visiting.Form, nearest []visiting.Start,
) (reply, error) {
	view := &bookedPage{bookPage: *s.servicePage(p, c, p.in.Nearest)}
	view.Notice, view.Bad, view.Form = p.in.Taken, true, p.form(c.service, given)
	for _, one := range nearest {
		view.Nearest = append(view.Nearest, p.slot(one.At))
	}
	view.Form.HoldURL = p.url(c.Service.String(), "staff", c.named)
	view.Form.TimesURL = view.Form.HoldURL
	p.finishForm(r, view, c.service)
	return reply{status: http.StatusConflict, template: "details", data: view}, nil
}

// finishForm adds what every form has.
func (p place) finishForm(r *http.Request, view *bookedPage, service visiting.Service) {
	view.Hidden = append(p.hidden(), field{"typed", "1"}, field{"request", uuid.NewString()},
		field{"service", service.ID.String()}, field{"staff", r.FormValue("staff")})
	view.NoteLabel = p.fill(p.in.Note)
	view.Privacy, view.Policy = p.fill(p.in.Privacy), p.page.Page.Policy.Reveal()
	view.Form.Submit = p.in.Send
	if service.Approval {
		view.Form.Submit, view.Approval = p.in.Request, p.fill(p.in.Approval)
	}
	if service.Email {
		view.Email = p.in.ConfirmFirst
	}
}

func (p place) form(service visiting.Service, given visiting.Form) form {
	f := form{
		Name: given.Name, Email: given.Email, Phone: given.Phone, Note: given.Note, NeedsEmail: service.Email,
	}
	for _, q := range service.Asked {
		one := asked{
			ID: replyPrefix + q.ID, Text: q.Text, Kind: q.Kind, Required: q.Required, Choices: q.Choices,
			Value: given.Responses[q.ID],
		}
		f.Asked = append(f.Asked, one)
	}
	return f
}

// Yes and No are the values of a reply to a question of that kind.
func (asked) Yes() string { return bookingpage.Yes }
func (asked) No() string  { return bookingpage.No }

// extend gives the visitor more time, and keeps what was typed.
func (s *server) extend(r *http.Request, p place) (reply, error) {
	held, err := s.Visiting.Extend(r.Context(), p.page, r.PathValue("token"))
	if refusal, refused := domain.AsRefusal(err); refused && !errors.Is(err, links.ErrLink) {
		return s.refusedHold(r, p, refusal, err)
	}
	if err != nil {
		return reply{}, err
	}
	if held.Booked != nil || held.Email {
		return s.showHeld(r, p, held)
	}
	found, err := s.showForm(r, p, held, typed(r), nil)
	if view, ok := found.data.(*bookedPage); ok {
		minutes := strconv.Itoa(int(visiting.HoldTime / time.Minute))
		view.Notice = p.fill(p.in.Extended, "minutes", minutes) + " " + p.in.LastTime
	}
	return found, err
}

// book books the start that is held. Whatever is wrong, what was typed stays.
func (s *server) book(r *http.Request, p place) (reply, error) {
	given := typed(r)
	given.Language = p.in.Language
	held, err := s.Visiting.Book(r.Context(), p.page, r.PathValue("token"), given)
	if refusal, refused := domain.AsRefusal(err); refused && !errors.Is(err, links.ErrLink) {
		return s.refusedHold(r, p, refusal, err)
	}
	if err != nil {
		return reply{}, err
	}
	return reply{see: p.url("hold/" + url.PathEscape(held.Token))}, nil
}

// refusedHold shows the form again with the reason.
func (s *server) refusedHold(r *http.Request, p place, refusal *domain.Refusal, err error) (reply, error) {
	var taken *visiting.Taken
	var again *visiting.Again
	given := typed(r)
	switch {
	case errors.As(err, &again):
		return s.showForm(r, p, again.Held, given, refusal)
	case errors.As(err, &taken):
		// The service is in the form, because a hold that has ended does not tell it.
		r.SetPathValue("service", r.PostFormValue("service"))
		c, err := s.choiceOf(r, p)
		if err != nil {
			return s.showOver(p, p.in.HoldOver), nil
		}
		return s.showTaken(r, p, c, given, taken.Alternatives)
	}
	held, failed := s.Visiting.Show(r.Context(), p.page, r.PathValue("token"))
	if errors.Is(failed, appointment.ErrHoldEnded) {
		return s.showOver(p, p.in.HoldOver), nil
	}
	if failed != nil {
		return reply{}, failed
	}
	return s.showForm(r, p, held, given, refusal)
}

// complaint says in the visitor's language what is wrong.
func (p place) complaint(refusal *domain.Refusal) string {
	switch refusal.Code {
	case "text_missing":
		return p.in.TextMissing
	case "text_too_long":
		return p.in.TextLong
	case "text_malformed":
		return p.in.TextBad
	case "email_malformed":
		return p.in.EmailBad
	case "contact_missing":
		return p.in.ContactMissing
	case "email_missing":
		return p.in.EmailMissing
	case bookingpage.ResponseMissing:
		return p.in.ReplyMissing
	case bookingpage.ResponseInvalid:
		return p.in.ReplyBad
	case appointment.ErrHoldEnded.Code:
		return p.in.HoldOver
	case visiting.ErrHeldAgain.Code:
		return p.in.HeldAgain
	case visiting.ErrTooFast.Code:
		return p.in.TooFast
	case visiting.ErrProgram.Code:
		return p.in.Program
	case visiting.ErrManyHolds.Code, visiting.ErrManyBookings.Code:
		return p.in.TooMany
	case visiting.ErrBusyPage.Code:
		return p.in.PageBusy
	}
	if refusal.Field == "phone" {
		return p.in.PhoneBad
	}
	return wordsOf(p.in.Language).Failed
}

// askKeep asks the visitor who has used the link in an email whether to book. Programs that check mail fetch links, so
// reading books nothing.
func (s *server) askKeep(r *http.Request) (reply, error) {
	at, held, err := s.Visiting.Peek(r.Context(), r.PathValue("token"))
	return s.showKeep(r, at, held, err)
}

func (s *server) showKeep(r *http.Request, at visiting.Page, held visiting.Held, err error) (reply, error) {
	_, refused := domain.AsRefusal(err)
	over := refused && at.Account.Open // nobody learns more of a link that is not valid
	if err != nil && !over {
		return reply{}, err
	}
	p, failed := s.placeOf(r, at)
	if failed != nil {
		return reply{}, failed
	}
	switch {
	case over:
		return s.showOver(p, p.in.HoldOver), nil
	case held.Booked != nil:
		return s.showHeld(r, p, held)
	}
	view := s.heldPage(p, held, p.in.Keep)
	view.Form.Action = s.prefix + links.KeepPath + url.PathEscape(r.PathValue("token"))
	view.Form.Until = p.fill(p.in.HeldUntil, "until", p.clock(held.Until))
	return reply{template: "keep", data: view}, nil
}

// keep books a start whose visitor has confirmed their email address.
func (s *server) keep(r *http.Request) (reply, error) {
	at, held, err := s.Visiting.Confirm(r.Context(), r.PathValue("token"))
	if err != nil {
		return s.showKeep(r, at, held, err)
	}
	p, err := s.placeOf(r, at)
	if err != nil {
		return reply{}, err
	}
	return reply{see: p.url("hold/" + url.PathEscape(held.Token))}, nil
}

// formField is one field of the form.
type formField struct {
	Words                              bookingWords
	Name, Type, Label, Value, Complete string
	Required                           bool
	Wrong                              string // what is wrong with it
	Asked                              asked
}

// Input returns a field for the templates.
func (v *bookedPage) Input(name string) formField {
	f := formField{Words: v.Words, Name: name, Wrong: v.Form.Wrong[name]}
	switch name {
	case "name":
		f.Type, f.Label, f.Value, f.Complete, f.Required = "text", v.Words.Name, v.Form.Name, "name", true
	case "email":
		f.Type, f.Label, f.Value, f.Complete = "email", v.Words.Email, v.Form.Email, "email"
		f.Required = v.Form.NeedsEmail
	case "phone":
		f.Type, f.Label, f.Value, f.Complete = "tel", v.Words.Phone, v.Form.Phone, "tel"
	}
	return f
}

// Reply returns the field of a question for the templates.
func (v *bookedPage) Reply(of asked) formField {
	return formField{Words: v.Words, Name: of.ID, Wrong: v.Form.Wrong[of.ID], Asked: of, Required: of.Required}
}
