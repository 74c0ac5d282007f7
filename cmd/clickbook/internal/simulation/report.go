package simulation

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections"
)

// report is what a simulation ends with. It holds nothing that two runs with the same seed could differ in.
type Report struct {
	Record       recordReport     `json:"record"`
	Made         madeReport       `json:"made"`
	Appointments map[string]int   `json:"appointments"` // by FHIR status
	Messages     []messageReport  `json:"messages"`
	Deliveries   []deliveryReport `json:"deliveries"`
	Credits      creditReport     `json:"credits"`
	Windows      []windowReport   `json:"refund_windows,omitempty"`
	Events       int              `json:"events"`
	Account      string           `json:"account"`
}

type recordReport struct {
	File    string   `json:"file"`
	From    string   `json:"from"`
	To      string   `json:"to"`
	Visits  int      `json:"visits"`
	Outside int      `json:"outside,omitzero"` // rows of other days
	LeftOut []string `json:"left_out,omitempty"`
	Refused []string `json:"refused,omitempty"`
}

// madeReport says what the record lacked and was made up.
type madeReport struct {
	Seed        uint64 `json:"seed"`
	Clinics     int    `json:"clinics"`
	Clients     int    `json:"clients"`
	Units       int    `json:"units"`        // of all clinics: enough for each one's fullest quarter of an hour
	BusiestName string `json:"busiest_name"` // clinic with the fullest day
	BusiestDay  int    `json:"busiest_day"`
	BusiestUnit int    `json:"busiest_units"`
}

type messageReport struct {
	Channel string `json:"channel"`
	Status  string `json:"status"`
	Count   int    `json:"count"`
}

type deliveryReport struct {
	Provider    string `json:"provider"`
	Country     string `json:"country"`
	Attempted   int    `json:"attempted"`
	Refused     int    `json:"refused"`
	Sent        int    `json:"sent"`
	Delivered   int    `json:"delivered"`
	Undelivered int    `json:"undelivered"`
	Expired     int    `json:"expired"`
	Unknown     int    `json:"unknown"`
	P50         string `json:"latency_p50"`
	P99         string `json:"latency_p99"`
}

type creditReport struct {
	Lines []creditLine `json:"lines"`
	Sum   int64        `json:"sum_micro"` // of all pockets: zero
	Whole bool         `json:"whole"`     // every pocket is what its lines make it
	Owned int64        `json:"owned_micro"`
	Held  int64        `json:"held_micro"`
}

type creditLine struct {
	Kind   string `json:"kind"`
	Lines  int    `json:"lines"`
	Amount int64  `json:"amount_micro"`
}

type windowReport struct {
	Window    string `json:"window"`
	Previewed int    `json:"previewed_messages"`
	Expected  int64  `json:"previewed_micro"`
	Posted    int    `json:"posted_refunds"`
	Amount    int64  `json:"posted_micro"`
}

// report asks the read models, as anybody could afterwards.
func (d *Driver) report(ctx context.Context, rec *record, clinics []clinic) (r Report, err error) {
	r = Report{
		Record: recordReport{
			File: filepath.Base(d.sim.Path), From: d.sim.From.Format(time.DateOnly), To: d.sim.To.Format(time.DateOnly),
			Visits: len(rec.visits), Outside: rec.outside, LeftOut: rec.odd, Refused: d.refused,
		},
		Made: madeOf(d.sim.Seed, clinics, len(d.clients)), Account: d.account.String(),
		Appointments: make(map[string]int),
	}
	statuses, err := projections.Calendar{DB: d.In.Views}.Tally(ctx, d.account)
	if err != nil {
		return r, err
	}
	for status, count := range statuses {
		r.Appointments[string(status)] = count
	}
	if err := d.reportMessages(ctx, &r); err != nil {
		return r, err
	}
	if err := d.reportCredits(ctx, &r); err != nil {
		return r, err
	}
	r.Events = int(d.Models.Events.Load())
	return r, nil
}

func madeOf(seed uint64, clinics []clinic, clients int) madeReport {
	made := madeReport{Seed: seed, Clinics: len(clinics), Clients: clients}
	for _, c := range clinics {
		made.Units += c.units
		if c.busiest > made.BusiestDay {
			made.BusiestName, made.BusiestDay, made.BusiestUnit = c.name, c.busiest, c.units
		}
	}
	return made
}

func (d *Driver) reportMessages(ctx context.Context, r *Report) error {
	for _, channel := range []string{message.SMS, message.Email} {
		counts, err := projections.Messages{DB: d.In.Views}.Tally(ctx, d.account, channel)
		if err != nil {
			return err
		}
		for status, count := range counts {
			r.Messages = append(r.Messages, messageReport{channel, string(status), count})
		}
	}
	slices.SortFunc(r.Messages, func(a, b messageReport) int {
		return cmp.Or(cmp.Compare(b.Channel, a.Channel), cmp.Compare(a.Status, b.Status))
	})
	lines, err := projections.Deliveries{DB: d.In.Views}.Report(ctx, projections.DeliveryFilter{
		Account: d.account, By: projections.By{Provider: true, Country: true},
	})
	for _, line := range lines {
		if line.Provider == "" {
			continue // queued or suppressed, never handed to anybody
		}
		r.Deliveries = append(r.Deliveries, deliveryReport{
			Provider: line.Provider, Country: line.Country, Attempted: line.Attempted, Refused: line.Refused,
			Sent: line.Sent, Delivered: line.Delivered, Undelivered: line.Undelivered, Expired: line.Expired,
			Unknown: line.Unknown(), P50: line.Latency(0.5).String(), P99: line.Latency(0.99).String(),
		})
	}
	return err
}

func (d *Driver) reportCredits(ctx context.Context, r *Report) error {
	ledger := projections.Ledger{DB: d.In.Views}
	kinds, err := ledger.Kinds(ctx, d.account)
	if err != nil {
		return err
	}
	for _, kind := range kinds {
		if kind.Amount != 0 {
			r.Credits.Lines = append(r.Credits.Lines, creditLine{kind.Kind, kind.Lines, kind.Amount})
		}
	}
	proof, err := ledger.Prove(ctx, d.account)
	if err != nil {
		return err
	}
	balance, err := ledger.Balance(ctx, d.account)
	if err != nil {
		return err
	}
	r.Credits.Sum, r.Credits.Whole = proof.Sum, proof.Holds()
	r.Credits.Owned, r.Credits.Held = balance.Owned(), balance.Held()
	return d.reportWindows(ctx, r)
}

// reportWindows sets what each window was expected to move beside what it did.
func (d *Driver) reportWindows(ctx context.Context, r *Report) error {
	windows, err := projections.Windows{DB: d.In.Views}.All(ctx)
	if err != nil || len(windows) == 0 {
		return err
	}
	posted := make(map[string]windowReport)
	refunds := projections.LineFilter{Kinds: []string{"refund"}}
	lines, err := projections.Ledger{DB: d.In.Views}.Find(ctx, d.account, refunds)
	if err != nil {
		return err
	}
	seen := make(map[string]bool)
	for _, line := range lines {
		entry := posted[line.Reason]
		if !seen[line.Tx] {
			seen[line.Tx] = true
			entry.Posted++
		}
		entry.Amount += line.Amount
		posted[line.Reason] = entry
	}
	for _, w := range windows {
		entry := posted["window:"+w.ID]
		entry.Window, entry.Previewed, entry.Expected = w.ID, w.Signed.Preview.Messages, w.Signed.Preview.Refunded
		r.Windows = append(r.Windows, entry)
	}
	return nil
}

// print writes the report for a person or a program.
func (r Report) print(to io.Writer, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(to)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(r)
	}
	out := tabwriter.NewWriter(to, 2, 8, 2, ' ', 0)
	fmt.Fprintf(out, "%s, %s to %s: %d visits\n", r.Record.File, r.Record.From, r.Record.To, r.Record.Visits)
	fmt.Fprintf(out, "made from seed %d: times of day, names and numbers of %d clients; %d clinics with %d units\n",
		r.Made.Seed, r.Made.Clients, r.Made.Clinics, r.Made.Units)
	fmt.Fprintf(out, "fullest day: %s with %d visits, given %d units\n",
		r.Made.BusiestName, r.Made.BusiestDay, r.Made.BusiestUnit)
	for _, line := range append(slices.Clip(r.Record.LeftOut), r.Record.Refused...) {
		fmt.Fprintln(out, line)
	}
	r.printAppointments(out)
	r.printMessages(out)
	r.printCredits(out)
	fmt.Fprintf(out, "\n%d events in the log of account %s\n", r.Events, r.Account)
	return out.Flush()
}

func (r Report) printAppointments(out io.Writer) {
	fmt.Fprintln(out, "\nAPPOINTMENTS")
	order := []string{"pending", "booked", "arrived", "fulfilled", "noshow", "cancelled", "entered-in-error"}
	for _, status := range order {
		if count := r.Appointments[status]; count > 0 {
			fmt.Fprintf(out, "  %s\t%d\n", status, count)
		}
	}
}

func (r Report) printMessages(out io.Writer) {
	fmt.Fprintln(out, "\nMESSAGES\n  channel\tstate\tcount")
	for _, line := range r.Messages {
		fmt.Fprintf(out, "  %s\t%s\t%d\n", line.Channel, line.Status, line.Count)
	}
	fmt.Fprintln(out, "\nDELIVERY\n  provider\tcountry\tattempted\trefused\tsent\tdelivered\t"+
		"undelivered\texpired\tno word\tp50\tp99")
	for _, line := range r.Deliveries {
		fmt.Fprintf(out, "  %s\t%s\t%d\t%d\t%d\t%d (%s)\t%d\t%d\t%d\t%s\t%s\n", line.Provider, line.Country,
			line.Attempted, line.Refused, line.Sent, line.Delivered, share(line.Delivered, line.Sent),
			line.Undelivered, line.Expired, line.Unknown, line.P50, line.P99)
	}
}

func (r Report) printCredits(out io.Writer) {
	fmt.Fprintln(out, "\nCREDITS\n  line\tcount\tcredits")
	for _, line := range r.Credits.Lines {
		fmt.Fprintf(out, "  %s\t%d\t%s\n", line.Kind, line.Lines, credits(line.Amount))
	}
	fmt.Fprintf(out, "  owned\t\t%s\n  held\t\t%s\n", credits(r.Credits.Owned), credits(r.Credits.Held))
	verdict := "the books are NOT whole"
	if r.Credits.Whole {
		verdict = "every pocket is what its lines make it"
	}
	fmt.Fprintf(out, "  sum of all pockets\t\t%s: %s\n", credits(r.Credits.Sum), verdict)
	for _, w := range r.Windows {
		fmt.Fprintf(out, "  refund window %s: %d refunds, %s credits (previewed: %d, %s)\n",
			w.Window, w.Posted, credits(w.Amount), w.Previewed, credits(w.Expected))
	}
}

func share(part, whole int) string {
	if whole == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f%%", 100*float64(part)/float64(whole))
}

// credits writes micro-credits as credits, without a trip through floating point.
func credits(micro int64) string {
	sign := ""
	if micro < 0 {
		sign, micro = "-", -micro
	}
	text := fmt.Sprintf("%s%d.%06d", sign, micro/1_000_000, micro%1_000_000)
	for text[len(text)-1] == '0' {
		text = text[:len(text)-1]
	}
	if text[len(text)-1] == '.' {
		text = text[:len(text)-1]
	}
	return text
}
