package client_test

import (
	"os"
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/domaintest"
)

type example = domaintest.Example[client.Command, client.Event]

var (
	id      = domain.DeriveID[domain.ClientID]("ana")
	account = domain.DeriveID[domain.AccountID]("clinic")
	ana     = client.Contact{
		Name: domain.Secret("Ana Souza"), Phone: domain.Secret("+5527999998888"), Country: "BR",
		Email: domain.Secret("ana@example.com"), Address: domain.Secret("Rua A, 12"), Zone: "America/Sao_Paulo",
	}
	anaAbroad  = client.Contact{Name: domain.Secret("Ana Souza"), Phone: domain.Secret("+351912345678"), Country: "PT"}
	registered = client.ClientRegistered{Client: id, Account: account, Contact: ana}
	changed    = client.ContactChanged{Client: id, Contact: anaAbroad}
	optedOut   = client.SmsOptedOut{Client: id}
	optedIn    = client.SmsOptedIn{Client: id}
	number     = domain.DeriveID[domain.NumberID]("+5527999998888")
	other      = domain.DeriveID[domain.NumberID]("+351912345678")
	numberOut  = client.SmsOptedOut{Client: id, Number: number}
	otherOut   = client.SmsOptedOut{Client: id, Number: other}
	erased     = client.ClientErased{Client: id, Account: account}
)

func given(events ...client.Event) []client.Event { return events }

func TestClient(t *testing.T) {
	register := client.Register{Client: id, Account: account, Contact: ana}
	change := client.ChangeContact{Client: id, Contact: anaAbroad}
	out, in, erase := client.OptOut{Client: id}, client.OptIn{Client: id}, client.Erase{Client: id}
	domaintest.Run(t, client.Decider, []example{
		{Name: "registers", When: register, Then: given(registered)},
		{Name: "the same registration after a change", Given: given(registered, changed), When: register},
		{
			Name: "another registration is refused", Given: given(registered),
			When: client.Register{Client: id, Account: account, Contact: anaAbroad}, Refused: client.ErrExists,
		},
		{Name: "contact changes as a whole", Given: given(registered), When: change, Then: given(changed)},
		{Name: "an unknown contact", When: change, Refused: client.ErrUnknown},
		{Name: "opts out", Given: given(registered), When: out, Then: given(optedOut)},
		{
			Name: "opts out with their number", Given: given(registered),
			When: client.OptOut{Client: id, Number: number}, Then: given(numberOut),
		},
		{
			Name: "opted out before numbers had streams", Given: given(registered, optedOut),
			When: client.OptOut{Client: id, Number: number}, Then: given(numberOut),
		},
		{
			Name: "opts out with another number", Given: given(registered, numberOut, changed),
			When: client.OptOut{Client: id, Number: other}, Then: given(otherOut),
		},
		{Name: "opts in with a number", Given: given(registered, numberOut), When: in, Then: given(optedIn)},
		{Name: "opts in", Given: given(registered, optedOut), When: in, Then: given(optedIn)},
		{Name: "never opted out", Given: given(registered), When: in},
		{Name: "unknown opts out", When: out, Refused: client.ErrUnknown},
		{Name: "unknown opts in", When: in, Refused: client.ErrUnknown},
		{Name: "erased", Given: given(registered, optedOut), When: erase, Then: given(erased)},
		{Name: "unknown is not erased", When: erase, Refused: client.ErrUnknown},
		{Name: "erased stays erased", Given: given(registered, erased), When: register, Refused: client.ErrErased},
		{Name: "erased has no contact", Given: given(registered, erased), When: change, Refused: client.ErrErased},
		{Name: "erased opts in", Given: given(registered, optedOut, erased), When: in, Refused: client.ErrErased},
	})
}

// The golden file of SmsOptedOut has no number. This one pins its form with a number.
func TestOptOutWithNumberIsStoredAs(t *testing.T) {
	codec, err := domain.NewCodec(domaintest.NewVault(), client.Types)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := codec.Encode(domain.DeriveUUID("event"), numberOut, domain.Metadata{})
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/events/SmsOptedOut.number.json")
	if err != nil {
		t.Fatal(err)
	}
	if got := string(stored.Data) + "\n"; got != string(want) {
		t.Errorf("stored as %s, want %s", got, want)
	}
}

func TestErasedStateHoldsNoPersonalData(t *testing.T) {
	got := client.Decider.Fold(registered, changed, optedOut, erased)
	want := client.State{Account: account, OptedOut: true, Erased: true}
	if got != want {
		t.Errorf("after erasure the state is %#v", got)
	}
}

// Erasing destroys the key; the whole stream must still fold, to a client without a name.
func TestErasedStreamStillFolds(t *testing.T) {
	vault := domaintest.NewVault()
	codec, err := domain.NewCodec(vault, client.Types)
	if err != nil {
		t.Fatal(err)
	}
	var entries []domain.Entry
	for _, event := range given(registered, changed) {
		stored, err := codec.Encode(domain.DeriveUUID(event.EventType()), event, domain.Metadata{Account: account})
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, domain.Entry{Stored: stored})
	}
	vault.Erase(client.Stream(id))
	var events []client.Event
	for _, entry := range entries {
		recorded, err := codec.Decode(entry)
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, recorded.Event.(client.Event))
	}
	state := client.Decider.Fold(events...)
	if !state.Exists() || !state.Name.IsErased() || state.Name.Reveal() != "" || !state.Phone.IsErased() {
		t.Errorf("folded after the key was destroyed: %#v", state)
	}
}

func TestNewContact(t *testing.T) {
	form := client.Form{
		Name: "Ana Souza ", Phone: "27 99999-8888", Country: "BR",
		Email: "ana@example.com", Address: "Rua A, 12", Zone: "America/Sao_Paulo",
	}
	if got, err := client.NewContact(form); err != nil || got != ana {
		t.Fatalf("NewContact = %#v, %v", got, err)
	}
	bare, err := client.NewContact(client.Form{Name: "Ana", Phone: " ", Country: "BR"})
	if want := (client.Contact{Name: domain.Secret("Ana")}); err != nil || bare != want {
		t.Fatalf("a name alone = %#v, %v", bare, err)
	}
	for code, spoil := range map[string]func(*client.Form){
		"text_missing":    func(f *client.Form) { f.Name = " " },
		"phone_invalid":   func(f *client.Form) { f.Phone = "99" },
		"email_malformed": func(f *client.Form) { f.Email = "ana" },
		"text_malformed":  func(f *client.Form) { f.Address = "Rua\x00" },
		"unknown_zone":    func(f *client.Form) { f.Zone = "Local" },
	} {
		spoiled := form
		spoil(&spoiled)
		_, err := client.NewContact(spoiled)
		if refusal, ok := domain.AsRefusal(err); !ok || refusal.Code != code {
			t.Errorf("%+v: got error %v, want %s", spoiled, err, code)
		}
	}
}
