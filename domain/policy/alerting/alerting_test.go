package alerting_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/domain/policy/alerting"
)

var update = flag.Bool("golden", false, "write the golden letters")

var (
	noon  = time.Date(2016, 5, 2, 15, 0, 0, 0, time.UTC) // in São Paulo
	maria = domain.DeriveID[domain.ResourceID]("maria")
	alpha = alerting.Outage{
		Cell: outage.Cell{Provider: "alpha", Country: "BR"}, ID: domain.DeriveID[domain.OutageID]("alpha"),
		Cause: outage.Silent, Began: noon.Add(-time.Hour), Found: noon, Cleared: noon.Add(3 * time.Hour),
	}
)

func calls() []alerting.Call {
	call := func(hours int, client, kind, state string) alerting.Call {
		return alerting.Call{
			Start: noon.Add(time.Duration(hours) * time.Hour), Zone: "America/Sao_Paulo", Client: client,
			Phone: "+5527900000001", Service: "Haircut", Kind: kind, State: state, Since: noon, Outage: alpha.ID,
			Link: "https://book.example.com/c/0000",
		}
	}
	rows := []alerting.Call{
		call(2, "Ana <Lima>", "reminder", "no_receipt"), call(3, "Bia Souza", "move", "undelivered"),
		call(20, "Caio Reis", "cancellation", "suppressed"), call(22, "Davi Melo", "reminder", "failed"),
		call(23, "Eva Luz", "reminder", "bounced"),
	}
	rows[1].Instead = "sent"
	rows[2].Cancelled, rows[2].Reason, rows[2].Phone = true, "too_late", ""
	rows[3].Contacted, rows[3].Instead = noon.Add(10*time.Minute), "bounced"
	return rows
}

// TestLetters compares the letters in every language with the golden files.
func TestLetters(t *testing.T) {
	zone, err := domain.ParseZone("America/Sao_Paulo")
	if err != nil {
		t.Fatal(err)
	}
	texts := []alerting.Text{
		{Due: noon.Add(time.Hour), Start: noon.Add(25 * time.Hour), Client: "Ana Lima", Price: 800_000},
		{Due: noon.Add(2 * time.Hour), Start: noon.Add(26 * time.Hour), Client: "Bia Souza", Price: 800_000},
		{Due: noon.Add(3 * time.Hour), Start: noon.Add(27 * time.Hour), Client: "Caio Reis", Price: 800_000},
	}
	until := noon.Add(72 * time.Hour)
	for _, locale := range []string{"en", "de-AT", "es", "fr", "pt-BR"} {
		to := alerting.Reader{Locale: locale, Zone: zone}
		blocked, configuration := alpha, alpha
		blocked.Cause, configuration.Cause = outage.Blocked, outage.Configuration
		var all strings.Builder
		for _, letter := range []alerting.Letter{
			alerting.AboutOutage(to, alpha, true, false, calls()),
			alerting.AboutOutage(to, blocked, false, true, calls()[:1]),
			alerting.AboutOutage(to, configuration, false, true, calls()[:1]),
			alerting.AboutEnd(to, alpha, calls()[:2]),
			alerting.AboutEnd(to, alpha, nil),
			alerting.AboutUndelivered(to, calls()[:2], []alerting.Bounced{{Client: "Eva Luz", Address: "eva@example.com"}}),
			alerting.AboutUndelivered(to, calls()[:1], nil),
			alerting.AboutCredits(to, 900_000, until, texts),
			alerting.AboutCredits(to, 0, until, texts[:1]),
		} {
			all.WriteString("Subject: " + letter.Title + "\n" + strings.Join(letter.Columns, " | ") + "\n\n" + letter.Text() + "----\n")
		}
		path := filepath.Join("testdata", locale[:2]+".txt")
		if *update {
			if err := os.WriteFile(path, []byte(all.String()), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if all.String() != string(want) {
			t.Errorf("the letters in %s differ from %s; run the test with -golden and read the difference", locale, path)
		}
	}
}

func TestNextAlert(t *testing.T) {
	row := func(since time.Time) []alerting.Call { return []alerting.Call{{Since: since}} }
	contacted := []alerting.Call{{Since: noon, Contacted: noon}}
	told := alerting.Told{Round: 1, At: noon, Through: noon}
	later := noon.Add(alerting.Pause)
	for _, c := range []struct {
		name  string
		told  alerting.Told
		calls []alerting.Call
		now   time.Time
		round int // 0 for none
	}{
		{"no rows", alerting.Told{}, nil, noon, 0},
		{"the first row", alerting.Told{}, row(noon.Add(-time.Hour)), noon, 1},
		{"a row that may not be the only one of its moment", alerting.Told{}, row(noon), noon.Add(time.Second), 0},
		{"that row a second later", alerting.Told{}, row(noon), noon.Add(2 * time.Second), 1},
		{"somebody has called", alerting.Told{}, contacted, later, 0},
		{"nothing new", told, row(noon), later, 0},
		{"a new row too soon", told, row(noon.Add(time.Minute)), later.Add(-time.Second), 0},
		{"a new row", told, row(noon.Add(time.Minute)), later, 2},
	} {
		next, ok := alerting.Next(c.told, c.calls, c.now)
		if ok != (c.round > 0) || ok && (next.Round != c.round || !next.At.Equal(c.now)) {
			t.Errorf("%s: %+v %v, want round %d", c.name, next, ok, c.round)
		}
	}
}

func TestRowsOfAPerson(t *testing.T) {
	rows := calls()
	rows[1].Resources = []domain.ResourceID{maria}
	rows[2].Outage = domain.OutageID{}
	if of := alerting.Of(rows, maria); len(of) != 1 || of[0].Client != "Bia Souza" {
		t.Errorf("Maria's clients are %v", of)
	}
	if n := len(alerting.Of(rows, domain.ResourceID{})); n != 5 {
		t.Errorf("the owner has %d clients", n)
	}
	if n := len(alerting.In(rows, alpha.ID)); n != 4 {
		t.Errorf("the outage explains %d rows", n)
	}
	if n := len(alerting.Waiting(rows)); n != 4 {
		t.Errorf("%d rows wait", n)
	}
}
