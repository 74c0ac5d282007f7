// Package twilio sends texts through Twilio Programmable Messaging and reads its callbacks.
//
// Shapes are those of Twilio's OpenAPI document (2010-04-01) and its webhook documentation. Twilio takes no idempotency
// key and cannot look a text up by our reference: the reference goes out in the query of StatusCallback and comes back
// in each callback, so an attempt in doubt is settled by its first callback.
package twilio

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/commands/messaging"
)

//go:embed faults.csv
var faultsCSV string

// Kind is the kind "twilio".
var Kind = sms.Kind{
	Name: "twilio", Title: "Twilio Programmable Messaging",
	Fields: []sms.Field{
		{Name: "account_sid", Help: "the account SID, which begins with AC", Check: accountSID},
		{Name: "auth_token", Help: "the auth token of the account, which also signs Twilio's calls", Secret: true},
		{
			Name: "api_key", Help: "the SID of an API key, which begins with SK, to send with instead of the auth token",
			Optional: true,
		},
		{Name: "api_secret", Help: "the secret of the API key", Secret: true, Optional: true},
		{
			Name: "sender", Optional: true,
			Help: "a number in E.164, a sender of letters, or the SID of a messaging service, which begins with MG",
		},
		sms.BaseURL("https://api.twilio.com"),
		sms.PerSecond(10),
	},
	Open: func(config sms.Config) (messaging.Provider, error) { return Open(config) },
}

func accountSID(value string) error {
	if len(value) != 34 || !strings.HasPrefix(value, "AC") || strings.Trim(value[2:], "0123456789abcdefABCDEF") != "" {
		return fmt.Errorf("invalid account_sid %q: it is AC and 32 hexadecimal digits", sms.Clip(value))
	}
	return nil
}

// Provider is one Twilio account.
type Provider struct {
	*sms.Codes
	config sms.Config
	caller *sms.Caller
}

// Open returns a provider. It does not call Twilio.
func Open(config sms.Config) (*Provider, error) {
	secrets := append(append([]string{}, config.Secrets["auth_token"]...), config.Secrets["api_secret"]...)
	caller, err := sms.NewCaller(config, secrets...)
	if err != nil {
		return nil, err
	}
	return &Provider{
		Codes: sms.NewCodes(sms.MustParseFaults(faultsCSV), config.Log), config: config, caller: caller,
	}, nil
}

// path returns the path of a resource of the account.
func (p *Provider) path(resource string) string {
	return "/2010-04-01/Accounts/" + url.PathEscape(p.config.Settings["account_sid"]) + resource
}

func (p *Provider) request(ctx context.Context, method, path, body string) (*http.Request, error) {
	request, err := p.caller.Request(ctx, method, path, body)
	if err != nil {
		return nil, err
	}
	user, password := p.config.Settings["account_sid"], p.config.Secret("auth_token")
	if key := p.config.Settings["api_key"]; key != "" {
		user, password = key, p.config.Secret("api_secret")
	}
	request.SetBasicAuth(user, password)
	if body != "" {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return request, nil
}

// Check reads the balance, for which the credentials must be valid and the account active.
func (p *Provider) Check(ctx context.Context) error {
	request, err := p.request(ctx, http.MethodGet, p.path("/Balance.json"), "")
	if err != nil {
		return err
	}
	reply, err := p.caller.Do(request)
	if err != nil {
		return err
	}
	if reply.Status != http.StatusOK {
		return p.failed(reply)
	}
	var balance struct{ Balance, Currency string }
	if err := json.Unmarshal(reply.Body, &balance); err != nil || balance.Currency == "" {
		return fmt.Errorf("twilio: the reply to the query of the balance cannot be read: check base_url")
	}
	return nil
}

// failed describes a failed call to an operator.
func (p *Provider) failed(reply sms.Reply) error {
	problem := parseProblem(reply.Body)
	switch reply.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("twilio refuses the credentials (code %d): check account_sid and auth_token, or api_key and "+
			"api_secret", problem.Code)
	case http.StatusNotFound:
		return fmt.Errorf("twilio does not know the account (code %d): check account_sid and base_url", problem.Code)
	}
	return fmt.Errorf("twilio replied with status %d, code %d", reply.Status, problem.Code)
}

// CheckSender implements sms.SenderRules. A messaging service chooses its senders itself.
func (p *Provider) CheckSender(country, sender string) error {
	if isService(sender) {
		return nil
	}
	return sms.CheckSender(country, sender)
}

func isService(sender string) bool { return len(sender) == 34 && strings.HasPrefix(sender, "MG") }

// validity bounds ValidityPeriod. It is the time in Twilio's queue; after that the carrier has the text.
const (
	shortestValidity = time.Second
	longestValidity  = 36_000 * time.Second
)
