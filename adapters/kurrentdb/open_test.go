package kurrentdb_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"

	"github.com/clickbook/clickbook/adapters/kurrentdb"
	"github.com/clickbook/clickbook/adapters/kurrentdb/esdbtest"
	"github.com/clickbook/clickbook/domain"
)

// refused checks that a store cannot be opened, and the error.
func refused(t *testing.T, url, want string, unavailable bool) {
	t.Helper()
	store, err := kurrentdb.Open(t.Context(), url, kurrentdb.Options{Patience: time.Second})
	if err == nil {
		store.Close()
		t.Errorf("%s was opened; want an error with: %s", url, want)
		return
	}
	if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("%s: %v; want: %s", url, err, want)
	}
	for _, secret := range []string{"s3cret", "s3", "cret"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error contains the password: %v", url, err)
		}
	}
	if errors.Is(err, domain.ErrUnavailable) != unavailable {
		t.Errorf("%s: %v; unavailable: %v", url, err, unavailable)
	}
}

func TestOpenRefusesInvalidURLs(t *testing.T) {
	for url, want := range map[string]string{
		"":                                                        "must begin with esdb:// or kurrentdb://",
		"localhost:2113":                                          "must begin with esdb:// or kurrentdb://",
		"user:s3cret@host":                                        "must begin with esdb:// or kurrentdb://",
		"postgres://localhost":                                    `begins with "postgres"`,
		"esdb+srv://localhost":                                    `begins with "esdb+srv"`,
		"esdb://":                                                 "must name host:port",
		"esdb://?tls=false":                                       "must name host:port",
		"esdb://localhost/path":                                   "no path",
		"esdb://localhost:x":                                      "a port is a number",
		"esdb://admin:s3cret":                                     "a port is a number",
		"esdb://[::1]:2113":                                       "give an IPv6 address a name",
		"esdb://localhost:":                                       "a port is a number",
		"esdb://a:1,,b:2":                                         "a port is a number",
		"esdb://localhost?tsl=false":                              `parameter "tsl", which is unknown: write one of tls, `,
		"esdb://localhost?tls=false&TLS=yes":                      "twice",
		"esdb://localhost?tls=perhaps":                            "must be either true or false",
		"esdb://localhost?tls=%zz":                                "unreadable parameters",
		"esdb://localhost?gossipTimeout=x":                        "must be an integer",
		"esdb://localhost?gossipTimeout=0":                        "gossipTimeout below 1",
		"esdb://localhost?maxDiscoverAttempts=0":                  "maxDiscoverAttempts",
		"esdb://localhost?defaultDeadline=soon":                   "invalid defaultDeadline",
		"esdb://localhost?keepAliveInterval=10":                   "keepAliveInterval",
		"esdb://localhost?nodePreference=follower":                "always the leader",
		"esdb://localhost?nodePreference=nearest":                 "Invalid NodePreference",
		"esdb://localhost?userCertFile=a.pem":                     "both userCertFile and userKeyFile",
		"esdb://localhost?tls=false&userCertFile=a&userKeyFile=b": "certificates and tls=false",
		"esdb://localhost?tlsCAFile=/no/such/file":                "no such file",
		"esdb://admin:s3cret@localhost?tls=false":                 "a password is sent through TLS only",
		"esdb://admin@localhost":                                  "a user and a password, or neither",
		"esdb://:s3cret@localhost":                                "a user and a password, or neither",
		"esdb://admin:s3%cret@localhost":                          "write it as %25",
		"esdb://admin:s3/cret@localhost":                          "write / as %2F",
		"esdb://admin:s3#cret@localhost":                          "write # as %23",
		"esdb://admin:s3?cret@localhost":                          "? as %3F",
		"esdb://admin:s3cret@localhost?nodePreference=follower":   "always the leader",
		"kurrentdb+discover://admin:s3cret@localhost?unknown=s":   `parameter "unknown"`,
		"esdb://admin:s3cret@localhost:port":                      "a port is a number",
		"esdb://admin:s3cret@a:1,b:two":                           "a port is a number",
		"esdb://admin:s3cret@a:1/b:2":                             "no path",
	} {
		refused(t, url, want, false)
	}
}

func TestOpenAcceptsValidURLs(t *testing.T) {
	server := esdbtest.Start(t, generous)
	cluster := esdbtest.StartCluster(t, 2, generous)
	hosts := strings.TrimPrefix(cluster.URL(), "esdb")
	for _, url := range []string{
		server.URL(), strings.Replace(server.URL(), "esdb", "kurrentdb", 1), strings.Replace(server.URL(), "esdb", "ESDB", 1),
		strings.Replace(server.URL(), "esdb", "esdb+discover", 1), strings.Replace(server.URL(), "esdb", "kurrentdb+discover", 1),
		"esdb://" + server.Addr() + "/?tls=false", server.URL() + "&nodePreference=Leader&gossipTimeout=3&keepAliveInterval=-1",
		"esdb" + hosts, "kurrentdb" + hosts, server.URL() + "&MaxDiscoverAttempts=3&discoveryInterval=10&defaultDeadline=5000",
	} {
		store := open(t, url)
		stream := domain.Stream("client-" + uuid.NewString())
		if _, err := store.Append(t.Context(), stream, domain.NoStream, some("A", 1)); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestOpenWithoutNode(t *testing.T) {
	server := esdbtest.Start(t)
	server.Stop()
	refused(t, server.URL(), "no node responds at "+server.Addr(), true)
	refused(t, "esdb://admin:s3cret@"+server.Addr(), "no node responds at "+server.Addr(), true)
	refused(t, "esdb+discover://"+server.Addr()+"?tls=false", "no node responds", true)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := kurrentdb.Open(cancelled, server.URL(), kurrentdb.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("with a cancelled context: %v, want %v", err, context.Canceled)
	}
}

func TestOpenRefusesOldNode(t *testing.T) {
	for version, ok := range map[string]bool{
		"21.10.9": false, "22.5.0": false, "5.0.11": false, "22.6.0": true, "22.10.3": true, "23.0.0": true, "26.0.1": true,
	} {
		server := esdbtest.Start(t, esdbtest.WithVersion(version))
		if ok {
			open(t, server.URL())
		} else {
			refused(t, server.URL(), "the node is version "+version, false)
		}
	}
	server := esdbtest.Start(t)
	server.Inject(esdbtest.Refuse(codes.Unimplemented, ""), esdbtest.Every(esdbtest.Features))
	refused(t, server.URL(), "does not report one", false)
}

func TestOpenAtFollowerWithoutLeader(t *testing.T) {
	cluster := esdbtest.StartCluster(t, 2)
	cluster.Nodes[0].Stop()
	refused(t, cluster.Nodes[1].URL(), "not the leader, and the leader it names does not respond", true)
	server := esdbtest.Start(t)
	server.Inject(esdbtest.Unavailable(), esdbtest.Every(esdbtest.Read))
	refused(t, server.URL(), "cannot be reached", true)
}

func TestOpenRefusesNodeWithForeignEvents(t *testing.T) {
	server := esdbtest.Start(t)
	client := bare(t, server.URL())
	defer client.Close()
	_, err := client.AppendToStream(t.Context(), "orders-1", esdb.AppendToStreamOptions{ExpectedRevision: esdb.NoStream{}},
		esdb.EventData{EventID: uuid.New(), EventType: "Placed", Data: []byte("{}"), Metadata: []byte("{}")})
	if err != nil {
		t.Fatal(err)
	}
	refused(t, server.URL(), "event 0 of stream \"orders-1\" was not written by ClickBook", false)
}

// startTLSProxy starts a TLS proxy in front of a node. It returns its address and the file with the certificate of
// its authority.
func startTLSProxy(t *testing.T, server *esdbtest.Server) (address, authority string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "node"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{signed}, PrivateKey: key}}, NextProtos: []string{"h2"},
	})
	if err != nil {
		t.Fatal(err)
	}
	var copying sync.WaitGroup
	copying.Go(func() {
		for {
			outside, err := listener.Accept()
			if err != nil {
				return
			}
			inside, err := net.Dial("tcp", server.Addr())
			if err != nil {
				outside.Close()
				continue
			}
			copyBytes := func(to, from net.Conn) {
				_, _ = io.Copy(to, from)
				to.Close()
				from.Close()
			}
			copying.Go(func() { copyBytes(inside, outside) })
			copying.Go(func() { copyBytes(outside, inside) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		server.DropConnections()
		copying.Wait()
	})
	authority = filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed})
	if err := os.WriteFile(authority, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return listener.Addr().String(), authority
}

func TestOpenWithTLS(t *testing.T) {
	server := esdbtest.Start(t, generous)
	address, authority := startTLSProxy(t, server)
	store := open(t, "esdb://admin:s3cret@"+address+"?tlsCAFile="+authority)
	if _, err := store.Append(t.Context(), "client-1", domain.NoStream, some("A", 1)); err != nil {
		t.Errorf("append through TLS: %v", err)
	}
	open(t, "esdb://admin:s3cret@"+address+"?tlsVerifyCert=false")
	refused(t, "esdb://admin:s3cret@"+address, "name the authority that signed it by tlsCAFile", false)
	refused(t, "esdb://"+address+"?tls=false", "speaks TLS, and the store's URL says tls=false", false)
	refused(t, "esdb://admin:s3cret@"+server.Addr(), "does not speak TLS", false)

	server.Inject(esdbtest.Refuse(codes.Unauthenticated, "no"), esdbtest.Every(esdbtest.Read))
	refused(t, "esdb://admin:s3cret@"+address+"?tlsCAFile="+authority, "does not accept the user or the password", false)
	server.ClearFailures()
	server.Inject(esdbtest.Refuse(codes.PermissionDenied, "no"), esdbtest.Every(esdbtest.Read))
	refused(t, "esdb://admin:s3cret@"+address+"?tlsCAFile="+authority, "may read $all", false)
}
