package importing

import (
	"context"
	"sync"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/projections/fold"
)

// clients finds or registers the clients of rows.
type clients struct {
	*Importer
	people   *people
	known    map[string]domain.ClientID  // clients of the account, by evidence
	found    map[*person]domain.ClientID // people of the sheet with evidence
	byName   map[string]*guess           // the others, by name
	guessed  map[domain.ClientID]*guess  // the same, by id
	inOrder  []*guess                    // the same, in the order of the sheet
	contacts map[domain.ClientID]client.Contact

	mu         sync.Mutex
	registered map[domain.ClientID]bool // by this import
}

// guess is a client who is known by name alone.
type guess struct {
	id domain.ClientID
	Guess
}

func newClients(im *Importer) *clients {
	return &clients{
		Importer: im, people: newPeople(), known: make(map[string]domain.ClientID),
		found: make(map[*person]domain.ClientID), byName: make(map[string]*guess),
		guessed: make(map[domain.ClientID]*guess), contacts: make(map[domain.ClientID]client.Contact),
		registered: make(map[domain.ClientID]bool),
	}
}

// learn takes in the clients of the account.
func (c *clients) learn(known []KnownClient) {
	for _, one := range known {
		for _, text := range evidence(fold.PersonIdentity(one.Name), one.Phone, one.Email) {
			if _, taken := c.known[text]; !taken { // the same person may be registered twice
				c.known[text] = one.ID
			}
		}
	}
}

// resolve gives each row its client's id and contact, and makes the keys of new clients in one transaction.
func (c *clients) resolve(ctx context.Context, batch []*job) error {
	var subjects []domain.Subject
	for _, j := range batch {
		if j.err != nil {
			continue
		}
		id, err := c.find(ctx, j)
		if err != nil {
			return err
		}
		if _, seen := c.contacts[id]; !seen {
			c.contacts[id] = j.contact
			if one := c.people.of(j.contact); one != nil {
				c.contacts[id] = one.contact
			}
			subjects = append(subjects, client.Stream(id))
		}
		j.client, j.contact = id, c.contacts[id]
	}
	return c.Keys.Prepare(ctx, subjects...)
}

// find returns the client of a row. Without evidence it is the one who is known by this name alone; if the sheet tells
// more about people of that name, it may be any of them or nobody, so the row has a client of its own.
func (c *clients) find(ctx context.Context, j *job) (domain.ClientID, error) {
	if one := c.people.of(j.contact); one != nil {
		return c.findPerson(ctx, one, j.contact)
	}
	if !c.people.isAlone(j.contact) {
		return domain.DeriveID[domain.ClientID](c.account, "imported client of", j.id), nil
	}
	j.guessed = true
	name := nameOf(j.contact)
	if known := c.byName[name]; known != nil {
		return known.id, nil
	}
	id, exists, err := c.derive(ctx, j.contact, "name", name)
	if err != nil {
		return id, err
	}
	one := &guess{id, Guess{Client: j.contact.Name.Reveal(), Before: exists}}
	c.byName[name], c.guessed[id], c.inOrder = one, one, append(c.inOrder, one)
	return id, nil
}

// findPerson looks for a client of the account with the name and any number or address of a person.
func (c *clients) findPerson(ctx context.Context, one *person, contact client.Contact) (domain.ClientID, error) {
	if id, ok := c.found[one]; ok {
		return id, nil
	}
	id, err := c.identify(ctx, one, contact)
	if err == nil {
		c.found[one] = id
	}
	return id, err
}

func (c *clients) identify(ctx context.Context, one *person, contact client.Contact) (domain.ClientID, error) {
	name := nameOf(one.contact)
	for _, phone := range one.phones {
		if id, ok := c.known[evidence(name, phone, "")[0]]; ok {
			return id, nil
		}
	}
	for _, email := range one.emails {
		if id, ok := c.known[evidence(name, "", email)[0]]; ok {
			return id, nil
		}
	}
	first := evidence(name, one.contact.Phone.Reveal(), one.contact.Email.Reveal())[0]
	id, _, err := c.derive(ctx, contact, "person", first)
	return id, err
}

// derive returns the id of a client that this or an earlier import registers, and whether there is such a client.
func (c *clients) derive(
	ctx context.Context, contact client.Contact, kind, key string,
) (id domain.ClientID, exists bool, err error) {
	id = domain.DeriveID[domain.ClientID](c.account, "imported client", c.fingerprint(kind, key))
	if c.opened {
		return id, false, nil
	}
	if state, _, err := commands.Load(ctx, c.Engine, client.Decider, client.Stream(id)); err != nil || state.Exists() {
		return id, true, err
	}
	legacy := c.legacyClient(contact)
	state, _, err := commands.Load(ctx, c.Engine, client.Decider, client.Stream(legacy))
	if err == nil && (state.Erased || state.Exists() && nameOf(state.Contact) == nameOf(contact)) {
		return legacy, true, nil
	}
	return id, false, err
}

// countGuess counts a row that was booked for a client who is known by name alone.
func (c *clients) countGuess(j *job) {
	if one := c.guessed[j.client]; j.guessed && j.result == booked && one != nil {
		one.Rows++
	}
}

// guesses returns the clients who may be several people.
func (c *clients) guesses() (found []Guess) {
	for _, one := range c.inOrder {
		if one.Rows > 1 || one.Before && one.Rows > 0 {
			found = append(found, one.Guess)
		}
	}
	return found
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
