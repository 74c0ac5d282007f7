package outages_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/audit/outages"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/outagedetect"
)

// good and lost are texts every 36 seconds, in two countries. The receipts of the good ones come six seconds later.
func traffic(good, lost int) string {
	var b strings.Builder
	start := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	for i := range good + lost {
		at := start.Add(time.Duration(i) * 36 * time.Second)
		country, network := "US", `"310-410"`
		if i%3 == 0 {
			country, network = "GB", "null"
		}
		line := func(at time.Time, event string) {
			fmt.Fprintf(&b, `{"t":%q,"message":"m%d","provider":"a","country":%q,"network":%s,"account":"acc%d","to_hash":"h%d","event":%q,"class":null}`+"\n",
				at.Format(time.RFC3339), i, country, network, i%11, i, event)
		}
		line(at, "submitted")
		if i < good {
			line(at.Add(6*time.Second), "delivered")
		}
	}
	return b.String()
}

type signal struct {
	T           time.Time
	Event       string
	Cell        map[string]*string
	ChangePoint time.Time `json:"change_point"`
	Cause       *string
	S           float64
}

func evaluate(t *testing.T, input string, o outages.Options) ([]signal, error) {
	t.Helper()
	var out bytes.Buffer
	err := outages.Evaluate(t.Context(), strings.NewReader(input), &out, o)
	var signals []signal
	for line := range strings.Lines(out.String()) {
		var s signal
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		signals = append(signals, s)
	}
	return signals, err
}

func TestEvaluateFindsAnOutage(t *testing.T) {
	began := time.Date(2026, 3, 2, 18, 0, 0, 0, time.UTC)
	for _, step := range []time.Duration{0, 5 * time.Second, time.Minute} {
		got, err := evaluate(t, traffic(1000, 30), outages.Options{Params: outagedetect.Defaults(), Step: step})
		if err != nil || len(got) != 2 || got[0].Event != "suspected" || got[1].Event != "confirmed" {
			t.Fatalf("step %v: got %+v, %v", step, got, err)
		}
		s := got[1]
		if late := s.T.Sub(began); late < 3*time.Minute || late > 9*time.Minute {
			t.Errorf("step %v: confirmed after %v", step, late)
		}
		if off := s.ChangePoint.Sub(began); off.Abs() > 2*time.Minute {
			t.Errorf("step %v: the change point is %v from the begin", step, off)
		}
		if *s.Cell["provider"] != "a" || s.Cell["region"] != nil || *s.Cause != "silent" || s.S < 14 {
			t.Errorf("step %v: got %+v", step, s)
		}
		if len(s.Cell) != 4 || got[0].Cause != nil {
			t.Errorf("step %v: got %+v and %+v", step, got[0], s)
		}
	}
}

func TestSilenceAfterTheLastLineCountsOnlyOnRequest(t *testing.T) {
	input := traffic(1000, 9)
	o := outages.Options{Params: outagedetect.Defaults(), Step: 5 * time.Second}
	if got, err := evaluate(t, input, o); err != nil || len(got) > 1 {
		t.Errorf("got %+v, %v, want no more than a suspicion", got, err)
	}
	o.Tail = time.Hour
	if got, err := evaluate(t, input, o); err != nil || len(got) != 2 || got[1].Event != "confirmed" {
		t.Errorf("got %+v, %v, want a confirmed outage", got, err)
	}
}

func TestParametersChangeTheOutcome(t *testing.T) {
	p := outagedetect.Defaults()
	p.Confirm = 1000
	got, err := evaluate(t, traffic(1000, 60), outages.Options{Params: p})
	if err != nil || len(got) != 1 || got[0].Event != "suspected" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestBadLinesAreRefusedByNumber(t *testing.T) {
	ok := `{"t":"2026-03-01T09:30:00Z","message":"m","provider":"a","country":"US","event":"submitted"}` + "\n"
	for name, bad := range map[string]struct{ line, want string }{
		"no JSON":        {`nonsense`, "not a JSON object"},
		"cut off":        {`{"t":"2026-03-01T09:30:00Z"`, "not a JSON object"},
		"two objects":    {strings.TrimSpace(ok) + "{}", "not a JSON object"},
		"a list":         {`[]`, "JSON array"},
		"null":           {`null`, "invalid t"},
		"a number":       {`{"t":5}`, "t is a JSON number"},
		"no time":        {`{"message":"m"}`, `invalid t ""`},
		"no offset":      {`{"t":"2026-03-01T09:30:00"}`, "with an offset"},
		"a far year":     {`{"t":"9999-03-01T09:30:00Z"}`, "the year"},
		"no event":       {strings.Replace(ok, "submitted", "sent", 1), `invalid event "sent"`},
		"no message":     {strings.Replace(ok, `"m"`, `""`, 1), "message is missing"},
		"no provider":    {strings.Replace(ok, `"a"`, `""`, 1), "provider is missing"},
		"no country":     {strings.Replace(ok, `"US"`, `"usa"`, 1), `invalid country "usa"`},
		"no class":       {strings.Replace(ok, `"submitted"`, `"failed","class":"X"`, 1), `invalid class "X"`},
		"an older line":  {strings.Replace(ok, "09:30:00", "09:29:59", 1), "is before that of the line before it"},
		"an endless one": {strings.Repeat("x", 2<<20), "longer than"},
	} {
		_, err := evaluate(t, ok+"\n"+bad.line+"\n"+ok, outages.Options{Params: outagedetect.Defaults()})
		refusal, refused := domain.AsRefusal(err)
		if !refused || !strings.HasPrefix(refusal.Error(), "line 3: ") || !strings.Contains(refusal.Error(), bad.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
