package smpp

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/adapters/sms/carriertest"
	"github.com/clickbook/clickbook/adapters/sms/smsctest"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain/message"
)

func receipts(t *testing.T, said chan sms.Callback, n int) map[string][]messaging.Receipt {
	t.Helper()
	found := make(map[string][]messaging.Receipt)
	for range n {
		select {
		case callback := <-said:
			for _, receipt := range callback.Receipts {
				receipt.At = time.Time{}
				found[receipt.Reference] = append(found[receipt.Reference], receipt)
			}
		case <-time.After(time.Minute):
			t.Fatalf("no receipt for a minute; so far %v", found)
		}
	}
	return found
}

func TestEveryOutcome(t *testing.T) {
	smsc := smsctest.Start(t, smsctest.ByLastDigits)
	p, said := bound(t, smsc, "receipt_codes", "001=NUM")
	refused := map[string]message.Fault{
		"11": message.FaultNumber, "12": message.FaultThrottle, "13": message.FaultThrottle, "14": message.FaultProvider,
	}
	for last, fault := range refused {
		if _, err := p.Send(t.Context(), textTo(last, last)); rejection(err).Fault != fault {
			t.Errorf("%s: %v, want %s", last, err, fault)
		}
	}
	want := map[string][]messaging.Receipt{
		"00": {{Reference: "00", ProviderID: "1", State: "delivered"}},
		"21": {{Reference: "21", ProviderID: "2", State: "undelivered", Code: "UNDELIV/001", Fault: message.FaultNumber}},
		"22": {{Reference: "22", ProviderID: "3", State: "expired", Code: "EXPIRED/002", Fault: message.FaultHandset}},
		"23": {{Reference: "23", ProviderID: "4", State: "undelivered", Code: "REJECTD/003", Fault: message.FaultContent}},
		"24": {{Reference: "24", ProviderID: "5", State: "unknown", Code: "UNKNOWN/004", Fault: message.FaultUnknown}},
		"25": {{Reference: "25", ProviderID: "6", State: "undelivered", Code: "DELETED/005", Fault: message.FaultUnknown}},
		"26": {{Reference: "26", ProviderID: "7", State: "sent"}},
		"27": {{Reference: "27", ProviderID: "8", State: "sent"}},
	}
	// The four refused texts took no id.
	smsc.Do(sequential(smsctest.ByLastDigits))
	for _, last := range []string{"00", "21", "22", "23", "24", "25", "26", "27", "31"} {
		if _, err := p.Send(t.Context(), textTo(last, last)); err != nil {
			t.Errorf("%s: %v", last, err)
		}
	}
	if got := receipts(t, said, len(want)); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func sequential(script smsctest.Script) smsctest.Script {
	var last atomic.Int32
	return func(submit smsctest.Submit) smsctest.Reply {
		reply := script(submit)
		reply.ID = fmt.Sprintf("%08d", last.Add(1))
		return reply
	}
}

func TestReceiptsFindTheirText(t *testing.T) {
	for name, c := range map[string]struct {
		id      string
		early   bool
		receipt smsctest.Receipt
	}{
		"the same id":              {"00000012", false, smsctest.Receipt{Stat: "DELIVRD"}},
		"before the response":      {"00000012", true, smsctest.Receipt{Stat: "DELIVRD"}},
		"without zeros":            {"00000012", false, smsctest.Receipt{ID: "12", Stat: "DELIVRD"}},
		"with zeros":               {"12", false, smsctest.Receipt{ID: "0000000012", Stat: "DELIVRD"}},
		"hexadecimal then decimal": {"1A2B", false, smsctest.Receipt{ID: "0000006699", Stat: "DELIVRD"}},
		"decimal then hexadecimal": {"6699", true, smsctest.Receipt{ID: "1a2b", Stat: "DELIVRD"}},
		"capitals":                 {"1a2b", false, smsctest.Receipt{ID: "1A2B", Stat: "DELIVRD"}},
		"not a number":             {"x-9Z", false, smsctest.Receipt{ID: "x-9Z", Stat: "DELIVRD"}},
		"small letters":            {"7", false, smsctest.Receipt{Text: "ID:7 STAT:delivrd"}},
		"parameters only":          {"7", false, smsctest.Receipt{Text: "whatever", ID: "7", State: 2}},
		"parameters win":           {"7", false, smsctest.Receipt{Text: "id:8 stat:UNDELIV err:000", ID: "7", State: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			smsc := smsctest.Start(t, func(smsctest.Submit) smsctest.Reply {
				return smsctest.Reply{ID: c.id, Early: c.early, Receipts: []smsctest.Receipt{c.receipt}}
			})
			p, said := bound(t, smsc)
			if _, err := p.Send(t.Context(), textTo("r.1", "00")); err != nil {
				t.Fatal(err)
			}
			got := receipts(t, said, 1)["r.1"]
			if len(got) != 1 || got[0].State != "delivered" {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestReceiptsThatRepeatAndContradictArePassedOn(t *testing.T) {
	smsc := smsctest.Start(t, func(smsctest.Submit) smsctest.Reply {
		return smsctest.Reply{ID: "1", Receipts: []smsctest.Receipt{
			{Stat: "DELIVRD"}, {Stat: "DELIVRD"}, {Stat: "UNDELIV", Err: "009"}, {Stat: "GONEAWAY"}, {Stat: "UNDELIV", State: 5, Error: [3]byte{3, 0, 34}},
		}}
	})
	p, said := bound(t, smsc)
	if _, err := p.Send(t.Context(), textTo("r.1", "00")); err != nil {
		t.Fatal(err)
	}
	got := make(map[string]int)
	for _, receipt := range receipts(t, said, 5)["r.1"] {
		got[receipt.State+" "+receipt.Code+" "+string(receipt.Fault)]++
	}
	want := map[string]int{"delivered  ": 2, "undelivered UNDELIV/009 CAR": 1, "unknown GONEAWAY U": 1, "undelivered UNDELIV/034 CAR": 1}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if p.Unmapped()["stat GONEAWAY"] != 1 || p.Unmapped()["err 009"] != 1 {
		t.Errorf("not in a table: %v", p.Unmapped())
	}
}

func TestTheLogKnowsTextsOfBefore(t *testing.T) {
	smsc := smsctest.Start(t, smsctest.ByLastDigits)
	made := config(smsc.Addr())
	made.Lookup = func(_ context.Context, id string) (string, bool) {
		return map[string]string{"1a2b": "r.1"}[id], id == "1a2b"
	}
	p := open(t, made)
	said := run(t, p)
	smsc.Bound(1)
	smsc.Receipt("14155550100", "12025550100", smsctest.Receipt{ID: "0000006699", Stat: "DELIVRD"})
	if got := receipts(t, said, 1)["r.1"]; len(got) != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestANumberMustAgree(t *testing.T) {
	b := newBook()
	b.accept(messaging.Text{Reference: "one", To: "+14155550100"}, messaging.Accepted{ProviderID: "16"})
	b.accept(messaging.Text{Reference: "two", To: "+14155550101"}, messaging.Accepted{ProviderID: "22"})
	for _, c := range []struct{ id, handset, want string }{
		{"16", "14155550101", "two"}, // 22 in hexadecimal digits
		{"16", "14155550100", "one"}, // and from here on ids are as they are
		{"16", "14155550101", ""},
		{"22", "14155550101", "two"},
		{"99", "14155550101", ""},
	} {
		if got, _ := b.find(c.id, c.handset); got != c.want {
			t.Errorf("%+v: got %q", c, got)
		}
	}
}

func TestFormsOfAnIDMeet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint64Max(1<<60).Draw(t, "id")
		spell := func(base int) string {
			format := map[int]string{10: "%d", 16: rapid.SampledFrom([]string{"%x", "%X"}).Draw(t, "letters")}[base]
			return strings.Repeat("0", rapid.IntRange(0, 4).Draw(t, "zeros")) + fmt.Sprintf(format, n)
		}
		responded := canonical(spell(rapid.SampledFrom([]int{10, 16}).Draw(t, "base of the response")))
		reported := spell(rapid.SampledFrom([]int{10, 16}).Draw(t, "base of the receipt"))
		if !slices.Contains(forms(reported), responded) {
			t.Fatalf("%q is not among the forms of %q: %q", responded, reported, forms(reported))
		}
	})
}

func TestWhatIsNotRecordedIsNotAcknowledged(t *testing.T) {
	smsc := smsctest.Start(t, smsctest.ByLastDigits)
	p := open(t, config(smsc.Addr()))
	failures := make(chan error, 2)
	failures <- errors.New("the disk is full")
	failures <- nil
	var got []string
	runInto(t, p, func(_ context.Context, callback sms.Callback) error {
		got = append(got, callback.Inbound[0].Text)
		return <-failures
	})
	smsc.Bound(1)
	for _, want := range []uint32{0x64, 0} {
		if status := <-smsc.Inbound("14155550123", "12025550100", 0, []byte("STOP")); status != want {
			t.Errorf("status %#x, want %#x", status, want)
		}
	}
	if !slices.Equal(got, []string{"STOP", "STOP"}) {
		t.Errorf("got %q", got)
	}
}

func TestInboundTexts(t *testing.T) {
	smsc := smsctest.Start(t, smsctest.ByLastDigits)
	_, said := bound(t, smsc)
	for _, c := range []struct {
		coding     byte
		octets     []byte
		parameters [][]byte
		want       string
	}{
		{0, []byte("C \x00 10 \x1b\x65"), nil, "C @ 10 €"},
		{0, []byte("caf\xe9"), nil, "café"}, // not GSM
		{1, []byte("STOP"), nil, "STOP"},
		{3, []byte("Caf\xe9"), nil, "Café"},
		{8, []byte{0x04, 0x21, 0x04, 0x22, 0xd8, 0x3d, 0xdc, 0x4d}, nil, "СТ👍"},
		{0, nil, [][]byte{smsctest.TLV(smsctest.TagMessagePayload, []byte("long"))}, "long"},
		{0, nil, nil, ""},
	} {
		if status := <-smsc.Inbound("14155550123", "12025550100", c.coding, c.octets, c.parameters...); status != 0 {
			t.Errorf("%q: status %#x", c.octets, status)
		}
		got := (<-said).Inbound[0]
		want := messaging.Inbound{Provider: "carrier", ID: got.ID, From: "+14155550123", To: "12025550100", Text: c.want, At: carriertest.Noon}
		if got != want || got.ID == "" {
			t.Errorf("%q: got %+v, want %+v", c.octets, got, want)
		}
	}
	// Neither binary messages nor half a character are texts. They are acknowledged, so that they do not come again.
	for coding, octets := range map[byte]string{4: "\x01\x02", 8: "\x04", 0xF5: "x"} {
		if status := <-smsc.Inbound("14155550123", "1", coding, []byte(octets)); status != 0 {
			t.Errorf("coding %d: status %#x", coding, status)
		}
	}
	// A text that looks like a receipt is a text: anybody can send it.
	<-smsc.Inbound("14155550123", "1", 0, []byte("id:1 stat:DELIVRD err:000"))
	if got := <-said; len(got.Inbound) != 1 || len(got.Receipts) != 0 {
		t.Errorf("got %+v", got)
	}
}
