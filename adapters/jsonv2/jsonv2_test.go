package jsonv2_test

import (
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

func TestRefusesARepeatedName(t *testing.T) {
	var into struct {
		A int `json:"a"`
	}
	if err := jsonv2.Unmarshal([]byte(`{"a":1,"a":2}`), &into); err == nil {
		t.Error("a repeated name was accepted")
	}
}
