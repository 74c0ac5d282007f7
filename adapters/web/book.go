package web

import (
	"context"
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands/links"
	"github.com/clickbook/clickbook/commands/visiting"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/availability"
	"github.com/clickbook/clickbook/domain/zones"
)

// daysOnPage is how many days one page shows. If nothing is free on them, the page offers the first day that has a free
// start.
const daysOnPage = 5

// onPage opens the booking page of an address for a handler.
func (s *server) onPage(handle func(*http.Request, place) (reply, error)) func(*http.Request) (reply, error) {
	return func(r *http.Request) (reply, error) {
		at, err := s.Visiting.Open(r.Context(), r.PathValue("page"))
		if err != nil {
			return reply{}, err
		}
		p, err := s.placeOf(r, at)
		if err != nil {
			return reply{}, err
		}
		return handle(r, p)
	}
}

// noPage returns the page that says that nothing can be booked at an address.
func noPage(r *http.Request) reply {
	in := bookingWordsOf(r.FormValue("lang"), r.Header.Get("Accept-Language"))
	return reply{status: http.StatusNotFound, template: "plain", data: &page{
		head: head{Lang: in.Language, Dir: in.Direction, Title: in.Gone}, Notice: in.GoneAdvice,
	}}
}

// bookPage is what the templates of the booking page show.
type bookPage struct {
	head
	Words    bookingWords
	Here     string
	Notice   string
	Bad      bool // the notice is about something that did not work
	Greeting string
	Policy   string
	Services []offered

	Service, Duration, Price string
	Back                     string
	Staff                    []link
	Days                     []dayTile
	Earlier, Later           string
	FirstFree                string
	Date                     string
	Parts                    []part
	Zone, ZoneURL            string
	Hidden                   []field // of the form
	HoldNote                 string
	Nearest                  []slot

	Zones   []string
	Chosen  string
	Privacy string

	Form form
}

type (
	offered struct{ Name, Duration, Price, URL string }
	link    struct {
		Name, URL string
		Chosen    bool
	}
	dayTile struct {
		Weekday, Date, Free, URL string
		Chosen, None             bool
	}
	part struct {
		Name  string
		Slots []slot
	}
	slot  struct{ Start, Clock, Date string }
	field struct{ Name, Value string }
)

// services shows what can be booked. It is the one page that search engines may list.
func (s *server) services(r *http.Request, p place) (reply, error) {
	found, err := s.Visiting.Services(r.Context(), p.page)
	if err != nil {
		return reply{}, err
	}
	view := &bookPage{head: p.head(p.in.Book + " · " + p.business()), Words: p.in, Greeting: p.page.Page.Greeting.Reveal()}
	for _, one := range found {
		view.Services = append(view.Services, offered{
			Name: one.Name, Duration: p.duration(one.Minutes), Price: one.Price, URL: p.url(one.ID.String()),
		})
	}
	if len(found) == 0 {
		view.Notice = p.fill(p.in.NoServices)
	}
	s.describe(&view.head, p)
	return reply{template: "services", data: view}, nil
}

// describe adds what search engines and link previews read. It names the business and nobody else.
func (s *server) describe(h *head, p place) {
	h.Description = p.fill(p.in.Describe)
	own := s.base + links.BookPath + p.page.Name()
	h.Canonical = own
	if p.lang != "" {
		h.Canonical += "?lang=" + p.lang
	}
	if h.Logo.URL != "" {
		h.Picture = own + strings.TrimPrefix(h.Logo.URL, s.prefix+links.BookPath+p.page.Name())
	}
	for _, in := range bookingLanguages {
		h.Alternates = append(h.Alternates, alternate{in.Language, in.Itself, own + "?lang=" + in.Language})
	}
}

func (p place) duration(minutes int) string {
	if minutes >= 120 && minutes%60 == 0 {
		return p.fill(p.in.Hours, "count", strconv.Itoa(minutes/60))
	}
	return p.fill(p.in.Minutes, "count", strconv.Itoa(minutes))
}

// anybody is the value of the parameter staff of a visitor who does not mind.
const anybody = "any"

// choice is a service, and whom the visitor asks for.
type choice struct {
	visiting.Choice
	service visiting.Service
	staff   []visiting.Staff
	named   string // the parameter: an id, anybody, or "" if nobody was chosen
}

func (s *server) choiceOf(r *http.Request, p place) (c choice, err error) {
	id, err := domain.ParseID[domain.ServiceID](r.PathValue("service"))
	if err != nil {
		return c, visiting.ErrNoService
	}
	if c.service, err = s.Visiting.Service(r.Context(), p.page, id); err != nil {
		return c, err
	}
	c.Choice = visiting.Choice{Service: id, Zone: p.location}
	if c.staff, err = s.Visiting.Staff(r.Context(), p.page, id); err != nil {
		return c, err
	}
	c.named = r.FormValue("staff")
	if staff, err := domain.ParseID[domain.ResourceID](c.named); err == nil {
		c.Staff = staff
		if !slices.ContainsFunc(c.staff, func(one visiting.Staff) bool { return one.ID == staff }) {
			return c, visiting.ErrNoStaff
		}
	} else if c.named != "" {
		c.named = anybody
	}
	return c, nil
}

// times asks whom the visitor would like to see, if there is a choice, and shows the free times.
func (s *server) times(r *http.Request, p place) (reply, error) {
	c, err := s.choiceOf(r, p)
	if err != nil {
		return reply{}, err
	}
	return s.showTimes(r, p, c, "", nil)
}

func (s *server) servicePage(p place, c choice, title string) *bookPage {
	return &bookPage{
		head: p.head(title + " · " + c.service.Name + " · " + p.business()), Words: p.in, Service: c.service.Name,
		Duration: p.duration(c.service.Minutes), Price: c.service.Price, Back: p.url(""), Here: p.url(c.Service.String()),
	}
}

// showTimes shows the free times. A notice says why the visitor sees them again, with the nearest free starts.
func (s *server) showTimes(
	r *http.Request, p place, c choice, notice string, nearest []visiting.Start,
) (reply, error) {
	if len(c.staff) > 0 && c.named == "" {
		view := s.servicePage(p, c, p.in.Whom)
		view.Staff = append(view.Staff, link{Name: p.in.Anybody, URL: p.url(c.Service.String(), "staff", anybody)})
		for _, one := range c.staff {
			view.Staff = append(view.Staff, link{Name: one.Name, URL: p.url(c.Service.String(), "staff", one.ID.String())})
		}
		return reply{template: "staff", data: view}, nil
	}
	view := s.servicePage(p, c, p.in.Times)
	view.Notice, view.Bad = notice, notice != ""
	for _, one := range nearest {
		view.Nearest = append(view.Nearest, p.slot(one.At))
	}
	if err := s.fillTimes(r, p, c, view); err != nil {
		return reply{}, err
	}
	view.Hidden = append(p.hidden(), field{"staff", c.named}, field{"request", uuid.NewString()},
		field{"held", r.FormValue("held")})
	view.HoldNote = p.fill(p.in.HoldNote, "minutes", strconv.Itoa(int(visiting.HoldTime/time.Minute)))
	status := 0
	if nearest != nil {
		status = http.StatusConflict
	}
	return reply{status: status, template: "times", data: view}, nil
}

// fillTimes adds the days, and the times of the chosen one.
func (s *server) fillTimes(r *http.Request, p place, c choice, view *bookPage) error {
	today := availability.DateAt(s.ByLink.Bookings.Engine.Now(), p.location)
	first := today
	asked, err := availability.ParseDate(r.FormValue("from"))
	if err == nil && asked.Compare(today) > 0 {
		first = asked
	}
	days, err := s.days(r.Context(), p, c, first, daysOnPage)
	if err != nil {
		return err
	}
	if freeDay(days) < 0 {
		ahead, err := s.days(r.Context(), p, c, first, visiting.MaxDays)
		if err != nil {
			return err
		}
		switch i := freeDay(ahead); {
		case i < 0:
		case asked.IsZero(): // the visitor has not chosen these days
			first = ahead[i].Date
			if days, err = s.days(r.Context(), p, c, first, daysOnPage); err != nil {
				return err
			}
		default:
			view.FirstFree = daysURL(p, c, ahead[i].Date, availability.Date{})
		}
	}
	return s.fillDays(r, p, c, view, first, today, days)
}

// days counts the free starts of days. A date beyond every calendar has none.
func (s *server) days(
	ctx context.Context, p place, c choice, first availability.Date, n int,
) ([]visiting.Day, error) {
	days, err := s.Visiting.Days(ctx, p.page, c.Choice, first, n)
	if _, refused := domain.AsRefusal(err); refused {
		return nil, nil
	}
	return days, err
}

func freeDay(days []visiting.Day) int {
	return slices.IndexFunc(days, func(day visiting.Day) bool { return day.Free > 0 })
}

func (s *server) fillDays(
	r *http.Request, p place, c choice, view *bookPage, first, today availability.Date, days []visiting.Day,
) error {
	at := freeDay(days)
	if date, err := availability.ParseDate(r.FormValue("day")); err == nil {
		if i := slices.IndexFunc(days, func(d visiting.Day) bool { return d.Date == date && d.Free > 0 }); i >= 0 {
			at = i
		}
	}
	for i, day := range days {
		tile := dayTile{
			Weekday: p.in.weekdays[day.Date.Weekday()], Date: p.in.short(p.day(day.Date)), Chosen: i == at,
			Free: p.fill(p.in.Free, "count", strconv.Itoa(day.Free)), None: day.Free == 0,
			URL: daysURL(p, c, first, day.Date),
		}
		switch day.Free {
		case 0:
			tile.Free = p.in.NoneFree
		case 1:
			tile.Free = p.in.OneFree
		}
		view.Days = append(view.Days, tile)
	}
	if first.Compare(today) > 0 {
		earlier := first.AddDays(-daysOnPage)
		if earlier.Compare(today) < 0 {
			earlier = today
		}
		view.Earlier = daysURL(p, c, earlier, availability.Date{})
	}
	if len(days) > 0 {
		view.Later = daysURL(p, c, first.AddDays(daysOnPage), availability.Date{})
	}
	view.Zone = p.fill(p.in.InZone, "zone", p.zoneInWords(p.day(first)))
	view.ZoneURL = p.url("zone", "service", c.Service.String(), "staff", c.named)
	if at < 0 {
		view.Date = p.in.NoTimes
		return nil
	}
	view.Date = p.date(p.day(days[at].Date))
	starts, err := s.Visiting.Starts(r.Context(), p.page, c.Choice, days[at].Date)
	if err != nil {
		return err
	}
	for _, start := range starts {
		name := p.in.Morning
		if start.At.In(p.location).Hour() >= 12 {
			name = p.in.Afternoon
		}
		if n := len(view.Parts); n == 0 || view.Parts[n-1].Name != name {
			view.Parts = append(view.Parts, part{Name: name})
		}
		last := &view.Parts[len(view.Parts)-1]
		last.Slots = append(last.Slots, p.slot(start.At))
	}
	return nil
}

func (p place) slot(at time.Time) slot {
	return slot{at.UTC().Format(time.RFC3339), p.clock(at), p.date(at)}
}

// daysURL returns the address of the page of days from a date, with one of them chosen.
func daysURL(p place, c choice, first, chosen availability.Date) string {
	day := ""
	if !chosen.IsZero() {
		day = chosen.String()
	}
	return p.url(c.Service.String(), "staff", c.named, "from", first.String(), "day", day)
}

// hidden returns what a form of the place carries along.
func (p place) hidden() (fields []field) {
	for _, one := range []field{{"lang", p.lang}, {"zone", p.zone}} {
		if one.Value != "" {
			fields = append(fields, one)
		}
	}
	if p.embedded {
		fields = append(fields, field{"embed", "1"})
	}
	return fields
}

// zones lets the visitor choose the time zone in which times are shown.
func (s *server) zones(r *http.Request, p place) (reply, error) {
	id, err := domain.ParseID[domain.ServiceID](r.FormValue("service"))
	if err != nil {
		return reply{}, visiting.ErrNoService
	}
	view := &bookPage{
		head: p.head(p.in.ChooseZone + " · " + p.business()), Words: p.in, Here: p.url(id.String()),
		Chosen: p.location.String(), Back: p.url(id.String(), "staff", r.FormValue("staff")),
	}
	for _, name := range zones.Current().Names() {
		if strings.Contains(name, "/") && !strings.HasPrefix(name, "Etc/") && !strings.HasPrefix(name, "SystemV/") {
			view.Zones = append(view.Zones, name)
		}
	}
	view.Zones = append(view.Zones, "UTC")
	view.Hidden = slices.DeleteFunc(p.hidden(), func(f field) bool { return f.Name == "zone" })
	view.Hidden = append(view.Hidden, field{"staff", r.FormValue("staff")})
	return reply{template: "zones", data: view}, nil
}

// logo sends the picture of the account. Its address has its hash, so a browser may keep it.
func (s *server) logo(r *http.Request, p place) (reply, error) {
	of := p.page.Page.Logo
	content, err := base64.StdEncoding.DecodeString(of.Content.Reveal())
	if err != nil || len(content) == 0 || r.PathValue("hash") != of.SHA256 {
		return reply{}, links.ErrLink
	}
	return reply{file: file{content: content, kind: of.Type, cache: "public, max-age=31536000, immutable"}}, nil
}

// embedScript sends the script by which a site shows the page.
func (*server) embedScript(*http.Request) (reply, error) {
	return reply{file: file{
		content: []byte(embedJS), kind: "text/javascript; charset=utf-8", cache: "public, max-age=3600", crossOrigin: true,
	}}, nil
}

// icon sends the picture in the tab of the browser.
func (*server) icon(*http.Request) (reply, error) {
	return reply{file: file{content: []byte(iconSVG), kind: "image/svg+xml", cache: "public, max-age=86400"}}, nil
}

// robots lets search engines read booking pages, and nothing else.
func (s *server) robots(*http.Request) (reply, error) {
	text := "User-agent: *\nAllow: " + s.prefix + links.BookPath + "\nDisallow: " + s.prefix + "/\n"
	return reply{file: file{content: []byte(text), kind: "text/plain; charset=utf-8", cache: "public, max-age=3600"}}, nil
}
