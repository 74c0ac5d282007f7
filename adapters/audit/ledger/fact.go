package ledger

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/clickbook/clickbook/domain"
	windows "github.com/clickbook/clickbook/domain/window"
)

// Fact is something that happened to an account, under the name of its event in the log. The type determines which
// fields are set. Ids are texts, so that auditors can use their own.
type Fact struct {
	EventID    string  `json:"event_id"`
	RecordedAt Instant `json:"recorded_at"`
	Type       string  `json:"type"`

	Account  string `json:"account,omitempty"`
	HomeZone string `json:"home_zone,omitempty"`

	Purchase  string  `json:"purchase,omitempty"`
	Grant     string  `json:"grant,omitempty"`
	Amount    *Whole  `json:"amount,omitempty"` // micro-credits
	ExpiresAt Instant `json:"expires_at,omitzero"`

	Message          string  `json:"message,omitempty"`
	ToCountry        string  `json:"to_country,omitempty"` // ISO 3166-1
	Segments         *Whole  `json:"segments,omitempty"`
	UnitPrice        *Whole  `json:"unit_price,omitempty"` // micro-credits per segment
	ScheduledFor     Instant `json:"scheduled_for,omitzero"`
	Attempt          Whole   `json:"attempt,omitempty"`
	Provider         string  `json:"provider,omitempty"`
	ProviderSegments *Whole  `json:"provider_segments,omitempty"` // as the provider counted them
	SentAt           Instant `json:"sent_at,omitzero"`
	Final            *bool   `json:"final,omitempty"` // of an SmsFailed; absent means true
	State            string  `json:"state,omitempty"` // of a receipt: delivered, undelivered, expired, unknown
	RefundKey        string  `json:"refund_key,omitempty"`
	Reason           string  `json:"reason,omitempty"`

	Window   string         `json:"window,omitempty"`
	Scope    *windows.Scope `json:"scope,omitempty"`
	Bounds   *FactBounds    `json:"bounds,omitempty"`
	Clawback bool           `json:"clawback,omitempty"`

	Period string `json:"period,omitempty"` // 2026-03
	Zone   string `json:"zone,omitempty"`
}

// FactBounds are the bounds of a window, with instants that are parsed as strictly as those of a Fact.
type FactBounds struct {
	Kind      string  `json:"kind"`
	Start     Instant `json:"start,omitzero"`
	End       Instant `json:"end,omitzero"`
	Zone      string  `json:"zone,omitempty"`
	ZoneMode  string  `json:"zone_mode,omitempty"`
	StartDate string  `json:"start_date,omitempty"`
	Days      Whole   `json:"days,omitempty"`
}

func (b FactBounds) bounds() windows.Bounds {
	return windows.Bounds{
		Kind: b.Kind, Start: b.Start.Time, End: b.End.Time, Zone: b.Zone, ZoneMode: b.ZoneMode,
		StartDate: b.StartDate, Days: int(b.Days),
	}
}

// Whole is an integer. In JSON it consists of decimal digits only; 1.0, 1e3 and "1" are refused.
type Whole int64

// UnmarshalJSON parses an integer of 64 bits. It refuses others with amount_not_integer or amount_overflow.
func (w *Whole) UnmarshalJSON(data []byte) error {
	text := string(data)
	if text == "null" {
		return nil
	}
	if digits := strings.TrimPrefix(text, "-"); strings.Trim(digits, "0123456789") != "" || digits == "" {
		return domain.Refusef(domain.Invalid, "amount_not_integer",
			"%s is not a whole number; write amounts in micro-credits, with digits only (amount_not_integer)", text)
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return domain.Refusef(domain.Invalid, "amount_overflow",
			"%s does not fit in 64 bits; check the number of zeros (amount_overflow)", text)
	}
	*w = Whole(n)
	return nil
}

// Instant is a time in RFC 3339 with an offset, truncated to microseconds.
type Instant struct{ time.Time }

// UnmarshalJSON parses RFC 3339. It refuses a time without an offset, which could be many instants.
func (i *Instant) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return fmt.Errorf("%s is not a time; write it as \"2026-03-18T00:00:00Z\"", data)
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || strings.Contains(text, ",") {
		if _, err := time.Parse("2006-01-02T15:04:05.999999999", text); err == nil {
			return domain.Refusef(domain.Invalid, "offset_required",
				"%q has no offset; write it as %sZ or %s+11:00 (offset_required)", text, text, text)
		}
		return domain.Refusef(domain.Invalid, "time_malformed",
			"%q is not a time; write it as 2026-03-18T00:00:00Z (time_malformed)", text)
	}
	i.Time = domain.Microseconds(at)
	return nil
}

// MarshalJSON writes UTC, with a fraction of six digits only if there is one.
func (i Instant) MarshalJSON() ([]byte, error) { return []byte(strconv.Quote(i.String())), nil }

func (i Instant) String() string {
	if i.Nanosecond() == 0 {
		return i.UTC().Format("2006-01-02T15:04:05Z")
	}
	return i.UTC().Format("2006-01-02T15:04:05.000000Z")
}

// complete maps each type of fact to a check that its required fields are set.
var complete = map[string]func(Fact) bool{
	"AccountOpened":          func(f Fact) bool { return f.Account != "" },
	"AccountSettingsChanged": func(f Fact) bool { return f.Account != "" && f.HomeZone != "" },
	"CreditsPurchased":       func(f Fact) bool { return f.Account != "" && f.Purchase != "" && f.Amount != nil },
	"CreditsGranted":         func(f Fact) bool { return f.Account != "" && f.Grant != "" && f.Amount != nil },
	"GrantExpired":           func(f Fact) bool { return f.Grant != "" },
	"ReminderQueued": func(f Fact) bool {
		return f.Account != "" && f.Message != "" && f.Segments != nil && f.UnitPrice != nil && !f.ScheduledFor.IsZero()
	},
	"SmsSent":              func(f Fact) bool { return f.Message != "" && !f.SentAt.IsZero() },
	"SmsFailed":            func(f Fact) bool { return f.Message != "" },
	"DeliveryReported":     func(f Fact) bool { return f.Message != "" && isReceipt(f.State) },
	"ManualRefundIssued":   func(f Fact) bool { return f.Message != "" && f.Amount != nil },
	"RefundWindowDeclared": func(f Fact) bool { return f.Window != "" },
	"RefundWindowAmended":  func(f Fact) bool { return f.Window != "" },
	"RefundWindowRevoked":  func(f Fact) bool { return f.Window != "" },
	"PeriodClosed":         func(f Fact) bool { return f.Period != "" },
}

func isReceipt(state string) bool {
	return state == "delivered" || state == "undelivered" || state == "expired" || state == "unknown"
}

func parseFact(line []byte) (Fact, error) {
	var fact Fact
	if err := json.Unmarshal(line, &fact); err != nil {
		return fact, fmt.Errorf("not a fact: %w", err)
	}
	check, known := complete[fact.Type]
	switch {
	case fact.EventID == "" || fact.RecordedAt.IsZero():
		return fact, fmt.Errorf("a fact needs event_id and recorded_at")
	case !known:
		return fact, fmt.Errorf("%q is not a type of fact", fact.Type)
	case !check(fact):
		return fact, fmt.Errorf("%s %s lacks a required field, or one has an invalid value; see docs/credits.md",
			fact.Type, fact.EventID)
	}
	return fact, nil
}
