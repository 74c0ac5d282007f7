package reminding

import "time"

// agendaLasts is how long after its hour an agenda is still sent, for example after a downtime.
const agendaLasts = 6 * time.Hour

// Day is what the agenda of one person on one local day depends on.
type Day struct {
	Hour   time.Time // when the agenda is sent
	Ends   time.Time // midnight
	Visits []DayVisit
}

// DayVisit is one appointment of the day.
type DayVisit struct{ BookedAt, Start time.Time }

// Until returns the instant from which the agenda is not sent any more.
func (d Day) Until() time.Time {
	if until := d.Hour.Add(agendaLasts); until.Before(d.Ends) {
		return until
	}
	return d.Ends
}

// IsOpen reports whether an agenda may be sent at an instant: its hour has come, and not long ago.
func (d Day) IsOpen(now time.Time) bool { return !now.Before(d.Hour) && now.Before(d.Until()) }

// SendsAgenda reports whether the agenda is sent now. It is not for a day that was empty when its hour came, such as
// the first day of an account, and not once fewer than half of the appointments are still to start.
func (d Day) SendsAgenda(now time.Time) bool {
	known, ahead := 0, 0
	for _, visit := range d.Visits {
		if !visit.BookedAt.After(d.Hour) {
			known++
		}
		if visit.Start.After(now) {
			ahead++
		}
	}
	return d.IsOpen(now) && known > 0 && ahead > 0 && 2*ahead >= len(d.Visits)
}
