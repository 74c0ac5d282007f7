package smppcodes

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/domain/message"
)

// Receipt is what a delivery receipt says. Its format is the vendor's choice (SMPP 3.4, appendix B), so any field may
// be empty.
type Receipt struct {
	ID   string // of the text, as the receipt spells it
	Stat string // in capitals: DELIVRD, UNDELIV, EXPIRED, …
	Err  string // a code of the vendor or the network
}

var (
	field   = regexp.MustCompile(`(?i)(?:^|\s)(id|stat|err):(\S+)`)
	ourText = regexp.MustCompile(`(?i)(?:^|\s)text:`)
)

// ParseReceipt parses the text of a delivery receipt, such as
//
//	id:0123 sub:001 dlvrd:001 submit date:2611281450 done date:2611281451 stat:DELIVRD err:000 text:Reminder
//
// It ignores case, order and missing fields, and whatever follows "text:", which repeats our own text. Of a field that
// occurs twice the first counts. The dates have no time zone, so they are left out.
func ParseReceipt(text string) Receipt {
	if at := ourText.FindStringIndex(text); at != nil {
		text = text[:at[0]]
	}
	var receipt Receipt
	for _, found := range field.FindAllStringSubmatch(text, -1) {
		value := &receipt.ID
		switch strings.ToLower(found[1]) {
		case "stat":
			value, found[2] = &receipt.Stat, strings.ToUpper(found[2])
		case "err":
			value = &receipt.Err
		}
		if *value == "" {
			*value = found[2]
		}
	}
	return receipt
}

// States of messaging.Receipt.
const (
	Sent        = "sent" // under way
	Delivered   = "delivered"
	Undelivered = "undelivered"
	Expired     = "expired"
	Unknown     = "unknown"
)

// Outcome is what a receipt means for a text.
type Outcome struct {
	State string
	Code  string        // the stat, and the err if there is one, such as UNDELIV/001; "" unless the text failed
	Fault message.Fault // "" unless the text failed
}

// outcomes are the words for the state of a text: those of SMPP 3.4, and others that are in use.
var outcomes = map[string]string{
	"DELIVRD": Delivered, "DELIVERED": Delivered,
	"ENROUTE": Sent, "ACCEPTD": Sent, "ACCEPTED": Sent, "SCHEDLD": Sent, "SCHEDULED": Sent, "BUFFERD": Sent,
	"UNDELIV": Undelivered, "FAILED": Undelivered, "REJECTD": Undelivered, "REJECTED": Undelivered,
	"DELETED": Undelivered, "SKIPPED": Undelivered,
	"EXPIRED": Expired,
}

// states are the values of the message_state parameter (SMPP 3.4, 5.2.28; 0 and 9 of SMPP 5.0).
var states = []string{
	"SCHEDLD", "ENROUTE", "DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD", "SKIPPED",
}

// Stat returns the word for a value of message_state, "STATE nn" for a value that has none.
func Stat(state byte) string {
	if int(state) < len(states) {
		return states[state]
	}
	return fmt.Sprintf("STATE %d", state)
}

// Outcome returns what a receipt means. A stat that is not known is an unknown outcome, and never delivered.
func (r *Reader) Outcome(receipt Receipt) Outcome {
	state, known := outcomes[receipt.Stat]
	switch {
	case state == Sent || state == Delivered:
		return Outcome{State: state}
	case !known:
		state = Unknown
	}
	outcome := Outcome{State: state, Code: receipt.Stat, Fault: r.Fault("stat", receipt.Stat)}
	if strings.Trim(receipt.Err, "0") == "" {
		outcome.Code = sms.Clip(outcome.Code)
		return outcome
	}
	outcome.Code = sms.Clip(outcome.Code + "/" + receipt.Err)
	if fault, ok := r.errs[strings.ToLower(receipt.Err)]; ok {
		outcome.Fault = fault
	} else {
		r.Fault("err", receipt.Err) // counted, so that operators see what receipt_codes could explain
	}
	return outcome
}
