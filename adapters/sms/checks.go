package sms

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/provider"
)

// Check is the test of a provider by an operator.
type Check struct {
	Credentials string // what became of testing them
	Reference   string // of the test text, "" if none was sent
	State       string // of the test text: sent, refused, in doubt, or the state of its receipt
	Code        string // the fault and the provider's code
	ProviderID  string
}

// checks are the test texts of the last minutes. They belong to no account, so the log does not have them.
type checks struct {
	of    map[string]Check // by reference
	order []string         // the oldest first
}

// inDoubt is the state of a test text whose acceptance is not known.
const inDoubt = "in doubt"

const (
	maxChecks     = 100       // test texts that are remembered
	checkValidity = time.Hour // of a test text
)

// Check tests the credentials of a provider. If text.To is a number, it also sends one text to it, which belongs to no
// account and costs none; its receipt is remembered until the server stops. It returns the problems of an incomplete
// configuration as a refusal.
func (r *Receiver) Check(ctx context.Context, name string, text messaging.Text) (Check, error) {
	known, _, err := commands.Load(ctx, r.Engine, provider.Decider, provider.Stream(name))
	switch {
	case err != nil:
		return Check{}, err
	case known.Kind == "":
		return Check{}, provider.ErrUnknown
	}
	found, err := r.Open(name, known)
	if err != nil {
		return Check{}, domain.Refusef(domain.Disallowed, "provider_unusable", "%s", oneLine(err))
	}
	check := Check{Credentials: "not tested: this kind of provider tests them only with a text"}
	if checked, ok := found.(Checked); ok {
		check.Credentials = "accepted"
		if err := checked.Check(ctx); err != nil {
			check.Credentials = "refused: " + err.Error()
		}
	}
	if text.To == "" {
		return check, nil
	}
	text.Reference = messaging.ReferenceOf(domain.MessageID{UUID: uuid.New()}, 1)
	text.ValidUntil = r.Engine.Now().Add(checkValidity)
	check.Reference = text.Reference
	r.remember(check) // before the call: its receipt may come first
	accepted, err := found.Send(ctx, text)
	return r.noteResult(check, accepted, err), nil
}

// oneLine returns the sentences of joined errors in one line.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

func (r *Receiver) remember(check Check) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.checks.of == nil {
		r.checks.of = make(map[string]Check)
	}
	r.checks.of[check.Reference] = check
	if r.checks.order = append(r.checks.order, check.Reference); len(r.checks.order) > maxChecks {
		delete(r.checks.of, r.checks.order[0])
		r.checks.order = r.checks.order[1:]
	}
}

// noteResult records what the provider returned, unless a receipt came before.
func (r *Receiver) noteResult(check Check, accepted messaging.Accepted, err error) Check {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := r.checks.of[check.Reference]; now.State != "" {
		return now
	}
	var refused *messaging.NotAccepted
	switch {
	case err == nil:
		check.State, check.ProviderID = string(message.Sent), accepted.ProviderID
	case errors.As(err, &refused):
		check.State, check.Code = "refused", codeOf(refused.Fault, refused.Code)
	default:
		check.State, check.Code = inDoubt, err.Error()
	}
	r.checks.of[check.Reference] = check
	return check
}

// noteReceipt takes the receipt of a test text, and reports whether it was one.
func (r *Receiver) noteReceipt(receipt messaging.Receipt) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	check, ok := r.checks.of[receipt.Reference]
	overtaken := receipt.State == string(message.Sent) && check.State != "" && check.State != inDoubt
	if ok && !overtaken { // calls come in any order
		check.State, check.Code = receipt.State, codeOf(receipt.Fault, receipt.Code)
		r.checks.of[receipt.Reference] = check
	}
	return ok
}

// Checked returns what is known of a test text by its reference.
func (r *Receiver) Checked(reference string) (Check, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	check, ok := r.checks.of[reference]
	return check, ok
}

func codeOf(fault message.Fault, code string) string {
	return strings.TrimSpace(string(fault) + " " + code)
}
