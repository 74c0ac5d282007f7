package esdbtest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
)

func TestRepeatedAppendsAreRecognised(t *testing.T) {
	abc, def := events("abc", 3), events("def", 2)
	mixed := []esdb.EventData{abc[0], abc[1], def[0]}
	cases := map[string]struct {
		expected esdb.ExpectedRevision
		events   []esdb.EventData
		revision uint64         // of the result
		code     esdb.ErrorCode // -1 for success
	}{
		"the first, expecting none":          {esdb.NoStream{}, abc, 2, -1},
		"its beginning":                      {esdb.NoStream{}, abc[:2], 1, -1},
		"its end":                            {esdb.Revision(0), abc[1:], 2, -1},
		"the second, expecting its revision": {esdb.Revision(2), def, 4, -1},
		"both together":                      {esdb.NoStream{}, slices.Concat(abc, def), 4, -1},
		"the first, expecting any":           {esdb.Any{}, abc, 2, -1},
		"the second, expecting a stream":     {esdb.StreamExists{}, def, 4, -1},
		"a new event, expecting none":        {esdb.NoStream{}, events("x", 1), 0, esdb.ErrorCodeWrongExpectedVersion},
		"a new event, at an old revision":    {esdb.Revision(1), events("x", 1), 0, esdb.ErrorCodeWrongExpectedVersion},
		"a new event, at a later revision":   {esdb.Revision(9), events("x", 1), 0, esdb.ErrorCodeWrongExpectedVersion},
		"partly new":                         {esdb.NoStream{}, mixed, 0, esdb.ErrorCodeWrongExpectedVersion},
		"partly new, expecting any":          {esdb.Any{}, []esdb.EventData{abc[0], events("x", 1)[0]}, 0, esdb.ErrorCodeWrongExpectedVersion},
		"longer than the second":             {esdb.Revision(2), slices.Concat(def, events("x", 1)), 0, esdb.ErrorCodeWrongExpectedVersion},
		"the second at the first's revision": {esdb.NoStream{}, def, 0, esdb.ErrorCodeWrongExpectedVersion},
		"no events, at an old revision":      {esdb.Revision(1), nil, 0, esdb.ErrorCodeWrongExpectedVersion},
		"no events, at the revision":         {esdb.Revision(4), nil, 4, -1},
		"a new append with an old id":        {esdb.Revision(4), abc[:1], 5, -1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			client := connect(t, esdbtest.Start(t).URL())
			mustAppend(t, client, "a", esdb.NoStream{}, abc)
			mustAppend(t, client, "a", esdb.Revision(2), def)
			result, err := appendTo(t, client, "a", c.expected, c.events)
			if codeOf(err) != c.code {
				t.Fatalf("got code %d (%v), want %d", codeOf(err), err, c.code)
			}
			read, readErr := readStream(t, client, "a", esdb.ReadStreamOptions{})
			if readErr != nil {
				t.Fatal(readErr)
			}
			if want := max(5, int(c.revision)+1); len(read) != want {
				t.Errorf("the stream holds %v, want %d events", describe(read), want)
			}
			if err != nil {
				return
			}
			if result.NextExpectedVersion != c.revision {
				t.Errorf("returned revision %d, want %d", result.NextExpectedVersion, c.revision)
			}
			if there := read[c.revision].Position.Commit; len(c.events) > 0 && result.CommitPosition != there {
				t.Errorf("returned position %d, but the event is at %d", result.CommitPosition, there)
			}
		})
	}
}

func TestRecentIDsAreBounded(t *testing.T) {
	for name, c := range map[string]struct {
		bytes, want int
	}{"remembered": {1 << 20, 21}, "forgotten": {500, 22}, "never remembered": {0, 22}} {
		t.Run(name, func(t *testing.T) {
			client := connect(t, esdbtest.Start(t, esdbtest.WithRecentIDs(c.bytes)).URL())
			mustAppend(t, client, "a", esdb.Any{}, events("first", 1))
			mustAppend(t, client, "a", esdb.Any{}, events("later", 20))
			mustAppend(t, client, "a", esdb.Any{}, events("first", 1))
			read, err := readStream(t, client, "a", esdb.ReadStreamOptions{})
			if err != nil || len(read) != c.want {
				t.Errorf("the stream holds %d events (%v), want %d", len(read), err, c.want)
			}
		})
	}
}

func TestInvalidAppendsAreRefused(t *testing.T) {
	client := connect(t, esdbtest.Start(t, esdbtest.WithMaxAppendSize(1000)).URL())
	big := events("big", 3)
	for i := range big {
		big[i].Data = []byte(strings.Repeat("x", 400))
	}
	untyped := events("untyped", 1)
	untyped[0].EventType = ""
	for name, made := range map[string][]esdb.EventData{"too large": big, "without a type": untyped} {
		if _, err := appendTo(t, client, "a", esdb.Any{}, made); codeOf(err) != esdb.ErrorCodeUnknown {
			t.Errorf("%s: got %v", name, err)
		}
	}
	mustAppend(t, client, "a", esdb.NoStream{}, big[:2])
	if _, err := appendTo(t, client, "", esdb.Any{}, events("a", 1)); err == nil {
		t.Error("an append without a stream succeeded")
	}
}
