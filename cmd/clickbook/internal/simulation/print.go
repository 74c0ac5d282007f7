package simulation

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// print writes the report as text or as JSON.
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
	r.printOutages(out)
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
	if len(r.Suppressed) > 0 {
		fmt.Fprintln(out, "\nSUPPRESSED\n  channel\treason\tcount")
		for _, line := range r.Suppressed {
			fmt.Fprintf(out, "  %s\t%s\t%d\n", line.Channel, line.Reason, line.Count)
		}
	}
	fmt.Fprintln(out, "\nDELIVERY\n  provider\tcountry\tattempted\trefused\tsent\tdelivered\t"+
		"undelivered\texpired\tno word\tp50\tp99")
	for _, line := range r.Deliveries {
		fmt.Fprintf(out, "  %s\t%s\t%d\t%d\t%d\t%d (%s)\t%d\t%d\t%d\t%s\t%s\n", line.Provider, line.Country,
			line.Attempted, line.Refused, line.Sent, line.Delivered, share(line.Delivered, line.Sent),
			line.Undelivered, line.Expired, line.Unknown, line.P50, line.P99)
	}
}

func (r Report) printOutages(out io.Writer) {
	for _, s := range r.Switches {
		fmt.Fprintf(out, "\nSWITCH of %s to %s on %s\n", s.Country, s.Provider, s.At)
	}
	for _, o := range r.Outages {
		fmt.Fprintf(out, "\nOUTAGE of %s, %s to %s\n", o.place(), o.From, o.To)
		fmt.Fprintln(out, "  stretch\tfrom\tto\ttexts\tdelivered\tundelivered\tno word\tsuppressed")
		for _, s := range o.Stretches {
			fmt.Fprintf(out, "  %s\t%s\t%s\t%d\t%d (%s)\t%d\t%d\t%d\n", s.Name, s.From, s.To, s.Texts, s.Delivered,
				share(s.Delivered, s.Texts-s.Suppressed), s.Undelivered, s.Unknown, s.Suppressed)
		}
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

// credits formats micro-credits as credits, without floating point.
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
