package directory_test

import (
	"context"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/projections"
	. "github.com/clickbook/clickbook/projections/projectiontest"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// registered appends clients with these names and, after a |, an email address or a number.
func registered(lines ...string) (history []Append) {
	history = Opened()
	for _, line := range lines {
		name, reached, _ := strings.Cut(line, "|")
		contact := client.Contact{Name: domain.Secret(name)}
		if strings.HasPrefix(reached, "+") {
			contact.Phone = domain.Secret(reached)
		} else {
			contact.Email = domain.Secret(reached)
		}
		id := domain.DeriveID[domain.ClientID](line)
		event := client.ClientRegistered{Client: id, Account: Acme, Contact: contact}
		history = append(history, On(client.Stream(id), Monday, event))
	}
	return history
}

// Each search finds exactly these names. Names of old logs may be in form D.
func TestClientsAreFoundHoweverTheyAreTyped(t *testing.T) {
	history := registered(
		"Grace Lee|+16045550101", "3M Clinic", norm.NFD.String("José Peña"), "Nguyễn Văn An",
		norm.NFD.String("Nguyễn Thị Ánh"), "李 伟|li.wei@example.cn", "Anna Brandt|brandt_a@mail.example",
		"O\u2019Brien", "Ελένη", "ﾀﾅｶ", "Семён", "100% Yoga",
	)
	var examples []Example
	for search, names := range map[string]string{
		"+16045550101": "Grace Lee", "6045550101": "Grace Lee", "604 555 0101": "Grace Lee", "(604) 555-0101": "Grace Lee",
		"0101": "Grace Lee", "+1": "Grace Lee", "lee 0101": "Grace Lee", "3M": "3M Clinic", "3": "3M Clinic",
		"pena": "José Peña", norm.NFD.String("Peña"): "José Peña", "PEÑA": "José Peña",
		"nguyen": "Nguyễn Thị Ánh,Nguyễn Văn An", norm.NFD.String("nguyễn"): "Nguyễn Thị Ánh,Nguyễn Văn An",
		"李": "李 伟", "伟": "李 伟", "wei@": "李 伟", "example.cn": "李 伟",
		"randt": "Anna Brandt", "brandt anna": "Anna Brandt", "t_a@": "Anna Brandt", "o'brien": "O\u2019Brien",
		"brien": "O\u2019Brien", "ελενη": "Ελένη", "タナカ": "ﾀﾅｶ", "семен": "Семён", "0%": "100% Yoga", "100": "100% Yoga",
		"4_": "", "nguyen brandt": "", "😀": "", "\\": "",
	} {
		want := []string(nil)
		if names != "" {
			want = strings.Split(names, ",")
		}
		query := func(ctx context.Context, read projections.Reader) (any, error) {
			found, err := read.Clients.Find(ctx, Acme, search, readmodel.NameCursor{}, 10)
			var got []string
			for _, one := range found {
				if one.ID != Anna && one.ID != Bruno {
					got = append(got, norm.NFC.String(one.Name))
				}
			}
			return got, err
		}
		example := Example{Name: "search " + search, Query: query}
		if want != nil {
			example.Want = want
		}
		examples = append(examples, example)
	}
	Run(t, history, examples)
}

// A long name does not make an index row that a database refuses, and a long search is answered.
func TestLongNamesAndSearches(t *testing.T) {
	long := strings.Repeat("ﷺ", 200) // one character, eighteen when it is folded
	history := registered(long + "|ann@example.com")
	id := domain.DeriveID[domain.ClientID](long + "|ann@example.com")
	Run(t, history, []Example{
		{Name: "its beginning", Query: find(Acme, "ﷺ", readmodel.NameCursor{}), Want: []domain.ClientID{id}},
		{Name: "many words", Query: find(Acme, strings.Repeat("a ", 50), readmodel.NameCursor{})},
	})
}
