// Package smsctest is the other side of an SMPP 3.4 link for tests: a short message centre (SMSC) that takes texts and
// sends receipts and inbound texts as a script says. It uses the standard library only, so that it shares no code, and
// no mistake, with the adapters that it tests. It listens on the loopback interface.
package smsctest

import (
	"fmt"
	"net"
	"sync"
	"testing"
	"time"
)

// Submit is a submit_sm that the centre received.
type Submit struct {
	From, To   string
	FromTON    byte
	FromNPI    byte
	ToTON      byte
	ToNPI      byte
	Class      byte // esm_class
	Validity   string
	Registered byte // registered_delivery
	Coding     byte // data_coding
	Text       []byte
	Payload    bool // the text was in the message_payload parameter
}

// Reply says what the centre does with a text. The zero value accepts it and sends no receipt.
type Reply struct {
	Status   uint32    // of the submit_sm_resp; 0 accepts the text
	ID       string    // the id of the text, "" for the next number in eight digits
	Silent   bool      // sends no submit_sm_resp
	Drop     bool      // closes the connection instead of a submit_sm_resp
	Body     []byte    // of the submit_sm_resp, instead of the id
	Early    bool      // sends the receipts before the submit_sm_resp
	Receipts []Receipt // in order
}

// Receipt is a delivery receipt. Its zero fields are left out.
type Receipt struct {
	ID   string // as the receipt spells it, "" for the id of the response
	Stat string // DELIVRD, …
	Err  string
	Text string // the whole text instead of the usual one
	// State is the message_state parameter, which goes out together with receipted_message_id and network_error_code.
	State byte
	Error [3]byte
}

// Script decides about a text.
type Script func(Submit) Reply

// SMSC is a simulated short message centre.
type SMSC struct {
	t    testing.TB
	addr string

	mu       sync.Mutex // guards the rest
	listener net.Listener
	script   Script
	refusal  uint32 // of binds
	password string
	ids      int
	links    map[*link]bool
	submits  []Submit
	binds    int
	changed  chan struct{} // closed and replaced at each change
	running  sync.WaitGroup
}

// Start starts a centre with a script. It stops when the test ends.
func Start(t testing.TB, script Script) *SMSC {
	t.Helper()
	s := &SMSC{t: t, addr: "127.0.0.1:0", script: script, links: make(map[*link]bool), changed: make(chan struct{})}
	s.Listen()
	t.Cleanup(func() {
		s.Close()
		s.running.Wait()
	})
	return s
}

// Addr returns the host and port, which stay the same after Close and Listen.
func (s *SMSC) Addr() string { return s.addr }

// Listen accepts connections again.
func (s *SMSC) Listen() {
	s.t.Helper()
	listener, err := net.Listen("tcp", s.addr)
	if err != nil {
		s.t.Fatal(err)
	}
	s.mu.Lock()
	s.listener, s.addr = listener, listener.Addr().String()
	s.mu.Unlock()
	s.running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.running.Go(func() { s.serve(conn) })
		}
	})
}

// Close refuses new connections and drops the present ones.
func (s *SMSC) Close() {
	s.mu.Lock()
	_ = s.listener.Close()
	s.mu.Unlock()
	s.Drop()
}

// Drop closes every connection without a word.
func (s *SMSC) Drop() {
	for _, l := range s.connected(false) {
		_ = l.conn.Close()
	}
}

// Refuse makes binds fail with a status from now on; 0 allows them again.
func (s *SMSC) Refuse(status uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusal = status
}

// Require makes binds fail that do not have the password.
func (s *SMSC) Require(password string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.password = password
}

// Do replaces the script.
func (s *SMSC) Do(script Script) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = script
}

// Wait blocks until a condition on the texts received and the number of binds so far is true. The test fails if it
// ends before.
func (s *SMSC) Wait(condition func(submits []Submit, binds int) bool) []Submit {
	s.t.Helper()
	for {
		s.mu.Lock()
		submits, done, changed := s.submits[:len(s.submits):len(s.submits)], condition(s.submits, s.binds), s.changed
		s.mu.Unlock()
		if done {
			return submits
		}
		select {
		case <-changed:
		case <-time.After(time.Minute):
			s.t.Fatalf("nothing more for a minute after %d texts", len(submits))
		case <-s.t.Context().Done():
			s.t.Fatalf("the test ended after %d texts", len(submits))
		}
	}
}

// Submits waits for a number of texts and returns all that came.
func (s *SMSC) Submits(n int) []Submit {
	s.t.Helper()
	return s.Wait(func(submits []Submit, _ int) bool { return len(submits) >= n })
}

// Bound waits until a number of binds have been accepted since the start.
func (s *SMSC) Bound(n int) {
	s.t.Helper()
	s.Wait(func(_ []Submit, binds int) bool { return binds >= n })
}

// change records something under the lock and wakes who waits.
func (s *SMSC) change(record func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	record()
	close(s.changed)
	s.changed = make(chan struct{})
}

// connected returns the connections; only those that may receive, if receive is set.
func (s *SMSC) connected(receive bool) []*link {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []*link
	for l := range s.links {
		if !receive || l.receives() {
			found = append(found, l)
		}
	}
	return found
}

func (s *SMSC) nextID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ids++
	return fmt.Sprintf("%08d", s.ids)
}
