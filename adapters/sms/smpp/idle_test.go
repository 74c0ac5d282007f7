package smpp

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/adapters/sms/smsctest"
)

// A link over which nothing comes any more is found by its test and replaced.
func TestASilentLinkIsReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := open(t, config("127.0.0.1:2775"))
		start, binds := time.Now(), make(chan time.Duration, 10)
		p.dial = func(context.Context) (net.Conn, error) {
			ours, theirs := net.Pipe()
			go acceptAndFallSilent(theirs)
			binds <- time.Since(start)
			return ours, nil
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- p.Run(ctx, func(context.Context, sms.Callback) error { return nil }) }()
		<-binds
		if again := <-binds; again < 40*time.Second || again > 41*time.Second {
			t.Errorf("bound again after %v; the link is tested after 30 s and given up after 10 s", again)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// While an SMSC refuses connections, the pause grows to a minute.
func TestThePauseGrows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := open(t, config("127.0.0.1:2775"))
		tries := 0
		p.dial = func(context.Context) (net.Conn, error) {
			tries++
			return nil, io.ErrUnexpectedEOF
		}
		ctx, stop := context.WithTimeout(t.Context(), time.Hour)
		defer stop()
		if err := p.Run(ctx, nil); err != nil {
			t.Error(err)
		}
		if tries < 60 || tries > 130 { // each pause is between a half and the whole
			t.Errorf("%d tries in an hour", tries)
		}
	})
}

// acceptAndFallSilent accepts a bind, reads everything and writes nothing more.
func acceptAndFallSilent(conn net.Conn) {
	head := make([]byte, 16)
	if _, err := io.ReadFull(conn, head); err != nil {
		return
	}
	if _, err := io.CopyN(io.Discard, conn, int64(binary.BigEndian.Uint32(head))-16); err != nil {
		return
	}
	_, _ = conn.Write(smsctest.PDU(binary.BigEndian.Uint32(head[4:])|1<<31, 0, binary.BigEndian.Uint32(head[12:]), []byte("x\x00")))
	_, _ = io.Copy(io.Discard, conn)
}
