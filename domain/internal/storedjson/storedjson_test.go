package storedjson_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/domain/internal/storedjson"
)

type (
	id     struct{ uuid.UUID }
	status string
	leg    struct {
		Resource id        `json:"resource"`
		Until    time.Time `json:"until,omitzero"`
	}
	common struct {
		Name   string `json:"name"`
		Status status `json:"status,omitempty"`
	}
	event struct {
		ID id `json:"id"`
		common
		Count   int            `json:"count,omitzero"`
		Amount  int64          `json:"amount"`
		Silent  bool           `json:"silent,omitempty"`
		At      time.Time      `json:"at"`
		Legs    []leg          `json:"legs"`
		Names   []string       `json:"names,omitempty"`
		Codes   map[string]int `json:"codes,omitempty"`
		Pointer *int           `json:"pointer,omitempty"`
		Share   float64        `json:"share,omitempty"`
		Raw     []byte         `json:"raw,omitempty"`
		Nested  leg            `json:"nested"`
		Hidden  int            `json:"-"`
	}
)

var plan = storedjson.Compile(reflect.TypeFor[event]())

func read(data []byte) (e event, ok bool) {
	ok = plan.Read(data, json.Unmarshal, reflect.ValueOf(&e).Elem())
	return e, ok
}

func anEvent(rt *rapid.T) event {
	at := rapid.Custom(func(rt *rapid.T) time.Time {
		return time.UnixMicro(rapid.Int64Range(-62135596800e6, 253402300799e6).Draw(rt, "micros")).UTC()
	})
	ids := rapid.Custom(func(rt *rapid.T) id {
		return id{uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(rt, "id"))}
	})
	legs := rapid.Custom(func(rt *rapid.T) leg { return leg{ids.Draw(rt, "resource"), at.Draw(rt, "until")} })
	e := event{
		ID: ids.Draw(rt, "id"), common: common{rapid.String().Draw(rt, "name"), status(rapid.String().Draw(rt, "status"))},
		Count: rapid.Int().Draw(rt, "count"), Amount: rapid.Int64().Draw(rt, "amount"),
		Silent: rapid.Bool().Draw(rt, "silent"), At: at.Draw(rt, "at"), Legs: rapid.SliceOf(legs).Draw(rt, "legs"),
		Names: rapid.SliceOf(rapid.String()).Draw(rt, "names"), Share: rapid.Float64().Draw(rt, "share"),
		Codes: rapid.MapOf(rapid.String(), rapid.Int()).Draw(rt, "codes"), Raw: rapid.SliceOf(rapid.Byte()).Draw(rt, "raw"),
		Nested: legs.Draw(rt, "nested"),
	}
	if rapid.Bool().Draw(rt, "has pointer") {
		e.Pointer = &e.Count
	}
	return e
}

// TestPlanReadsWhatWasWritten compares the plan with encoding/json on what encoding/json writes, and on the same with
// one byte changed, added or left out. What the plan accepts must be the same value.
func TestPlanReadsWhatWasWritten(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		data, err := json.Marshal(anEvent(rt))
		if err != nil {
			rt.Fatal(err)
		}
		if rapid.Bool().Draw(rt, "changed") {
			at := rapid.IntRange(0, len(data)-1).Draw(rt, "place")
			with := rapid.SliceOfN(rapid.SampledFrom([]byte(` "\{}[],:0019eE+-.atrueflsnZT`+"\x00\xff")), 0, 2).Draw(rt, "bytes")
			data = append(append(append([]byte{}, data[:at]...), with...), data[at+1:]...)
		}
		got, ok := read(data)
		if !ok {
			return
		}
		var want event
		if err := json.Unmarshal(data, &want); err != nil {
			rt.Fatalf("the plan accepts %s, but encoding/json says: %v", data, err)
		}
		if !reflect.DeepEqual(got, want) {
			rt.Fatalf("%s is read as %+v, want %+v", data, got, want)
		}
	})
}

// TestPlanReadsTheCommonForm checks that the general reader is not needed for what most events look like.
func TestPlanReadsTheCommonForm(t *testing.T) {
	e := event{
		ID: id{uuid.UUID{1}}, common: common{Name: "Zoë"}, Amount: -7, At: time.Date(2024, 2, 29, 12, 30, 0, 120_000, time.UTC),
		Legs: []leg{{Resource: id{uuid.UUID{2}}}, {Until: time.Unix(0, 0).UTC()}}, Nested: leg{Resource: id{uuid.UUID{3}}},
	}
	data, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := read(data); !ok || !reflect.DeepEqual(got, e) {
		t.Errorf("%s is read as %+v, %t", data, got, ok)
	}
}

func TestPlanLeavesOtherFormsAlone(t *testing.T) {
	for _, data := range []string{
		``, `{`, `{}x`, `{} `, `{"amount":1,"count":1}`, `{"count":01}`, `{"count":-0}`, `{"count":1.0}`, `{"count":1e3}`,
		`{"count":1234567890123456789}`, `{"at":"2023-02-29T00:00:00Z"}`, `{"at":"2024-01-01T00:00:00+00:00"}`,
		`{"at":"2024-01-01T24:00:00Z"}`, `{"at":"2024-01-01T00:00:60Z"}`, `{"at":"2024-01-01T00:00:00.Z"}`,
		`{"at":"2024-13-01T00:00:00Z"}`, `{"at":null}`, `{"legs":null}`, `{"legs":[,]}`, `{"legs":[{}{}]}`, `{"legs":[{},]}`,
		`{"name":"a\u0062"}`, "{\"name\":\"\xff\"}", "{\"name\":\"\n\"}", `{"NAME":"a"}`, `{"count":1,}`, `{,"count":1}`,
		`{"id":"00000000-0000-0000-0000-00000000000G"}`, `{"id":"00000000000000000000000000000000"}`,
		`{"count":1,"count":2}`, `{"other":1}`, `{"count":1,"other":1}`, `{"Hidden":1}`, `{"-":1}`,
	} {
		if got, ok := read([]byte(data)); ok {
			t.Errorf("%s is read as %+v", data, got)
		}
	}
	if got, ok := read([]byte(`{}`)); !ok || !reflect.DeepEqual(got, event{}) {
		t.Errorf("{} is read as %+v, %t", got, ok)
	}
}

// TestNoPlanForNamesThatHideEachOther covers structs whose JSON depends on which field wins.
func TestNoPlanForNamesThatHideEachOther(t *testing.T) {
	type twice struct {
		common
		Name string `json:"name"`
	}
	type folded struct {
		A int `json:"name"`
		B int `json:"NAME"`
	}
	type quoted struct {
		A int `json:"a,string"`
	}
	type escaped struct {
		A int `json:"a<b"`
	}
	type embedded struct{ *common }
	for _, shape := range []reflect.Type{
		reflect.TypeFor[twice](), reflect.TypeFor[folded](), reflect.TypeFor[quoted](), reflect.TypeFor[escaped](),
		reflect.TypeFor[embedded](),
	} {
		if storedjson.Compile(shape) != nil {
			t.Errorf("%s has a plan", shape)
		}
	}
}
