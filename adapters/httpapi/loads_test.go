package httpapi_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/clickbook/clickbook/domain"
)

// loads is a log handler that counts the loads of streams by category, and the commands among them.
type loads struct{ all, commands map[string]int }

func (l *loads) Enabled(context.Context, slog.Level) bool { return true }
func (l *loads) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l *loads) WithGroup(string) slog.Handler            { return l }

func (l *loads) Handle(_ context.Context, record slog.Record) error {
	record.Attrs(func(attr slog.Attr) bool {
		stream, ok := attr.Value.Any().(domain.Stream)
		switch {
		case ok && record.Message == "load":
			l.all[stream.Category()]++
		case ok && record.Message == "command":
			l.commands[stream.Category()]++
		}
		return !ok
	})
	return nil
}

// TestRequestsLoadAccountAndAppointmentOnce does not count the load that is part of each command, nor those that the
// booking protocol makes between its own commands because they change the appointment. The last load of a write is that
// of its response, which shows the appointment as it is then. A move also looks up whose appointment it is, for warnings.
func TestRequestsLoadAccountAndAppointmentOnce(t *testing.T) {
	w := newWorld(t)
	acc := w.newAccount()
	counted := &loads{}
	w.engine.WithLog(slog.New(counted))
	var path string
	for _, c := range []struct {
		name        string
		call        func()
		appointment int // expected loads
		protocol    int // loads of the protocol
	}{
		{"book", func() {
			booked := w.must(201, acc.staff, "POST", acc.path+"/appointments", acc.booking("2026-03-06T09:00"))
			path = acc.path + "/appointments/" + booked.text("id")
		}, 2, 2},
		{"show", func() { w.must(200, acc.staff, "GET", path, nil) }, 0, 0},
		{"move", func() { w.must(200, acc.staff, "POST", path+"/move", object{"local": "2026-03-06T10:00"}) }, 3, 3},
		{"mark", func() { w.must(200, acc.staff, "POST", path+"/mark", object{"mark": "confirmed"}) }, 1, 0},
		{"cancel", func() { w.must(200, acc.staff, "POST", path+"/cancel", object{"by": "staff"}) }, 2, 1},
		{"starts", func() {
			w.must(200, acc.staff, "GET", acc.path+"/services/"+acc.service+"/starts?from=2026-03-06&to=2026-03-07", nil)
		}, 0, 0},
		{"calendar", func() { w.must(200, acc.staff, "GET", acc.path+"/calendar?from=2026-03-06&to=2026-03-07", nil) }, 0, 0},
		{"client", func() { w.must(201, acc.staff, "POST", acc.path+"/clients", object{"name": "Ann"}) }, 0, 0},
	} {
		counted.all, counted.commands = make(map[string]int), make(map[string]int)
		c.call()
		if n := counted.all["account"]; n != 1 {
			t.Errorf("%s loaded the account %d times", c.name, n)
		}
		n := counted.all["appointment"] - counted.commands["appointment"] - c.protocol
		if n != c.appointment {
			t.Errorf("%s loaded the appointment %d times, want %d", c.name, n, c.appointment)
		}
	}
}
