package main

import (
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/booking"
	"github.com/clickbook/clickbook/commands/openings"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/projections"
)

// TestGrowth measures what a booking, a charge, a question for free starts, two queries and a start of the server cost
// on logs of different lengths, and draws docs/growth.svg. It takes ten minutes and 10 GB for ten million events:
//
//	CLICKBOOK_GROWTH=100000,1000000,10000000 go test -run TestGrowth -timeout 1h -v ./cmd/clickbook
//
// CLICKBOOK_GROWTH_DIR keeps the logs, and uses those of an earlier run.
func TestGrowth(t *testing.T) {
	var sizes []int
	for _, text := range strings.FieldsFunc(os.Getenv("CLICKBOOK_GROWTH"), func(r rune) bool { return r == ',' }) {
		size, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal("CLICKBOOK_GROWTH is a list of numbers of events: ", err)
		}
		sizes = append(sizes, size)
	}
	if len(sizes) == 0 {
		t.Skip("it takes minutes; set CLICKBOOK_GROWTH to lengths of logs")
	}
	dir := os.Getenv("CLICKBOOK_GROWTH_DIR")
	if dir == "" {
		dir = t.TempDir()
	}
	costs := make([]map[string]time.Duration, len(sizes))
	for i, size := range sizes {
		at := installation.Location{Data: filepath.Join(dir, strconv.Itoa(size))}
		if !at.Holds("events.db") {
			fillLog(t, at, time.Now(), size, true)
		}
		costs[i] = growthCosts(t, at)
		costs[i]["start of the server"] = startCost(t, at)
	}
	var lines []growthLine
	for _, name := range []string{
		"booking", "charge", "free starts of a week", "first page of messages", "first page of messages, after a change",
		"day of the calendar", "day of the calendar, after a change", "start of the server",
	} {
		line := growthLine{name: name}
		row := "| " + name
		for i := range sizes {
			row += fmt.Sprintf(" | %.3g ms", costs[i][name].Seconds()*1000)
			line.ratios = append(line.ratios, costs[i][name].Seconds()/costs[0][name].Seconds())
		}
		t.Logf("%s | %.2f |", row, line.ratios[len(sizes)-1])
		lines = append(lines, line)
	}
	if len(sizes) > 1 {
		if err := os.WriteFile("../../docs/growth.svg", growthChart(sizes, lines), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// growthCosts returns the median time of each operation. The log is not made durable after each, because a sync takes as
// long for every length.
func growthCosts(t *testing.T, at installation.Location) map[string]time.Duration {
	t.Helper()
	const rounds = 2000
	now := time.Now()
	h := openManual(t, at, now)
	defer h.close()
	// After the visits of the log and, most likely, those of an earlier run on it.
	from := filledWeek(now).End.AddDate(0, 0, 5*int(now.Unix()%500))
	place := func(n int) (owner, room int, start time.Time) {
		return n % filledAccounts, 1 + n/filledAccounts%(filledRooms-1), from.Add(time.Duration(n/20) * time.Hour)
	}
	run := fmt.Sprint(now.UnixNano())
	operations := map[string]func(n int) error{
		"booking": func(n int) error {
			owner, room, start := place(n)
			_, err := h.Booking.Book(t.Context(), commands.ForAccount(filledAccount(owner), installation.Operator), booking.Order{
				Appointment: domain.DeriveID[domain.AppointmentID](run, n), Account: filledAccount(owner),
				Client: filledClient(owner, n%filledClients), Service: filledService(owner, room), Start: start,
			})
			return err
		},
		"charge": func(n int) error { // the credits are held when a text is queued, and charged when a provider accepts it
			owner, text := n%filledAccounts, domain.DeriveID[domain.MessageID](run, n).String()
			origin := commands.ForAccount(filledAccount(owner), installation.Operator)
			why := func(what string) credit.Because {
				return credit.Because{
					Account: filledAccount(owner).String(), Cause: domain.DeriveUUID(run, what, n).String(),
					RecordedAt: h.Engine.Now(),
				}
			}
			_, err := h.Engine.Do(t.Context(), origin, credit.Hold{
				Because: why("queued"), Message: text, Segments: 1, UnitPrice: 800_000, Country: "GB", Home: "UTC",
			})
			if err == nil {
				_, err = h.Engine.Do(t.Context(), origin, credit.Accept{
					Because: why("accepted"), Message: text, Attempt: 1, Provider: "alpha", SentAt: h.Engine.Now(), GraceDays: 30,
				})
			}
			return err
		},
		"free starts of a week": func(int) error {
			_, err := h.Openings.Between(t.Context(), openings.Question{
				Account: filledAccount(0), Service: filledService(0, 0), Now: now,
			}, filledWeek(now))
			return err
		},
		"first page of messages": func(n int) error {
			_, err := projections.Messages{DB: h.Views}.Find(t.Context(), filledAccount(n%filledAccounts),
				projections.MessageFilter{Limit: 50})
			return err
		},
		"day of the calendar": func(n int) error {
			_, err := projections.Calendar{DB: h.Views}.Find(t.Context(), filledAccount(n%filledAccounts), projections.Selection{
				During: domain.Interval{Start: now.Add(-24 * time.Hour), End: now},
			})
			return err
		},
	}
	costs := make(map[string]time.Duration)
	measure := func(name string, rounds int, before, operation func(n int) error) {
		times := make([]time.Duration, 0, rounds)
		for n := range 3 * rounds {
			h.ok(before(n))
			start := time.Now()
			h.ok(operation(n))
			if n >= 2*rounds { // the first ones read books, diaries and pages into memory, and the names of all streams
				times = append(times, time.Since(start))
			}
		}
		slices.Sort(times)
		costs[name] = times[len(times)/2]
	}
	nothing := func(int) error { return nil }
	for _, name := range slices.Sorted(maps.Keys(operations)) {
		measure(name, rounds, nothing, operations[name])
	}
	booked := 3 * rounds
	change := func(int) error { // a commit of the read models, which empties the page caches of readers
		booked++
		err := operations["booking"](booked)
		if err == nil {
			_, err = h.Projector.CatchUp(t.Context())
		}
		return err
	}
	for _, name := range []string{"first page of messages", "day of the calendar"} {
		measure(name+", after a change", 200, change, operations[name])
	}
	_, err := h.Projector.CatchUp(t.Context()) // the server starts with current read models
	h.ok(err)
	return costs
}

// startCost returns the time until a server is ready, the median of five starts. The last two follow a kill.
func startCost(t *testing.T, at installation.Location) time.Duration {
	t.Helper()
	var times []time.Duration
	for n := range 6 {
		begun := time.Now()
		s := serving(t, at)
		times = append(times, time.Since(begun))
		if n < 3 {
			s.stop()
		} else {
			s.kill()
		}
	}
	t.Logf("%s: starts took %v; the last two after a kill", at.Data, times)
	times = times[1:] // the first one follows the work above
	slices.Sort(times)
	return times[len(times)/2]
}

// growthLine is what an operation costs with each length of the log, as ratios to the first.
type growthLine struct {
	name   string
	ratios []float64
}

// growthChart draws ratios over the length of the log. Its colours are readable on light and dark pages.
func growthChart(sizes []int, lines []growthLine) []byte {
	const left, right, top, bottom = 50.0, 450.0, 20.0, 260.0
	most := 1.5
	for _, line := range lines {
		most = max(most, slices.Max(line.ratios)*1.1)
	}
	x := func(i int) float64 {
		first, last := math.Log(float64(sizes[0])), math.Log(float64(sizes[len(sizes)-1]))
		return left + (right-left)*(math.Log(float64(sizes[i]))-first)/(last-first)
	}
	y := func(ratio float64) float64 { return bottom - (bottom-top)*ratio/most }
	var b strings.Builder
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 310" font-family="sans-serif" font-size="12" ` +
		`fill="#808080" role="img" aria-label="Cost of operations over the length of the log">` + "\n")
	for tick := 0.0; tick <= most; tick += 0.5 {
		fmt.Fprintf(&b, `<path d="M%.0f %.1fH%.0f" stroke="#808080" stroke-opacity="%s"/>`+
			`<text x="%.0f" y="%.1f" text-anchor="end">%.1f</text>`+"\n",
			left, y(tick), right, map[bool]string{true: "0.9", false: "0.25"}[tick == 1], left-8, y(tick)+4, tick)
	}
	for i, size := range sizes {
		fmt.Fprintf(&b, `<text x="%.0f" y="%.0f" text-anchor="middle">%s events</text>`+"\n", x(i), bottom+20, thousands(size))
	}
	fmt.Fprintf(&b, `<text x="%.0f" y="%.0f">cost, with the shortest log = 1</text>`+"\n", left, bottom+42)
	colours := []string{"#2f7ed8", "#d9822b", "#3a9d5d", "#b0529f", "#c4453c", "#7a7f2b"}
	type label struct {
		at   float64
		text string
	}
	var labels []label
	for n, line := range lines {
		points := make([]string, len(sizes))
		for i, ratio := range line.ratios {
			points[i] = fmt.Sprintf("%.1f,%.1f", x(i), y(ratio))
		}
		colour := colours[n%len(colours)]
		fmt.Fprintf(&b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`+"\n",
			strings.Join(points, " "), colour)
		last := line.ratios[len(sizes)-1]
		labels = append(labels, label{y(last), fmt.Sprintf(`fill="%s">%s, %.2f</text>`, colour, line.name, last)})
	}
	slices.SortFunc(labels, func(a, b label) int { return int(math.Copysign(1, a.at-b.at)) })
	for i, one := range labels {
		if i > 0 {
			one.at = max(one.at, labels[i-1].at+15) // so that they do not overlap
			labels[i] = one
		}
		fmt.Fprintf(&b, `<text x="%.0f" y="%.1f" %s`+"\n", right+8, one.at+4, one.text)
	}
	b.WriteString("</svg>\n")
	return []byte(b.String())
}

// thousands returns a number with spaces between groups of three digits.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + " " + text[at:]
	}
	return text
}
