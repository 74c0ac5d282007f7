package esdbtest_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
)

func TestReadsFromAPosition(t *testing.T) {
	client := connect(t, esdbtest.Start(t).URL())
	var at []esdb.Position
	for i := range 5 {
		at = append(at, mustAppend(t, client, "a", esdb.Any{}, events(fmt.Sprint(i), 1)))
	}
	streams := map[string]struct {
		options esdb.ReadStreamOptions
		want    string
	}{
		"forwards from 2":       {esdb.ReadStreamOptions{From: esdb.Revision(2)}, "[a/2 a/3 a/4]"},
		"backwards from 2":      {esdb.ReadStreamOptions{From: esdb.Revision(2), Direction: esdb.Backwards}, "[a/2 a/1 a/0]"},
		"backwards from beyond": {esdb.ReadStreamOptions{From: esdb.Revision(99), Direction: esdb.Backwards}, "[a/4 a/3 a/2 a/1 a/0]"},
		"forwards from the end": {esdb.ReadStreamOptions{From: esdb.End{}}, "[]"},
	}
	for name, c := range streams {
		read, err := readStream(t, client, "a", c.options)
		if got := fmt.Sprint(describe(read)); err != nil || got != c.want {
			t.Errorf("%s: got %s (%v), want %s", name, got, err, c.want)
		}
	}
	all := map[string]struct {
		options esdb.ReadAllOptions
		want    string
	}{
		"forwards from 2":    {esdb.ReadAllOptions{From: at[2]}, "[a/2 a/3 a/4]"},
		"backwards from 2":   {esdb.ReadAllOptions{From: at[2], Direction: esdb.Backwards}, "[a/1 a/0]"},
		"forwards from all":  {esdb.ReadAllOptions{From: esdb.Start{}}, "[a/0 a/1 a/2 a/3 a/4]"},
		"backwards from all": {esdb.ReadAllOptions{From: esdb.End{}, Direction: esdb.Backwards}, "[a/4 a/3 a/2 a/1 a/0]"},
	}
	for name, c := range all {
		if got := fmt.Sprint(describe(withoutSystemEvents(readAll(t, client, c.options)))); got != c.want {
			t.Errorf("$all %s: got %s, want %s", name, got, c.want)
		}
	}
	if read, err := drain(client.ReadStream(withTimeout(t), "a", esdb.ReadStreamOptions{}, 2)); err != nil || len(read) != 2 {
		t.Errorf("a read of 2 returned %d (%v)", len(read), err)
	}
}

func TestMetadataHidesEvents(t *testing.T) {
	now := time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)
	client := connect(t, esdbtest.Start(t, esdbtest.WithClock(func() time.Time { return now })).URL())
	mustAppend(t, client, "a", esdb.NoStream{}, events("old", 2))
	now = now.Add(time.Hour)
	mustAppend(t, client, "a", esdb.Revision(1), events("new", 3))
	set := func(change func(*esdb.StreamMetadata)) string {
		t.Helper()
		var metadata esdb.StreamMetadata
		change(&metadata)
		_, err := client.SetStreamMetadata(withTimeout(t), "a", esdb.AppendToStreamOptions{}, metadata)
		if err != nil {
			t.Fatal(err)
		}
		read, err := readStream(t, client, "a", esdb.ReadStreamOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(describe(read))
	}
	for name, c := range map[string]struct {
		change func(*esdb.StreamMetadata)
		want   string
	}{
		"nothing":  {func(*esdb.StreamMetadata) {}, "[a/0 a/1 a/2 a/3 a/4]"},
		"by count": {func(m *esdb.StreamMetadata) { m.SetMaxCount(2) }, "[a/3 a/4]"},
		"by age":   {func(m *esdb.StreamMetadata) { m.SetMaxAge(time.Minute) }, "[a/2 a/3 a/4]"},
		"by place": {func(m *esdb.StreamMetadata) { m.SetTruncateBefore(4) }, "[a/4]"},
		"all":      {func(m *esdb.StreamMetadata) { m.SetTruncateBefore(9) }, "[]"},
	} {
		if got := set(c.change); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
	if read, _ := readStream(t, client, "$$a", esdb.ReadStreamOptions{}); len(read) != 1 || read[0].EventNumber != 4 {
		t.Errorf("a metadata stream shows its last event only, got %v", describe(read))
	}
	if got := len(withoutSystemEvents(readAll(t, client, esdb.ReadAllOptions{}))); got != 5 {
		t.Errorf("$all shows %d events, want all 5: the log keeps hidden events until it is scavenged", got)
	}
}

func TestDeletedStreamsCanBeRecreatedUnlessTombstoned(t *testing.T) {
	client := connect(t, esdbtest.Start(t).URL())
	mustAppend(t, client, "a", esdb.NoStream{}, events("a", 3))
	_, err := client.DeleteStream(withTimeout(t), "a", esdb.DeleteStreamOptions{ExpectedRevision: esdb.Revision(1)})
	if err == nil {
		t.Error("a deletion at a wrong revision succeeded")
	}
	if _, err = client.DeleteStream(withTimeout(t), "a", esdb.DeleteStreamOptions{ExpectedRevision: esdb.Revision(2)}); err != nil {
		t.Fatal(err)
	}
	_, err = readStream(t, client, "a", esdb.ReadStreamOptions{})
	wantCode(t, err, esdb.ErrorCodeResourceNotFound)
	_, err = appendTo(t, client, "a", esdb.StreamExists{}, events("b", 1))
	wantCode(t, err, esdb.ErrorCodeStreamDeleted)
	mustAppend(t, client, "a", esdb.NoStream{}, events("b", 1))
	read, err := readStream(t, client, "a", esdb.ReadStreamOptions{})
	if got := fmt.Sprint(describe(read)); err != nil || got != "[a/3]" {
		t.Errorf("the recreated stream holds %s (%v), want [a/3]", got, err)
	}
	if _, err = client.TombstoneStream(withTimeout(t), "a", esdb.TombstoneStreamOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, expected := range []esdb.ExpectedRevision{esdb.Any{}, esdb.NoStream{}, esdb.Revision(3), esdb.StreamExists{}} {
		_, err = appendTo(t, client, "a", expected, events("c", 1))
		wantCode(t, err, esdb.ErrorCodeStreamDeleted)
	}
	_, err = readStream(t, client, "$$a", esdb.ReadStreamOptions{})
	wantCode(t, err, esdb.ErrorCodeStreamDeleted)
	all := readAll(t, client, esdb.ReadAllOptions{From: esdb.End{}, Direction: esdb.Backwards})
	if all[0].EventType != "$streamDeleted" || all[0].EventNumber != math.MaxInt64 {
		t.Errorf("the log ends with %s %d, want the tombstone", all[0].EventType, all[0].EventNumber)
	}
}

func TestLinksAreResolvedOnRequest(t *testing.T) {
	client := connect(t, esdbtest.Start(t).URL())
	mustAppend(t, client, "a", esdb.NoStream{}, events("a", 2))
	link := func(to string) esdb.EventData {
		return esdb.EventData{EventID: uuid.New(), EventType: "$>", ContentType: esdb.ContentTypeBinary, Data: []byte(to)}
	}
	mustAppend(t, client, "links", esdb.NoStream{}, []esdb.EventData{link("1@a"), link("7@nothing")})
	stream, err := client.ReadStream(withTimeout(t), "links", esdb.ReadStreamOptions{ResolveLinkTos: true}, 9)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	first, err := stream.Recv()
	if err != nil || first.Event.EventNumber != 1 || first.Link.StreamID != "links" {
		t.Errorf("got %+v (%v), want event 1 of a, resolved from a link", first, err)
	}
	if second, err := stream.Recv(); err != nil || second.Event != nil || second.Link.EventNumber != 1 {
		t.Errorf("got %+v (%v), want a link to nothing", second, err)
	}
	plain, err := readStream(t, client, "links", esdb.ReadStreamOptions{})
	if err != nil || len(plain) != 2 || plain[0].EventType != "$>" {
		t.Errorf("got %v (%v), want the links themselves", describe(plain), err)
	}
}

func TestNodeWritesSystemEvents(t *testing.T) {
	client := connect(t, esdbtest.Start(t, esdbtest.WithStatsEvery(2)).URL())
	for i := range 4 {
		mustAppend(t, client, "a", esdb.Any{}, events(fmt.Sprint(i), 1))
	}
	got := fmt.Sprint(describe(readAll(t, client, esdb.ReadAllOptions{})))
	want := "[$$$stats-127.0.0.1:2113/0 $$$user-ops/0 $epoch-information/0 " +
		"a/0 a/1 $stats-127.0.0.1:2113/0 a/2 a/3 $stats-127.0.0.1:2113/1]"
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestEventsAreReadAsWritten(t *testing.T) {
	moment := time.Date(2026, 5, 1, 9, 0, 0, 123456789, time.UTC)
	client := connect(t, esdbtest.Start(t, esdbtest.WithClock(func() time.Time { return moment })).URL())
	event := esdb.EventData{
		EventID: uuid.New(), EventType: "Ünicode", ContentType: esdb.ContentTypeBinary, Data: []byte{0, 1, 255},
		Metadata: []byte("m"),
	}
	at := mustAppend(t, client, "straße", esdb.NoStream{}, []esdb.EventData{event})
	read, err := readStream(t, client, "straße", esdb.ReadStreamOptions{})
	if err != nil || len(read) != 1 {
		t.Fatalf("read %d events (%v)", len(read), err)
	}
	got := *read[0]
	got.SystemMetadata = nil
	want := esdb.RecordedEvent{
		EventID: event.EventID, EventType: "Ünicode", ContentType: "application/octet-stream", StreamID: "straße",
		EventNumber: 0, Position: at, CreatedDate: moment.Truncate(100 * time.Nanosecond), Data: event.Data,
		UserMetadata: event.Metadata,
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
