package httpapi

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/clickbook/clickbook/adapters/exporting"
	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/domain"
)

// maxExport allows 366 days, with a margin because a change of the clock makes a day longer.
const maxExport = 367 * 24 * time.Hour

var errExportWindow = domain.Refuse(domain.Invalid, "window_invalid",
	"the range must end after it starts and have at most 366 days; download a longer one in parts").At("to")

func (h *handlers) ExportSheet(
	ctx context.Context, r api.ExportSheetRequestObject,
) (api.ExportSheetResponseObject, error) {
	return h.export(ctx, domain.AccountID{UUID: r.Account}, exporting.CSV, r.Params.From.Time, r.Params.To.Time)
}

func (h *handlers) ExportCalendar(
	ctx context.Context, r api.ExportCalendarRequestObject,
) (api.ExportCalendarResponseObject, error) {
	return h.export(ctx, domain.AccountID{UUID: r.Account}, exporting.ICS, r.Params.From.Time, r.Params.To.Time)
}

// export returns the file of the account's appointments that start on the dates from from until before to.
func (h *handlers) export(
	ctx context.Context, account domain.AccountID, format string, from, to time.Time,
) (download, error) {
	zone, err := zoneOf(ctx)
	if err != nil {
		return download{}, err
	}
	what := exporting.Exporter{
		Reader: h.Reader, Account: account, From: midnight(from, zone), To: midnight(to, zone), Now: h.Engine.Now(),
	}
	if !what.From.Before(what.To) || what.To.Sub(what.From) > maxExport {
		return download{}, errExportWindow
	}
	name := fmt.Sprintf("appointments-%s-%s.%s", from.Format(time.DateOnly), to.Format(time.DateOnly), format)
	return download{ctx, h.Log, what, format, name}, nil
}

// download is a file that is written while it is read, so its size needs no memory.
type download struct {
	ctx          context.Context
	log          *slog.Logger
	what         exporting.Exporter
	format, name string
}

var contentTypes = map[string]string{
	exporting.CSV: "text/csv; charset=utf-8; header=present", exporting.ICS: "text/calendar; charset=utf-8",
}

func (d download) VisitExportSheetResponse(w http.ResponseWriter) error    { return d.serve(w) }
func (d download) VisitExportCalendarResponse(w http.ResponseWriter) error { return d.serve(w) }

// serve writes the file. An error after the first byte breaks the connection off: a reader must not take a part
// for the whole.
func (d download) serve(w http.ResponseWriter) error {
	out := &started{to: w, header: func(header http.Header) {
		header.Set("Content-Type", contentTypes[d.format])
		header.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", d.name))
	}}
	err := d.what.WriteTo(d.ctx, out, d.format)
	if err != nil && out.yes {
		d.log.LogAttrs(d.ctx, slog.LevelError, "a download was broken off", slog.Any("error", err))
		panic(http.ErrAbortHandler)
	}
	return err
}

// started is a response that sets its header before its first byte, and remembers that it has one.
type started struct {
	to     http.ResponseWriter
	header func(http.Header)
	yes    bool
}

func (s *started) Write(data []byte) (int, error) {
	if !s.yes {
		s.header(s.to.Header())
		s.yes = true
	}
	return s.to.Write(data)
}
