package outages

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/clickbook/clickbook/domain/outagedetect"
)

// line is one message event of the input.
type line struct {
	T        string  `json:"t"` // RFC 3339
	Message  string  `json:"message"`
	Provider string  `json:"provider"`
	Country  string  `json:"country"` // ISO 3166-1 alpha-2
	Network  *string `json:"network"` // MCC-MNC; null: unknown
	Account  string  `json:"account"`
	ToHash   string  `json:"to_hash"`
	Event    string  `json:"event"` // submitted, delivered, failed, rejected
	Class    *string `json:"class"` // of failed and rejected
}

var kinds = map[string]outagedetect.Kind{
	"submitted": outagedetect.Submitted, "delivered": outagedetect.Delivered,
	"failed": outagedetect.Failed, "rejected": outagedetect.Rejected,
}

// parse reads one line.
func parse(text []byte) (outagedetect.Fact, error) {
	var l line
	if err := json.Unmarshal(text, &l); err != nil {
		var value *json.UnmarshalTypeError
		if errors.As(err, &value) {
			return outagedetect.Fact{}, fmt.Errorf("%s is a JSON %s; write a string", value.Field, value.Value)
		}
		return outagedetect.Fact{}, fmt.Errorf("not a JSON object: %w", err)
	}
	at, err := time.Parse(time.RFC3339Nano, l.T)
	if err != nil {
		return outagedetect.Fact{}, fmt.Errorf("invalid t %q: write it with an offset, such as 2026-03-01T09:30:00Z", l.T)
	}
	if at.Year() < 1980 || at.Year() > 2200 {
		return outagedetect.Fact{}, fmt.Errorf("invalid t %q: the year must be between 1980 and 2200", l.T)
	}
	kind, known := kinds[l.Event]
	switch {
	case !known:
		return outagedetect.Fact{}, fmt.Errorf("invalid event %q: write submitted, delivered, failed or rejected", l.Event)
	case l.Message == "":
		return outagedetect.Fact{}, errors.New("message is missing: write the message's id")
	case l.Provider == "":
		return outagedetect.Fact{}, errors.New("provider is missing: write the provider's name")
	case !isCountry(l.Country):
		return outagedetect.Fact{}, fmt.Errorf("invalid country %q: write two capital letters, such as US", l.Country)
	}
	class, err := l.class(kind)
	if err != nil {
		return outagedetect.Fact{}, err
	}
	f := outagedetect.Fact{
		At: at, Message: l.Message, Kind: kind, Provider: l.Provider, Country: l.Country,
		Account: l.Account, To: l.ToHash, Class: class,
	}
	if l.Network != nil {
		f.Network = *l.Network
	}
	return f, nil
}

// class returns the class of a failure. Without one it is unknown, which counts as a failure.
func (l line) class(kind outagedetect.Kind) (outagedetect.Class, error) {
	if kind != outagedetect.Failed && kind != outagedetect.Rejected {
		return "", nil
	}
	if l.Class == nil || *l.Class == "" {
		return outagedetect.ClassUnknown, nil
	}
	class := outagedetect.Class(*l.Class)
	switch class {
	case outagedetect.ClassNumber, outagedetect.ClassOptOut, outagedetect.ClassHandset, outagedetect.ClassContent,
		outagedetect.ClassCarrier, outagedetect.ClassThrottle, outagedetect.ClassProvider,
		outagedetect.ClassConfiguration, outagedetect.ClassUnknown:
		return class, nil
	}
	return "", fmt.Errorf("invalid class %q: write NUM, OPT, HND, CNT, CAR, THR, PRV, CFG or U", *l.Class)
}

// isCountry accepts any two letters: an unassigned code belongs to no known region, which harms nothing.
func isCountry(code string) bool {
	return len(code) == 2 && 'A' <= code[0] && code[0] <= 'Z' && 'A' <= code[1] && code[1] <= 'Z'
}
