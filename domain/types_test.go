package domain_test

import (
	"strings"
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/domaintest"
)

func TestNewCodecRefusesTwoTypesOfOneName(t *testing.T) {
	_, err := domain.NewCodec(domaintest.NewVault(), types, domain.Types{domain.TypeOf[bellRung]()})
	if err == nil || !strings.Contains(err.Error(), "BellRung is registered twice") {
		t.Errorf("two types of one name: %v", err)
	}
}

func TestTypeOf(t *testing.T) {
	note, bell := types[0], types[2]
	if note.Name != "NoteWritten" || note.Schema != 3 || !note.HasPrivate() {
		t.Errorf("NoteWritten is %q, schema %d, private %v", note.Name, note.Schema, note.HasPrivate())
	}
	if bell.Name != "BellRung" || bell.Schema != 1 || bell.HasPrivate() {
		t.Errorf("BellRung is %q, schema %d, private %v", bell.Name, bell.Schema, bell.HasPrivate())
	}
}

type (
	ofNobody  struct{ Text domain.Private }
	inSlice   struct{ Texts []body }
	bareSlice struct{ Texts []domain.Private }
	inMap     struct{ Texts map[string]domain.Private }
	atPointer struct{ Text *domain.Private }
	inArray   struct{ Texts [2]domain.Private }
	number    int
)

func (ofNobody) EventType() string        { return "OfNobody" }
func (inSlice) EventType() string         { return "InSlice" }
func (bareSlice) EventType() string       { return "BareSlice" }
func (inMap) EventType() string           { return "InMap" }
func (atPointer) EventType() string       { return "AtPointer" }
func (inArray) EventType() string         { return "InArray" }
func (number) EventType() string          { return "Number" }
func (inSlice) Subject() domain.Subject   { return "" }
func (bareSlice) Subject() domain.Subject { return "" }
func (inMap) Subject() domain.Subject     { return "" }
func (atPointer) Subject() domain.Subject { return "" }
func (inArray) Subject() domain.Subject   { return "" }

// Private text that the codec would not find is a bug, so TypeOf panics when the program starts.
func TestTypeOfPanicsForTextItCannotSeal(t *testing.T) {
	for name, describe := range map[string]func(){
		"no subject":   func() { domain.TypeOf[ofNobody]() },
		"in a slice":   func() { domain.TypeOf[inSlice]() },
		"a bare slice": func() { domain.TypeOf[bareSlice]() },
		"in a map":     func() { domain.TypeOf[inMap]() },
		"at a pointer": func() { domain.TypeOf[atPointer]() },
		"in an array":  func() { domain.TypeOf[inArray]() },
		"not a struct": func() { domain.TypeOf[number]() },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("TypeOf did not panic")
				}
			}()
			describe()
		})
	}
}
