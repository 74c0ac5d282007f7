package main

import (
	"encoding/csv"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
)

// studio is an account in a new directory that sheets are imported into.
type studio struct {
	t       testing.TB
	dir     string
	account string
}

// newStudio opens the account by importing a sheet.
func newStudio(t testing.TB, first string, more ...string) *studio {
	t.Helper()
	s := &studio{t: t, dir: filepath.Join(t.TempDir(), "data")}
	got := s.imports(first, append([]string{
		"--new-account", "Studio", "--account-zone", "America/Sao_Paulo", "--account-country", "BR",
	}, more...)...)
	found := regexp.MustCompile(`account +(\S+)`).FindStringSubmatch(got.out)
	if found == nil {
		t.Fatalf("no account was opened: %s%s", got.out, got.err)
	}
	s.account = found[1]
	return s
}

// imports imports a sheet.
func (s *studio) imports(text string, more ...string) result {
	s.t.Helper()
	file := filepath.Join(s.t.TempDir(), "sheet.csv")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	args := append([]string{"import", "csv", "--data", s.dir}, more...)
	if s.account != "" {
		args = append(args, "--account", s.account)
	}
	return call(s.t, "", append(args, file)...)
}

// refused imports a sheet and returns the report of refused rows.
func (s *studio) refused(text string, more ...string) string {
	s.t.Helper()
	report := filepath.Join(s.t.TempDir(), "refused.csv")
	s.imports(text, append(more, "--refused", report)...)
	rows, err := os.ReadFile(report)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(rows)
}

// id returns the id of the account.
func (s *studio) id() domain.AccountID {
	s.t.Helper()
	id, err := domain.ParseID[domain.AccountID](s.account)
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

// head returns the end of the log.
func (s *studio) head() domain.Position {
	h := openManual(s.t, installation.Location{Data: s.dir}, time.Now())
	defer h.close()
	return h.head()
}

// rows returns the export without its header.
func (s *studio) rows() [][]string {
	s.t.Helper()
	out := must(s.t, "export", "appointments", "--data", s.dir, "--account", s.account).out
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil {
		s.t.Fatal(err)
	}
	return rows[1:]
}

// wants checks that the report has the lines.
func (got result) wants(t testing.TB, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(got.out, line+"\n") {
			t.Errorf("the report lacks %q:\n%s%s", line, got.out, got.err)
		}
	}
}

// TestImportingRandomSheetsTwiceChangesNothing imports random sheets with clashes, contradictions and gaps. No
// resource is booked beyond its units, a second import appends nothing, and an export makes the same account
// elsewhere.
func TestImportingRandomSheetsTwiceChangesNothing(t *testing.T) {
	clashes := 0
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(7, seed)) // the same sheets each time
			units := 1 + random.IntN(3)
			text := randomSheet(random)
			flags := []string{"--units", fmt.Sprint(units)}
			s := newStudio(t, text, flags...)
			rows, head := s.rows(), s.head()
			checkCapacity(t, rows, units)
			again := s.imports(text, flags...)
			again.wants(t, "booked        0")
			clashes += strings.Count(s.refused(text, flags...), "is taken: the resource has ")
			if now := s.head(); now != head {
				t.Errorf("importing again moved the log from %s to %s", head, now)
			}
			if strings.Contains(again.out, "with a new status") {
				t.Errorf("importing again changed a status:\n%s", again.out)
			}
			sheet := must(t, "export", "appointments", "--data", s.dir, "--account", s.account).out
			other := newStudio(t, sheet, flags...)
			if back := must(t, "export", "appointments", "--data", other.dir, "--account", other.account).out; back != sheet {
				t.Errorf("the export is\n%s\nand, imported elsewhere and exported again,\n%s", sheet, back)
			}
		})
	}
	if clashes < 20 {
		t.Errorf("only %d rows clashed: the test proves little", clashes)
	}
}

// randomSheet returns up to 80 rows with few people on few days.
func randomSheet(random *rand.Rand) string {
	pick := func(words ...string) string { return words[random.IntN(len(words))] }
	var text strings.Builder
	text.WriteString("client,phone,service,resource,start,duration,status,booked at\n")
	for range 20 + random.IntN(60) {
		fmt.Fprintf(&text, "%s,%s,%s,%s,2016-%s %02d:%02d,%d,%s,%s\n",
			pick("Ana", "Rui", "Eva", "ANA", "=Ivo"), pick("", "27 99999-8888", "27 99999-7777", "12"), pick("Corte", "Barba"),
			pick("Bia", "Leo", "Bia;Leo", "bia"), pick("05-02", "05-31"), 8+random.IntN(6), 15*random.IntN(4),
			15*random.IntN(12), pick("", "fulfilled", "noshow", "cancelled", "arrived", "perhaps"),
			pick("", "2016-04-01 10:00"))
	}
	return text.String()
}

// checkCapacity counts, at every start, the units taken of each resource.
func checkCapacity(t *testing.T, rows [][]string, units int) {
	t.Helper()
	if len(rows) == 0 {
		t.Fatal("nothing was imported")
	}
	moment := func(text string) time.Time {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	const resource, start, end, status = 5, 7, 8, 10
	for _, at := range rows {
		taken := make(map[string]int)
		for _, row := range rows {
			now := moment(at[start])
			if row[status] != "cancelled" && !moment(row[start]).After(now) && moment(row[end]).After(now) {
				for name := range strings.SplitSeq(row[resource], "; ") {
					taken[name]++
				}
			}
		}
		for name, n := range taken {
			if n > units {
				t.Errorf("%s has %d of %d units taken at %s", name, n, units, at[start])
			}
		}
	}
}

// TestImportContinuesAfterCrash finishes a booking that a killed import left open, and books one again that expired
// since.
func TestImportContinuesAfterCrash(t *testing.T) {
	const first = "id,client,start,duration\n" +
		"6ba7b810-9dad-11d1-80b4-00c04fd430c8,Ana,2016-05-02 08:00,30\n"
	const text = first +
		"6ba7b811-9dad-11d1-80b4-00c04fd430c8,Rui,2016-05-02 09:00,30\n" +
		"6ba7b812-9dad-11d1-80b4-00c04fd430c8,Eva,2016-05-02 10:00,30\n"
	s := newStudio(t, first)
	h := openManual(t, installation.Location{Data: s.dir}, time.Now())
	like, _, err := commands.Load(t.Context(), h.Engine, appointment.Decider,
		appointment.StreamOf(mustID[domain.AppointmentID](t, "6ba7b810-9dad-11d1-80b4-00c04fd430c8")))
	h.ok(err)
	ctx, origin := t.Context(), commands.ForAccount(s.id(), domain.Actor{})
	for hour, id := range []string{"6ba7b811-9dad-11d1-80b4-00c04fd430c8", "6ba7b812-9dad-11d1-80b4-00c04fd430c8"} {
		id := mustID[domain.AppointmentID](t, id)
		visit := like.Attempts[0].Visit
		later := time.Duration(hour+1) * time.Hour
		visit.Start, visit.End = visit.Start.Add(later), visit.End.Add(later)
		visit.Local = fmt.Sprintf("2016-05-02T%02d:00:00", 9+hour)
		visit.Legs = []appointment.Leg{{
			Resource: visit.Legs[0].Resource, Units: 1, Interval: domain.Interval{Start: visit.Start, End: visit.End},
		}}
		key := h.Keys.Fingerprint("name\x00" + map[int]string{0: "rui", 1: "eva"}[hour] + "\x00")
		_, err := h.Engine.Do(ctx, origin, appointment.Request{
			Appointment: id, Account: s.id(), Service: like.Service, Visit: visit,
			Client: domain.DeriveID[domain.ClientID](s.id(), "imported client", fmt.Sprintf("%x", key)),
		})
		h.ok(err)
		if hour == 1 {
			expired := appointment.Abandon{Appointment: id, Reason: appointment.Expired, At: h.Engine.Now()}
			_, err := h.Engine.Do(ctx, origin, expired)
			h.ok(err)
		}
	}
	h.close()
	s.imports(text).wants(t, "booked        2", "there before  1", "refused       0")
	rows := s.rows()
	if len(rows) != 3 || rows[1][0] != "6ba7b811-9dad-11d1-80b4-00c04fd430c8" || rows[2][1] != "Eva" {
		t.Errorf("exported %v", rows)
	}
	head := s.head()
	if s.imports(text).wants(t, "booked        0", "there before  3"); s.head() != head {
		t.Error("importing again changed the log")
	}
}

func mustID[T domain.AnyID](t testing.TB, text string) T {
	t.Helper()
	id, err := domain.ParseID[T](text)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// everyStatus is a sheet with every status and with names and notes that are awkward to write.
const everyStatus = "client,phone,email,service,resource,units,start,end,zone,status,booked at,notes\n" +
	"\"Lima, Ana\",+55 27 99999-8888,ana@example.com,\"Corte, \"\"curto\"\"\",Bia; Sala 2,1;2,2016-05-02 08:00," +
	"2016-05-02 08:30,,fulfilled,2016-04-20 10:00,\"=first;\nsecond line\n---\nanother note\"\n" +
	"=Rui,,,Corte,\"@Sala; Bia\",,2016-05-02 09:00,2016-05-02 09:30,Europe/Lisbon,noshow,2016-05-01 13:00,\n" +
	"Eva,27 99999-8888,,Pêche,Bia,,2016-05-03 09:00,2016-05-03 09:30,Asia/Kolkata,arrived,2016-05-01 13:00,\n" +
	"Eva,27 99999-7777,,Péché,Bia,,2016-05-03 10:00,2016-05-03 10:30,,cancelled,2016-05-01 13:00,-\n" +
	"राम,,,Corte,Bia,,2016-10-16 23:45,2016-10-17 00:15,,booked,2016-05-01 13:00,\n" +
	"रमा,,,Corte,Bia,,2099-05-03 11:00,2099-05-03 11:30,,booked,2016-05-01 13:00,'quoted\n" +
	"-Ivo,,,Corte,Leo\\\\\\; Bia,,2099-05-03 11:00,2099-05-03 11:30,,cancelled,2016-05-01 13:00,\n" +
	"Gil,,,Corte,Bia,,2016-05-02 08:15,2016-05-02 08:45,,cancelled,2016-04-20 10:00,took the time of Ana\n" +
	"Zoe,,,Corte,Bia,,2016-02-20 23:30,2016-02-20 23:50,,fulfilled,2016-02-20 23:15-02:00,the first of two\n"

// TestExportIsImportedAsTheSameAppointments imports an export into a new installation, into a new account of the same
// one, and into its own account.
func TestExportIsImportedAsTheSameAppointments(t *testing.T) {
	s := newStudio(t, everyStatus, "--units", "2")
	export := must(t, "export", "appointments", "--data", s.dir, "--account", s.account).out
	rows := s.rows()
	counts := make(map[string]int)
	for _, row := range rows {
		counts[row[10]]++
	}
	if want := map[string]int{"fulfilled": 2, "noshow": 1, "arrived": 1, "cancelled": 3, "booked": 2}; !maps.Equal(counts, want) {
		t.Fatalf("the export has %v, want %v:\n%s", counts, want, export)
	}
	other := newStudio(t, export, "--units", "2")
	if got := must(t, "export", "appointments", "--data", other.dir, "--account", other.account).out; got != export {
		t.Errorf("the export is\n%s\nand, imported elsewhere and exported again,\n%s", export, got)
	}
	second := &studio{t: t, dir: s.dir}
	got := second.imports(export, "--new-account", "Second", "--account-zone", "UTC", "--account-country", "GB", "--units", "2")
	got.wants(t, "booked        9", "refused       0")
	second.account = regexp.MustCompile(`account +(\S+)`).FindStringSubmatch(got.out)[1]
	if again := second.rows(); !reflect.DeepEqual(withoutIDs(again), withoutIDs(rows)) {
		t.Errorf("the rows are\n%q\nand, in another account,\n%q", rows, again)
	}
	head := s.head()
	s.imports(export).wants(t, "booked        0", "there before  9", "refused       0")
	if second.imports(export); s.head() != head {
		t.Error("importing again changed the log")
	}
}

// withoutIDs returns rows without the appointments' ids, in one order.
func withoutIDs(rows [][]string) (texts []string) {
	for _, row := range rows {
		texts = append(texts, strings.Join(row[1:], "|"))
	}
	slices.Sort(texts)
	return texts
}

// TestCorrectedReportIsImported imports a sheet of Excel, corrects the report of refused rows, and imports it as it is.
func TestCorrectedReportIsImported(t *testing.T) {
	const sheet = "sep=;\r\nKunde;Telefon;Beginn;Dauer;Status;Bemerkung\r\n" +
		"J\xf6rg Wei\xdf;k.A.;02.05.2016 08:00;30;Erschienen;\r\n" +
		"=Uwe;12;02.05.2016 09:00;30;Nicht erschienen;\"ruft; an\"\r\n" +
		"J\xf6rg Wei\xdf;1,71E+11;02.05.2016 10:00;bald;;\r\n" +
		"\"Ida\"s;;02.05.2016 11:00;30;;\r\n"
	s := newStudio(t, sheet)
	report := s.refused(sheet)
	const want = "\ufeffsep=;\nline;reason;Kunde;Telefon;Beginn;Dauer;Status;Bemerkung\n"
	if !strings.HasPrefix(report, want) {
		t.Fatalf("the report is %q", report)
	}
	corrected := strings.NewReplacer(";12;", ";;", ";bald;", ";30;", `"""Ida""s"`, "Ida").Replace(report)
	s.imports(corrected).wants(t, "rows          3", "booked        3", "refused       0", "warnings      1 row")
	var got []string
	for _, row := range s.rows() {
		got = append(got, row[1]+" "+row[10]+" "+row[12])
	}
	if want := []string{"Jörg Weiß fulfilled ", "'=Uwe noshow ruft; an", "Jörg Weiß booked ", "Ida booked "}; !slices.Equal(got, want) {
		t.Errorf("the appointments are %q, want %q from\n%s", got, want, corrected)
	}
}

// TestCasesOfTrialUse imports the sheets that trial use found. They are not in this repository.
func TestCasesOfTrialUse(t *testing.T) {
	for file, want := range map[string][]string{
		"01-names-fold/people.csv":           {"booked        3", "new clients   3"},
		"01-names-fold/rooms.csv":            {"booked        2", "new resources 2: Room C, Room C++"},
		"01-names-fold/services.csv":         {"booked        2", "new services  2: Péché, Pêche"},
		"17-csv-of-spreadsheets/cr.csv":      {"booked        2"},
		"17-csv-of-spreadsheets/nnbsp.csv":   {"booked        1"},
		"17-csv-of-spreadsheets/seconds.csv": {"booked        1"},
		"17-csv-of-spreadsheets/sep.csv":     {"booked        1"},
		"17-csv-of-spreadsheets/utc.csv":     {"booked        1"},
	} {
		text, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "cases", filepath.FromSlash(file)))
		if err != nil {
			t.Skipf("the cases are missing: %v", err)
		}
		s := &studio{t: t, dir: filepath.Join(t.TempDir(), "data")}
		s.imports(string(text), "--new-account", "Studio", "--account-zone", "America/Sao_Paulo", "--account-country", "BR",
			"--dates", "mdy").wants(t, append(want, "refused       0")...)
	}
}

// TestSheetsThatAreTooLargeAreRefusedAsAWhole leaves no data directory behind.
func TestSheetsThatAreTooLargeAreRefusedAsAWhole(t *testing.T) {
	s := &studio{t: t, dir: filepath.Join(t.TempDir(), "data")}
	got := s.imports("client,start,duration\nAna,2016-05-02 08:00,30\nRui,\""+strings.Repeat("x", 10<<20)+"\",30\n",
		"--new-account", "Studio", "--account-zone", "UTC", "--account-country", "BR")
	if got.code != exitRefused || got.out != "" || !strings.Contains(got.err, "after line 2: a row is longer than 1048576 bytes") {
		t.Errorf("the import ended with %d, %q, %q", got.code, got.out, got.err)
	}
	if _, err := os.Stat(s.dir); !os.IsNotExist(err) {
		t.Errorf("the data directory is there: %v", err)
	}
}

// TestPastRowsSuppressNoMessages imports past appointments into an account that has reminder rules.
func TestPastRowsSuppressNoMessages(t *testing.T) {
	s := newStudio(t, "client,start,duration\n")
	h := openManual(t, installation.Location{Data: s.dir}, time.Now())
	_, err := h.Engine.Do(t.Context(), commands.ForAccount(s.id(), domain.Actor{}), account.SetReminderRules{
		Account: s.id(), Rules: []account.ReminderRule{{ID: "day-before", LeadMin: 24 * 60, Channel: message.Email}},
	})
	h.ok(err)
	h.close()
	s.imports(everyStatus, "--units", "2").wants(t, "refused       0")
	h = openManual(t, installation.Location{Data: s.dir}, time.Now())
	defer h.close()
	h.settle(t.Context())
	messages, err := projections.Messages{DB: h.Views}.Find(t.Context(), s.id(), projections.MessageFilter{Limit: 9})
	if h.ok(err); len(messages) > 0 {
		t.Errorf("the past rows have messages: %+v", messages)
	}
}

// TestImportedAppointmentsAreReminded checks that only reminders that become due after the import are sent.
func TestImportedAppointmentsAreReminded(t *testing.T) {
	now := time.Now().Truncate(time.Hour)
	at := func(ahead time.Duration) string { return now.Add(ahead).UTC().Format(time.RFC3339) }
	s := newStudio(t, "client,email,start,duration,booked at\n"+
		"Past,past@example.com,"+at(-48*time.Hour)+",30,"+at(-960*time.Hour)+"\n"+
		"Tonight,tonight@example.com,"+at(3*time.Hour)+",30,"+at(-960*time.Hour)+"\n"+
		"Later,later@example.com,"+at(96*time.Hour)+",30,"+at(-960*time.Hour)+"\n")
	h := openManual(t, installation.Location{Data: s.dir}, time.Now())
	defer h.close()
	ctx, origin := t.Context(), commands.ForAccount(s.id(), domain.Actor{})
	_, err := h.Engine.Do(ctx, origin, account.SetReminderRules{Account: s.id(), Rules: []account.ReminderRule{
		{ID: "day-before", LeadMin: 24 * 60, Channel: message.Email},
	}})
	h.ok(err)
	h.settle(t.Context())
	h.clock.at = now.Add(90 * time.Hour)
	h.settle(t.Context())
	messages, err := projections.Messages{DB: h.Views}.Find(t.Context(), s.id(), projections.MessageFilter{
		Kind: "reminder", Limit: 9,
	})
	h.ok(err)
	got := make(map[string]string)
	for _, m := range messages {
		who, _, err := directory.Clients{DB: h.Views}.One(t.Context(), s.id(), m.Client)
		h.ok(err)
		got[who.Name] += fmt.Sprint(m.Status, m.Reason)
	}
	want := map[string]string{"Later": "sent", "Tonight": "suppressedbooked_late"}
	if !maps.Equal(got, want) {
		t.Errorf("reminded %v, want %v", got, want)
	}
}
