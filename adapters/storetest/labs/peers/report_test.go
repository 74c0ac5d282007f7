package peers

import (
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// report writes the tables as Markdown. Every figure is the median of the rounds. Every ratio is the median of the
// ratios of the rounds, ours to the other.
func report(out io.Writer, field []*measured, server, load string, began time.Time) error {
	about, err := sizes()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s, %s/%s, %d CPUs, %s; load %s before; medians of %d rounds of appends and %d of replays; %s; took %.0f s\n\n",
		began.Format(time.DateOnly), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), load,
		len(field[0].appends), len(field[0].replays), about, time.Since(began).Seconds())
	for _, family := range []string{"SQLite, synchronous=FULL", server + ", fsync and synchronous_commit on"} {
		name, _, _ := strings.Cut(strings.ReplaceAll(family, " ", ","), ",")
		var lines []*measured
		for _, m := range field {
			if m.family == name {
				lines = append(lines, m)
			}
		}
		if len(lines) > 0 {
			table(out, appendRows(family, lines))
			table(out, readRows(family, lines))
		}
	}
	return nil
}

func appendRows(family string, lines []*measured) [][]string {
	head := []string{"Appends: " + family}
	for _, l := range loads {
		head = append(head, l.name+": events/s", "p50 / p99 ms", "ours", "CPU µs")
	}
	all := [][]string{head}
	for _, m := range lines {
		row := []string{m.name}
		for i := range loads {
			of := func(m *measured) []speed { return each(m.appends, func(round []speed) speed { return round[i] }) }
			row = append(row, rate(of(m)), latency(of(m)), ratio(m, lines, of), cost(of(m)))
		}
		all = append(all, row)
	}
	return all
}

func readRows(family string, lines []*measured) [][]string {
	all := [][]string{{
		"Reads: " + family, "replay, events/s", "ours", "CPU µs", "all with our JSON reader", "ours", "CPU µs",
		"a follower missed", "with a foreign transaction open", "seen while it was",
	}}
	own := func(m *measured) []speed { return m.replays }
	same := func(m *measured) []speed { return m.same }
	for _, m := range lines {
		row := []string{
			m.name, rate(own(m)), ratio(m, lines, own), cost(own(m)), rate(same(m)), ratio(m, lines, same), cost(same(m)),
			"", "", "",
		}
		if !m.limit {
			row[7] = m.follows.String()
			if m.held.appended > 0 {
				row[8], row[9] = m.held.String(), thousands(float64(m.held.early))
			}
		}
		all = append(all, row)
	}
	return all
}

func rate(rounds []speed) string {
	return thousands(median(each(rounds, func(s speed) float64 { return s.perSecond })))
}

func latency(rounds []speed) string {
	return milliseconds(median(each(rounds, func(s speed) time.Duration { return s.p50 }))) + " / " +
		milliseconds(median(each(rounds, func(s speed) time.Duration { return s.p99 })))
}

// cost returns the cost of an event, if it is known.
func cost(rounds []speed) string {
	micros := median(each(rounds, func(s speed) float64 { return s.cpu }))
	if math.IsNaN(micros) {
		return ""
	}
	return strconv.FormatFloat(micros, 'f', 0, 64)
}

// ratio returns our speed relative to theirs, of the median round.
func ratio(m *measured, lines []*measured, of func(*measured) []speed) string {
	if m.ours || !lines[0].ours {
		return ""
	}
	var all []float64
	for round, theirs := range of(m) {
		all = append(all, of(lines[0])[round].perSecond/theirs.perSecond)
	}
	return strconv.FormatFloat(median(all), 'f', 2, 64) + "×"
}

// String returns the count and the total.
func (m missed) String() string {
	text := fmt.Sprintf("%s of %s", thousands(float64(m.missed)), thousands(float64(m.appended)))
	if m.missed > 0 {
		text = "**" + text + "**"
	}
	if m.gaveUp {
		text += fmt.Sprintf(" after %v", followPatience)
	}
	return text
}

func each[R, T any](rounds []R, of func(R) T) []T {
	all := make([]T, len(rounds))
	for i, round := range rounds {
		all[i] = of(round)
	}
	return all
}

func milliseconds(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	if ms < 10 {
		return strconv.FormatFloat(ms, 'f', 2, 64)
	}
	return strconv.FormatFloat(ms, 'f', 0, 64)
}

// thousands formats a number without decimals, with commas.
func thousands(n float64) string {
	text := strconv.FormatFloat(n, 'f', 0, 64)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// table writes Markdown with columns of even width.
func table(out io.Writer, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	for n, row := range rows {
		for i, cell := range row {
			fmt.Fprintf(out, "| %s%s ", cell, strings.Repeat(" ", widths[i]-len([]rune(cell))))
		}
		fmt.Fprintln(out, "|")
		if n == 0 {
			for _, width := range widths {
				fmt.Fprintf(out, "|%s", strings.Repeat("-", width+2))
			}
			fmt.Fprintln(out, "|")
		}
	}
	fmt.Fprintln(out)
}

// pressure returns the load of the machine over the last minute, if it is known.
func pressure() string {
	data, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	load, _, _ := strings.Cut(string(data), " ")
	return load
}
