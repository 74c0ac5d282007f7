package smsctest

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"sync"
)

// Commands of SMPP 3.4 (5.1.2.1).
const (
	bindReceiver    = 0x01
	bindTransmitter = 0x02
	querySM         = 0x03
	submitSM        = 0x04
	deliverSM       = 0x05
	unbind          = 0x06
	bindTransceiver = 0x09
	enquireLink     = 0x15
	response        = 1 << 31
)

const (
	invalidPassword = 0x0E
	invalidCommand  = 0x03
)

// link is one connection.
type link struct {
	conn net.Conn
	mode uint32 // the command that bound it, 0 before; guarded by the lock of SMSC

	mu   sync.Mutex // guards what follows, and writes
	seq  uint32
	acks map[uint32]chan uint32 // of deliver_sm
}

func (l *link) receives() bool { return l.mode == bindReceiver || l.mode == bindTransceiver }

// write sends a PDU.
func (l *link) write(command, status, seq uint32, body []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.conn.Write(PDU(command, status, seq, body))
}

// request sends a PDU with the next sequence number and returns where the status of its response arrives.
func (l *link) request(command uint32, body []byte) <-chan uint32 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seq++
	ack := make(chan uint32, 1)
	l.acks[l.seq] = ack
	_, _ = l.conn.Write(PDU(command, 0, l.seq, body))
	return ack
}

// PDU returns the bytes of a PDU.
func PDU(command, status, seq uint32, body []byte) []byte {
	pdu := binary.BigEndian.AppendUint32(nil, uint32(16+len(body)))
	for _, word := range []uint32{command, status, seq} {
		pdu = binary.BigEndian.AppendUint32(pdu, word)
	}
	return append(pdu, body...)
}

func (s *SMSC) serve(conn net.Conn) {
	l := &link{conn: conn, acks: make(map[uint32]chan uint32)}
	s.change(func() { s.links[l] = true })
	defer s.change(func() { delete(s.links, l) })
	defer func() { _ = conn.Close() }()
	head := make([]byte, 16)
	for {
		if _, err := io.ReadFull(conn, head); err != nil {
			return
		}
		length := binary.BigEndian.Uint32(head)
		if length < 16 || length > 1<<17 {
			return
		}
		body := make([]byte, length-16)
		if _, err := io.ReadFull(conn, body); err != nil {
			return
		}
		command, status, seq := binary.BigEndian.Uint32(head[4:]), binary.BigEndian.Uint32(head[8:]), binary.BigEndian.Uint32(head[12:])
		if !s.handle(l, command, status, seq, body) {
			return
		}
	}
}

// handle reports whether the connection goes on.
func (s *SMSC) handle(l *link, command, status, seq uint32, body []byte) bool {
	switch command {
	case bindReceiver, bindTransmitter, bindTransceiver:
		return s.bind(l, command, seq, body)
	case enquireLink:
		l.write(enquireLink|response, 0, seq, nil)
	case unbind:
		l.write(unbind|response, 0, seq, nil)
		return false
	case submitSM:
		return s.submit(l, seq, body)
	case querySM:
		l.write(querySM|response, invalidCommand, seq, nil)
	case deliverSM | response:
		l.mu.Lock()
		defer l.mu.Unlock()
		if ack, ok := l.acks[seq]; ok {
			ack <- status
			delete(l.acks, seq)
		}
	}
	return true
}

func (s *SMSC) bind(l *link, command, seq uint32, body []byte) bool {
	_, rest := text(body)
	password, _ := text(rest)
	s.mu.Lock()
	refusal := s.refusal
	if refusal == 0 && s.password != "" && password != s.password {
		refusal = invalidPassword
	}
	s.mu.Unlock()
	if refusal != 0 {
		l.write(command|response, refusal, seq, nil)
		return false
	}
	l.write(command|response, 0, seq, terminated("centre"))
	s.change(func() { s.binds, l.mode = s.binds+1, command })
	return true
}

func (s *SMSC) submit(l *link, seq uint32, body []byte) bool {
	submit := parseSubmit(body)
	s.mu.Lock()
	script := s.script
	s.mu.Unlock()
	reply := script(submit)
	id := reply.ID
	if id == "" {
		id = s.nextID()
	}
	receipts := func() {
		for _, receipt := range reply.Receipts {
			l.request(deliverSM, receipt.body(submit.To, submit.From, id))
		}
	}
	if reply.Early {
		receipts()
	}
	switch {
	case reply.Drop:
		s.change(func() { s.submits = append(s.submits, submit) })
		return false
	case reply.Silent:
	case reply.Status != 0:
		l.write(submitSM|response, reply.Status, seq, nil)
	case reply.Body != nil:
		l.write(submitSM|response, 0, seq, reply.Body)
	default:
		l.write(submitSM|response, 0, seq, terminated(id))
	}
	if !reply.Early {
		receipts()
	}
	s.change(func() { s.submits = append(s.submits, submit) })
	return true
}

// text reads a string that ends with a zero byte, and returns the rest.
func text(b []byte) (string, []byte) {
	before, after, _ := bytes.Cut(b, []byte{0})
	return string(before), after
}

func terminated(s string) []byte { return append([]byte(s), 0) }
