package smppcodes

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/domain/message"
)

func TestStatusesHaveFaults(t *testing.T) {
	reader := newReader(t, "")
	for status, want := range map[Status]message.Fault{
		0x0B: message.FaultNumber, 0x0E: message.FaultConfigure, 0x58: message.FaultThrottle, 0x14: message.FaultThrottle,
		0x08: message.FaultProvider, 0x45: message.FaultCarrier, 0x0400: message.FaultUnknown, // of a vendor
	} {
		if got := reader.StatusFault(status); got != want {
			t.Errorf("%s: fault %q, want %q", status.Code(), got, want)
		}
	}
	if got := reader.Unmapped(); !reflect.DeepEqual(got, map[string]int{"status 0x00000400": 1}) {
		t.Errorf("not in the table: %v", got)
	}
}

func newReader(t *testing.T, errs string) *Reader {
	t.Helper()
	reader, err := NewReader(errs, nil)
	if err != nil {
		t.Fatal(err)
	}
	return reader
}

func TestReceiptsAreReadHoweverTheyAreWritten(t *testing.T) {
	reader := newReader(t, "001=NUM 0a7=CNT")
	for text, want := range map[string]struct {
		Receipt
		Outcome
	}{
		"id:0123 sub:001 dlvrd:001 submit date:2611281450 done date:2611281451 stat:DELIVRD err:000 text:Reminder": {
			Receipt{"0123", "DELIVRD", "000"}, Outcome{State: Delivered},
		},
		"ID:7f Sub:001 Dlvrd:000 Submit Date:261128145001 Done Date:261128145102 Stat:undeliv Err:0A7 Text:": {
			Receipt{"7f", "UNDELIV", "0A7"}, Outcome{Undelivered, "UNDELIV/0A7", message.FaultContent},
		},
		"id:1 stat:UNDELIV err:001":                {Receipt{"1", "UNDELIV", "001"}, Outcome{Undelivered, "UNDELIV/001", message.FaultNumber}},
		"id:1 stat:UNDELIV err:0a7":                {Receipt{"1", "UNDELIV", "0a7"}, Outcome{Undelivered, "UNDELIV/0a7", message.FaultContent}},
		"stat:EXPIRED":                             {Receipt{"", "EXPIRED", ""}, Outcome{Expired, "EXPIRED", message.FaultHandset}},
		"id: stat:REJECTD err:":                    {Receipt{"", "REJECTD", ""}, Outcome{Undelivered, "REJECTD", message.FaultContent}},
		"id:1 stat:DELETED err:000":                {Receipt{"1", "DELETED", "000"}, Outcome{Undelivered, "DELETED", message.FaultUnknown}},
		"id:1 stat:UNKNOWN err:004":                {Receipt{"1", "UNKNOWN", "004"}, Outcome{Unknown, "UNKNOWN/004", message.FaultUnknown}},
		"id:1 stat:ENROUTE err:000":                {Receipt{"1", "ENROUTE", "000"}, Outcome{State: Sent}},
		"id:1 stat:ACCEPTD err:000":                {Receipt{"1", "ACCEPTD", "000"}, Outcome{State: Sent}},
		"id:1 stat:GONEAWAY":                       {Receipt{"1", "GONEAWAY", ""}, Outcome{Unknown, "GONEAWAY", message.FaultUnknown}},
		"id:1 stat:UNDELIV text:id:2 stat:DELIVRD": {Receipt{"1", "UNDELIV", ""}, Outcome{Undelivered, "UNDELIV", message.FaultCarrier}},
		"id:1 id:2 stat:DELIVRD stat:UNDELIV":      {Receipt{"1", "DELIVRD", ""}, Outcome{State: Delivered}},
		"":                                         {Receipt{}, Outcome{Unknown, "", message.FaultUnknown}},
	} {
		got := ParseReceipt(text)
		if got != want.Receipt || reader.Outcome(got) != want.Outcome {
			t.Errorf("%q: got %+v, %+v; want %+v", text, got, reader.Outcome(got), want)
		}
	}
}

func TestMessageStatesHaveWords(t *testing.T) {
	var got []string
	for state := range byte(11) {
		got = append(got, Stat(state))
	}
	want := strings.Split("SCHEDLD,ENROUTE,DELIVRD,EXPIRED,DELETED,UNDELIV,ACCEPTD,UNKNOWN,REJECTD,SKIPPED,STATE 10", ",")
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestErrsAreRefusedWithASentence(t *testing.T) {
	for _, text := range []string{"001", "=NUM", "001=XYZ", "001=NUM 2"} {
		if _, err := NewReader(text, nil); err == nil || !strings.Contains(err.Error(), "001=NUM 034=CNT") {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

// No text makes a delivered text out of a receipt that does not say so.
func TestOnlyAStatDelivers(t *testing.T) {
	reader := newReader(t, "")
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		if got := ParseReceipt(text); reader.Outcome(got).State == Delivered && !strings.Contains(strings.ToUpper(text), "STAT:DELIV") {
			t.Fatalf("%q is delivered", text)
		}
	})
}
