package pgtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// UseTLS restarts the server with a self-signed certificate for 127.0.0.1 and returns the file of the certificate.
// Plain connections are still allowed.
func (s *Server) UseTLS() (certificate string) {
	s.t.Helper()
	check := func(err error) {
		s.t.Helper()
		if err != nil {
			s.t.Fatalf("let PostgreSQL use TLS: %v", err)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	check(err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	check(err)
	write := func(name, kind string, bytes []byte) string {
		path := filepath.Join(s.Dir(), name)
		check(os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}), 0o600))
		check(s.binaries.own(path))
		return path
	}
	certificate = write("server.crt", "CERTIFICATE", signed)
	write("server.key", "PRIVATE KEY", secret)
	file, err := os.OpenFile(filepath.Join(s.Dir(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	check(err)
	_, err = file.WriteString("ssl = on\n")
	check(err)
	check(file.Close())
	s.Stop(false)
	s.Start()
	return certificate
}
