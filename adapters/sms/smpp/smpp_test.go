package smpp

import (
	"context"
	"errors"
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

func open(t *testing.T, config sms.Config) *Provider {
	t.Helper()
	p, err := Open(config)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// bound returns a provider that is bound to an SMSC, and what it passes on.

func bound(t *testing.T, smsc *smsctest.SMSC, settings ...string) (*Provider, chan sms.Callback) {
	t.Helper()
	p := open(t, config(smsc.Addr(), settings...))
	said := run(t, p)
	smsc.Bound(1)
	return p, said
}

func textTo(reference, last string) messaging.Text {
	return messaging.Text{
		Reference: reference, To: smsctest.Digits(last), Body: "x " + reference, ValidUntil: carriertest.Noon.Add(time.Hour),
	}
}

func rejection(err error) messaging.NotAccepted {
	var refused *messaging.NotAccepted
	if errors.As(err, &refused) {
		return *refused
	}
	return messaging.NotAccepted{}
}

// receipts returns the next n receipts by reference, without their times.

// sequential gives texts ids from 1.

// A receipt spells the id of its text as the SMSC likes, leaves fields out, and may come before the response.

// After a restart only the log knows the ids. It knows them in their canonical form.

// An id of another text in another form is not taken for that of this one.

// What was written and has no response is in doubt, and what was not written is not.

// A response that comes after the caller has gone settles the text.

func TestALateResponseIsKept(t *testing.T) {
	for status, want := range map[uint32]message.Fault{0: "", 0x0B: message.FaultNumber} {
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan bool)
		smsc := smsctest.Start(t, func(smsctest.Submit) smsctest.Reply {
			cancel()
			<-gone
			return smsctest.Reply{Status: status, ID: "7", Receipts: []smsctest.Receipt{{Stat: "ENROUTE"}}}
		})
		p, said := bound(t, smsc)
		_, err := p.Send(ctx, textTo("r.1", "00"))
		if err == nil || rejection(err).Class != "" || !errors.Is(err, context.Canceled) {
			t.Errorf("the text is not in doubt: %v", err)
		}
		inquiry := messaging.Inquiry{Reference: "r.1"}
		if _, err := p.Status(t.Context(), inquiry); !errors.Is(err, messaging.ErrCannotTell) {
			t.Errorf("before the response: %v", err)
		}
		close(gone)
		if status == 0 {
			receipts(t, said, 1)
		} else if err := p.Check(t.Context()); err != nil { // its response comes after that of the text
			t.Error(err)
		}
		standing, err := p.Status(t.Context(), inquiry)
		if rejection(err).Fault != want || status == 0 && standing.ProviderID != "7" {
			t.Errorf("after the response: %+v, %v", standing, err)
		}
	}
}

func TestLongTexts(t *testing.T) {
	body := strings.Repeat("Termin am Dienstag um 10 Uhr. ", 10)
	smsc := smsctest.Start(t, smsctest.ByLastDigits)
	for long, want := range map[string]int{"parts": 2, "payload": 1} {
		before := len(smsc.Submits(0))
		p := open(t, config(smsc.Addr(), fieldLong, long))
		text := textTo("r.1", "31")
		text.Body = body
		if _, err := p.Send(t.Context(), text); err != nil { // without Run it binds for the text
			t.Fatal(err)
		}
		var arrived string
		parts := smsc.Submits(before + want)[before:]
		for i, part := range parts {
			octets, _ := read(t, part)
			arrived += octets
			if last := i == len(parts)-1; (part.Registered == 1) != last || part.Payload != (long == "payload") {
				t.Errorf("%s: part %d is %+v", long, i, part)
			}
		}
		if len(parts) != want || arrived != body {
			t.Errorf("%s: %d parts, %q", long, len(parts), arrived)
		}
	}
}

// A part that the SMSC has no time for is tried again. If it is refused in earnest, a part is out already.

func TestAPartThatIsRefused(t *testing.T) {
	for status, want := range map[uint32]string{0x58: "", 0x45: "only 1 of 2 parts were accepted"} {
		var texts atomic.Int32
		smsc := smsctest.Start(t, func(smsctest.Submit) smsctest.Reply {
			if texts.Add(1) == 2 {
				return smsctest.Reply{Status: status}
			}
			return smsctest.Reply{}
		})
		p, _ := bound(t, smsc)
		text := textTo("r.1", "00")
		text.Body = strings.Repeat("x", 200)
		_, err := p.Send(t.Context(), text)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want) || rejection(err).Class != "") {
			t.Errorf("%#x: %v", status, err)
		}
	}
}

func TestPartsAreThoseThatArePriced(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.StringOf(rapid.SampledFrom([]rune("abc €[]~ñ@"))), rapid.String()).Draw(t, "text")
		text = strings.Repeat(text, rapid.IntRange(1, 30).Draw(t, "times"))
		parts, _, err := encode(text)
		if n, _ := message.Segments(text); err != nil || len(parts) != n {
			t.Fatalf("%q: %d parts, %v; %d are priced", text, len(parts), err, n)
		}
	})
}

func TestSendersHaveTheirType(t *testing.T) {
	smsc := smsctest.Start(t, smsctest.ByLastDigits)
	p, _ := bound(t, smsc)
	for i, c := range []struct {
		from, want string
		ton, npi   byte
	}{
		{"+12025550199", "12025550199", 1, 1}, {"", "12025550100", 1, 1}, {"12345", "12345", 3, 0}, {"ClickBook", "ClickBook", 5, 0},
	} {
		text := textTo("r.1", "31")
		text.From = c.from
		if _, err := p.Send(t.Context(), text); err != nil {
			t.Fatal(err)
		}
		got := smsc.Submits(i + 1)[i]
		if got.From != c.want || got.FromTON != c.ton || got.FromNPI != c.npi || got.ToTON != 1 || got.ToNPI != 1 || got.To != "14155550031" {
			t.Errorf("%q: got %+v", c.from, got)
		}
	}
}

// Nothing that an SMSC writes breaks more than its own link.

// pass connects two sides.

func TestConfigurationsAreRefusedWithASentence(t *testing.T) {
	for name, value := range map[string]string{
		fieldAddress: "smpp.example.net", fieldPassword: "ninechars", fieldWindow: "0", fieldTLS: "maybe", fieldLong: "both",
		fieldEnquire: "soon", "receipt_codes": "001", fieldPace: "-1",
	} {
		made := config("127.0.0.1:2775")
		if name == fieldPassword {
			made.Secrets[name] = []string{value}
		} else {
			made.Settings[name] = value
		}
		if problems := Kind.Problems(made); len(problems) != 1 {
			t.Errorf("%s=%s: %v", name, value, problems)
		}
	}
	if problems := Kind.Problems(config("127.0.0.1:2775")); problems != nil {
		t.Errorf("a good one: %v", problems)
	}
}
