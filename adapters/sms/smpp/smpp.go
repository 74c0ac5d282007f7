// Package smpp sends texts over an SMPP 3.4 bind to a carrier or an aggregator. The link is a transceiver that stays
// open: texts go out over it, and receipts and inbound texts come in.
//
// The library github.com/linxGnu/gosmpp writes and reads the PDUs. The link is our own, because only its owner knows
// whether a text that failed was written at all, and because a receipt must not be acknowledged before it is recorded.
//
// SMPP carries no reference of ours to a receipt. A receipt has the provider's id of the text, and the book, or
// sms.Config.Lookup after a restart, says which text that is.
package smpp

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/adapters/sms/smppcodes"
	"github.com/clickbook/clickbook/commands/messaging"
)

// The fields of the configuration.
const (
	fieldAddress  = "address"
	fieldSystemID = "system_id"
	fieldPassword = "password"
	fieldType     = "system_type"
	fieldSender   = "sender"
	fieldTLS      = "tls"
	fieldWindow   = "window"
	fieldPace     = "per_second"
	fieldEnquire  = "enquire_seconds"
	fieldLong     = "long_text"
)

// Kind is the kind of providers that are reached by SMPP.
var Kind = sms.Kind{
	Name: "smpp", Title: "SMPP 3.4, a bind to a carrier or an aggregator", Fields: fields,
	Open: func(config sms.Config) (messaging.Provider, error) { return Open(config) },
}

var fields = []sms.Field{
	{Name: fieldAddress, Check: checkAddress, Help: "the host and port of the SMSC, such as smpp.example.net:3550"},
	{Name: fieldSystemID, Check: shorter(15), Help: "the system_id of the account"},
	{Name: fieldPassword, Check: shorter(8), Secret: true, Help: "the password of the account, at most 8 characters"},
	{Name: fieldType, Check: shorter(12), Optional: true, Help: "the system_type, if the provider asks for one"},
	{Name: fieldSender, Optional: true, Help: "the sender if a route names none"},
	{
		Name: fieldTLS, Check: oneOf("yes", "no"), Optional: true, Default: "yes",
		Help: "no if the SMSC takes no TLS; the link must then be private, because SMPP sends the password as it is",
	},
	{
		Name: fieldWindow, Check: between(1, 1000), Optional: true, Default: "10",
		Help: "how many texts may wait for their response at once",
	},
	sms.PerSecond(10),
	{
		Name: fieldEnquire, Check: between(1, 3600), Optional: true, Default: "30",
		Help: "how often the link is tested, in seconds",
	},
	{
		Name: fieldLong, Check: oneOf("parts", "payload"), Optional: true, Default: "parts",
		Help: "how a long text is sent: in parts with a header, or whole as message_payload",
	},
	smppcodes.ErrsField,
}

func checkAddress(value string) error {
	host, port, err := net.SplitHostPort(value)
	if n, bad := strconv.Atoi(port); err != nil || host == "" || bad != nil || n < 1 || n > 65535 {
		return fmt.Errorf("invalid address %q: write host and port like smpp.example.net:3550", value)
	}
	return nil
}

func shorter(most int) func(string) error {
	return func(value string) error {
		if len(value) > most || strings.Contains(value, "\x00") {
			return fmt.Errorf("it has more than %d characters, which SMPP cannot carry", most)
		}
		return nil
	}
}

func oneOf(values ...string) func(string) error {
	return func(value string) error {
		for _, allowed := range values {
			if value == allowed {
				return nil
			}
		}
		return fmt.Errorf("invalid value %q: write %s", value, strings.Join(values, " or "))
	}
}

func between(least, most int) func(string) error {
	return func(value string) error {
		if n, err := strconv.Atoi(value); err != nil || n < least || n > most {
			return fmt.Errorf("invalid number %q: write one from %d to %d", value, least, most)
		}
		return nil
	}
}

// Provider is one account with an SMSC.
type Provider struct {
	*smppcodes.Reader
	config  sms.Config
	pace    sms.Pace
	window  int
	enquire time.Duration
	dial    func(context.Context) (net.Conn, error)
	now     func() time.Time
	log     *slog.Logger
	book    *book
	parts   atomic.Uint32 // numbers the texts of several parts

	mu      sync.Mutex // guards what follows
	running bool       // Run is at work
	current *link      // nil while there is none
	changed chan struct{}
}

// Open returns a provider. It does not call the SMSC.
func Open(config sms.Config) (*Provider, error) {
	settings := make(map[string]string)
	for _, field := range fields {
		settings[field.Name] = cmp.Or(config.Settings[field.Name], field.Default)
	}
	config.Settings = settings
	reader, err := smppcodes.NewReader(settings[smppcodes.ErrsField.Name], config.Log)
	if err != nil {
		return nil, err
	}
	pace, paced := sms.NewPace(settings[fieldPace])
	window, sized := strconv.Atoi(settings[fieldWindow])
	seconds, timed := strconv.Atoi(settings[fieldEnquire])
	if err := errors.Join(paced, sized, timed); err != nil {
		return nil, err
	}
	p := &Provider{
		Reader: reader, config: config, window: window, enquire: time.Duration(seconds) * time.Second,
		pace: pace, now: config.Now, log: config.Log,
		dial: dialer(settings[fieldAddress], settings[fieldTLS] != "no", nil), book: newBook(), changed: make(chan struct{}),
	}
	if p.now == nil {
		p.now = time.Now
	}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	p.log = p.log.With("provider", config.Provider)
	return p, nil
}

// CheckSender implements sms.SenderRules.
func (p *Provider) CheckSender(country, sender string) error { return sms.CheckSender(country, sender) }

const dialTimeout = 15 * time.Second

// dialer returns how to connect. The authorities are those of the system if roots is nil.
func dialer(address string, secure bool, roots *x509.CertPool) func(context.Context) (net.Conn, error) {
	plain := net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
	if !secure {
		return func(ctx context.Context) (net.Conn, error) { return plain.DialContext(ctx, "tcp", address) }
	}
	encrypted := tls.Dialer{NetDialer: &plain, Config: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}}
	return func(ctx context.Context) (net.Conn, error) { return encrypted.DialContext(ctx, "tcp", address) }
}
