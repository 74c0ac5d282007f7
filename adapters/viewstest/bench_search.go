package viewstest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/projectiontest"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// benchSearch searches among the 100,000 clients of one account: for somebody who is not there, which looks at every
// client, for the last digits of a number, for part of an email address, for a common name, and for the last page.
func benchSearch(b *testing.B, s Suite) {
	w := newWorld(b, s)
	const clients = 100_000
	w.openSalon()
	first := strings.Fields("Anna Bruno Clara Daniel Elena Farid Grace Hiro Inés João Kwame Léa Mário Nguyễn Olga Peter")
	last := strings.Fields("Almeida Brandt Conceição Dubois Eriksson Fernández García Hoffmann Ito Jansen Kowalski Müller")
	for i := range clients {
		id := domain.DeriveID[domain.ClientID]("many", i)
		w.record(monday, client.Stream(id), client.ClientRegistered{Client: id, Account: acme, Contact: client.Contact{
			Name:  domain.Secret(first[i%len(first)] + " " + last[i/7%len(last)] + " " + last[i/91%len(last)]),
			Phone: domain.Secret(fmt.Sprintf("+55279%08d", i*613%100_000_000)), Country: "BR",
			Email: domain.Secret(fmt.Sprintf("client%d@mail%d.example.com", i, i%50)),
		}})
	}
	w.catchUp()
	search := projections.NewReader(w.db).Clients
	for name, c := range map[string]struct {
		search string
		after  readmodel.NameCursor
	}{
		"nobody":       {search: "zzzz"},
		"two words":    {search: "zz yy"},
		"digits":       {search: "98765432"},
		"email":        {search: "client99999@"},
		"common name":  {search: "brandt"},
		"one by phone": {search: "+5527900000613"},
		"last page":    {search: "a", after: readmodel.NameCursor{Name: "peter muller", ID: projectiontest.Anna.UUID}},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, err := search.Find(b.Context(), acme, c.search, c.after, 50)
				w.ok(err)
			}
		})
	}
}
