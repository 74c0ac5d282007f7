package installation

import (
	"context"
	"errors"
	"time"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections/directory"
)

// canaryInterval is how often each canary gets a text by each provider, and how long its receipt may take.
const canaryInterval = 15 * time.Minute

// canaryText is what a canary gets.
const canaryText = "ClickBook canary: this text shows that the provider delivers."

// errCanary says why GET /health shows trouble with a canary.
var errCanary = errors.New("the last text to a canary was not delivered")

// canaries are handsets of the operator that get a text by every provider on a schedule. At low volume a night can pass
// before texts to clients show an outage; a canary shows it at the next round. The texts belong to no account, so
// nobody is charged, and they are no evidence for the detector: the operator decides what to do.
type canaries struct {
	numbers []domain.Phone
	send    func(ctx context.Context, provider string, text messaging.Text) (sms.Check, error)
	read    func(reference string) (sms.Check, bool)
	trouble func(component string, err error) // nil: it works

	sent map[string]string // the reference of the last text, by component
}

// newCanaries returns the canaries of a server. A trial has none, because its providers are simulated.
func (in *Installation) newCanaries() *canaries {
	c := &canaries{
		numbers: in.options.Canaries, send: in.carriers.Check, read: in.carriers.Checked, sent: make(map[string]string),
		trouble: func(component string, err error) {
			if err != nil {
				in.troubles.set(component, err)
				return
			}
			in.troubles.clear(component)
		},
	}
	if in.trial {
		c.numbers = nil
	}
	return c
}

// round looks at the texts of the last round and sends those of the next one.
func (c *canaries) round(ctx context.Context, providers []directory.Provider) (err error) {
	for _, provider := range providers {
		for _, number := range c.numbers {
			component := "canary in " + number.Country + " by " + provider.Name
			if provider.Disabled {
				c.trouble(component, nil)
				delete(c.sent, component)
				continue
			}
			if reference := c.sent[component]; reference != "" {
				c.trouble(component, c.outcome(reference))
			}
			check, failed := c.send(ctx, provider.Name, messaging.Text{
				To: number.E164, Country: number.Country, Body: canaryText,
			})
			if failed != nil { // its configuration cannot be used, which is shown elsewhere
				err = errors.Join(err, failed)
			}
			c.sent[component] = check.Reference
		}
	}
	return err
}

// outcome returns nil if a text arrived.
func (c *canaries) outcome(reference string) error {
	if check, ok := c.read(reference); ok && check.State == string(message.Delivered) {
		return nil
	}
	return errCanary
}

// watchCanaries sends to the canaries.
func (in *Installation) watchCanaries(ctx context.Context, c *canaries) error {
	if len(c.numbers) == 0 {
		return nil
	}
	registered, err := directory.Providers{DB: in.Views}.All(ctx)
	if err != nil {
		return err
	}
	return c.round(ctx, registered)
}
