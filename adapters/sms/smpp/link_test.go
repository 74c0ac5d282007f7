package smpp

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/adapters/sms/smsctest"
	"github.com/clickbook/clickbook/domain/message"
)

func TestALinkThatDropsInTheMiddle(t *testing.T) {
	smsc := smsctest.Start(t, func(smsctest.Submit) smsctest.Reply { return smsctest.Reply{Silent: true} })
	p, _ := bound(t, smsc, fieldWindow, "4")
	results := make(chan error, 10)
	for range cap(results) {
		go func() {
			_, err := p.Send(t.Context(), textTo("r.1", "00"))
			results <- err
		}()
	}
	smsc.Submits(4)
	smsc.Do(smsctest.ByLastDigits)
	smsc.Drop()
	doubt, definite := 0, 0
	for range cap(results) {
		switch err := <-results; {
		case err == nil: // it waited for the next link
		case rejection(err).Fault == message.FaultProvider:
			definite++
		default:
			doubt++
		}
	}
	if doubt != 4 {
		t.Errorf("%d in doubt, %d definite; 4 were written", doubt, definite)
	}
	smsc.Bound(2)
	if _, err := p.Send(t.Context(), textTo("r.2", "00")); err != nil {
		t.Errorf("over the next link: %v", err)
	}
}

func TestARefusedBindIsTriedAgainAndExplained(t *testing.T) {
	smsc := smsctest.Start(t, smsctest.ByLastDigits)
	smsc.Require("another")
	p := open(t, config(smsc.Addr()))
	err := p.Check(t.Context())
	if err == nil || !strings.Contains(err.Error(), "0x0000000e: check system_id, password and system_type") {
		t.Errorf("check: %v", err)
	}
	if _, err := p.Send(t.Context(), textTo("r.1", "00")); rejection(err).Fault != message.FaultConfigure {
		t.Errorf("send: %v", err)
	}
	run(t, p)
	smsc.Require(password)
	smsc.Bound(1)
	if err := p.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := p.Send(t.Context(), textTo("r.1", "31")); err != nil {
		t.Error(err)
	}
}

func TestStrangePDUs(t *testing.T) {
	garbage := smsctest.PDU(5, 0, 9, []byte("\x00\x01"))
	for name, c := range map[string]struct {
		bytes []byte
		ends  bool // the link, and another is bound
	}{
		"a length of 5":              {[]byte{0, 0, 0, 5, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 1}, true},
		"a length of a gigabyte":     {[]byte{0x40, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 1}, true},
		"a negative length":          {[]byte{0xff, 0xff, 0xff, 0xff, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 1}, true},
		"half a deliver_sm":          {garbage, false},
		"an unknown command":         {smsctest.PDU(0x777, 0, 9, []byte("x")), false},
		"a command that is ours":     {smsctest.PDU(3, 0, 9, append([]byte("1\x00\x01\x011\x00"), smsctest.TLV(1, []byte("x"))...)), false},
		"a response to nothing":      {smsctest.PDU(0x80000004, 0, 99, []byte("7\x00")), false},
		"a generic_nack of nothing":  {smsctest.PDU(0x80000000, 3, 0, nil), false},
		"an empty receipt":           {smsctest.PDU(5, 0, 9, receiptBody("")), false},
		"a receipt of zeros":         {smsctest.PDU(5, 0, 9, receiptBody("id:\x00 stat:\x00")), false},
		"a header longer than text":  {smsctest.PDU(5, 0, 9, append([]byte("\x00\x01\x011\x00\x01\x011\x00\x40\x00\x00\x00\x00\x00\x00\x00\x00\x02"), 0xff, 0xff)), false},
		"a parameter without an end": {smsctest.PDU(5, 0, 9, append(receiptBody("id:1 stat:DELIVRD"), 0x04, 0x27, 0xff, 0xff)), false},
		"an unbind":                  {smsctest.PDU(6, 0, 9, nil), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			smsc := smsctest.Start(t, smsctest.ByLastDigits)
			p, _ := bound(t, smsc)
			smsc.Raw(c.bytes)
			if c.ends {
				smsc.Bound(2)
			}
			if _, err := p.Send(t.Context(), textTo("r.1", "31")); err != nil {
				t.Errorf("the next text: %v", err)
			}
		})
	}
}

func receiptBody(text string) []byte {
	body := []byte("\x00\x01\x0114155550123\x00\x01\x011\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00")
	return append(append(body, byte(len(text))), text...)
}

func FuzzFrames(f *testing.F) {
	f.Add(smsctest.PDU(5, 0, 9, receiptBody("id:1 stat:DELIVRD")))
	f.Add(smsctest.PDU(3, 0, 9, append([]byte("1\x00\x01\x011\x00"), smsctest.TLV(1, []byte("x"))...)))
	f.Add(smsctest.PDU(0x80000004, 0, 1, []byte("7\x00")))
	f.Fuzz(func(_ *testing.T, octets []byte) {
		ours, theirs := net.Pipe()
		go func() {
			_, _ = theirs.Write(octets)
			theirs.Close()
		}()
		for {
			if _, err := readFrame(ours); err != nil {
				return
			}
		}
	})
}

func TestTLS(t *testing.T) {
	smsc := smsctest.Start(t, smsctest.ByLastDigits)
	server := httptest.NewTLSServer(nil) // for its certificate
	defer server.Close()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: server.TLS.Certificates})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			outer, err := listener.Accept()
			if err != nil {
				return
			}
			go pass(outer, smsc.Addr())
		}
	}()
	secure := config(listener.Addr().String(), fieldTLS, "yes")
	p := open(t, secure)
	if err := p.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a certificate that nobody knows: %v", err)
	}
	known := x509.NewCertPool()
	known.AddCert(server.Certificate())
	p.dial = dialer(listener.Addr().String(), true, known)
	if err := p.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := p.Send(t.Context(), textTo("r.1", "31")); err != nil {
		t.Error(err)
	}
}

func pass(outer net.Conn, address string) {
	inner, err := net.Dial("tcp", address)
	if err != nil {
		outer.Close()
		return
	}
	go func() {
		_, _ = io.Copy(inner, outer)
		inner.Close()
	}()
	_, _ = io.Copy(outer, inner)
	outer.Close()
}
