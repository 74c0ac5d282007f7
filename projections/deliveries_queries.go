package projections

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// latencies are the upper edges of the latency buckets. Slower receipts count in the bucket overflow.
var latencies = []time.Duration{
	5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute,
	5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour, 12 * time.Hour, 24 * time.Hour,
	72 * time.Hour,
}

// overflow is the bucket of receipts slower than every edge.
const overflow = 365 * 24 * time.Hour

// latency returns the count for a time from acceptance to delivery.
func latency(wait time.Duration) string {
	i, _ := slices.BinarySearch(latencies, wait)
	edge := overflow
	if i < len(latencies) {
		edge = latencies[i]
	}
	return countLatency + strconv.FormatInt(int64(edge/time.Second), 10)
}

// Delivery is a line of the delivery report. Fields by which the report is not grouped are zero.
type Delivery struct {
	Account  domain.AccountID
	Provider string
	Country  string
	Day      time.Time // UTC midnight

	Queued, Suppressed                      int // messages
	Attempted, Refused, Sent                int // attempts
	Delivered, Undelivered, Expired, Failed int
	latency                                 map[time.Duration]int
}

// Unknown returns the number of accepted attempts without a final receipt.
func (d Delivery) Unknown() int { return d.Sent - d.Delivered - d.Undelivered - d.Expired }

// Latency returns the time from acceptance to delivery within which the share q (0.5, 0.9, 0.99) of delivered texts
// arrived, rounded up to the edge of a bucket. It returns zero when none arrived.
func (d Delivery) Latency(q float64) time.Duration {
	reached := 0
	for _, edge := range append(slices.Clip(latencies), overflow) {
		if reached += d.latency[edge]; reached > 0 && float64(reached) >= q*float64(d.Delivered) {
			return edge
		}
	}
	return 0
}

// By says by which fields a delivery report is grouped.
type By struct{ Account, Provider, Country, Day bool }

// DeliveryFilter is a filter on the delivery report. Zero and empty fields do not filter.
type DeliveryFilter struct {
	Account  domain.AccountID // zero reads all accounts: only the installation may
	Days     domain.Interval  // UTC days; an end at midnight excludes that day
	Provider string
	Country  string
	By       By
}

// Report returns the delivery report, sorted by day, account, provider and country.
func (q Deliveries) Report(ctx context.Context, in DeliveryFilter) ([]Delivery, error) {
	var w readmodel.Where
	if !in.Account.IsZero() {
		w.And(`account = ?`, readmodel.Key(in.Account))
	}
	if !in.Days.Start.IsZero() {
		w.And(`day >= ?`, dayOf(readmodel.Micros(in.Days.Start)))
	}
	if !in.Days.End.IsZero() {
		w.And(`day < ?`, readmodel.Micros(in.Days.End))
	}
	if in.Provider != "" {
		w.And(`provider = ?`, in.Provider)
	}
	if in.Country != "" {
		w.And(`country = ?`, in.Country)
	}
	by := in.By.columns()
	var lines []Delivery
	for row, err := range q.DB.Query(ctx, fmt.Sprintf(`SELECT %s, counted, CAST(sum(n) AS BIGINT) FROM deliveries_v2 %s
		GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5`, by, w.String()), w.Args...) {
		if err != nil {
			return nil, err
		}
		line := Delivery{Day: readmodel.Time(row.Int(0)), Provider: row.Text(2), Country: row.Text(3)}
		readmodel.ReadID(&line.Account, row, 1)
		if n := len(lines); n == 0 || !lines[n-1].sameLine(line) {
			lines = append(lines, line)
		}
		if err := lines[len(lines)-1].count(row.Text(4), int(row.Int(5))); err != nil {
			return nil, err
		}
	}
	return lines, nil
}

// columns returns the columns day, account, provider and country, or a constant for each that is not grouped by.
func (by By) columns() string {
	columns := []string{"0", "''", "''", "''"}
	for i, c := range []struct {
		wanted bool
		name   string
	}{{by.Day, "day"}, {by.Account, "account"}, {by.Provider, "provider"}, {by.Country, "country"}} {
		if c.wanted {
			columns[i] = c.name
		}
	}
	return strings.Join(columns, ", ")
}

func (d Delivery) sameLine(o Delivery) bool {
	return d.Day.Equal(o.Day) && d.Account == o.Account && d.Provider == o.Provider && d.Country == o.Country
}

func (d *Delivery) count(counted string, n int) error {
	if seconds, ok := strings.CutPrefix(counted, countLatency); ok {
		edge, err := strconv.Atoi(seconds)
		if d.latency == nil {
			d.latency = make(map[time.Duration]int)
		}
		d.latency[time.Duration(edge)*time.Second] += n
		return err
	}
	field, ok := map[string]*int{
		countQueued: &d.Queued, countSuppressed: &d.Suppressed, countAttempted: &d.Attempted, countRefused: &d.Refused,
		countSent: &d.Sent, countDelivered: &d.Delivered, countUndelivered: &d.Undelivered, countExpired: &d.Expired,
		countFailed: &d.Failed,
	}[counted]
	if !ok {
		return fmt.Errorf("unknown count %q in the delivery report: run `clickbook rebuild deliveries`", counted)
	}
	*field += n
	return nil
}
