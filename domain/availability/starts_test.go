package availability

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

// ask returns a query about Friday 31 May 2024, 09:00 to 13:00, one hour each, which the tests change.
func ask(change ...func(*Query)) Query {
	q := Query{
		Now: epoch, Window: between(0, 24*60), Rules: Rules{Duration: 60 * mins},
		Needs: []Need{{AnyOf: []Resource{worker("ann")}}},
	}
	for _, c := range change {
		c(&q)
	}
	return q
}

func worker(id string, busy ...Busy) Resource {
	return Resource{ID: id, Schedule: Schedule{Zone: time.UTC, Weekly: daily(9, 13)}, Busy: busy}
}

func named(id string, r Resource) Resource {
	r.ID = id
	return r
}

func rules(change func(*Rules)) func(*Query) { return func(q *Query) { change(&q.Rules) } }

func needs(n ...Need) func(*Query) { return func(q *Query) { q.Needs = n } }

func anyOf(r ...Resource) Need { return Need{AnyOf: r} }

func busy(t testing.TB, s string, change ...func(*Busy)) Busy {
	b := Busy{Interval: utc(t, "2024-05-31 "+s)[0]}
	for _, c := range change {
		c(&b)
	}
	return b
}

func counts(b *Busy) { b.Counts = true }

func with(b ...Busy) func(*Query) {
	return func(q *Query) { q.Needs[0].AnyOf[0].Busy = b }
}

// offered formats starts as "09:00 ann", with the date if the window has several days.
func offered(q Query) string {
	var out []string
	for _, s := range Starts(q) {
		day := ""
		if q.Window.End.Sub(q.Window.Start) > 24*time.Hour {
			day = s.At.Format("Mon ")
		}
		out = append(out, day+s.At.Format("15:04 ")+strings.Join(s.Resources, "+"))
	}
	return strings.Join(out, ", ")
}

func TestStarts(t *testing.T) {
	week := func(q *Query) { q.Window = between(0, 7*24*60) }
	noon := Rules{Duration: 240 * mins} // one start a day
	onceADay := func(q *Query) { week(q); q.Rules.Duration = noon.Duration }
	room := func(b ...Busy) Resource { r := worker("room", b...); r.Units = 12; return r }
	seats := func(n int) func(*Busy) { return func(b *Busy) { b.Units = n } }
	tests := []struct {
		what string
		q    Query
		want string
	}{
		{"a free morning", ask(), "09:00 ann, 10:00 ann, 11:00 ann, 12:00 ann"},
		{"no needs", ask(needs()), ""},
		{"a need without resources", ask(needs(Need{})), ""},
		{"one thing taken", ask(with(busy(t, "10:00/11:00"))), "09:00 ann, 11:00 ann, 12:00 ann"},
		{
			"buffers of neighbours add up", ask(
				with(busy(t, "09:00/09:30", func(b *Busy) { b.BufferAfter = 30 * mins })),
				rules(func(r *Rules) { r.BufferBefore = 30 * mins; r.Interval = 30 * mins }),
			), "10:30 ann, 11:00 ann, 11:30 ann, 12:00 ann",
		},
		{
			"a hold that has expired", ask(with(busy(t, "10:00/11:00", func(b *Busy) { b.Expires = epoch }))),
			"09:00 ann, 10:00 ann, 11:00 ann, 12:00 ann",
		},
		{
			"a hold that has not", ask(with(busy(t, "10:00/11:00", func(b *Busy) { b.Expires = epoch.Add(1) }))),
			"09:00 ann, 11:00 ann, 12:00 ann",
		},
		{"one's own hold", ask(with(busy(t, "10:00/11:00", func(b *Busy) { b.Holder = "me" })),
			func(q *Query) { q.Holder = "me" }), "09:00 ann, 10:00 ann, 11:00 ann, 12:00 ann"},
		{"the appointment being moved", ask(with(busy(t, "10:00/11:00", func(b *Busy) { b.Ref = "a1" })),
			func(q *Query) { q.Moving = "a1" }), "09:00 ann, 10:00 ann, 11:00 ann, 12:00 ann"},
		{
			"any of two, the first preferred", ask(needs(anyOf(worker("ann", busy(t, "10:00/11:00")), worker("bob")))),
			"09:00 ann, 10:00 bob, 11:00 ann, 12:00 ann",
		},
		{
			"all of two", ask(needs(
				anyOf(worker("ann", busy(t, "10:00/11:00"))), anyOf(worker("chair", busy(t, "12:00/13:00"))),
			)),
			"09:00 ann+chair, 11:00 ann+chair",
		},
		{"one person is not two", ask(needs(anyOf(worker("ann"), worker("bob", busy(t, "10:00/13:00"))),
			anyOf(worker("ann"), worker("bob", busy(t, "10:00/13:00"))))), "09:00 ann+bob"},
		{"seats of a room", ask(needs(Need{5, []Resource{room(busy(t, "10:00/11:00", seats(4)),
			busy(t, "10:30/11:30", seats(4)), busy(t, "12:00/13:00", seats(7)))}})), "09:00 room, 11:00 room, 12:00 room"},
		{"more seats than the room has", ask(needs(Need{13, []Resource{room()}})), ""},
		{
			"a foreign event takes the whole room", ask(needs(anyOf(room(busy(t, "10:00/11:00", seats(Everything)))))),
			"09:00 room, 11:00 room, 12:00 room",
		},
		{"the day is full", ask(week, with(busy(t, "09:00/09:30", counts)), rules(func(r *Rules) {
			r.Duration, r.Limits.Day.Bookings = 4*time.Hour, 1
		})), "Sat 09:00 ann, Sun 09:00 ann, Mon 09:00 ann, Tue 09:00 ann, Wed 09:00 ann, Thu 09:00 ann"},
		{"other services do not count", ask(with(busy(t, "09:00/09:30")),
			rules(func(r *Rules) { r.Limits.Day.Bookings = 1 })), "10:00 ann, 11:00 ann, 12:00 ann"},
		{"the time of a day is full", ask(with(busy(t, "09:00/10:00", counts)),
			rules(func(r *Rules) { r.Limits.Day.Time = 119 * mins })), ""},
		{"the time of a day just suffices", ask(with(busy(t, "09:00/10:00", counts)),
			rules(func(r *Rules) { r.Limits.Day.Time = 120 * mins })), "10:00 ann, 11:00 ann, 12:00 ann"},
		{"longer than the limit allows at all", ask(rules(func(r *Rules) { r.Limits.Year.Time = 59 * mins })), ""},
		{
			"the week is full until Sunday", ask(onceADay, with(busy(t, "00:00/00:30", counts)),
				rules(func(r *Rules) { r.Limits.Week.Bookings = 1 })),
			"Sun 09:00 ann, Mon 09:00 ann, Tue 09:00 ann, Wed 09:00 ann, Thu 09:00 ann",
		},
		{
			"a week that starts on Monday", ask(onceADay, with(busy(t, "00:00/00:30", counts)),
				rules(func(r *Rules) { r.Limits.Week.Bookings = 1; r.Limits.WeekStart = time.Monday })),
			"Mon 09:00 ann, Tue 09:00 ann, Wed 09:00 ann, Thu 09:00 ann",
		},
		{
			"the month is full", ask(onceADay, with(busy(t, "00:00/00:30", counts)),
				rules(func(r *Rules) { r.Limits.Month.Bookings = 1 })),
			"Sat 09:00 ann, Sun 09:00 ann, Mon 09:00 ann, Tue 09:00 ann, Wed 09:00 ann, Thu 09:00 ann",
		},
		{"the client's week is full", ask(onceADay, func(q *Query) {
			q.Client, q.Rules.ClientLimits.Week.Bookings = []Busy{busy(t, "15:00/16:00", counts)}, 1
		}), "Sun 09:00 ann, Mon 09:00 ann, Tue 09:00 ann, Wed 09:00 ann, Thu 09:00 ann"},
		{
			"two calendar days ahead", ask(onceADay, rules(func(r *Rules) { r.Horizon = Horizon{Kind: Rolling, Days: 2} })),
			"Fri 09:00 ann, Sat 09:00 ann, Sun 09:00 ann",
		},
		{"two business days ahead", ask(onceADay, rules(func(r *Rules) {
			r.Horizon = Horizon{Kind: Rolling, Days: 2, Business: true}
		})), "Fri 09:00 ann, Sat 09:00 ann, Sun 09:00 ann, Mon 09:00 ann, Tue 09:00 ann"},
		{
			"three open days, one of them taken", ask(onceADay, with(Busy{Interval: between(33*60, 34*60)}),
				rules(func(r *Rules) { r.Horizon = Horizon{Kind: RollingOpen, Days: 3} })),
			"Fri 09:00 ann, Sun 09:00 ann, Mon 09:00 ann",
		},
		{
			"three open business days, Monday taken", ask(onceADay, with(Busy{Interval: between(81*60, 82*60)}),
				rules(func(r *Rules) { r.Horizon = Horizon{Kind: RollingOpen, Days: 3, Business: true} })),
			"Fri 09:00 ann, Sat 09:00 ann, Sun 09:00 ann, Tue 09:00 ann, Wed 09:00 ann",
		},
		{"fixed dates", ask(onceADay, rules(func(r *Rules) {
			r.Horizon = Horizon{Kind: Fixed, Between: Days{parseDate(t, "2024-06-01"), parseDate(t, "2024-06-02")}}
		})), "Sat 09:00 ann, Sun 09:00 ann"},
		{"consecutive only", ask(with(busy(t, "10:00/10:30")), rules(func(r *Rules) {
			r.Duration, r.Packing = 30*mins, ConsecutiveOnly
		})), "09:00 ann, 09:30 ann, 10:30 ann, 12:30 ann"},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			if got := offered(tt.q); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestExplain(t *testing.T) {
	at := func(s string) time.Time { return utc(t, "2024-05-31 "+s+"/24:00")[0].Start }
	blocked := worker("ann")
	blocked.Schedule.Blocks = []TimeBlock{{Interval: utc(t, "2024-05-31 10:00/11:00")[0]}}
	gone := worker("ann")
	gone.Schedule.Away = []Days{{parseDate(t, "2024-05-31"), parseDate(t, "2024-05-31")}}
	taken := busy(t, "10:00/11:00")
	tests := []struct {
		what string
		q    Query
		at   string
		want []Reason
	}{
		{"bookable", ask(), "10:00", nil},
		{"past", ask(func(q *Query) { q.Now = at("11:00") }), "10:00", []Reason{{Code: InThePast}}},
		{
			"notice", ask(func(q *Query) { q.Now, q.Rules.Notice = at("09:30"), time.Hour }), "10:00",
			[]Reason{{Code: ShortNotice, Span: utc(t, "2024-05-31 09:30/10:30")[0]}},
		},
		{"horizon", ask(rules(func(r *Rules) { r.Horizon = Horizon{Kind: Rolling, Days: 2} }),
			func(q *Query) { q.Now = epoch.AddDate(0, 0, -3) }), "10:00", []Reason{{Code: BeyondHorizon}}},
		{"the client has enough", ask(func(q *Query) {
			q.Client, q.Rules.ClientLimits.Day.Bookings = []Busy{busy(t, "15:00/16:00", counts)}, 1
		}), "10:00", []Reason{{Code: ClientLimit}}},
		{"no needs", ask(needs()), "10:00", []Reason{{Code: NoResource}}},
		{"hours", ask(), "12:30", []Reason{{Code: OutsideHours, Resource: "ann"}}},
		{"blocked", ask(needs(anyOf(blocked))), "10:30", []Reason{{Code: Blocked, Resource: "ann"}}},
		{"away", ask(needs(anyOf(gone))), "10:00", []Reason{{Code: Away, Resource: "ann"}}},
		{
			"limit", ask(with(busy(t, "09:00/10:00", counts)), rules(func(r *Rules) { r.Limits.Day.Bookings = 1 })), "11:00",
			[]Reason{{Code: LimitReached, Resource: "ann", Span: utc(t, "2024-05-31 00:00/24:00")[0]}},
		},
		{"taken", ask(with(taken)), "10:00", []Reason{{Code: Taken, Resource: "ann", Span: taken.Interval}}},
		{
			"buffer", ask(with(taken), rules(func(r *Rules) { r.BufferAfter = mins })), "09:00",
			[]Reason{{Code: WithinBuffer, Resource: "ann", Span: taken.Interval}},
		},
		{
			"every one of any", ask(needs(anyOf(worker("ann", taken), named("bob", gone)))), "10:00",
			[]Reason{{Code: Taken, Resource: "ann", Span: taken.Interval}, {Code: Away, Resource: "bob"}},
		},
		{"not both", ask(needs(anyOf(worker("ann")), anyOf(worker("ann")))), "10:00", []Reason{{Code: NotTogether}}},
		{"grid", ask(), "10:15", []Reason{{Code: OffGrid}}},
		{
			"several at once, in order", ask(with(taken), func(q *Query) { q.Now = at("11:00") }), "10:00",
			[]Reason{{Code: InThePast}, {Code: Taken, Resource: "ann", Span: taken.Interval}},
		},
	}
	said := map[Code]bool{}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			got := Explain(tt.q, at(tt.at))
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			for _, r := range got {
				said[r.Code] = true
				if s := r.String(); s == "" || strings.Contains(s, "%!") {
					t.Errorf("%s reads %q", r.Code, s)
				}
			}
		})
	}
	for code := range sentences {
		if !said[code] {
			t.Errorf("no example yields %s", code)
		}
	}
}

// Queries share resources, so Starts and Explain must not change them.
func TestQueriesChangeNothing(t *testing.T) {
	fresh := func() Query {
		return ask(with(busy(t, "11:00/12:00"), busy(t, "09:00/09:30")),
			func(q *Query) { q.Needs[0].AnyOf[0].Open = utc(t, "2024-05-31 11:00/13:00", "2024-05-31 09:00/11:00") })
	}
	q := fresh()
	if got := offered(q); got != "10:00 ann, 12:00 ann" {
		t.Errorf("offered %s", got)
	}
	Explain(q, minute(600))
	if !reflect.DeepEqual(q, fresh()) {
		t.Errorf("the query became %+v", q)
	}
}

func TestInvalidHorizonsAreRefused(t *testing.T) {
	for _, h := range []Horizon{
		{Kind: Rolling, Days: -1},
		{Kind: Rolling, Days: 1_000_000_000, Business: true},
		{Kind: RollingOpen},
		{Kind: Fixed, Between: Days{parseDate(t, "2024-06-02"), parseDate(t, "2024-06-01")}},
	} {
		if h.Check() == nil {
			t.Errorf("%+v was accepted", h)
		}
	}
}
