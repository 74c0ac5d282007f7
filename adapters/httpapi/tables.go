package httpapi

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clickbook/clickbook/adapters/exporting"
	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/middleware"
	"github.com/clickbook/clickbook/adapters/httpapi/telling"
	"github.com/clickbook/clickbook/adapters/sheet"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/projections"
)

// table is a sheet to download.
type table struct {
	name string
	rows bytes.Buffer
}

func (t *table) VisitExportStatementResponse(w http.ResponseWriter) error  { return t.serve(w) }
func (t *table) VisitExportDeliveriesResponse(w http.ResponseWriter) error { return t.serve(w) }
func (t *table) VisitExportCallsResponse(w http.ResponseWriter) error      { return t.serve(w) }

func (t *table) serve(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", contentTypes[exporting.CSV])
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", t.name))
	_, err := t.rows.WriteTo(w)
	return err
}

// moving are the kinds of lines that change what an account owns.
var moving = []string{"purchase", "grant", "capture", "refund", "reversal", "expire"}

func (h *handlers) ExportStatement(
	ctx context.Context, r api.ExportStatementRequestObject,
) (api.ExportStatementResponseObject, error) {
	account := domain.AccountID{UUID: r.Account}
	zone, err := zoneOf(ctx)
	if err != nil {
		return nil, err
	}
	month, err := time.ParseInLocation("2006-01", r.Params.Month, zone)
	if err != nil {
		return nil, domain.Refuse(domain.Invalid, "month_malformed", "there is no such month; write it like 2026-11").
			At("month")
	}
	during := domain.Interval{Start: month, End: month.AddDate(0, 1, 0)}
	opening, _, err := h.Reader.Ledger.BalanceAsOf(ctx, account, during.Start.Add(-time.Microsecond))
	if err != nil {
		return nil, err
	}
	lines, err := h.Reader.Ledger.Find(ctx, account, projections.LineFilter{Kinds: moving, Recorded: during})
	if err != nil {
		return nil, err
	}
	shown := &table{name: "statement-" + r.Params.Month + ".csv"}
	out := sheet.NewTable(&shown.rows, "recorded_at", "effective_at", "entry", "what", "in", "out", "balance", "message",
		"windows")
	balance := opening.Owned()
	out.Add("", "", "", "opening balance", "", "", decimal(balance), "", "")
	for _, entry := range entriesOf(lines) {
		change := int64(0)
		for _, line := range entry {
			change += owned(line.To, line.Amount) - owned(line.From, line.Amount)
		}
		balance += change
		into, from := decimal(max(change, 0)), decimal(max(-change, 0))
		first := entry[0]
		out.Add(first.RecordedAt.In(zone).Format(time.RFC3339), first.EffectiveAt.In(zone).Format(time.RFC3339),
			strconv.Itoa(first.Entry), telling.Lines(entry), into, from, decimal(balance), first.Message,
			strings.Join(first.Windows, " "))
	}
	out.Add("", "", "", "closing balance", "", "", decimal(balance), "", "")
	return shown, out.Flush()
}

// owned returns an amount if a pocket belongs to the account, else 0.
func owned(pocket string, amount int64) int64 {
	mine := []string{
		credit.Paid.String(), credit.Granted.String(), credit.HeldPaid.String(), credit.HeldGranted.String(),
	}
	if slices.Contains(mine, pocket) {
		return amount
	}
	return 0
}

// decimal writes an amount in credits, as a number.
func decimal(micro int64) string {
	text := strings.TrimSuffix(strings.TrimSuffix(telling.Credits(micro), " credits"), " credit")
	return strings.Replace(text, "−", "-", 1)
}

func (h *handlers) ExportDeliveries(
	ctx context.Context, r api.ExportDeliveriesRequestObject,
) (api.ExportDeliveriesResponseObject, error) {
	report, err := h.report(ctx, projections.DeliveryFilter{
		Account:  domain.AccountID{UUID: r.Account},
		Days:     domain.Interval{Start: r.Params.From.Time, End: r.Params.To.Time},
		Provider: r.Params.Provider, Country: r.Params.Country,
	})
	if err != nil {
		return nil, err
	}
	shown := &table{name: fmt.Sprintf("deliveries-%s-%s.csv", r.Params.From.Format(time.DateOnly),
		r.Params.To.Format(time.DateOnly))}
	out := sheet.NewTable(&shown.rows, "day", "provider", "country", "queued", "suppressed", "attempted", "refused",
		"sent", "delivered", "undelivered", "expired", "failed", "unknown", "latency_p50_s", "latency_p90_s", "latency_p99_s")
	for _, row := range report.Rows {
		c := row.Counts
		cells := []string{row.Day.Format(time.DateOnly), row.Provider, row.Country}
		for _, n := range []int{
			c.Queued, c.Suppressed, c.Attempted, c.Refused, c.Sent, c.Delivered, c.Undelivered, c.Expired, c.Failed, c.Unknown,
			c.LatencyP50S, c.LatencyP90S, c.LatencyP99S,
		} {
			cells = append(cells, strconv.Itoa(n))
		}
		out.Add(cells...)
	}
	return shown, out.Flush()
}

func (h *handlers) ExportCalls(
	ctx context.Context, r api.ExportCallsRequestObject,
) (api.ExportCallsResponseObject, error) {
	account, now := domain.AccountID{UUID: r.Account}, h.Engine.Now()
	calls, err := h.Reader.CallSheet.Of(ctx, account, now)
	if err != nil {
		return nil, err
	}
	known, err := h.Reader.Resources.All(ctx, account)
	if err != nil {
		return nil, err
	}
	names := make(map[domain.ResourceID]string)
	for _, one := range known {
		names[one.ID] = one.Name
	}
	zone, err := domain.ParseZone(middleware.AccountOf(ctx).Zone)
	if err != nil {
		return nil, err
	}
	shown := &table{name: "call-sheet-" + now.In(zone).Format(time.DateOnly) + ".csv"}
	out := sheet.NewTable(&shown.rows, "start", "zone", "client_name", "phone", "service", "resource", "message", "state",
		"reason", "cancelled", "contacted_at")
	for _, one := range calls {
		with := make([]string, len(one.Resources))
		for i, id := range one.Resources {
			with[i] = names[id]
		}
		contacted := ""
		if !one.ContactedAt.IsZero() {
			contacted = one.ContactedAt.In(zone).Format(time.RFC3339)
		}
		cancelled := ""
		if one.Cancelled {
			cancelled = "yes"
		}
		out.Add(one.Local, one.Zone, one.ClientName, one.ClientPhone, one.ServiceName, strings.Join(with, "; "), one.Kind,
			string(one.State), one.Reason, cancelled, contacted)
	}
	return shown, out.Flush()
}
