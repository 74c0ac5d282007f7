package installation

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/directory"
)

// A canary whose text did not arrive shows trouble until one arrives again, and so does a provider that is disabled no
// more.
func TestCanariesShowWhatDoesNotArrive(t *testing.T) {
	states, troubles, texts := make(map[string]string), make(map[string]error), 0
	c := &canaries{
		numbers: []domain.Phone{{E164: "+16045550101", Country: "CA"}}, sent: make(map[string]string),
		send: func(_ context.Context, provider string, text messaging.Text) (sms.Check, error) {
			texts++
			if text.To != "+16045550101" || text.Country != "CA" || text.Body == "" {
				t.Errorf("sent %+v", text)
			}
			return sms.Check{Reference: fmt.Sprintf("%s-%d", provider, texts)}, nil
		},
		read: func(reference string) (sms.Check, bool) {
			state, ok := states[reference]
			return sms.Check{State: state}, ok
		},
		trouble: func(component string, err error) { troubles[component] = err },
	}
	providers := []directory.Provider{{Name: "alpha"}, {Name: "beta"}, {Name: "gamma", Disabled: true}}
	round := func(alpha, beta error) {
		t.Helper()
		if err := c.round(t.Context(), providers); err != nil {
			t.Fatal(err)
		}
		for component, want := range map[string]error{
			"canary in CA by alpha": alpha, "canary in CA by beta": beta, "canary in CA by gamma": nil,
		} {
			if !errors.Is(troubles[component], want) {
				t.Errorf("after %d texts the trouble of %s is %v, want %v", texts, component, troubles[component], want)
			}
		}
	}
	round(nil, nil)
	states["alpha-1"], states["beta-2"] = "delivered", "sent"
	round(nil, errCanary)
	states["alpha-3"], states["beta-4"] = "undelivered", "delivered"
	round(errCanary, nil)
	if texts != 6 {
		t.Errorf("%d texts were sent, want 6", texts)
	}
}
