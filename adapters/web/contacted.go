package web

import (
	"net/http"
	"strings"

	"github.com/clickbook/clickbook/commands/links"
	"github.com/clickbook/clickbook/domain/availability"
)

// askContacted asks whether a client was contacted, and shows it when somebody has said so.
func (s *server) askContacted(r *http.Request) (reply, error) {
	row, err := s.Contacting.Show(r.Context(), r.PathValue("token"))
	if err != nil {
		return reply{}, err
	}
	about := row.About
	in := wordsOf(about.Account.Locale)
	visit := about.Appointment.Latest().Visit
	zone := zoneOf(visit.Zone)
	start := availability.Promised(visit.Local, visit.Zone, visit.Start)
	when := dateOf(start, zone, in) + ", " + clock(start, zone) + in.at
	name, _, _ := strings.Cut(about.Client.Name.Reveal(), " ")
	business := about.Account.Name.Reveal()
	p := &page{
		head: head{Lang: in.Language, Dir: in.Direction, Title: business, Business: business}, Words: in,
		Here: s.prefix + links.ContactedPath + r.PathValue("token"),
	}
	sentence := in.ContactedQuestion
	if p.Done = !row.State.Contacted.IsZero(); p.Done {
		sentence = in.IsContacted
	}
	p.Question = fill(sentence, "", name, when)
	return reply{template: "contacted", data: p}, nil
}

func (s *server) markContacted(r *http.Request) (reply, error) {
	if _, err := s.Contacting.Mark(r.Context(), r.PathValue("token")); err != nil {
		return reply{}, err
	}
	return reply{see: s.prefix + links.ContactedPath + r.PathValue("token")}, nil
}
