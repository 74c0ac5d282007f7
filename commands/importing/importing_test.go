package importing_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/importing"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/resource"
	"github.com/clickbook/clickbook/domain/service"
)

// at returns a time on 2 May 2016 in UTC.
func at(clock string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", "2016-05-02 "+clock)
	if err != nil {
		panic(err)
	}
	return t
}

// visit returns a row: half an hour of Bia's time for a haircut.
func visit(name, start string, changes ...func(*importing.Appointment)) importing.Row {
	a := importing.Appointment{
		Client: name, Country: "GB", Service: "Haircut", Taken: []importing.Taken{{Resource: "Bia", Units: 1}},
		Start: at(start), End: at(start).Add(30 * time.Minute), Zone: "UTC", Status: appointment.StatusBooked,
	}
	for _, change := range changes {
		change(&a)
	}
	return importing.Row{Appointment: a}
}

func status(s appointment.Status) func(*importing.Appointment) {
	return func(a *importing.Appointment) { a.Status = s }
}

func phone(number string) func(*importing.Appointment) {
	return func(a *importing.Appointment) { a.Phone = number }
}

func email(address string) func(*importing.Appointment) {
	return func(a *importing.Appointment) { a.Email = address }
}

func withThings(service, resource string) func(*importing.Appointment) {
	return func(a *importing.Appointment) { a.Service, a.Taken[0].Resource = service, resource }
}

func warned(row importing.Row, warnings ...string) importing.Row {
	row.Warnings = warnings
	return row
}

func withID(id string) func(*importing.Appointment) {
	return func(a *importing.Appointment) { a.ID = id }
}

// TestImport gives rows in turn and compares the report, the refusals, and how many events of a type are in the log.
func TestImport(t *testing.T) {
	for name, c := range map[string]struct {
		rows    []importing.Row
		want    importing.Report
		refused []string
		events  map[string]int
	}{
		"two visits": {
			rows: []importing.Row{visit("Ana", "08:00"), visit("Rui", "08:30")},
			want: importing.Report{
				Rows: 2, Booked: 2, NewClients: 2, NewServices: []string{"Haircut"}, NewResources: []string{"Bia"},
			},
			events: map[string]int{"Booked": 2, "ClientRegistered": 2, "ResourceAdded": 1, "ServiceDefined": 1},
		},
		"names that differ in case and spaces are one": {
			rows: []importing.Row{visit("João Lima", "08:00"), visit("JOÃO  LIMA", "08:30", func(a *importing.Appointment) {
				a.Service, a.Taken[0].Resource = "HAIRCUT", "bia"
			})},
			want: importing.Report{
				Rows: 2, Booked: 2, NewClients: 1, NewServices: []string{"Haircut"}, NewResources: []string{"Bia"},
				Guesses: []importing.Guess{{Client: "João Lima", Rows: 2}},
			},
		},
		"names that differ in anything else are several": {
			rows: []importing.Row{
				visit("राम", "08:00", withThings("Pêche", "Room C")), visit("रमा", "08:00", withThings("Péché", "Room C++")),
				visit("O'Neil", "08:00", withThings("peche", "RoomC")), visit("ONeil", "08:00", withThings("Peche!", "Room C#")),
			},
			want: importing.Report{
				Rows: 4, Booked: 4, NewClients: 4, NewServices: []string{"peche", "Peche!", "Péché", "Pêche"},
				NewResources: []string{"Room C", "Room C++", "RoomC", "Room C#"},
			},
		},
		"a row with a warning": {
			rows: []importing.Row{warned(visit("Ana", "08:00"), "no phone", "twice")},
			want: importing.Report{
				Rows: 1, Booked: 1, NewClients: 1, NewServices: []string{"Haircut"}, NewResources: []string{"Bia"},
				Warned: 1, Warnings: []importing.Warning{{Line: 1, Text: "no phone"}, {Line: 1, Text: "twice"}},
			},
		},
		"a family with one number": {
			rows: []importing.Row{
				visit("Ana", "08:00", phone("+447700900001")), visit("Rui", "08:30", phone("+447700900001")),
				visit("Ana", "09:00", phone("+447700900001")),
			},
			want: importing.Report{
				Rows: 3, Booked: 3, NewClients: 2, NewServices: []string{"Haircut"}, NewResources: []string{"Bia"},
			},
		},
		"the earlier row of two that overlap": {
			rows: []importing.Row{visit("Ana", "08:00"), visit("Rui", "08:15")},
			want: importing.Report{
				Rows: 2, Booked: 1, Refused: 1, NewClients: 1,
				NewServices: []string{"Haircut"}, NewResources: []string{"Bia"},
			},
			refused: []string{"the time from 2016-05-02T08:15:00 is taken: the resource has 1 unit; " +
				"raise them with --units, or remove the row"},
			events: map[string]int{"Requested": 1, "ClientRegistered": 1}, // a refused row leaves nothing
		},
		"more units than the resource has": {
			rows: []importing.Row{visit("Ana", "08:00", func(a *importing.Appointment) { a.Taken[0].Units = 3 })},
			want: importing.Report{
				Rows: 1, Refused: 1, NewServices: []string{"Haircut"}, NewResources: []string{"Bia"},
			},
			refused: []string{"the appointment takes 3 units and the resource has 1; raise them with --units"},
		},
		"a cancelled visit whose time is taken": {
			rows: []importing.Row{visit("Ana", "08:00"), visit("Rui", "08:15", status(appointment.StatusCancelled))},
			want: importing.Report{
				Rows: 2, Booked: 2, NewClients: 2, NewServices: []string{"Haircut"}, NewResources: []string{"Bia"},
			},
			events: map[string]int{"Booked": 1, "Declined": 1},
		},
		"every status": {
			rows: []importing.Row{
				visit("Ana", "08:00", status(appointment.StatusFulfilled)),
				visit("Rui", "08:30", status(appointment.StatusNoShow)),
				visit("Eva", "09:00", status(appointment.StatusArrived)),
				visit("Gil", "09:30", status(appointment.StatusCancelled)),
			},
			want: importing.Report{
				Rows: 4, Booked: 4, NewClients: 4, NewServices: []string{"Haircut"}, NewResources: []string{"Bia"},
			},
			events: map[string]int{"Fulfilled": 1, "MarkedNoShow": 1, "Arrived": 1, "Cancelled": 1},
		},
		"no service and no resource": {
			rows: []importing.Row{visit("Ana", "08:00", func(a *importing.Appointment) { a.Service, a.Taken = "", nil })},
			want: importing.Report{
				Rows: 1, Booked: 1, NewClients: 1, NewServices: []string{"Appointment"}, NewResources: []string{"Calendar"},
			},
		},
		"one appointment with two statuses": {
			rows: []importing.Row{
				visit("Ana", "08:00", status(appointment.StatusCancelled)),
				visit("Ana", "08:00", status(appointment.StatusNoShow)),
			},
			want: importing.Report{
				Rows: 2, Booked: 1, Refused: 1, NewClients: 1,
				NewServices: []string{"Haircut"}, NewResources: []string{"Bia"},
			},
			refused: []string{"line 1 has the same appointment with the status cancelled; " +
				"remove one of the two rows, or give each its own id"},
		},
		"rows from the future": {
			rows: []importing.Row{
				visit("Ana", "13:00", status(appointment.StatusFulfilled)),
				visit("Rui", "13:00", func(a *importing.Appointment) { a.BookedAt = at("12:30") }),
			},
			want: importing.Report{Rows: 2, Refused: 2},
			refused: []string{
				appointment.ErrNotYet.Error(), "the booking time is in the future; check it",
			},
		},
		"a row that cannot be parsed": {
			rows:    []importing.Row{{Refused: domain.Refuse(domain.Invalid, "row_malformed", "malformed")}},
			want:    importing.Report{Rows: 1, Refused: 1},
			refused: []string{"malformed"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			got, err := w.importRows(c.rows...)
			if err != nil {
				t.Fatal(err)
			}
			c.want.Account, c.want.Opened = got.Account, true
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("the report is %+v, want %+v", got, c.want)
			}
			if !reflect.DeepEqual(w.refused, c.refused) {
				t.Errorf("refused %q, want %q", w.refused, c.refused)
			}
			for name, want := range c.events {
				if got := w.count(name); got != want {
					t.Errorf("the log has %d of %s, want %d", got, name, want)
				}
			}
			head := w.head()
			if again, err := w.importRows(c.rows...); err != nil || again.Booked > 0 || again.Marked > 0 {
				t.Errorf("the second import reports %+v, %v", again, err)
			}
			if w.head() != head {
				t.Error("the second import appended to the log")
			}
		})
	}
}

func TestLaterSheetBringsNewStatus(t *testing.T) {
	for name, c := range map[string]struct {
		first, second appointment.Status
		marked        int
		refused       string
	}{
		"a visit that took place": {appointment.StatusBooked, appointment.StatusFulfilled, 1, ""},
		"an older sheet":          {appointment.StatusFulfilled, appointment.StatusBooked, 0, ""},
		"an arrival already over": {appointment.StatusFulfilled, appointment.StatusArrived, 0, ""},
		"a cancellation of a no-show": {
			appointment.StatusNoShow, appointment.StatusCancelled, 0,
			"this appointment is noshow here and cancelled in the file; if the file is right, mark it here",
		},
		"a cancellation after an arrival": {
			appointment.StatusArrived, appointment.StatusCancelled, 0,
			"this appointment is arrived here and cancelled in the file; if the file is right, mark it here",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.must(visit("Ana", "08:00", status(c.first)))
			got := w.must(visit("Ana", "08:00", status(c.second)))
			if got.Known+got.Refused != 1 || got.Marked != c.marked || strings.Join(w.refused, "") != c.refused {
				t.Errorf("the report is %+v, refused %q", got, w.refused)
			}
		})
	}
}

func TestOwnIDsAreKept(t *testing.T) {
	const id = "6ba7b811-9dad-11d1-80b4-00c04fd430c8"
	w := newWorld(t)
	report := w.must(visit("Ana", "08:00", withID(id)))
	own, err := domain.ParseID[domain.AppointmentID](id)
	w.ok(err)
	state, _, err := commands.Load(t.Context(), w.engine, appointment.Decider, appointment.StreamOf(own))
	w.ok(err)
	if state.Status != appointment.StatusBooked || state.Account != report.Account {
		t.Errorf("the appointment is %+v", state)
	}
	w.must(visit("Ana", "10:00", withID(id)))
	want := "this appointment is already here at another time; move it here, or give the row its own id"
	if len(w.refused) != 1 || w.refused[0] != want {
		t.Errorf("refused %q, want %q", w.refused, want)
	}
}

// TestIDsOfAnotherAccountAreDerived imports what an account has into another account of the installation.
func TestIDsOfAnotherAccountAreDerived(t *testing.T) {
	const id = "6ba7b811-9dad-11d1-80b4-00c04fd430c8"
	w := newWorld(t)
	w.must(visit("Ana", "08:00", withID(id)))
	w.name = "Another studio"
	if got := w.must(visit("Ana", "08:00", withID(id))); got.Booked != 1 {
		t.Errorf("the report is %+v, refused %q", got, w.refused)
	}
	if got := w.must(visit("Ana", "08:00", withID(id))); got.Known != 1 {
		t.Errorf("the second report is %+v, refused %q", got, w.refused)
	}
}

// TestClientsAreToldApartByEvidence imports rows and compares who came to each. Equal letters are one client.
func TestClientsAreToldApartByEvidence(t *testing.T) {
	type row struct{ name, phone, email string }
	const one, two = "+447700900001", "+447700900002"
	for name, c := range map[string]struct {
		rows    []row
		want    string
		guesses []importing.Guess
	}{
		"the same number":  {[]row{{"Ana Lima", one, ""}, {"ANA LIMA", "07700 900001", ""}}, "aa", nil},
		"last name first":  {[]row{{"Ana Lima", one, ""}, {"Lima, Ana", one, ""}}, "aa", nil},
		"the same address": {[]row{{"Ana Lima", "", "a@example.com"}, {"Lima, Ana", "", "A@Example.com"}}, "aa", nil},
		"mother and child": {[]row{{"Ana Lima", one, ""}, {"Eva Lima", one, ""}, {"Ana Lima", one, ""}}, "aba", nil},
		"accents":          {[]row{{"Péché", one, ""}, {"Pêche", one, ""}}, "ab", nil},
		"two numbers":      {[]row{{"Ana Lima", one, ""}, {"Ana Lima", two, ""}}, "ab", nil},
		"a later row connects them": {
			[]row{{"Ana Lima", one, ""}, {"Ana Lima", "", "a@example.com"}, {"Lima, Ana", one, "a@example.com"}}, "aaa", nil,
		},
		"two numbers and one address": {
			[]row{{"Ana Lima", one, "a@example.com"}, {"Ana Lima", two, "a@example.com"}}, "aa", nil,
		},
		"the name alone": {
			[]row{{"Ana Lima", "", ""}, {"ana  lima", "", ""}, {"Eva", one, ""}}, "aab", []importing.Guess{{Client: "Ana Lima", Rows: 2}},
		},
		"the name alone, last name first": {[]row{{"Ana Lima", "", ""}, {"Lima, Ana", "", ""}}, "ab", nil},
		"the name alone beside a number":  {[]row{{"Ana Lima", "", ""}, {"Lima, Ana", one, ""}, {"Ana Lima", "", ""}}, "abc", nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			var rows []importing.Row
			for i, r := range c.rows {
				rows = append(rows, visit(r.name, fmt.Sprintf("%02d:00", 6+i), phone(r.phone), email(r.email)))
			}
			report := w.must(rows...)
			if got := w.whoCame(); got != c.want || !reflect.DeepEqual(report.Guesses, c.guesses) {
				t.Errorf("the rows have the clients %s, want %s; guesses %+v", got, c.want, report.Guesses)
			}
			head := w.head()
			if again := w.must(rows...); again.Known != len(rows) || again.Guesses != nil || w.head() != head {
				t.Errorf("the second import reports %+v", again)
			}
			for i := range rows {
				rows[i].Appointment.Start = rows[i].Appointment.Start.AddDate(0, 0, -1)
				rows[i].Appointment.End = rows[i].Appointment.End.AddDate(0, 0, -1)
			}
			if later := w.must(rows...); later.Booked != len(rows) || later.NewClients > strings.Count(c.want, "c")+1 {
				t.Errorf("the next day's sheet reports %+v, refused %q", later, w.refused)
			}
		})
	}
}

// TestContactIsCompletedByOtherRows registers the client with all that the sheet tells.
func TestContactIsCompletedByOtherRows(t *testing.T) {
	w := newWorld(t)
	report := w.must(visit("Ana Lima", "08:00", phone("+447700900001")),
		visit("Lima, Ana", "09:00", phone("+447700900001"), email("ana@example.com")))
	known, err := w.Known(t.Context(), report.Account)
	w.ok(err)
	if len(known.Clients) != 1 || known.Clients[0].Name != "Ana Lima" || known.Clients[0].Email != "ana@example.com" {
		t.Errorf("the clients are %+v", known.Clients)
	}
}

func TestClientsOfTheAccountAreFoundByEvidence(t *testing.T) {
	w := newWorld(t)
	account := w.must().Account
	contact, err := client.NewContact(client.Form{
		Name: "Ana Lima", Phone: "+447700900001", Country: "GB", Email: "ana@example.com",
	})
	w.ok(err)
	ana := domain.DeriveID[domain.ClientID]("ana")
	_, err = w.engine.Do(t.Context(), commands.ForAccount(account, domain.Actor{}),
		client.Register{Client: ana, Account: account, Contact: contact})
	w.ok(err)
	got := w.must(
		visit("LIMA, Ana", "08:00", phone("07700 900001")), visit("Ana Lima", "09:00", email("Ana@example.com")),
		visit("Rui", "10:00", phone("07700 900001")), visit("Ana", "11:00", phone("07700 900001")))
	if got.Booked != 4 || got.NewClients != 2 || w.whoCame() != "aabc" {
		t.Errorf("the report is %+v, want new clients for Rui and Ana without a last name", got)
	}
}

// TestErasedClientsStayErased imports rows of a client who was erased.
func TestErasedClientsStayErased(t *testing.T) {
	w := newWorld(t)
	rows := []importing.Row{visit("Ana", "08:00", phone("+447700900001"))}
	account := w.must(rows...).Account
	known, err := w.Known(t.Context(), account)
	w.ok(err)
	_, err = w.engine.Do(t.Context(), commands.ForAccount(account, domain.Actor{}), client.Erase{Client: known.Clients[0].ID})
	w.ok(err)
	w.erased = true
	if got := w.must(visit("Ana", "09:00", phone("+447700900001"))); got.Refused != 1 || got.NewClients != 0 {
		t.Errorf("the report is %+v", got)
	}
}

// TestFirstVersionIsImportedOnce imports a sheet that the first version imported, whose ids came from other keys.
func TestFirstVersionIsImportedOnce(t *testing.T) {
	w := newWorld(t)
	account := w.must().Account
	fingerprint := func(texts ...string) string {
		sum := keys{}.Fingerprint(strings.Join(texts, "\x00"))
		return fmt.Sprintf("%x", sum)
	}
	bia := domain.DeriveID[domain.ResourceID](account, "imported resource", fingerprint("resource", "roomc"))
	haircut := domain.DeriveID[domain.ServiceID](account, "imported service", "haircut")
	ana := domain.DeriveID[domain.ClientID](account, "imported client", fingerprint("name", "analima", ""))
	start := at("08:00")
	row := domain.DeriveID[domain.AppointmentID](account, "imported row", fingerprint(
		"row", fingerprint("name", "analima", ""), "haircut", start.Format(time.RFC3339Nano),
		time.Time{}.Format(time.RFC3339Nano), "roomc"))
	contact, err := client.NewContact(client.Form{Name: "Ana Lima", Country: "GB"})
	w.ok(err)
	profile, err := resource.NewProfile("Room C", "room", 1)
	w.ok(err)
	for _, cmd := range []domain.Command{
		resource.Add{Resource: bia, Account: account, Profile: profile},
		service.Define{Service: haircut, Account: account, Policy: service.Policy{
			Name: "Haircut", DurationMin: 30, Requirements: []service.Requirement{
				{AnyOf: []service.Choice{{Resource: bia, Units: 1}}},
			},
		}},
		client.Register{Client: ana, Account: account, Contact: contact},
	} {
		_, err := w.engine.Do(t.Context(), commands.ForAccount(account, domain.Actor{}), cmd)
		w.ok(err)
	}
	_, err = w.booking().Book(t.Context(), commands.ForAccount(account, domain.Actor{}), booking.Order{
		Appointment: row, Account: account, Client: ana, Service: haircut, Recorded: &appointment.Visit{
			Start: start, End: start.Add(30 * time.Minute), Zone: "UTC", Local: "2016-05-02T08:00:00",
			Legs: []appointment.Leg{{
				Resource: bia, Units: 1, Interval: domain.Interval{Start: start, End: start.Add(30 * time.Minute)},
			}},
		},
	})
	w.ok(err)
	head := w.head()
	room := withThings("Haircut", "Room C")
	if got := w.must(visit("Ana Lima", "08:00", room)); got.Known != 1 || w.head() != head {
		t.Errorf("the same row is imported again: %+v, refused %q", got, w.refused)
	}
	got := w.must(visit("Ana Lima", "09:00", room), visit("Analima", "08:00", withThings("Haircut", "Room C++")))
	if got.Booked != 2 || got.NewClients != 1 || w.whoCame() != "aba" {
		t.Errorf("other rows report %+v, refused %q, clients %s", got, w.refused, w.whoCame())
	}
}

func TestNotesAreAddedOnce(t *testing.T) {
	w := newWorld(t)
	note := func(texts ...string) func(*importing.Appointment) {
		return func(a *importing.Appointment) { a.Notes = texts }
	}
	w.must(visit("Ana", "08:00"))
	w.must(visit("Ana", "08:00", note("call first\a", "brings\na dog", " ")))
	w.must(visit("Ana", "08:00", note("call first", "brings\na dog")))
	w.must(visit("Rui", "09:00", note("call first")), visit("Eva", "10:00", note(strings.Repeat("x", 10_001))))
	if got := w.notes(); !reflect.DeepEqual(got, []string{"call first", "brings\na dog", "call first"}) {
		t.Errorf("the notes are %q", got)
	}
	want := []string{"the note has 10001 characters and may have 10000; shorten it"}
	if !reflect.DeepEqual(w.refused, want) {
		t.Errorf("refused %q, want %q", w.refused, want)
	}
}

// TestAccountsAreFoundByName opens an account and imports into it under other spellings of its name.
func TestAccountsAreFoundByName(t *testing.T) {
	w := newWorld(t)
	w.name = "Café Rosé"
	first := w.must(visit("Ana", "08:00"))
	w.name = "CAFE\u0301  rosé"
	if got := w.must(visit("Ana", "08:00")); got.Account != first.Account || got.Opened || got.Known != 1 {
		t.Errorf("another spelling reports %+v", got)
	}
	w.name = "Café Rose"
	if got := w.must(visit("Ana", "08:00")); got.Account == first.Account || !got.Opened {
		t.Errorf("another name reports %+v", got)
	}
}

func TestUnitsOfImportedResourcesAreRaised(t *testing.T) {
	w := newWorld(t)
	w.must(visit("Ana", "08:00"))
	w.options.Units = 2
	if got := w.must(visit("Rui", "08:15")); got.Booked != 1 {
		t.Errorf("with two units the report is %+v, refused %q", got, w.refused)
	}
}

// TestStaffServicesStayAsTheyAre books a service that the staff defined with a new resource. The import must not
// offer that resource.
func TestStaffServicesStayAsTheyAre(t *testing.T) {
	w := newWorld(t)
	account := w.must().Account
	room, haircut := domain.DeriveID[domain.ResourceID]("room"), domain.DeriveID[domain.ServiceID]("haircut")
	profile, err := resource.NewProfile("Room", "room", 1)
	w.ok(err)
	policy := service.Policy{Name: "Haircut", DurationMin: 60, Requirements: []service.Requirement{
		{AnyOf: []service.Choice{{Resource: room, Units: 1}}},
	}}
	for _, cmd := range []domain.Command{
		resource.Add{Resource: room, Account: account, Profile: profile},
		service.Define{Service: haircut, Account: account, Policy: policy},
	} {
		_, err := w.engine.Do(t.Context(), commands.ForAccount(account, domain.Actor{}), cmd)
		w.ok(err)
	}
	if got := w.must(visit("Ana", "08:00")); got.Booked != 1 || len(got.NewServices) > 0 {
		t.Errorf("the report is %+v", got)
	}
	state, _, err := commands.Load(t.Context(), w.engine, service.Decider, service.Stream(haircut))
	w.ok(err)
	if state.Version != 1 || len(state.Requirements[0].AnyOf) != 1 {
		t.Errorf("the service is now %+v", state)
	}
}

func TestSheetThatEndsEarlyKeepsItsRows(t *testing.T) {
	w := newWorld(t)
	broken := errors.New("the disk is gone")
	w.end = broken
	got, err := w.importRows(visit("Ana", "08:00"), visit("Rui", "09:00"))
	if !errors.Is(err, broken) || err.Error() != "after line 2: the disk is gone" {
		t.Errorf("the import ended with %v", err)
	}
	if got.Booked != 2 {
		t.Errorf("the report is %+v", got)
	}
}

func TestInterruptedImportSaysHowToContinue(t *testing.T) {
	w := newWorld(t)
	w.must()
	ctx, stop := context.WithCancel(t.Context())
	_, err := w.importWith(ctx, stop, visit("Ana", "08:00"))
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "import the file again to continue") {
		t.Errorf("the import ended with %v", err)
	}
	if got := w.must(visit("Ana", "08:00")); got.Booked+got.Known != 1 {
		t.Errorf("after the second import the report is %+v", got)
	}
}

// TestManyRowsKeepTheirOrder imports more rows than a batch for one resource. Which rows fit must not depend on
// chance.
func TestManyRowsKeepTheirOrder(t *testing.T) {
	w := newWorld(t)
	var rows []importing.Row
	for n := range 600 {
		rows = append(rows, visit(fmt.Sprint("Client ", n), fmt.Sprintf("%02d:00", n%10)))
	}
	got := w.must(rows...)
	if got.Booked != 10 || got.Refused != 590 {
		t.Errorf("the report is %+v", got)
	}
	for n := range 10 {
		if w.lines[n] != n+11 {
			t.Fatalf("the first refused lines are %v, want those from 11 on", w.lines[:10])
		}
	}
}

// source gives rows one by one, then ends.
type source struct {
	rows []importing.Row
	next int
	end  error
}

func (s *source) Next() (importing.Row, error) {
	if s.next == len(s.rows) {
		return importing.Row{}, s.end
	}
	row := s.rows[s.next]
	s.next++
	row.Line = s.next
	return row, nil
}

// keys hash and keep nothing.
type keys struct{}

func (keys) Fingerprint(text string) [16]byte {
	sum := sha256.Sum256([]byte(text))
	return [16]byte(sum[:16])
}

func (keys) Prepare(context.Context, ...domain.Subject) error { return nil }
