package viewstest

import (
	"reflect"
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/projections/directory"
)

func clientsAreFoundByAnyWordOfTheirName(t *testing.T, s Suite) {
	w := newWorld(t, s)
	opened(w)
	w.catchUp()
	for words, want := range map[string][]domain.ClientID{
		"": {anna, bruno}, "ann": {anna}, "CONCEICAO": {anna}, "álv": {bruno}, "runo": nil, "bruno a": {bruno}, "%": nil,
		"+55 27 99999": {anna, bruno}, "5527999990002": {bruno}, "+1": nil,
	} {
		found, err := directory.Clients{DB: w.db}.Find(t.Context(), acme, words, domain.ClientID{}, 10)
		w.ok(err)
		var got []domain.ClientID
		for _, c := range found {
			got = append(got, c.ID)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q finds %v, want %v", words, got, want)
		}
	}
	next, err := directory.Clients{DB: w.db}.Find(t.Context(), acme, "", anna, 10)
	w.ok(err)
	if len(next) != 1 || next[0].ID != bruno {
		t.Fatalf("after Anna comes %+v", next)
	}
	if found, err := (directory.Clients{DB: w.db}).Find(t.Context(), other, "", domain.ClientID{}, 10); err != nil || found != nil {
		t.Fatalf("another account finds %+v, %v", found, err)
	}
}
