package availability

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
)

func eval(t *testing.T, lines ...string) ([]string, error) {
	t.Helper()
	var out bytes.Buffer
	err := Eval(t.Context(), strings.NewReader(strings.Join(lines, "\n")), &out)
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n"), err
}

// result evaluates one question and returns the named fields of its result, or its error.
func result(t *testing.T, kind, input string, fields ...string) string {
	t.Helper()
	lines, err := eval(t, fmt.Sprintf(`{"id":"x","kind":%q,"input":%s}`, kind, strings.ReplaceAll(input, "\n", " ")))
	if err != nil || len(lines) != 1 {
		t.Fatalf("%d answers, error %v", len(lines), err)
	}
	var a struct {
		ID     string
		Result map[string]json.RawMessage
		Error  string
	}
	if err := json.Unmarshal([]byte(lines[0]), &a); err != nil || a.ID != "x" {
		t.Fatalf("%s: %v", lines[0], err)
	}
	if a.Error != "" {
		return a.Error
	}
	var out []string
	for _, f := range fields {
		out = append(out, string(a.Result[f]))
	}
	return strings.Join(out, " ")
}

// kolkata asks for one day of a host who works from 9:30 to 18:00 in India.
const kolkata = `{"now":"2024-06-01T00:00:00Z","window":["2024-06-02T18:30:00Z","2024-06-03T18:30:00Z"],
	"viewer_tzid":"Asia/Kolkata","packing":"local_hour_grid","service":{"duration_min":45,"interval_min":45},
	"hosts":[{"id":"a","schedule":{"tzid":"Asia/Kolkata","weekly":[{"days":[0,1,2,3,4,5,6],"from":"09:30","to":"18:00"}]},
	"busy":[]}]}`

// with replaces parts of an input.
func with(input string, pairs ...string) string {
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(input, pairs[i]) {
			panic("nothing to replace: " + pairs[i])
		}
	}
	return strings.NewReplacer(pairs...).Replace(input)
}

func TestEvalAnswersEachKind(t *testing.T) {
	booked := func(s string) []string {
		return []string{`"busy":[]`, `"busy":[{"start":"2024-06-03T04:00:00Z","end":"2024-06-03T06:00:00Z",` + s + `}]`}
	}
	two := with(kolkata, `"busy":[]}]`, `"busy":[]},{"id":"b","role":"ROLE","schedule":{"tzid":"Asia/Kolkata",
		"weekly":[{"days":[1],"from":"09:30","to":"12:00"}]}}], "assignment":"HOW"`)
	tests := []struct{ what, kind, input, fields, want string }{
		{
			"milliseconds are kept", "interval_op", `{"op":"merge","a":[["2023-06-01T09:00:00.500+01:00","2023-06-01T10:00:00Z"]]}`,
			"ranges count", `[["2023-06-01T08:00:00.500Z","2023-06-01T10:00:00Z"]] 1`,
		},
		{"an empty result is an empty list", "interval_op", `{"op":"subtract","a":[],"b":[]}`, "ranges count", `[] 0`},
		{
			"an interval that ends before it starts", "interval_op",
			`{"op":"merge","a":[["2023-06-01T11:00:00Z","2023-06-01T10:00:00Z"]]}`, "",
			"the interval ends (2023-06-01T10:00:00Z) before it starts (2023-06-01T11:00:00Z): swap the two",
		},
		{
			"an unknown operation", "interval_op", `{"op":"xor"}`, "",
			`"xor" is not an operation on intervals: choose intersect, subtract or merge`,
		},
		{
			"a local time in a DST gap", "local_to_utc", `{"tzid":"America/New_York","local":"2007-03-11T02:30:00"}`, "utc",
			`"2007-03-11T07:30:00Z"`,
		},
		{
			"Local is not a zone", "local_to_utc", `{"tzid":"Local","local":"2007-03-11T02:30:00"}`, "",
			`"Local" is not a time zone of the IANA list; write one such as Europe/Berlin or UTC`,
		},
		{
			"a missing zone", "local_to_utc", `{"local":"2007-03-11T02:30:00"}`, "",
			`tzid is missing: name a time zone of the IANA list, such as Europe/Berlin`,
		},
		{
			"hours past midnight, with instants", "weekly_hours", `{"schedule":{"tzid":"UTC","weekly":[{"days":[1],
			"from":"22:00","to":"26:00"}]},"window":["2023-06-13T00:00:00Z","2023-06-14T00:00:00Z"],
			"instants":["2023-06-13T01:59:59Z","2023-06-13T02:00:00Z"]}`, "ranges count contains",
			`[["2023-06-12T22:00:00Z","2023-06-13T02:00:00Z"]] 1 [true,false]`,
		},
		{
			"hours that end before they start", "weekly_hours",
			`{"schedule":{"tzid":"UTC","weekly":[{"days":[1],"from":"08:00","to":"07:00"}]},
			"window":["2023-06-13T00:00:00Z","2023-06-14T00:00:00Z"]}`, "", "the hours end (07:00) before they start (08:00): " +
				"hours past midnight are written past 24:00, such as 22:00 to 26:00",
		},
		{"out of office wins over an override", "weekly_hours", `{"schedule":{"tzid":"UTC","overrides":[{"date":"2023-06-13",
			"intervals":[["10:00","15:00"]]}],"out_of_office":["2023-06-13",{"date":"2023-06-15"},{"from":"2023-07-01"}]},
			"window":["2023-06-12T00:00:00Z","2023-06-14T00:00:00Z"]}`, "ranges", `[]`},
		{
			"ranges are listed under the date they begin on", "weekly_hours_periods", `{"periods":[{"valid_to":"2011-10-24","schedule":
			{"tzid":"UTC","weekly":[{"days":[0,1],"from":"22:00","to":"26:00"}]}}],"sample_dates":["2011-10-23","2011-10-24"],
			"window":["2011-10-23T00:00:00Z","2011-10-25T00:00:00Z"]}`, "ranges_on count",
			`{"2011-10-23":[["2011-10-23T22:00:00Z","2011-10-24T00:00:00Z"]],"2011-10-24":[]} 1`,
		},
		{
			"offset and interval", "slots_from_ranges", `{"now":"2024-06-01T00:00:00Z","viewer_tzid":"UTC","service":
			{"duration_min":25,"offset_min":5},"free_ranges":[["2024-06-03T09:30:00Z","2024-06-03T10:40:00Z"]]}`,
			"slots count first last",
			`["2024-06-03T09:35:00Z","2024-06-03T10:05:00Z"] 2 "2024-06-03T09:35:00Z" "2024-06-03T10:05:00Z"`,
		},
		{
			"no starts, so no first or last", "slots_from_ranges",
			`{"now":"2024-06-01T00:00:00Z","service":{"duration_min":25},"free_ranges":[]}`,
			"slots count first last", `[] 0  `,
		},
		{
			"the grid of the window", "window_grid", `{"free":[[0,22],[30,50]],"window":[0,100],"duration":10,"interval":10}`,
			"starts count", `[0,10,30,40] 4`,
		},
		{
			"an empty day", "slots_from_schedules", kolkata, "count first local_dates_open count_per_open_date",
			`11 "2024-06-03T04:00:00Z" ["2024-06-03"] 11`,
		},
		{
			"an accepted booking", "slots_from_schedules", with(kolkata, booked(`"kind":"booking","status":"accepted"`)...),
			"count first", `8 "2024-06-03T06:00:00Z"`,
		},
		{
			"a cancelled booking", "slots_from_schedules", with(kolkata, booked(`"kind":"booking","status":"cancelled"`)...),
			"count", `11`,
		},
		{
			"a pending request takes no time", "slots_from_schedules",
			with(kolkata, booked(`"kind":"booking","status":"pending"`)...), "count", `11`,
		},
		{
			"a pending request that blocks", "slots_from_schedules",
			with(kolkata, booked(`"kind":"booking","status":"pending","blocks":true`)...), "count", `8`,
		},
		{"a booking that is being moved", "slots_from_schedules", with(with(kolkata, booked(`"kind":"booking","uid":"u1"`)...),
			`"packing"`, `"reschedule_uid":"u1","packing"`), "count", `11`},
		{
			"a hold of the caller", "slots_from_schedules", with(with(kolkata,
				booked(`"kind":"hold","holder":"me","expires":"2024-06-02T00:00:00Z"`)...), `"packing"`, `"holder":"me","packing"`),
			"count", `11`,
		},
		{
			"busy time of other calendars has no buffers of its own", "slots_from_schedules", with(with(kolkata,
				booked(`"kind":"external","buffer_after_min":600`)...), `45}`, `45,"buffer_before_min":30}`),
			"count first", `8 "2024-06-03T06:30:00Z"`,
		},
		{"all hosts", "slots_from_schedules", with(two, "HOW", "all"), "count last", `3 "2024-06-03T05:30:00Z"`},
		{"any host", "slots_from_schedules", with(two, "HOW", "any"), "count", `11`},
		{
			"a fixed host and any of the others", "slots_from_schedules",
			with(two, "HOW", "fixed_plus_any", "ROLE", "fixed"), "count", `3`,
		},
		{
			"an override without intervals", "weekly_hours",
			`{"schedule":{"tzid":"UTC","overrides":[{"date":"2023-06-13","from":"10:00","to":"11:00"}]},
				"window":["2023-06-12T00:00:00Z","2023-06-15T00:00:00Z"]}`, "",
			"the override of 2023-06-13 has no intervals: an empty list closes the date",
		},
		{
			"an unknown type of horizon", "slots_from_schedules",
			with(kolkata, `"packing"`, `"horizon":{"type":"window","days":2},"packing"`), "",
			`"window" is not a horizon: choose rolling, rolling_window or range`,
		},
		{
			"a horizon of fixed dates", "slots_from_schedules",
			with(kolkata, `"packing"`, `"horizon":{"from":"2024-06-04","to":"2024-06-05"},"packing"`),
			"count local_dates_closed", `0 ["2024-06-03"]`,
		},
		{"a monthly limit that is reached", "slots_from_schedules", with(with(kolkata,
			booked(`"kind":"booking","same_service":true`)...), `45}`, `45,"limits":{"minutes_per_month":150}}`), "count", `0`},
		{
			"a host without a schedule", "slots_from_schedules",
			with(kolkata, `"schedule"`, `"plan"`), "", `the host "a" has no schedule`,
		},
		{
			"an unknown assignment", "slots_from_schedules", with(two, "HOW", "most"), "",
			`"most" is not an assignment: choose single, all, any or fixed_plus_any`,
		},
		{
			"a fraction of a minute", "slots_from_schedules", with(kolkata, `"duration_min":45`, `"duration_min":0.5`), "",
			`0.5 is not a number of whole minutes`,
		},
		{
			"no duration", "slots_from_schedules", with(kolkata, `"duration_min":45`, `"duration_min":0`), "",
			"the duration is 0s: it must be at least one minute",
		},
		{
			"a window of a century", "slots_from_schedules", with(kolkata, "2024-06-03T18", "2124-06-03T18"), "",
			"the window is longer than five years: ask for a shorter one",
		},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			if got := result(t, tt.kind, tt.input, strings.Fields(tt.fields)...); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestEvalAnswersEveryLine(t *testing.T) {
	got, err := eval(t,
		`{"id":"a","kind":"interval_op","input":{"op":"merge"}}`,
		`not json`,
		``,
		`{"id":7,"kind":"rrule","input":{}}`,
		`{"id":"c","kind":5}`,
		`{"kind":"window_grid"}`,
		`{"id":"d","kind":"interval_op","input":{"op":3}}`,
		`{"id":"e","kind":"interval_op","input":{"op":"merge"}}`,
	)
	want := []string{
		`{"id":"a","result":{"ranges":[],"count":0}}`,
		`{"id":null,"error":"line 2 is not a JSON object with id, kind and input: ` +
			`invalid character 'o' in literal null (expecting 'u')"}`,
		`{"id":7,"error":"unsupported kind"}`,
		`{"id":"c","error":"line 5 is not a JSON object with id, kind and input: ` +
			`json: cannot unmarshal number into Go struct field question.kind of type string"}`,
		`{"id":null,"error":"the input is missing: give it as a JSON object next to id and kind"}`,
		`{"id":"d","error":"the field op of the input cannot be a number"}`,
		`{"id":"e","result":{"ranges":[],"count":0}}`,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if !errors.Is(err, ErrMalformed) {
		t.Errorf("error %v, want ErrMalformed", err)
	}
}

func TestEvalGoesOnAfterALineThatIsTooLong(t *testing.T) {
	got, err := eval(t, strings.Repeat("x", maxLine+1), `{"id":"b","kind":"interval_op","input":{"op":"merge"}}`)
	want := []string{
		fmt.Sprintf(`{"id":null,"error":"line 1 is longer than %d bytes: split it"}`, maxLine),
		`{"id":"b","result":{"ranges":[],"count":0}}`,
	}
	if !reflect.DeepEqual(got, want) || !errors.Is(err, ErrMalformed) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestEvalReturnsErrorsOfReadingAndWriting(t *testing.T) {
	broken := errors.New("broken")
	half := io.MultiReader(strings.NewReader("{}\n"), failing{broken})
	if err := Eval(t.Context(), half, io.Discard); !errors.Is(err, broken) {
		t.Errorf("a broken reader: %v", err)
	}
	if err := Eval(t.Context(), strings.NewReader("{}\n"), failing{broken}); !errors.Is(err, broken) {
		t.Errorf("a broken writer: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Eval(ctx, strings.NewReader("{}\n"), io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error)  { return 0, f.err }
func (f failing) Write([]byte) (int, error) { return 0, f.err }

// FuzzEval checks that every line gets exactly one answer and none causes a panic.
func FuzzEval(f *testing.F) {
	for kind := range solvers {
		f.Add(kind, kolkata)
	}
	f.Add("window_grid", `{"free":[[0,22]],"window":[0,100],"duration":10,"interval":10}`)
	f.Fuzz(func(t *testing.T, kind, input string) {
		line, err := json.Marshal(map[string]any{"id": 1, "kind": kind, "input": json.RawMessage(input)})
		if err != nil {
			t.Skip("no JSON")
		}
		var out bytes.Buffer
		if err := Eval(t.Context(), bytes.NewReader(line), &out); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(out.String(), "\n"); n != 1 {
			t.Fatalf("%d answers", n)
		}
	})
}
