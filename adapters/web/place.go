package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/clickbook/clickbook/commands/links"
	"github.com/clickbook/clickbook/commands/visiting"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/availability"
)

// place is where a visitor is, and what every address and form of the booking page carries along, because there is no
// cookie.
type place struct {
	prefix   string
	page     visiting.Page
	in       bookingWords
	lang     string // that the visitor has chosen; "" if the browser or the account says it
	zone     string // that the visitor has chosen; "" for that of the account
	location *time.Location
	embedded bool
}

// placeOf reads where a visitor is.
func (s *server) placeOf(r *http.Request, at visiting.Page) (place, error) {
	p := place{prefix: s.prefix, page: at, location: zoneOf(at.Account.Zone)}
	if err := r.ParseForm(); err != nil { // before FormValue, which would hide the error
		return p, err
	}
	p.embedded = r.FormValue("embed") == "1"
	if lang := r.FormValue("lang"); slices.ContainsFunc(bookingLanguages, speaks(lang)) {
		p.lang = lang
	}
	p.in = bookingWordsOf(p.lang, r.Header.Get("Accept-Language"), at.Account.Locale)
	if zone := r.FormValue("zone"); zone != "" {
		if location, err := domain.ParseZone(zone); err == nil {
			p.zone, p.location = zone, location
		}
	}
	return p, nil
}

func speaks(lang string) func(bookingWords) bool {
	return func(in bookingWords) bool { return in.Language == lang }
}

// bookingWordsOf returns the words of the first language that a browser accepts and the page speaks, else those of the
// account, else English.
func bookingWordsOf(accepted ...string) bookingWords {
	for tag := range strings.SplitSeq(strings.Join(accepted, ","), ",") {
		tag, _, _ = strings.Cut(strings.TrimSpace(tag), ";")
		tag, _, _ = strings.Cut(tag, "-")
		if i := slices.IndexFunc(bookingLanguages, speaks(strings.ToLower(tag))); i >= 0 {
			return bookingLanguages[i]
		}
	}
	return bookingLanguages[0]
}

// url returns an address of the page. Pairs are parameters and their values; an empty value is left out.
func (p place) url(path string, pairs ...string) string {
	query := url.Values{}
	embed := ""
	if p.embedded {
		embed = "1"
	}
	pairs = append([]string{"lang", p.lang, "zone", p.zone, "embed", embed}, pairs...)
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			query.Set(pairs[i], pairs[i+1])
		}
	}
	address := p.prefix + links.BookPath + p.page.Name()
	if path != "" {
		address += "/" + path
	}
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	return address
}

func (p place) business() string { return p.page.Account.Name.Reveal() }

// fill replaces the placeholders of a sentence: pairs are their names and values.
func (p place) fill(sentence string, pairs ...string) string {
	pairs = append([]string{"business", p.business()}, pairs...)
	for i := 0; i < len(pairs); i += 2 {
		pairs[i] = "{" + pairs[i] + "}"
	}
	return strings.NewReplacer(pairs...).Replace(sentence)
}

// date writes the local date of an instant with its weekday.
func (p place) date(at time.Time) string {
	return dateOf(at, p.location, words{Language: p.in.Language})
}

func (p place) clock(at time.Time) string { return clock(at, p.location) }

// day returns noon of a date, to write it.
func (p place) day(date availability.Date) time.Time {
	return time.Date(date.Year, date.Month, date.Day, 12, 0, 0, 0, p.location)
}

// zoneInWords names the zone of the times: "Berlin (GMT+2)".
func (p place) zoneInWords(at time.Time) string {
	name := p.location.String()
	name = strings.ReplaceAll(name[strings.LastIndexByte(name, '/')+1:], "_", " ")
	offset := at.In(p.location).Format("-07:00")
	offset = strings.TrimSuffix(offset[:1]+strings.TrimPrefix(offset[1:], "0"), ":00")
	switch {
	case name == "UTC":
		return "UTC"
	case offset == "+0":
		return name + " (GMT)"
	}
	return name + " (GMT" + strings.Replace(offset, "-", "−", 1) + ")"
}

// head returns what a page of the place begins with.
func (p place) head(title string) head {
	h := head{
		Lang: p.in.Language, Dir: p.in.Direction, Title: title, Business: p.business(), Embedded: p.embedded,
		sites: p.page.Page.Sites, scripted: len(p.page.Page.Sites) > 0, prefix: p.prefix, back: true,
	}
	h.dress(p.page.Page, p.page.Name())
	return h
}
