// Package clickatell sends texts through Clickatell's One API and reads its callbacks.
//
// Shapes are those of Clickatell's One API reference. Clickatell signs nothing, so the address of the callbacks holds a
// secret token, and calls can be limited to its source addresses. Who learns the token can forge receipts.
package clickatell

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/commands/messaging"
)

//go:embed faults.csv
var faultsCSV string

// Kind is the kind "clickatell".
var Kind = sms.Kind{
	Name: "clickatell", Title: "Clickatell One API",
	Fields: []sms.Field{
		{Name: "api_key", Help: "the API key of the integration", Secret: true},
		{
			Name: "callback_token", Secret: true, Check: callbackToken,
			Help: "a secret of your choice, which is entered at Clickatell at the end of both addresses, as ?t=",
		},
		{
			Name: "callback_sources", Help: "the addresses that may call back, such as 192.0.2.0/24, with commas between them",
			Optional: true, Check: func(value string) error { _, err := parseSources(value); return err },
		},
		{
			Name: "validity_period", Optional: true, Default: "send", Check: validityPeriod,
			Help: "send, or omit if the integration does not accept validityPeriod",
		},
		{Name: "sender", Help: "a two-way number or a sender of letters of the integration", Optional: true},
		sms.BaseURL("https://platform.clickatell.com"),
		sms.PerSecond(10),
	},
	Open: func(config sms.Config) (messaging.Provider, error) { return Open(config) },
}

// callbackToken refuses tokens that can be guessed or that change in an address.
func callbackToken(value string) error {
	other := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
	}
	if len(value) < 20 || strings.ContainsFunc(value, other) {
		return errors.New("invalid callback_token: it needs 20 random letters, digits, - or _ at least")
	}
	return nil
}

func validityPeriod(value string) error {
	if value != "send" && value != "omit" {
		return fmt.Errorf("invalid validity_period %q: write send or omit", sms.Clip(value))
	}
	return nil
}

// parseSources parses a list of addresses and prefixes.
func parseSources(list string) ([]netip.Prefix, error) {
	var sources []netip.Prefix
	for _, one := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		prefix, err := netip.ParsePrefix(one)
		if address, other := netip.ParseAddr(one); other == nil {
			prefix, err = address.Prefix(address.BitLen())
		}
		if err != nil {
			return nil, fmt.Errorf("invalid callback_sources %q: write addresses such as 192.0.2.0/24", sms.Clip(one))
		}
		sources = append(sources, prefix)
	}
	return sources, nil
}

// Provider is one integration.
type Provider struct {
	*sms.Codes
	config  sms.Config
	caller  *sms.Caller
	sources []netip.Prefix // empty allows all
}

// Open returns a provider. It does not call Clickatell.
func Open(config sms.Config) (*Provider, error) {
	caller, err := sms.NewCaller(config, slices.Concat(config.Secrets["api_key"], config.Secrets["callback_token"])...)
	if err != nil {
		return nil, err
	}
	sources, err := parseSources(config.Settings["callback_sources"])
	if err != nil {
		return nil, err
	}
	return &Provider{
		Codes:  sms.NewCodes(sms.MustParseFaults(faultsCSV), config.Log),
		config: config, caller: caller, sources: sources,
	}, nil
}

// request returns a request with the API key, which Clickatell takes without a scheme.
func (p *Provider) request(ctx context.Context, method, path, body string) (*http.Request, error) {
	request, err := p.caller.Request(ctx, method, path, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", p.config.Secret("api_key"))
	request.Header.Set("Accept", "application/json")
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	return request, nil
}

// Check reads the balance, for which the key must be valid.
func (p *Provider) Check(ctx context.Context) error {
	request, err := p.request(ctx, http.MethodGet, "/v1/balance", "")
	if err != nil {
		return err
	}
	reply, err := p.caller.Do(request)
	if err != nil {
		return err
	}
	var balance struct {
		Balance json.Number `json:"balance"`
	}
	switch {
	case reply.Status == http.StatusUnauthorized || reply.Status == http.StatusForbidden:
		return fmt.Errorf("clickatell refuses the credentials: check api_key")
	case reply.Status != http.StatusOK || json.Unmarshal(reply.Body, &balance) != nil || balance.Balance == "":
		return fmt.Errorf("clickatell replied with status %d and no balance: check base_url", reply.Status)
	}
	return nil
}

// CheckSender implements sms.SenderRules.
func (p *Provider) CheckSender(country, sender string) error { return sms.CheckSender(country, sender) }
