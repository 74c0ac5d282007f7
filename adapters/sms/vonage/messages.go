package vonage

import (
	"cmp"
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain/message"
)

// MessagesKind is the kind "vonage-messages": the Messages API.
var MessagesKind = sms.Kind{
	Name: "vonage-messages", Title: "Vonage Messages API",
	Fields: []sms.Field{
		{Name: "api_key", Help: "the API key of the account"},
		{
			Name: "api_secret", Help: "the API secret of the account, if texts are not sent as an application", Secret: true,
			Optional: true,
		},
		{Name: "application_id", Help: "the id of the application that sends, with its private key", Optional: true},
		{Name: "private_key", Help: "the private key of the application, in PEM", Secret: true, Optional: true, Check: pem},
		{Name: "signature_secret", Help: "the signature secret of the account, which signs Vonage's calls", Secret: true},
		{Name: "sender", Help: "a number without plus, or a sender of letters", Optional: true},
		sms.BaseURL("https://api.nexmo.com"),
		sms.PerSecond(30),
	},
	Open: func(config sms.Config) (messaging.Provider, error) { return OpenMessages(config) },
}

func pem(value string) error {
	if _, err := jwt.ParseRSAPrivateKeyFromPEM([]byte(value)); err != nil {
		return errors.New("invalid private_key: it must be an RSA key in PEM, as the application's page gives it")
	}
	return nil
}

// Messages is one account, used through the Messages API.
type Messages struct {
	*sms.Codes
	config sms.Config
	caller *sms.Caller
	key    *rsa.PrivateKey // nil to send with the API secret
}

// OpenMessages returns a provider for the Messages API. It does not call Vonage.
func OpenMessages(config sms.Config) (*Messages, error) {
	secrets := slices.Concat(
		config.Secrets["api_secret"], config.Secrets["signature_secret"], config.Secrets["private_key"])
	caller, err := sms.NewCaller(config, secrets...)
	if err != nil {
		return nil, err
	}
	p := &Messages{
		Codes: sms.NewCodes(sms.MustParseFaults(faultsCSV), config.Log), config: config, caller: caller,
	}
	private, application := config.Secret("private_key"), config.Settings["application_id"]
	switch {
	case (private == "") != (application == ""):
		return nil, errors.New("application_id and private_key belong together: set both or neither")
	case private == "" && config.Secret("api_secret") == "":
		return nil, errors.New("no credentials: set api_secret, or application_id and private_key")
	case private != "":
		if p.key, err = jwt.ParseRSAPrivateKeyFromPEM([]byte(private)); err != nil {
			return nil, pem(private)
		}
	}
	return p, nil
}

// outbound is a text as the Messages API takes it.
type outbound struct {
	MessageType    string  `json:"message_type"`
	Channel        string  `json:"channel"`
	To             string  `json:"to"`
	From           string  `json:"from"`
	Text           string  `json:"text"`
	ClientRef      string  `json:"client_ref"`
	TTL            int64   `json:"ttl"` // seconds
	WebhookURL     string  `json:"webhook_url,omitempty"`
	WebhookVersion string  `json:"webhook_version,omitempty"`
	SMS            options `json:"sms"`
}

type options struct {
	Encoding string `json:"encoding_type"`
}

// Bounds of the ttl of the Messages API.
const (
	shortestMessagesTTL = 20 * time.Second
	longestMessagesTTL  = 72 * time.Hour
)

// Send implements messaging.Provider.
func (p *Messages) Send(ctx context.Context, text messaging.Text) (messaging.Accepted, error) {
	ttl, err := sms.Validity(p.config.Now(), text.ValidUntil, time.Second, shortestMessagesTTL, longestMessagesTTL)
	if err != nil {
		return messaging.Accepted{}, err
	}
	out := outbound{
		MessageType: "text", Channel: "sms", To: strings.TrimPrefix(text.To, "+"),
		From: sender(cmp.Or(text.From, p.config.Settings["sender"])), Text: text.Body, ClientRef: text.Reference, TTL: ttl,
		SMS: options{encoding(text.Body)},
	}
	if p.config.Callback != nil {
		out.WebhookURL, out.WebhookVersion = p.config.Callback(sms.Receipts), "v1"
	}
	body, err := json.Marshal(out)
	if err != nil {
		return messaging.Accepted{}, err
	}
	request, err := p.request(ctx, string(body))
	if err != nil {
		return messaging.Accepted{}, err
	}
	reply, err := p.caller.Submit(request)
	if err != nil {
		return messaging.Accepted{}, err
	}
	return p.outcome(reply)
}

// request returns a request that submits a body, with the credentials of the application or of the account.
func (p *Messages) request(ctx context.Context, body string) (*http.Request, error) {
	request, err := p.caller.Request(ctx, http.MethodPost, "/v1/messages", body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	if p.key == nil {
		request.SetBasicAuth(p.config.Settings["api_key"], p.config.Secret("api_secret"))
		return request, nil
	}
	now := p.config.Now()
	token, err := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
		"application_id": p.config.Settings["application_id"], "jti": uuid.NewString(),
		"iat": now.Unix(), "exp": now.Add(15 * time.Minute).Unix(),
	}).SignedString(p.key)
	if err != nil {
		return nil, errors.New("vonage: the private key cannot sign")
	}
	request.Header.Set("Authorization", "Bearer "+token)
	return request, nil
}

// outcome reads the reply to a submission.
func (p *Messages) outcome(reply sms.Reply) (messaging.Accepted, error) {
	if reply.Status == http.StatusAccepted || reply.Status == http.StatusOK {
		var accepted struct {
			ID   string `json:"message_uuid"`
			Type string `json:"type"` // of a problem
		}
		switch err := json.Unmarshal(reply.Body, &accepted); {
		case err == nil && accepted.ID != "":
			return messaging.Accepted{ProviderID: sms.Clip(accepted.ID), At: p.config.Now()}, nil
		case err != nil || accepted.Type == "":
			return messaging.Accepted{}, reply.InDoubt()
		}
		code := problemCode(accepted.Type)
		return messaging.Accepted{}, messaging.Reject(p.Fault("messages", code), code)
	}
	refused := reply.Rejected()
	if refused == nil {
		return messaging.Accepted{}, reply.InDoubt()
	}
	var problem struct {
		Type string `json:"type"`
	}
	if json.Unmarshal(reply.Body, &problem) != nil || problem.Type == "" {
		return messaging.Accepted{}, refused
	}
	code := problemCode(problem.Type)
	if fault := p.Fault("messages", code); fault != message.FaultUnknown {
		refused.Fault, refused.Class = fault, fault.Class()
	}
	refused.Code = code
	return messaging.Accepted{}, refused
}

// problemCode returns the code in the type of a problem: "1120" of
// https://developer.vonage.com/api-errors/messages#1120.
func problemCode(address string) string {
	return sms.Clip(address[strings.LastIndexAny(address, "#/")+1:])
}

// Status implements messaging.Provider. The Messages API has no query for a text: receipts settle attempts in doubt.
func (p *Messages) Status(context.Context, messaging.Inquiry) (messaging.Standing, error) {
	return messaging.Standing{}, messaging.ErrCannotTell
}

// Check submits an empty message, which Vonage refuses as invalid only if the credentials are right.
func (p *Messages) Check(ctx context.Context) error {
	request, err := p.request(ctx, "{}")
	if err != nil {
		return err
	}
	reply, err := p.caller.Do(request)
	if err != nil {
		return err
	}
	fine := reply.Status == http.StatusUnprocessableEntity || reply.Status == http.StatusBadRequest
	return checked(fine, reply, fmt.Sprintf("check %s", p.credentials()))
}

func (p *Messages) credentials() string {
	if p.key != nil {
		return "application_id and private_key"
	}
	return "api_key and api_secret"
}

// CheckSender implements sms.SenderRules.
func (p *Messages) CheckSender(country, sender string) error { return sms.CheckSender(country, sender) }
