package mail_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// fakeServer is a mail server that does what a script says.
type fakeServer struct {
	address string

	mu          sync.Mutex
	script      map[string]error // by command: "mail", "rcpt", "data"; what it replies, nil accepts
	connections []*smtp.Conn
	received    []receivedMail
	block       chan struct{} // if set, RCPT says on arrived that it has come, and waits until this is closed
	arrived     chan struct{}
	user        string // who must log in, "" for nobody
}

// receivedMail is an email that the server was given.
type receivedMail struct {
	from, to, body, user string
	encrypted            bool
	ret                  smtp.DSNReturn
	notify               []smtp.DSNNotify
}

// startFake starts a server on loopback. Without a certificate it offers no TLS; implicit means TLS from the start.
func startFake(t *testing.T, certificate *tls.Certificate, implicit bool, user string) *fakeServer {
	t.Helper()
	f := &fakeServer{script: make(map[string]error), user: user}
	server := smtp.NewServer(f)
	server.Domain, server.EnableDSN, server.AllowInsecureAuth = "mx.example.org", true, true
	server.ErrorLog = log.New(io.Discard, "", 0)
	if certificate != nil {
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*certificate}}
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.address = listener.Addr().String()
	if implicit {
		listener = tls.NewListener(listener, server.TLSConfig)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		_ = listener.Close() // the server does not know it if it had not begun to serve
		<-done
	})
	return f
}

// NewSession implements smtp.Backend.
func (f *fakeServer) NewSession(conn *smtp.Conn) (smtp.Session, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.connections = append(f.connections, conn)
	return &fakeSession{server: f, conn: conn}, nil
}

func (f *fakeServer) reply(command string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.script[command] = err
}

func (f *fakeServer) mails() []receivedMail {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.received
}

func (f *fakeServer) connected() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.connections)
}

// drop breaks every connection.
func (f *fakeServer) drop(t *testing.T) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, conn := range f.connections {
		if err := conn.Conn().Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	}
}

type fakeSession struct {
	server  *fakeServer
	conn    *smtp.Conn
	user    string
	current receivedMail
}

func (s *fakeSession) scripted(command string) error {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	err := s.server.script[command]
	if errors.Is(err, errDrop) {
		_ = s.conn.Conn().Close()
	}
	return err
}

// errDrop breaks the connection in place of a reply.
var errDrop = errors.New("drop")

func (s *fakeSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *fakeSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != s.server.user || password != "s3cret" {
			return smtp.ErrAuthFailed
		}
		s.user = user
		return nil
	}), nil
}

func (s *fakeSession) Mail(from string, options *smtp.MailOptions) error {
	if s.user != s.server.user {
		return smtp.ErrAuthRequired
	}
	_, encrypted := s.conn.TLSConnectionState()
	s.current = receivedMail{from: from, user: s.user, encrypted: encrypted, ret: options.Return}
	return s.scripted("mail")
}

func (s *fakeSession) Rcpt(to string, options *smtp.RcptOptions) error {
	s.server.mu.Lock()
	block := s.server.block
	s.server.mu.Unlock()
	if block != nil {
		s.server.arrived <- struct{}{}
		<-block
	}
	s.current.to, s.current.notify = to, options.Notify
	return s.scripted("rcpt")
}

func (s *fakeSession) Data(r io.Reader) error {
	body, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.scripted("data"); err != nil {
		return err
	}
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.current.body = strings.ReplaceAll(string(body), "\r\n", "\n")
	s.server.received = append(s.server.received, s.current)
	return nil
}

func (*fakeSession) Reset()        {}
func (*fakeSession) Logout() error { return nil }

// newCertificate returns a certificate for 127.0.0.1, and the pool that trusts it.
func newCertificate(t *testing.T) (*tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return &tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}, pool
}
