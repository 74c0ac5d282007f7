package kannel

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/warthog618/sms/encoding/gsm7"

	"github.com/clickbook/clickbook/adapters/sms/smsctest"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain/message"
)

// A real Kannel takes a text from us, its fake carrier delivers it, and the reports come back through Callback. A STOP
// from a handset comes in.
func TestRealKannelDeliversAndPassesOnSTOP(t *testing.T) {
	g := newGateway(t)
	g.StartFake(g.InboundAddress(), "+14155550123 12025550100 text STOP")
	g.send("r.1", "+14155550123", "Reminder: Tue 10:00")
	inbound, delivered := messaging.Inbound{}, messaging.Receipt{}
	for inbound.ID == "" || delivered.State != "delivered" {
		next := g.next()
		for _, got := range next.Inbound {
			inbound = got
		}
		for _, got := range next.Receipts {
			if delivered.State != "delivered" { // Kannel makes its calls side by side: that of an earlier state may come last
				delivered = got
			}
		}
	}
	if delivered.Reference != "r.1" || delivered.State != "delivered" || time.Since(delivered.At) > time.Minute {
		t.Errorf("got the receipt %+v", delivered)
	}
	want := messaging.Inbound{
		Provider: "gateway", ID: inbound.ID, From: "+14155550123", To: "12025550100", Text: "STOP", At: inbound.At,
	}
	if inbound != want || time.Since(inbound.At) > time.Minute {
		t.Errorf("got the inbound text %+v, want %+v", inbound, want)
	}
}

// A real Kannel on an SMPP link, of which the carrier ends texts in every way.
func TestRealKannelReportsEveryOutcome(t *testing.T) {
	carrier := smsctest.Start(t, smsctest.ByLastDigits)
	g := startSMPP(t, carrier)
	if err := g.Check(t.Context()); err != nil {
		t.Errorf("check: %v", err)
	}
	type end struct {
		state, code string
		fault       message.Fault
	}
	want := map[string]end{
		"00": {"delivered", "", ""},
		"11": {"undelivered", "0x0000000b", message.FaultNumber},
		"12": {"undelivered", "NACK/Retries Exceeded", message.FaultProvider},
		"13": {"undelivered", "NACK/Retries Exceeded", message.FaultProvider},
		"14": {"undelivered", "NACK/Retries Exceeded", message.FaultProvider},
		"21": {"undelivered", "UNDELIV/001", message.FaultNumber},
		"22": {"expired", "EXPIRED/002", message.FaultHandset},
		"23": {"undelivered", "REJECTD/003", message.FaultContent},
		"24": {"unknown", "UNKNOWN/004", message.FaultUnknown},
		"25": {"undelivered", "DELETED/005", message.FaultUnknown},
	}
	for _, last := range []string{"00", "11", "12", "13", "14", "21", "22", "23", "24", "25", "26", "27", "31"} {
		g.send(last, smsctest.Digits(last), "hi "+last)
	}
	got := make(map[string]end)
	for reference, receipt := range g.receipts(len(want)) {
		got[reference] = end{receipt.State, receipt.Code, receipt.Fault}
	}
	if !reflect.DeepEqual(got, want) { // 26 and 27 are under way, and of 31 nothing is heard
		t.Errorf("got %v\nwant %v", got, want)
	}
	submit := carrier.Submits(1)[0]
	valid, err := time.ParseInLocation("060102150405000+", submit.Validity, time.Local)
	if left := time.Until(valid); err != nil || left < 58*time.Minute || left > time.Hour {
		t.Errorf("the carrier may deliver until %q, %v from now", submit.Validity, left)
	}
	if submit.From != "12025550100" || submit.Registered&1 == 0 {
		t.Errorf("the carrier got %+v", submit)
	}
}

// Texts in both alphabets and of several parts arrive whole, with one receipt.
func TestRealKannelSendsLongAndForeignTexts(t *testing.T) {
	carrier := smsctest.Start(t, smsctest.ByLastDigits)
	g := startSMPP(t, carrier)
	texts := map[string]string{
		"gsm.1":      "Größe: 10 € [ja] @ 9:00",
		"gsm-long.1": strings.Repeat("Termin am Dienstag um 10 Uhr. ", 10),
		"ucs.1":      "Přijďte v úterý ☺",
		"ucs-long.1": strings.Repeat("Запись на вторник. ", 8),
	}
	for reference, text := range texts {
		before := len(carrier.Submits(0))
		g.send(reference, smsctest.Digits("00"), text)
		n, encoding := message.Segments(text)
		parts := carrier.Submits(before + n)[before:]
		var arrived strings.Builder
		for _, part := range parts {
			arrived.WriteString(readable(t, part, encoding))
		}
		if arrived.String() != text {
			t.Errorf("%s: %q arrived, want %q", reference, arrived.String(), text)
		}
	}
	for reference, receipt := range g.receipts(len(texts)) {
		if receipt.State != "delivered" {
			t.Errorf("%s: %+v", reference, receipt)
		}
	}
}

// While the link is down, Kannel accepts texts. They go out when it is up again.
func TestRealKannelSurvivesTheLossOfItsLink(t *testing.T) {
	carrier := smsctest.Start(t, smsctest.ByLastDigits)
	g := startSMPP(t, carrier)
	carrier.Close()
	g.waitForLinks(false)
	if err := g.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "no link to a carrier is online") {
		t.Errorf("check without a link: %v", err)
	}
	g.send("late.1", smsctest.Digits("00"), "late")
	carrier.Listen()
	if got := g.receipts(1)["late.1"]; got.State != "delivered" {
		t.Errorf("got the receipt %+v", got)
	}
	g.waitForLinks(true)
}

func TestRealKannelPassesOnForeignInboundTexts(t *testing.T) {
	carrier := smsctest.Start(t, smsctest.ByLastDigits)
	g := startSMPP(t, carrier)
	ucs := []byte{0x04, 0x21, 0x04, 0x22, 0x04, 0x1E, 0x04, 0x1F} // СТОП
	carrier.Inbound("14155550123", "12025550100", 8, ucs)
	if got := g.next().Inbound[0]; got.Text != "СТОП" || got.From != "+14155550123" {
		t.Errorf("got %+v", got)
	}
	carrier.Inbound("14155550123", "12025550100", 0, []byte("  C  \x00 10 \x1b\x65")) // @ is 0 and € is two octets
	if got := g.next().Inbound[0]; got.Text != "  C  @ 10 €" {
		t.Errorf("got %+v", got)
	}
}

// A real smsbox refuses what is wrong, and the refusals have faults.
func TestRealKannelRefuses(t *testing.T) {
	carrier := smsctest.Start(t, smsctest.ByLastDigits)
	g := startSMPP(t, carrier)
	text := messaging.Text{Reference: "r.1", To: "+14155550100", Body: "x", ValidUntil: time.Now().Add(time.Hour)}
	var refused *messaging.NotAccepted
	noNumber := text
	noNumber.To = ""
	if _, err := g.Send(t.Context(), noNumber); !errors.As(err, &refused) || refused.Fault != message.FaultNumber {
		t.Errorf("without a number: %v", err)
	}
	g.Provider.config.Secrets[fieldPassword] = []string{"wrong"}
	if _, err := g.Send(t.Context(), text); !errors.As(err, &refused) || refused.Fault != message.FaultConfigure {
		t.Errorf("with a wrong password: %v", err)
	}
	if err := g.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "refused the credentials") {
		t.Errorf("check with a wrong password: %v", err)
	}
}

// startSMPP starts a Kannel with a link to an SMPP carrier, and waits until the link is up.
func startSMPP(t *testing.T, carrier *smsctest.SMSC) *gateway {
	t.Helper()
	g := newGateway(t)
	g.StartSMPP(carrier.Addr(), g.InboundAddress())
	carrier.Bound(1)
	g.waitForLinks(true)
	return g
}

// waitForLinks waits until the check says whether a link is online.
func (g *gateway) waitForLinks(online bool) {
	g.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		if (g.checkLinks(g.t.Context()) == nil) == online {
			return
		}
		time.Sleep(50 * time.Millisecond) // another process: there is nothing to wait on
	}
	g.t.Fatalf("the link is not as expected (online: %v): %v\n%s", online, g.checkLinks(g.t.Context()), g.Logs())
}

// readable decodes a part as the carrier got it.
func readable(t *testing.T, part smsctest.Submit, encoding string) string {
	t.Helper()
	text := part.Text
	if part.Class&0x40 != 0 {
		text = text[1+int(text[0]):] // the header that joins the parts
	}
	if encoding == message.UCS2 {
		if part.Coding != 8 {
			t.Errorf("the data coding of a UCS-2 text is %d", part.Coding)
		}
		decoded, ok := decode(string(text), "2")
		if !ok {
			t.Errorf("%q is not UTF-16", text)
		}
		return decoded
	}
	if part.Coding != 0 {
		t.Errorf("the data coding of a GSM text is %d", part.Coding)
	}
	decoded, err := gsm7.Decode(text)
	if err != nil {
		t.Errorf("%q: %v", text, err)
	}
	return string(decoded)
}
