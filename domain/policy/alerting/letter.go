package alerting

import (
	"fmt"
	"strings"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
)

// maxRows bounds the rows of one email. The call sheet of the account has all.
const maxRows = 200

// Letter is what an alert says, before it has the form of an email.
type Letter struct {
	Title   string   // names nobody
	Intro   []string // paragraphs
	Columns []string
	Rows    []Row
	Labels  bool     // in plain text each cell needs the name of its column
	Outro   []string // paragraphs
	colon   string
}

// Row is a row of the table in a letter: a cell for each column.
type Row struct {
	Cells      []string
	Phone      int    // the column of a number that can be called; 0 for none
	Link, Mark string // a web address and what following it does; "" for none
}

// Text returns the letter as plain text: a short block for each row, because a phone has no room for columns.
func (l Letter) Text() string {
	var out strings.Builder
	for _, paragraph := range l.Intro {
		out.WriteString(paragraph + "\n\n")
	}
	for _, row := range l.Rows {
		for i, cell := range row.Cells {
			if cell != "" && l.Labels {
				cell = l.Columns[i] + l.colon + cell
			}
			if cell != "" {
				out.WriteString(cell + "\n")
			}
		}
		if row.Link != "" {
			out.WriteString(row.Mark + l.colon + row.Link + "\n")
		}
		out.WriteString("\n")
	}
	return out.String() + strings.Join(l.Outro, "\n\n") + "\n"
}

// Reader is who reads a letter: the language, and the zone of times that belong to no appointment.
type Reader struct {
	Locale string
	Zone   *time.Location
}

// OutageTitle returns the subject of an alert of an outage.
func OutageTitle(locale string, again bool) string {
	if again {
		return in(locale).againTitle
	}
	return in(locale).outageTitle
}

// AboutOutage writes what happened, what was done about it, and whom to call. Switched says that new texts go by
// another provider.
func AboutOutage(to Reader, o Outage, switched, again bool, calls []Call) Letter {
	w := in(to.Locale)
	done := w.notSwitched
	if switched {
		done = w.switched
	}
	happened := fmt.Sprintf(w.since, to.at(o.Began)) + " " + w.causes[string(o.Cause)] + " " + done
	return to.sheet(OutageTitle(to.Locale, again), happened, w.call, calls, w.always)
}

// OverTitle returns the subject of the all-clear.
func OverTitle(locale string) string { return in(locale).overTitle }

// AboutEnd writes that an outage is over, and whom nobody has called yet.
func AboutEnd(to Reader, o Outage, calls []Call) Letter {
	w := in(to.Locale)
	over := fmt.Sprintf(w.over, to.at(o.Cleared))
	return to.sheet(w.overTitle, over, w.remain, calls, w.always)
}

// UndeliveredTitle returns the subject of the daily alert of messages that did not arrive.
func UndeliveredTitle(locale string) string { return in(locale).undeliveredTitle }

// Bounced is a client whose email address takes no email.
type Bounced struct {
	Client, Address string
}

// AboutUndelivered writes the messages that did not arrive without an outage, and the addresses that take no email.
func AboutUndelivered(to Reader, calls []Call, bounced []Bounced) Letter {
	w := in(to.Locale)
	letter := Letter{Title: w.undeliveredTitle}
	if len(calls) > 0 {
		letter = to.sheet(w.undeliveredTitle, "", w.undelivered, calls)
	}
	if len(bounced) > 0 {
		addresses := w.addresses
		for _, one := range bounced {
			addresses += "\n" + one.Client + " " + one.Address
		}
		letter.Outro = append(letter.Outro, addresses)
	}
	letter.Outro = append(letter.Outro, w.because)
	return letter
}

// sheet returns a letter with a call sheet.
func (r Reader) sheet(title, first string, call [2]string, calls []Call, outro ...string) Letter {
	w := in(r.Locale)
	letter := Letter{Title: title, Columns: w.columns[:], colon: w.colon}
	ask := plural(call, len(calls))
	if len(calls) != 1 {
		ask = fmt.Sprintf(ask, len(calls))
	}
	if first != "" {
		letter.Intro = append(letter.Intro, first)
	}
	if len(calls) == 0 { // everybody was contacted in the meantime
		ask, letter.Columns = w.none, nil
	}
	letter.Intro = append(letter.Intro, ask)
	for _, one := range calls[:min(len(calls), maxRows)] {
		letter.Rows = append(letter.Rows, r.row(one))
	}
	if others := len(calls) - maxRows; others > 0 {
		letter.Outro = append(letter.Outro, fmt.Sprintf(w.more, others))
	}
	letter.Outro = append(letter.Outro, outro...)
	return letter
}

func (r Reader) row(c Call) Row {
	w := in(r.Locale)
	row := Row{Cells: []string{r.visit(c), c.Client, c.Phone, c.Service, w.state(c)}, Phone: 2}
	if c.Phone == "" {
		row.Cells[2], row.Phone = w.noPhone, 0
	}
	switch {
	case !c.Contacted.IsZero():
		row.Cells[4] += "; " + fmt.Sprintf(w.contacted, r.at(c.Contacted))
	case c.Link != "":
		row.Link, row.Mark = c.Link, w.mark
	}
	return row
}

// state says what became of the message of a row: "Reminder: not delivered; an email went instead".
func (w words) state(c Call) string {
	kind, known := w.kinds[c.Kind]
	if !known {
		kind = w.kinds["notice"]
	}
	state, known := w.states[c.Reason]
	if !known || c.State != "suppressed" {
		state = w.states[c.State]
	}
	text := kind + w.colon + state
	if instead := w.emails[c.Instead]; instead != "" {
		text += "; " + instead
	}
	return text
}

// visit returns the promised time of an appointment.
func (r Reader) visit(c Call) string {
	zone, err := domain.ParseZone(c.Zone)
	if err != nil {
		zone = r.Zone
	}
	text := Reader{r.Locale, zone}.at(c.Start)
	if c.Cancelled {
		text += ", " + in(r.Locale).cancelled
	}
	return text
}

// at returns an instant as people of the locale write it: "3 May 2016, 09:00".
func (r Reader) at(t time.Time) string {
	return message.WriteDate(t, r.Zone, r.Locale, message.Email) + ", " + message.WriteTime(t, r.Zone)
}
