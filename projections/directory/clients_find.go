package directory

import (
	"context"
	"strings"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/projections/fold"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// Bounds of a search. A search may have to look at every client of the account once, in one index that has all it
// needs: docs/performance.md says what that takes with 100,000 clients.
const (
	maxWords  = 8   // the last holds the rest of a longer search
	maxSought = 800 // bytes of a name that are searched and sorted by; PostgreSQL refuses much longer index rows
)

// sought returns a name in the form that searches look in and lists sort by.
func sought(name domain.Private) string { return clip(fold.Search(name.Reveal()), maxSought) }

// reach returns the email address and the phone number in the form that searches look in.
func reach(contact client.Contact) string {
	email := clip(fold.Search(contact.Email.Reveal()), maxSought)
	return strings.TrimSpace(email + " " + domain.PhoneKeys(contact.Phone.Reveal()))
}

func clip(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "")
}

// Find returns the account's clients whose name, email address or phone number has every word of the search in it, in
// any place, sorted by name. Accents and case make no difference. A search that may be a part of a phone number also
// finds it as it is dialled within the account's country. An empty search matches everybody. Erased clients are left
// out. The next page starts after the cursor of the last client of this one.
func (q Clients) Find(
	ctx context.Context, account domain.AccountID, search string, after readmodel.NameCursor, limit int,
) ([]Client, error) {
	var w readmodel.Where
	w.And(`account = ? AND erased = 0`, readmodel.Key(account))
	if err := q.matching(ctx, &w, account, search); err != nil {
		return nil, err
	}
	if !after.IsZero() {
		w.And(`(sought, client) > (?, ?)`, after.Name, after.ID[:])
	}
	w.Add(` ORDER BY sought, client LIMIT 0 + ?`, limit)
	// The inner query reads only the index, in its order, and stops at the limit.
	return readmodel.List(ctx, q.DB, readClient, clientColumns+`WHERE client IN (SELECT client FROM clients_v3 `+
		w.String()+`) ORDER BY sought, client`, w.Args...)
}

// matching adds the condition of a search.
func (q Clients) matching(ctx context.Context, w *readmodel.Where, account domain.AccountID, search string) error {
	folded := fold.Search(search)
	if folded == "" {
		return nil
	}
	_, isPhone := domain.PhonePatterns(search, "")
	if !isPhone {
		for _, word := range strings.SplitN(folded, " ", maxWords) {
			w.And(`(sought LIKE ? ESCAPE '\' OR reach LIKE ? ESCAPE '\')`, anywhere(word), anywhere(word))
		}
		return nil
	}
	home, _, err := Accounts(q).One(ctx, account)
	if err != nil {
		return err
	}
	patterns, _ := domain.PhonePatterns(search, home.Country)
	condition, args := `sought LIKE ? ESCAPE '\'`, []any{anywhere(folded)}
	for _, pattern := range patterns {
		condition += ` OR reach LIKE ? ESCAPE '\'`
		args = append(args, anywhere(pattern))
	}
	w.And(`(`+condition+`)`, args...)
	return nil
}

// anywhere returns the LIKE pattern for a text in any place.
func anywhere(text string) string { return "%" + literal.Replace(text) + "%" }

// literal escapes the characters that LIKE reads as patterns.
var literal = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)
