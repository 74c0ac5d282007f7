package importing

import (
	"context"
	"strings"
	"sync"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/projections/fold"
)

// clients finds or registers the clients of rows. Rows have the same client if they have the same phone number and
// name or, without a number, the same name and email address. Families share numbers, and each member is reminded by
// name.
type clients struct {
	*Importer
	found map[string]domain.ClientID // by key

	mu         sync.Mutex
	registered map[domain.ClientID]bool // by this import
}

func newClients(im *Importer) *clients {
	return &clients{
		Importer: im, found: make(map[string]domain.ClientID), registered: make(map[domain.ClientID]bool),
	}
}

// key returns the same text for the same person in this installation, and does not reveal who it is.
func (c *clients) key(contact client.Contact) string {
	name := fold.Key(contact.Name.Reveal())
	if phone := contact.Phone.Reveal(); phone != "" {
		return c.fingerprint("phone", phone, name)
	}
	return c.fingerprint("name", name, strings.ToLower(contact.Email.Reveal()))
}

// resolve gives each row its client's id, and makes the keys of new clients in one transaction. If two rows of a
// batch spell a contact differently, the first spelling counts.
func (c *clients) resolve(ctx context.Context, batch []*job) error {
	first := make(map[string]client.Contact)
	var subjects []domain.Subject
	for _, j := range batch {
		if j.err != nil {
			continue
		}
		id, ok := c.found[j.key]
		if !ok {
			var err error
			if id, err = c.find(ctx, j); err != nil {
				return err
			}
			c.found[j.key] = id
			subjects = append(subjects, client.Stream(id))
		}
		if contact, ok := first[j.key]; ok {
			j.contact = contact
		}
		first[j.key], j.client = j.contact, id
	}
	return c.Keys.Prepare(ctx, subjects...)
}

// find looks for a client with the number and the name of the row. If there is none, the id derives from the key.
func (c *clients) find(ctx context.Context, j *job) (domain.ClientID, error) {
	derived := domain.DeriveID[domain.ClientID](c.account, "imported client", j.key)
	phone := j.contact.Phone.Reveal()
	if c.opened || phone == "" {
		return derived, nil
	}
	same, err := c.Directory.ClientsWithPhone(ctx, c.account, phone)
	for _, one := range same {
		if fold.Key(one.Name) == fold.Key(j.contact.Name.Reveal()) {
			return one.ID, nil
		}
	}
	return derived, err
}

// register registers the client of a row if they are new. Two rows may do so at once: the command is the same, so it
// takes effect once.
func (c *clients) register(ctx context.Context, j *job) error {
	state, _, err := commands.Load(ctx, c.Engine, client.Decider, client.Stream(j.client))
	switch {
	case err != nil:
		return err
	case state.Erased:
		return client.ErrErased
	case state.Exists():
		return nil
	}
	_, err = c.Engine.Do(ctx, c.as("client", j.client), client.Register{
		Client: j.client, Account: c.account, Contact: j.contact,
	})
	if err == nil {
		c.mu.Lock()
		c.registered[j.client] = true
		c.mu.Unlock()
	}
	return err
}
