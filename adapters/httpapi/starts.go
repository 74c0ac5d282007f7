package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/adapters/httpapi/internal/problem"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/availability"
)

// localForm is the form of a date and time on the account's clock.
const localForm = "2006-01-02T15:04:05"

// givenStart is a start as a request gives it. Ambiguous is zero unless its local time happens twice.
type givenStart struct {
	At        time.Time
	Ambiguous api.AmbiguousTime
}

// startOf returns when an appointment is to start. The request gives either local, on the clock of the account, or
// start, an instant. It refuses a closed account.
func startOf(ctx context.Context, start time.Time, local string) (givenStart, error) {
	if _, err := openAccount(ctx); err != nil {
		return givenStart{}, err
	}
	return instantOf(ctx, "start", start, local)
}

// instantOf returns an instant that a request gives as itself, in a field, or as local, on the clock of the account.
// It refuses a local time that the clock skips.
func instantOf(ctx context.Context, field string, at time.Time, local string) (givenStart, error) {
	switch {
	case at.IsZero() == (local == ""):
		return givenStart{}, problem.Invalid(field,
			"give either local, on the clock of the account, or %s, an instant", field)
	case local == "":
		return givenStart{At: domain.Microseconds(at)}, nil
	}
	zone, err := zoneOf(ctx)
	if err != nil {
		return givenStart{}, err
	}
	if len(local) == len("2006-01-02T15:04") {
		local += ":00"
	}
	clock, err := time.Parse(localForm, local)
	if err != nil {
		return givenStart{},
			problem.Invalid("local", "local must be a date and time that exist, like 2016-04-29T08:30")
	}
	date := availability.DateAt(clock, time.UTC)
	first, second, err := availability.ResolveExact(date, clock.Sub(date.Start(time.UTC)), zone)
	if skipped, ok := errors.AsType[*availability.SkippedError](err); ok {
		return givenStart{}, domain.Refusef(domain.Invalid, "local_time_skipped",
			"%s; choose one of them", skipped).At("local")
	}
	if err == nil && domain.CheckInstant(first) != nil {
		err = domain.ErrInstantRange.At("local")
	}
	return givenStart{first.UTC(), ambiguityOf(first, second, field)}, err
}

// ambiguityOf describes a local time with two instants, and in which field to give the second. It is zero if there is
// no second one.
func ambiguityOf(first, second time.Time, field string) api.AmbiguousTime {
	if second.IsZero() {
		return api.AmbiguousTime{}
	}
	return api.AmbiguousTime{
		Taken: first.UTC(), Other: second.UTC(),
		Sentence: fmt.Sprintf("%s happens twice in %s, because the clock goes back; this is the first, at UTC%s. "+
			"For the second give %s as %s", first.Format("2006-01-02T15:04"), first.Location(), first.Format("-07:00"),
			field, second.Format(time.RFC3339)),
	}
}

// startList is an api.StartList, or without resources an api.ManagedStartList. A month has thousands of starts, and
// encoding/json takes longer to write them than it takes to find them.
type startList struct {
	zone      *time.Location
	starts    []availability.Start
	resources bool
}

func (l startList) VisitListStartsResponse(w http.ResponseWriter) error        { return l.serve(w) }
func (l startList) VisitListManagedStartsResponse(w http.ResponseWriter) error { return l.serve(w) }

func (l startList) serve(w http.ResponseWriter) error {
	zone, err := json.Marshal(l.zone.String())
	if err != nil {
		return err
	}
	size := 80
	if l.resources && len(l.starts) > 0 {
		size += len(l.starts[0].Resources) * 40
	}
	out := append(make([]byte, 0, 64+len(l.starts)*size), `{"items":[`...)
	for i, one := range l.starts {
		if i > 0 {
			out = append(out, ',')
		}
		out = l.appendStart(out, one)
	}
	out = append(append(append(out, `],"zone":`...), zone...), "}\n"...)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	_, err = w.Write(out)
	return err
}

func (l startList) appendStart(out []byte, one availability.Start) []byte {
	out = append(out, `{"local":"`...)
	local := len(out)
	out = one.At.In(l.zone).AppendFormat(out, time.RFC3339)[:local+len(localForm)] // quicker than localForm
	if l.resources {
		out = append(out, `","resources":[`...)
		for i, id := range one.Resources {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(append(append(out, '"'), id...), '"')
		}
		out = append(out, `],"start":"`...)
	} else {
		out = append(out, `","start":"`...)
	}
	return append(one.At.UTC().AppendFormat(out, time.RFC3339Nano), `"}`...)
}
