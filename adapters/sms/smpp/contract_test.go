package smpp

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/warthog618/sms/encoding/gsm7"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/adapters/sms/carriertest"
	"github.com/clickbook/clickbook/adapters/sms/smsctest"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain/message"
)

const password = "s3cr3t"

func TestContract(t *testing.T) { carriertest.Run(t, openLab) }

// centre is an SMSC that behaves as the contract says, and the provider that is bound to it.
type centre struct {
	*Provider
	t    *testing.T
	smsc *smsctest.SMSC
	sink chan sms.Callback
	logs locked

	mu         sync.Mutex
	next       carriertest.Behaviour
	references map[string]string // by body: SMPP does not carry them
	parts      map[string]string // of long texts that are not complete, by number
	accepted   []carriertest.Submitted
	meanwhile  func(carriertest.Submitted)
	within     bool // meanwhile is at work
}

// Send remembers which text has which body.
func (c *centre) Send(ctx context.Context, text messaging.Text) (messaging.Accepted, error) {
	c.mu.Lock()
	c.references[text.Body] = text.Reference
	c.mu.Unlock()
	return c.Provider.Send(ctx, text)
}

// script behaves as it was told with the next text.
func (c *centre) script(submit smsctest.Submit) smsctest.Reply {
	c.mu.Lock()
	defer c.mu.Unlock()
	statuses := map[carriertest.Behaviour]uint32{
		carriertest.BadNumber: 0x0B, carriertest.BadCredentials: 0x0F, carriertest.Throttled: 0x58,
		carriertest.Unavailable: 0x08, carriertest.UnheardCode: 0x0400,
	}
	b := c.next
	c.next = carriertest.Healthy
	if status, ok := statuses[b]; ok {
		return smsctest.Reply{Status: status}
	}
	id := fmt.Sprintf("%08d", len(c.accepted)+1)
	body, encoding := read(c.t, submit)
	if submit.Class&0x40 != 0 {
		number := string(submit.Text[3:4])
		body = c.parts[number] + body
		c.parts[number] = body
		if submit.Registered == 0 {
			return smsctest.Reply{} // not the last part
		}
		delete(c.parts, number)
	}
	valid, err := time.Parse("060102150405000+", submit.Validity)
	if err != nil {
		c.t.Errorf("validity_period: %v", err)
	}
	text := carriertest.Submitted{
		Reference: c.references[body], ProviderID: canonical(id), From: submit.From, To: "+" + submit.To, Body: body,
		Encoding: encoding, ValidUntil: valid,
	}
	c.accepted = append(c.accepted, text)
	if c.meanwhile != nil {
		c.within = true
		c.mu.Unlock()
		c.meanwhile(text)
		c.mu.Lock()
		c.within = false
	}
	return smsctest.Reply{ID: id, Drop: b == carriertest.Dropped, Silent: b == carriertest.Held}
}

// read returns what a handset shows of a text, and its encoding.
func read(t *testing.T, submit smsctest.Submit) (body, encoding string) {
	octets := submit.Text
	if submit.Class&0x40 != 0 {
		octets = octets[1+int(octets[0]):]
	}
	if submit.Coding == 8 {
		units := make([]uint16, len(octets)/2)
		for i := range units {
			units[i] = uint16(octets[2*i])<<8 | uint16(octets[2*i+1])
		}
		return string(utf16.Decode(units)), message.UCS2
	}
	decoded, err := gsm7.Decode(octets)
	if err != nil || submit.Coding != 0 {
		t.Errorf("data coding %d, %q: %v", submit.Coding, octets, err)
	}
	return string(decoded), message.GSM7
}

// behave says what is next. A response is whole and has a status, so there is none that says nothing.
func (c *centre) behave(b carriertest.Behaviour) bool {
	switch b {
	case carriertest.ErrorInside, carriertest.ServerError, carriertest.Malformed, carriertest.Empty,
		carriertest.Endless, carriertest.StatusError, carriertest.StatusMalformed, carriertest.StatusUnknown:
		return false
	case carriertest.Down:
		c.smsc.Close()
	default:
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next = b
	return true
}

// report sends a receipt and returns what the provider passed on before it acknowledged the receipt. There is none for
// a text without a response: nobody knows its id.
func (c *centre) report(text carriertest.Submitted, report carriertest.Report) ([]messaging.Receipt, bool) {
	c.mu.Lock()
	within := c.within
	c.mu.Unlock()
	if _, err := c.book.standing(text.Reference); err != nil || within {
		return nil, false
	}
	stat := map[string]string{
		"sent": "ENROUTE", "delivered": "DELIVRD", "undelivered": "UNDELIV", "expired": "EXPIRED", "unknown": "UNKNOWN",
		"unheard": "GONEAWAY",
	}[report.State]
	receipt := smsctest.Receipt{ID: fmt.Sprintf("%08s", text.ProviderID), Stat: stat, Err: "000"}
	if status := <-c.smsc.Receipt(strings.TrimPrefix(text.To, "+"), text.From, receipt); status != 0 {
		c.t.Errorf("the receipt %s was not acknowledged: %#x", stat, status)
	}
	return (<-c.sink).Receipts, true
}

// locked is a log that several goroutines write to.
type locked struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// config is the configuration for an SMSC. Settings are pairs of a name and a value.
func config(address string, settings ...string) sms.Config {
	made := map[string]string{
		fieldAddress: address, fieldSystemID: "clickbook", fieldTLS: "no", fieldPace: "10000", fieldSender: "12025550100",
	}
	for i := 0; i < len(settings); i += 2 {
		made[settings[i]] = settings[i+1]
	}
	return sms.Config{
		Provider: "carrier", Settings: made, Secrets: map[string][]string{fieldPassword: {password}},
		Now: func() time.Time { return carriertest.Noon },
	}
}

// run runs a provider until the test ends, and returns what it passes on.
func run(t *testing.T, p *Provider) chan sms.Callback {
	t.Helper()
	said := make(chan sms.Callback, 1000)
	runInto(t, p, func(_ context.Context, callback sms.Callback) error {
		said <- callback
		return nil
	})
	return said
}

func runInto(t *testing.T, p *Provider, sink func(context.Context, sms.Callback) error) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx, sink) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

func openLab(t *testing.T) carriertest.Lab {
	t.Helper()
	c := &centre{t: t, references: make(map[string]string), parts: make(map[string]string)}
	c.smsc = smsctest.Start(t, c.script)
	c.smsc.Require(password)
	made := config(c.smsc.Addr())
	made.Log = slog.New(slog.NewTextHandler(&c.logs, nil))
	p, err := Open(made)
	if err != nil {
		t.Fatal(err)
	}
	c.Provider = p
	c.sink = run(t, p)
	c.smsc.Bound(1)
	return carriertest.Lab{
		Provider: c, Now: func() time.Time { return carriertest.Noon }, Behave: c.behave, Report: c.report,
		Accepted: func() []carriertest.Submitted {
			c.mu.Lock()
			defer c.mu.Unlock()
			return append([]carriertest.Submitted(nil), c.accepted...)
		},
		Meanwhile: func(f func(carriertest.Submitted)) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.meanwhile = f
		},
		After: time.Second, Logged: c.logs.String, Secrets: []string{password},
	}
}
