package smpp

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/linxGnu/gosmpp/data"
	"github.com/linxGnu/gosmpp/pdu"

	"github.com/clickbook/clickbook/adapters/sms/smppcodes"
)

const (
	headerSize   = 16
	maxPDU       = 64 << 10
	writeTimeout = 10 * time.Second
)

// The commands that the link knows (SMPP 3.4, 5.1.2.1).
const (
	deliverSM   = uint32(0x05)
	unbind      = uint32(0x06)
	enquireLink = uint32(0x15)
	isResponse  = uint32(1 << 31)
	genericNack = isResponse
)

// Statuses with which the link refuses a request.
const (
	statusInvalidCommand = smppcodes.Status(0x03)
	statusTemporary      = smppcodes.Status(0x64) // the SMSC tries again later
	statusPermanent      = smppcodes.Status(0x65) // the SMSC gives it up
)

// link is a bound connection. It ends once, with its reason in err.
type link struct {
	conn   net.Conn
	window chan struct{} // holds one element for each text without a response
	serve  func(frame)   // handles requests of the SMSC; it must not block

	writing sync.Mutex
	heard   atomic.Int64 // frames that arrived

	mu      sync.Mutex // guards what follows
	seq     int32
	waiting map[int32]func(frame)
	arrived chan struct{} // closed and replaced when a response arrives
	err     error
	done    chan struct{}
}

// frame is a PDU that arrived.
type frame struct {
	command uint32
	status  smppcodes.Status
	seq     int32
	octets  []byte  // after the header
	body    pdu.PDU // nil if the library cannot read it
}

// unsent is the error of a request that the SMSC certainly did not get.
type unsent struct{ err error }

func (u unsent) Error() string { return "not sent: " + u.err.Error() }
func (u unsent) Unwrap() error { return u.err }

var (
	errClosed  = errors.New("the link is closed")
	errUnbound = errors.New("the SMSC ended the link")
	errSilent  = errors.New("the SMSC did not respond in time")
)

func newLink(conn net.Conn, window int) *link {
	return &link{
		conn: conn, window: make(chan struct{}, window), waiting: make(map[int32]func(frame)),
		arrived: make(chan struct{}), done: make(chan struct{}),
	}
}

// end closes the link. Only the first reason counts.
func (l *link) end(reason error) {
	l.mu.Lock()
	if l.err == nil {
		l.err = reason
		close(l.done)
	}
	l.mu.Unlock()
	_ = l.conn.Close()
}

// reason returns why the link ended, nil if it did not.
func (l *link) reason() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// nextResponse returns a channel that is closed when the next response arrives, and how many requests wait for one.
func (l *link) nextResponse() (<-chan struct{}, int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.arrived, len(l.waiting)
}

// call sends a request and waits for its response. It calls heard, if that is not nil, with the response as soon as it
// arrives, before anything that the SMSC sends after it is looked at, and also if nobody waits any more. The error is
// unsent if the SMSC did not get the request; otherwise what became of it is unknown.
func (l *link) call(ctx context.Context, request pdu.PDU, heard func(frame)) (frame, error) {
	arrived := make(chan frame, 1)
	l.mu.Lock()
	if l.err != nil {
		defer l.mu.Unlock()
		return frame{}, unsent{l.err}
	}
	l.seq = max(1, (l.seq+1)&0x7fffffff)
	seq := l.seq
	l.waiting[seq] = func(f frame) {
		if heard != nil {
			heard(f)
		}
		arrived <- f
	}
	l.mu.Unlock()
	request.SetSequenceNumber(seq)
	if err := l.write(request); err != nil {
		l.mu.Lock()
		delete(l.waiting, seq)
		l.mu.Unlock()
		return frame{}, err
	}
	select {
	case f := <-arrived:
		return f, nil
	case <-ctx.Done():
		return frame{}, ctx.Err()
	case <-l.done:
		select {
		case f := <-arrived: // the last thing before the end
			return f, nil
		default:
			return frame{}, l.reason()
		}
	}
}

// write writes a PDU whole, or ends the link. The error is unsent if not all of the PDU was written.
func (l *link) write(p pdu.PDU) error {
	buffer := pdu.NewBuffer(nil)
	p.Marshal(buffer)
	l.writing.Lock()
	defer l.writing.Unlock()
	_ = l.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	n, err := l.conn.Write(buffer.Bytes())
	switch {
	case err == nil:
		return nil
	case n < buffer.Len(): // half a PDU cannot be accepted
		err = unsent{err}
	}
	l.end(err)
	return err
}

// run reads until the link ends, and returns why.
func (l *link) run() error {
	for {
		f, err := readFrame(l.conn)
		if err != nil {
			l.end(err)
			return l.reason()
		}
		l.heard.Add(1)
		switch {
		case f.command&isResponse != 0:
			l.respond(f)
		case f.command == enquireLink:
			l.reply(f, smppcodes.OK)
		case f.command == unbind:
			l.reply(f, smppcodes.OK)
			l.end(errUnbound)
		case f.command == deliverSM:
			l.serve(f)
		default:
			l.reply(f, statusInvalidCommand)
		}
	}
}

// respond passes a response to the request that waits for it. A response without one is dropped.
func (l *link) respond(f frame) {
	l.mu.Lock()
	pass, ok := l.waiting[f.seq]
	delete(l.waiting, f.seq)
	l.mu.Unlock()
	if ok {
		pass(f)
	}
	l.mu.Lock()
	close(l.arrived)
	l.arrived = make(chan struct{})
	l.mu.Unlock()
}

// reply responds to a request of the SMSC.
func (l *link) reply(request frame, status smppcodes.Status) {
	var response pdu.PDU
	switch request.command {
	case enquireLink:
		response = pdu.NewEnquireLinkResp()
	case unbind:
		response = pdu.NewUnbindResp()
	case deliverSM:
		delivered := pdu.NewDeliverSMResp().(*pdu.DeliverSMResp)
		delivered.CommandStatus = data.CommandStatusType(status)
		response = delivered
	default:
		nack := pdu.NewGenericNack().(*pdu.GenericNack)
		nack.CommandStatus = data.CommandStatusType(status)
		response = nack
	}
	response.SetSequenceNumber(request.seq)
	_ = l.write(response) // it ends the link if it fails
}

// readFrame reads one PDU. It returns an error if the length makes no sense, because nothing can be read after that.
func readFrame(conn net.Conn) (frame, error) {
	head := make([]byte, headerSize)
	if _, err := io.ReadFull(conn, head); err != nil {
		return frame{}, err
	}
	length := binary.BigEndian.Uint32(head)
	if length < headerSize || length > maxPDU {
		return frame{}, fmt.Errorf("the SMSC sent a PDU of %d bytes: the link is closed", length)
	}
	whole := append(head, make([]byte, length-headerSize)...)
	if _, err := io.ReadFull(conn, whole[headerSize:]); err != nil {
		return frame{}, err
	}
	return frame{
		command: binary.BigEndian.Uint32(head[4:]), status: smppcodes.Status(binary.BigEndian.Uint32(head[8:])),
		seq: int32(binary.BigEndian.Uint32(head[12:])), octets: whole[headerSize:], body: parse(whole),
	}, nil
}

// parse returns the PDU in a frame, nil if the library cannot read it. The library panics on some that nobody sends in
// earnest, such as a query_sm with optional parameters.
func parse(whole []byte) (body pdu.PDU) {
	defer func() {
		if recover() != nil {
			body = nil
		}
	}()
	body, err := pdu.Parse(bytes.NewReader(whole))
	if err != nil {
		return nil
	}
	return body
}
