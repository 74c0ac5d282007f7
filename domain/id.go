package domain

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/google/uuid"
)

// ID is a UUID with the kind of thing it identifies, so ids of different kinds cannot be mixed up.
type ID[K any] struct{ uuid.UUID }

// The kinds of ids.
type (
	accountKind     struct{}
	clientKind      struct{}
	serviceKind     struct{}
	resourceKind    struct{}
	blockKind       struct{}
	appointmentKind struct{}
	messageKind     struct{}
	windowKind      struct{}
	numberKind      struct{}
	outageKind      struct{}
	memberKind      struct{}
	webhookKind     struct{}

	AccountID     = ID[accountKind]
	ClientID      = ID[clientKind]
	ServiceID     = ID[serviceKind]
	ResourceID    = ID[resourceKind]
	BlockID       = ID[blockKind]
	AppointmentID = ID[appointmentKind]
	MessageID     = ID[messageKind]
	WindowID      = ID[windowKind]
	OutageID      = ID[outageKind]
	MemberID      = ID[memberKind]
	WebhookID     = ID[webhookKind]
	NumberID      = ID[numberKind] // a keyed hash of an account and a phone number
)

// IsZero reports whether the id is unset.
func (id ID[K]) IsZero() bool { return id.UUID == uuid.Nil }

// AnyID is an id of any kind. ParseID[ClientID](text) returns a ClientID.
type AnyID interface{ ~struct{ uuid.UUID } }

// ParseID parses the 36-character form of an id.
func ParseID[T AnyID](text string) (T, error) {
	parsed, err := uuid.Parse(text)
	if err != nil || len(text) != 36 {
		return T{}, Refusef(Invalid, "id_malformed", "%q is not an id; write its 36 characters", clip(text))
	}
	return T{parsed}, nil
}

// namespace is the UUIDv5 namespace of every derived id. It is that of the credit ledger's id rule too.
var namespace = uuid.MustParse("b4722eca-4775-5690-8afd-6852275744cf")

// DeriveUUID returns the UUIDv5 (SHA-1) of the compact JSON array of its parts, which are strings, integers and ids.
// The same parts give the same id on every machine, and different parts never give the same array.
func DeriveUUID(parts ...any) uuid.UUID {
	if name, ok := plainArray(make([]byte, 0, 256), parts); ok {
		return uuid.NewSHA1(namespace, name)
	}
	var name bytes.Buffer
	enc := json.NewEncoder(&name)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(parts); err != nil {
		panic(fmt.Sprintf("domain: ids are derived from strings, integers and ids only: %v", err))
	}
	return uuid.NewSHA1(namespace, bytes.TrimSuffix(name.Bytes(), []byte("\n")))
}

// plainArray appends the JSON array of parts as encoding/json would write it. It reports false for strings that need
// escapes and for other types. It is the fast path: every event has a derived id, and nearly all need no escape.
func plainArray(name []byte, parts []any) (_ []byte, ok bool) {
	for i, part := range parts {
		name = append(name, "[,"[min(i, 1)])
		switch part := part.(type) {
		case string:
			name, ok = appendPlain(name, part)
		case Stream:
			name, ok = appendPlain(name, string(part))
		case int:
			name, ok = strconv.AppendInt(name, int64(part), 10), true
		case int64:
			name, ok = strconv.AppendInt(name, part, 10), true
		case interface{ canonical() uuid.UUID }:
			name, ok = appendPlain(name, part.canonical().String())
		case uuid.UUID:
			name, ok = appendPlain(name, part.String())
		default:
			ok = false
		}
		if !ok {
			return nil, false
		}
	}
	return append(name, ']'), ok
}

func appendPlain(name []byte, text string) (_ []byte, ok bool) {
	for _, b := range []byte(text) {
		if b < ' ' || b > '~' || b == '"' || b == '\\' {
			return name, false
		}
	}
	name = append(name, '"')
	name = append(name, text...)
	return append(name, '"'), true
}

func (id ID[K]) canonical() uuid.UUID { return id.UUID }

// DeriveID returns DeriveUUID of the parts as an id of kind T: DeriveID[MessageID](appointment, sequence, rule).
func DeriveID[T AnyID](parts ...any) T { return T{DeriveUUID(parts...)} }
