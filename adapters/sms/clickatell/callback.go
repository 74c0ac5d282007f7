package clickatell

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain/message"
)

// event is a call of the One API. One call may hold several updates and replies.
type event struct {
	Event struct {
		Updates []update `json:"messageStatusUpdate"`
		Replies []reply  `json:"moText"`
	} `json:"event"`
}

// update is a status of a text, in a call or in the reply to a query.
type update struct {
	Channel         string      `json:"channel"`
	MessageID       string      `json:"messageId"`
	ClientMessageID string      `json:"clientMessageId"`
	Status          string      `json:"status"`
	StatusCode      json.Number `json:"statusCode"`
	Timestamp       json.Number `json:"timestamp"` // milliseconds since 1970, in UTC
}

type reply struct {
	Channel   string      `json:"channel"`
	MessageID string      `json:"messageId"`
	From      string      `json:"from"`
	To        string      `json:"to"`
	Content   string      `json:"content"`
	Timestamp json.Number `json:"timestamp"`
}

// names are the codes of statuses that a call gives by name only.
var names = map[string]string{
	"UNKNOWN": "1", "QUEUED": "2", "SCHEDULED": "3", "SENT_TO_SUPPLIER": "4", "DEVICE_ACK": "5", "READ": "6",
	"EXPIRED": "20", "STOPPED_BY_USER": "21", "STOPPED_BY_ADMIN": "22", "DELIVERY_FAILURE": "23", "EMULATED": "24",
	"INSUFFICIENT_ACCOUNT_BALANCE": "25", "VOLUME_LIMIT": "26", "VOLUME_LIMIT_DAILY": "27", "VOLUME_LIMIT_MONTHLY": "28",
	"RECIPIENT_DOES_NOT_EXIST": "29", "ROUTING_ERROR": "100",
}

// states maps the codes of statuses. What is not here is unknown; 24 says that a test integration only pretends.
var states = map[string]string{
	"2": "sent", "3": "sent", "4": "sent", "5": "delivered", "6": "delivered", "20": "expired", "21": "undelivered",
	"22": "undelivered", "23": "undelivered", "25": "undelivered", "26": "undelivered", "27": "undelivered",
	"28": "undelivered", "29": "undelivered", "100": "undelivered",
}

// code returns the code of a status, its name if it has no code, "" if it has neither.
func (u update) code() string { return cmp.Or(u.StatusCode.String(), names[u.Status], u.Status) }

// Callback implements sms.CalledBack. The token in the address proves who calls, as far as anything does.
func (p *Provider) Callback(call sms.Call) (sms.Callback, error) {
	if !p.known(call) {
		return sms.Callback{}, sms.ErrForged
	}
	kind, _, err := mime.ParseMediaType(call.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" || call.Method != http.MethodPost || len(call.Body) > sms.MaxBody {
		return sms.Callback{}, fmt.Errorf("%w: it is not JSON, or too long", sms.ErrMalformed)
	}
	var said event
	if err := json.Unmarshal(call.Body, &said); err != nil {
		return sms.Callback{}, fmt.Errorf("%w: it is not the JSON of an event", sms.ErrMalformed)
	}
	sum := sha256.Sum256(call.Body)
	callback := sms.Callback{Once: "clickatell " + hex.EncodeToString(sum[:16])}
	for _, update := range said.Event.Updates {
		if update.MessageID == "" || update.code() == "" {
			return sms.Callback{}, fmt.Errorf("%w: an update has no messageId or no status", sms.ErrMalformed)
		}
		if cmp.Or(update.Channel, "sms") == "sms" {
			callback.Receipts = append(callback.Receipts, p.receipt(update, call.At))
		}
	}
	for _, reply := range said.Event.Replies {
		if reply.MessageID == "" || reply.From == "" {
			return sms.Callback{}, fmt.Errorf("%w: a reply has no messageId or no from", sms.ErrMalformed)
		}
		if cmp.Or(reply.Channel, "sms") == "sms" {
			callback.Inbound = append(callback.Inbound, p.inbound(reply, call.At))
		}
	}
	return callback, nil
}

// known reports whether a call has the token and comes from an allowed address.
func (p *Provider) known(call sms.Call) bool {
	address, err := url.Parse(call.URL)
	if err != nil {
		return false
	}
	given := address.Query()["t"]
	if len(given) != 1 || given[0] == "" || len(p.sources) > 0 && !p.allowed(call.From) {
		return false
	}
	return slices.ContainsFunc(p.config.Secrets["callback_token"], func(token string) bool {
		return sms.SameSecret(given[0], token)
	})
}

// allowed reports whether calls may come from an address, given with or without a port.
func (p *Provider) allowed(from string) bool {
	address, err := netip.ParseAddr(from)
	if withPort, other := netip.ParseAddrPort(from); other == nil {
		address, err = withPort.Addr(), nil
	}
	return err == nil && slices.ContainsFunc(p.sources, func(source netip.Prefix) bool {
		return source.Contains(address.Unmap())
	})
}

func (p *Provider) receipt(said update, came time.Time) messaging.Receipt {
	code := said.code()
	receipt := messaging.Receipt{
		Reference: said.ClientMessageID, State: cmp.Or(states[code], "unknown"), ProviderID: sms.Clip(said.MessageID),
		At: happened(said.Timestamp, came),
	}
	if receipt.State == "delivered" || receipt.State == string(message.Sent) {
		return receipt
	}
	receipt.Code, receipt.Fault = sms.Clip(code), p.Fault("status", code)
	return receipt
}

func (p *Provider) inbound(said reply, came time.Time) messaging.Inbound {
	return messaging.Inbound{
		Provider: p.config.Provider, ID: sms.Clip(said.MessageID), From: sms.International(sms.Clip(said.From)),
		To: sms.International(sms.Clip(said.To)), Text: said.Content, At: happened(said.Timestamp, came),
	}
}

// happened returns the time of a timestamp, or when the call came if there is none or it is later.
func happened(milliseconds json.Number, came time.Time) time.Time {
	at, err := milliseconds.Int64()
	if err != nil || at <= 0 || at > came.UnixMilli() {
		return came
	}
	return time.UnixMilli(at).UTC()
}
