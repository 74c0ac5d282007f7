// Package smppcodes reads what SMPP 3.4 systems say about texts: the status of a command, and the delivery receipt.
// Kannel passes both on as text, so its adapter shares them with that of SMPP.
package smppcodes

import (
	_ "embed"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/domain/message"
)

//go:embed faults.csv
var faultsCSV string

// Reader says what codes mean, and counts those that it does not know.
type Reader struct {
	*sms.Codes
	errs map[string]message.Fault
}

// NewReader returns a reader. errs gives the faults of the vendor's own err codes, such as "001=NUM 034=CNT", because
// no standard defines them. The logger may be nil.
func NewReader(errs string, log *slog.Logger) (*Reader, error) {
	parsed, err := parseErrs(errs)
	if err != nil {
		return nil, err
	}
	return &Reader{Codes: sms.NewCodes(sms.MustParseFaults(faultsCSV), log), errs: parsed}, nil
}

// ErrsField is the field of a configuration that has the vendor's err codes.
var ErrsField = sms.Field{
	Name: "receipt_codes", Optional: true, Check: func(value string) error { _, err := parseErrs(value); return err },
	Help: "the faults of the carrier's own err codes in receipts, such as 001=NUM 034=CNT",
}

func parseErrs(text string) (map[string]message.Fault, error) {
	errs := make(map[string]message.Fault)
	for _, pair := range strings.Fields(text) {
		code, fault, ok := strings.Cut(pair, "=")
		if !ok || code == "" || !slices.Contains(message.Faults(), message.Fault(fault)) {
			return nil, fmt.Errorf("invalid code %q: write codes of receipts and their faults like 001=NUM 034=CNT; "+
				"the faults are %s", sms.Clip(pair), faultNames())
		}
		errs[strings.ToLower(code)] = message.Fault(fault)
	}
	return errs, nil
}

func faultNames() string {
	var names []string
	for _, fault := range message.Faults() {
		names = append(names, string(fault))
	}
	return strings.Join(names, " ")
}

// Status is the command_status of a response (SMPP 3.4, 5.1.3).
type Status uint32

// OK is the status of a command that succeeded.
const OK Status = 0

// Code returns the status as eight hexadecimal digits, such as 0x0000000b.
func (s Status) Code() string { return fmt.Sprintf("0x%08x", uint32(s)) }

// StatusFault returns why a command with the status was refused.
func (r *Reader) StatusFault(status Status) message.Fault { return r.Fault("status", status.Code()) }
