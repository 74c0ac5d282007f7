// Package kannel sends texts through Kannel, an SMS gateway that an installation runs itself. Texts leave by the HTTP
// interface of its smsbox; delivery reports come back as calls of the address that each text carries (dlr-url), and
// inbound texts as calls of the get-url of an sms-service. Kannel returns no id of a text and cannot be asked for its
// outcome, so our own reference, in the query of dlr-url, is what connects a report to its text.
//
// It follows the Kannel user's guide, chapters "Using the SMS gateway" and "Delivery reports", and what Kannel 1.4.5
// does in the tests of this package.
package kannel

import (
	_ "embed"
	"maps"
	"slices"
	"strings"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/adapters/sms/smppcodes"
	"github.com/clickbook/clickbook/commands/messaging"
)

//go:embed faults.csv
var faultsCSV string

// The fields of the configuration.
const (
	fieldBase           = "base_url"
	fieldUser           = "username"
	fieldPassword       = "password"
	fieldToken          = "callback_token"
	fieldSender         = "sender"
	fieldStatus         = "status_url"
	fieldStatusPassword = "status_password"
)

// Kind is the kind of providers that are a Kannel gateway.
var Kind = sms.Kind{
	Name:  "kannel",
	Title: "Kannel, an SMS gateway of your own",
	Fields: []sms.Field{
		{Name: fieldBase, Check: checkBase, Help: "the address of the smsbox, such as http://127.0.0.1:13013"},
		{Name: fieldUser, Help: "the username of the sendsms-user group"},
		{Name: fieldPassword, Secret: true, Help: "the password of the sendsms-user group"},
		{
			Name: fieldToken, Secret: true, Generated: true,
			Help: "what proves that a call is Kannel's; it goes into each dlr-url, and into the get-url of the sms-service",
		},
		{Name: fieldSender, Optional: true, Help: "the sender if a route names none"},
		{
			Name: fieldStatus, Optional: true, Check: checkBase,
			Help: "the address of the bearerbox, such as http://127.0.0.1:13000, so that the check looks at its links",
		},
		{Name: fieldStatusPassword, Secret: true, Optional: true, Help: "the status-password of the core group"},
		smppcodes.ErrsField,
		sms.PerSecond(50),
	},
	Open: func(config sms.Config) (messaging.Provider, error) { return Open(config) },
}

func checkBase(value string) error {
	_, err := sms.ParseBaseURL(value)
	return err
}

// Provider is one Kannel gateway.
type Provider struct {
	config sms.Config
	caller *sms.Caller       // of the smsbox
	status *sms.Caller       // of the bearerbox, nil if its address is not known
	codes  *sms.Codes        // of Kannel itself
	smpp   *smppcodes.Reader // of the carriers behind it
}

// Open returns a provider. It does not call Kannel.
func Open(config sms.Config) (*Provider, error) {
	secrets := slices.Concat(
		config.Secrets[fieldPassword], config.Secrets[fieldToken], config.Secrets[fieldStatusPassword])
	caller, err := sms.NewCaller(config, secrets...)
	if err != nil {
		return nil, err
	}
	reader, err := smppcodes.NewReader(config.Settings[smppcodes.ErrsField.Name], config.Log)
	if err != nil {
		return nil, err
	}
	p := &Provider{
		config: config, caller: caller, smpp: reader, codes: sms.NewCodes(sms.MustParseFaults(faultsCSV), config.Log),
	}
	if base := config.Settings[fieldStatus]; base != "" {
		config.Settings = maps.Clone(config.Settings)
		config.Settings[fieldBase] = base
		if p.status, err = sms.NewCaller(config, secrets...); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// Unmapped implements sms.MapsCodes.
func (p *Provider) Unmapped() map[string]int {
	all := p.codes.Unmapped()
	maps.Copy(all, p.smpp.Unmapped())
	return all
}

// CheckSender implements sms.SenderRules.
func (p *Provider) CheckSender(country, sender string) error { return sms.CheckSender(country, sender) }

// receiptAddress returns the dlr-url of a text. Kannel replaces what begins with a percent sign.
func (p *Provider) receiptAddress(reference string) string {
	base := strings.ReplaceAll(p.config.Callback(sms.Receipts), "%", "%%")
	return base + "?ref=" + reference + "&token=" + p.config.Secret(fieldToken) + "&state=%d&reply=%A&at=%T"
}

// InboundAddress returns the get-url that an sms-service of Kannel needs, so that inbound texts reach us.
func (p *Provider) InboundAddress() string {
	base := strings.ReplaceAll(p.config.Callback(sms.Inbound), "%", "%%")
	return base + "?token=" + p.config.Secret(fieldToken) + "&id=%I&from=%p&to=%P&text=%b&coding=%c&at=%T"
}
