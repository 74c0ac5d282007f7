// Package vonage sends texts through two APIs of Vonage, which was Nexmo: the SMS API (kind "vonage") and the Messages
// API (kind "vonage-messages"), and reads their callbacks.
//
// Shapes are those of Vonage's OpenAPI documents of the two APIs and of its guide to signed webhooks. Callbacks without
// a signature are refused.
package vonage

import (
	"context"
	_ "embed"
	"fmt"
	"net/http"
	"slices"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/commands/messaging"
)

//go:embed faults.csv
var faultsCSV string

// Kind is the kind "vonage": the SMS API.
var Kind = sms.Kind{
	Name: "vonage", Title: "Vonage SMS API",
	Fields: []sms.Field{
		{Name: "api_key", Help: "the API key of the account"},
		{Name: "api_secret", Help: "the API secret of the account", Secret: true},
		{Name: "signature_secret", Help: "the signature secret of the account, which signs Vonage's calls", Secret: true},
		{
			Name: "signature_method", Help: "how calls are signed: md5hash, md5, sha1, sha256 or sha512, as in the account",
			Optional: true, Default: "sha256", Check: signatureMethod,
		},
		{Name: "sender", Help: "a number without plus, or a sender of letters", Optional: true},
		sms.BaseURL("https://rest.nexmo.com"),
		sms.PerSecond(30),
	},
	Open: func(config sms.Config) (messaging.Provider, error) { return Open(config) },
}

func signatureMethod(value string) error {
	if !slices.Contains([]string{"md5hash", "md5", "sha1", "sha256", "sha512"}, value) {
		return fmt.Errorf("invalid signature_method %q: write md5hash, md5, sha1, sha256 or sha512", sms.Clip(value))
	}
	return nil
}

// Provider is one account, used through the SMS API.
type Provider struct {
	*sms.Codes
	config sms.Config
	caller *sms.Caller
}

// Open returns a provider for the SMS API. It does not call Vonage.
func Open(config sms.Config) (*Provider, error) {
	secrets := slices.Concat(config.Secrets["api_secret"], config.Secrets["signature_secret"])
	caller, err := sms.NewCaller(config, secrets...)
	if err != nil {
		return nil, err
	}
	return &Provider{
		Codes: sms.NewCodes(sms.MustParseFaults(faultsCSV), config.Log), config: config, caller: caller,
	}, nil
}

// Check reads the balance, for which the credentials must be valid.
func (p *Provider) Check(ctx context.Context) error {
	request, err := p.caller.Request(ctx, http.MethodGet, "/account/get-balance", "")
	if err != nil {
		return err
	}
	request.SetBasicAuth(p.config.Settings["api_key"], p.config.Secret("api_secret"))
	reply, err := p.caller.Do(request)
	if err != nil {
		return err
	}
	return checked(reply.Status == http.StatusOK, reply, "check api_key and api_secret")
}

// checked returns the result of a check for an operator.
func checked(fine bool, reply sms.Reply, credentials string) error {
	switch {
	case fine:
		return nil
	case reply.Status == http.StatusUnauthorized || reply.Status == http.StatusForbidden:
		return fmt.Errorf("vonage refuses the credentials: %s", credentials)
	}
	return fmt.Errorf("vonage replied with status %d: check base_url", reply.Status)
}

// CheckSender implements sms.SenderRules.
func (p *Provider) CheckSender(country, sender string) error { return sms.CheckSender(country, sender) }
