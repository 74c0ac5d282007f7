package jsonv2_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/clickbook/clickbook/adapters/jsonv2"
	"github.com/clickbook/clickbook/commands/aggregates"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/domaintest"
)

// TestReadsEveryGoldenEventLikeTheStandardLibrary guards an update of the experimental package: the log is written
// with encoding/json and must read back the same through either.
func TestReadsEveryGoldenEventLikeTheStandardLibrary(t *testing.T) {
	vault := domaintest.NewVault()
	standard, err := aggregates.NewCodec(vault)
	if err != nil {
		t.Fatal(err)
	}
	experimental, err := aggregates.NewCodec(vault)
	if err != nil {
		t.Fatal(err)
	}
	experimental.ReadWith(jsonv2.Unmarshal)
	for _, event := range domaintest.GoldenEvents(t, aggregates.Types()...) {
		stored, err := standard.Encode(domain.DeriveUUID("event"), event, domain.Metadata{})
		if err != nil {
			t.Fatal(err)
		}
		want, err := standard.Decode(domain.Entry{Stored: stored})
		if err != nil {
			t.Fatal(err)
		}
		got, err := experimental.Decode(domain.Entry{Stored: stored})
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s reads as %+v (%v), want %+v", event.EventType(), got.Event, err, want.Event)
		}
	}
}

// TestGoldenEventsNeedNoGeneralReader checks that every event type is read by its plan. Only values of types with a
// form of their own inside an event may need the general reader.
func TestGoldenEventsNeedNoGeneralReader(t *testing.T) {
	vault := domaintest.NewVault()
	codec, err := aggregates.NewCodec(vault)
	if err != nil {
		t.Fatal(err)
	}
	for _, event := range domaintest.GoldenEvents(t, aggregates.Types()...) {
		codec.ReadWith(func(data []byte, into any) error {
			if reflect.TypeOf(into).Elem() == reflect.TypeOf(event) {
				t.Errorf("%s is read by the general reader: %s", event.EventType(), data)
			}
			return json.Unmarshal(data, into)
		})
		stored, err := codec.Encode(domain.DeriveUUID("event"), event, domain.Metadata{})
		if err == nil {
			_, err = codec.Decode(domain.Entry{Stored: stored})
		}
		if err != nil {
			t.Error(err)
		}
	}
}

// TestChangedEventsAreReadAlikeByBothReaders changes each byte of every golden event. A space in front makes the codec
// use the general reader.
func TestChangedEventsAreReadAlikeByBothReaders(t *testing.T) {
	codec, err := aggregates.NewCodec(domaintest.NewVault())
	if err != nil {
		t.Fatal(err)
	}
	codec.ReadWith(jsonv2.Unmarshal)
	decode := func(stored domain.Stored, data string) (domain.Event, error) {
		stored.Data = []byte(data)
		recorded, err := codec.Decode(domain.Entry{Stored: stored})
		return recorded.Event, err
	}
	for _, event := range domaintest.GoldenEvents(t, aggregates.Types()...) {
		stored, err := codec.Encode(domain.DeriveUUID("event"), event, domain.Metadata{})
		if err != nil {
			t.Fatal(err)
		}
		text := string(stored.Data)
		for i := range text {
			for _, with := range []string{"", "0", `"`, ",", `\`, "}", " ", "Z", "\xff"} {
				changed := text[:i] + with + text[i+1:]
				quick, err := decode(stored, changed)
				slow, slowErr := decode(stored, " "+changed)
				if (err == nil) != (slowErr == nil) || err == nil && !reflect.DeepEqual(quick, slow) {
					t.Fatalf("%s is read as %+v (error %v), and by the general reader as %+v (error %v)",
						changed, quick, err, slow, slowErr)
				}
			}
		}
	}
}

func TestRefusesARepeatedName(t *testing.T) {
	var into struct {
		A int `json:"a"`
	}
	if err := jsonv2.Unmarshal([]byte(`{"a":1,"a":2}`), &into); err == nil {
		t.Error("a repeated name was accepted")
	}
}
