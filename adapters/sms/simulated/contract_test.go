package simulated_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/sms/carriertest"
	"github.com/clickbook/clickbook/adapters/sms/simulated"
	"github.com/clickbook/clickbook/commands/messaging"
)

func TestContract(t *testing.T) { carriertest.Run(t, open) }

// recorder records what its provider accepts.
type recorder struct {
	messaging.Provider
	mu       sync.Mutex
	accepted []carriertest.Submitted
}

func (r *recorder) Send(ctx context.Context, text messaging.Text) (messaging.Accepted, error) {
	got, err := r.Provider.Send(ctx, text)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil {
		r.accepted = append(r.accepted, carriertest.Submitted{
			Reference: text.Reference, ProviderID: got.ProviderID, From: text.From, To: text.To, Body: text.Body,
			ValidUntil: text.ValidUntil,
		})
	}
	return got, err
}

// open returns a network that delivers every text. It is never slow or down: the dispatcher meets those through the
// adapters of real providers.
func open(t *testing.T) carriertest.Lab {
	t.Helper()
	now := func() time.Time { return noon }
	network := simulated.NewNetwork(7, simulated.Rates{}, now)
	r := &recorder{Provider: network.Provider("alpha")}
	return carriertest.Lab{
		Provider: r, Now: now, NoValidity: true, Forgets: true,
		Behave:   func(b carriertest.Behaviour) bool { return b == carriertest.Healthy },
		Accepted: func() []carriertest.Submitted { return r.accepted },
		Report: func(text carriertest.Submitted, report carriertest.Report) ([]messaging.Receipt, bool) {
			if report.State != "delivered" || !report.At.Equal(noon) {
				return nil, false
			}
			for _, receipt := range network.Due(noon.AddDate(1, 0, 0)) {
				if receipt.Reference == text.Reference {
					return []messaging.Receipt{receipt}, true
				}
			}
			return nil, false
		},
	}
}
