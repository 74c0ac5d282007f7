package importing

import (
	"context"
	"strings"
	"sync"

	"github.com/clickbook/clickbook/adapters/sheet"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/projections/directory"
)

// people finds or registers who comes. A client is who has the same phone number and name, or without a number the
// same name and email address: families share numbers, and each of them is reminded by name.
type people struct {
	im    *importer
	found map[string]domain.ClientID

	mu    sync.Mutex
	fresh map[domain.ClientID]bool // registered by this import
}

func newPeople(im *importer) *people {
	return &people{im: im, found: make(map[string]domain.ClientID), fresh: make(map[domain.ClientID]bool)}
}

// key is the same for the same person in this installation and tells nobody who it is.
func (p *people) key(contact client.Contact) string {
	name := sheet.Fold(contact.Name.Reveal())
	if phone := contact.Phone.Reveal(); phone != "" {
		return p.im.fingerprint("phone", phone, name)
	}
	return p.im.fingerprint("name", name, strings.ToLower(contact.Email.Reveal()))
}

// resolve gives each row its client's id and makes the keys of those who are new, all in one transaction. Of two
// rows that spell a contact differently the first is kept.
func (p *people) resolve(ctx context.Context, batch []*job) error {
	first := make(map[string]client.Contact)
	var fresh []domain.Subject
	for _, j := range batch {
		if j.err != nil {
			continue
		}
		id, ok := p.found[j.key]
		if !ok {
			var err error
			if id, err = p.find(ctx, j); err != nil {
				return err
			}
			p.found[j.key] = id
			fresh = append(fresh, client.Stream(id))
		}
		if contact, ok := first[j.key]; ok {
			j.contact = contact
		}
		first[j.key], j.client = j.contact, id
	}
	return p.im.in.Keys.Prepare(ctx, fresh...)
}

// find looks for a client whom the account registered itself; without one the id derives from the key.
func (p *people) find(ctx context.Context, j *job) (domain.ClientID, error) {
	derived := domain.DeriveID[domain.ClientID](p.im.account, "imported client", j.key)
	phone := j.contact.Phone.Reveal()
	if p.im.isNew || phone == "" {
		return derived, nil
	}
	const sharing = 20 // so many share one number at most
	clients := directory.Clients{DB: p.im.in.Views}
	same, err := clients.Find(ctx, p.im.account, phone, domain.ClientID{}, sharing)
	for _, one := range same {
		if one.Phone == phone && sheet.Fold(one.Name) == sheet.Fold(j.contact.Name.Reveal()) {
			return one.ID, nil
		}
	}
	return derived, err
}

// register makes the client of a row known, unless they are. Two rows may do so at once: the wish is the same, so it
// has its effect once.
func (p *people) register(ctx context.Context, j *job) error {
	state, _, err := commands.Load(ctx, p.im.in.Engine, client.Decider, client.Stream(j.client))
	switch {
	case err != nil:
		return err
	case state.Erased:
		return client.ErrErased
	case state.Exists():
		return nil
	}
	_, err = p.im.in.Engine.Do(ctx, p.im.as("client", j.client), client.Register{
		Client: j.client, Account: p.im.account, Contact: j.contact,
	})
	if err == nil {
		p.mu.Lock()
		p.fresh[j.client] = true
		p.mu.Unlock()
	}
	return err
}
