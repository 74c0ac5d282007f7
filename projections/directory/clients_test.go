package directory_test

import (
	"context"
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
	. "github.com/clickbook/clickbook/projections/projectiontest"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// find returns the ids of the clients that a search finds.
func find(
	account domain.AccountID, search string, after readmodel.NameCursor,
) func(context.Context, projections.Reader) (any, error) {
	return func(ctx context.Context, read projections.Reader) (any, error) {
		found, err := read.Clients.Find(ctx, account, search, after, 10)
		var got []domain.ClientID
		for _, c := range found {
			got = append(got, c.ID)
		}
		return got, err
	}
}

func TestClientsAreFoundByAnyPart(t *testing.T) {
	var examples []Example
	for search, want := range map[string][]domain.ClientID{
		"": {Anna, Bruno}, "ann": {Anna}, "CONCEICAO": {Anna}, "álv": {Bruno}, "runo": {Bruno}, "bruno a": {Bruno}, "%": nil, "_": nil,
		"+55 27 99999": {Anna, Bruno}, "5527999990002": {Bruno}, "+1": nil, "ares bru": {Bruno}, "bruno x": nil,
		"27 99999-0002": {Bruno}, "027 99999 0001": {Anna}, "0 15 27 99999-0002": {Bruno}, "0002": {Bruno}, "002": {Bruno},
		"+27": nil, "99990": {Anna, Bruno}, "nna@exam": {Anna}, "@example.com": {Anna}, "anna 0001": {Anna}, "anna 0002": nil,
	} {
		example := Example{Name: "search " + search, Query: find(Acme, search, readmodel.NameCursor{})}
		if want != nil {
			example.Want = want
		}
		examples = append(examples, example)
	}
	Run(t, Opened(), append(examples,
		Example{
			Name: "the next page", Query: find(Acme, "", readmodel.NameCursor{Name: "anna conceicao", ID: Anna.UUID}),
			Want: []domain.ClientID{Bruno},
		},
		Example{
			Name: "the page after somebody who has left", Query: find(Acme, "", readmodel.NameCursor{Name: "b"}),
			Want: []domain.ClientID{Bruno},
		},
		Example{Name: "another account", Query: find(Other, "", readmodel.NameCursor{})},
	))
}

func TestClientsForgetErasedPeople(t *testing.T) {
	one := func(account domain.AccountID) func(context.Context, projections.Reader) (any, error) {
		return func(ctx context.Context, read projections.Reader) (any, error) {
			return Found(read.Clients.One(ctx, account, Anna))
		}
	}
	happened := func(events ...domain.Event) []Append { return []Append{On(client.Stream(Anna), Monday, events...)} }
	erased := happened(client.ClientErased{Client: Anna, Account: Acme})
	anna := directory.Client{
		ID: Anna, Account: Acme, Name: "Anna Conceição", Phone: "+5527999990001", Country: "BR", Email: "anna@example.com",
		SortedBy: "anna conceicao",
	}
	moved := anna
	moved.Name, moved.Phone, moved.Email, moved.Address, moved.Zone = "Ana", "+351911111111", "", "Rua 1", "Europe/Lisbon"
	moved.Country, moved.OptedOut, moved.Revision, moved.SortedBy = "PT", directory.ClientOptedOut, 2, "ana"
	Run(t, Opened(), []Example{
		{Name: "one", Query: one(Acme), Want: anna},
		{Name: "one of another account", Query: one(Other)},
		{
			Name: "one that changed", Query: one(Acme), Want: moved,
			Given: happened(client.ContactChanged{Client: Anna, Contact: client.Contact{
				Name: domain.Secret("Ana"), Phone: domain.Secret("+351911111111"), Country: "PT",
				Address: domain.Secret("Rua 1"), Zone: "Europe/Lisbon",
			}}, client.SmsOptedOut{Client: Anna}),
		},
		{
			Name: "one that was erased", Given: erased, Query: one(Acme),
			Want: directory.Client{ID: Anna, Account: Acme, Country: "BR", Erased: true, Revision: 1},
		},
		{Name: "the name of one that was erased", Given: erased, Query: find(Acme, "anna", readmodel.NameCursor{})},
		{Name: "the phone of one that was erased", Given: erased, Query: find(Acme, "+5527999990001", readmodel.NameCursor{})},
	})
}
