package commands_test

import (
	"testing"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/optout"
)

// family is a mother (Ana) and a child with the same number.
type family struct {
	*commandstest.World
	child domain.ClientID
}

func newFamily(t *testing.T) *family {
	f := &family{commandstest.NewWorld(t), domain.DeriveID[domain.ClientID]("child")}
	f.Register(f.child, f.Account)
	return f
}

func (f *family) state(id domain.ClientID) client.State {
	f.T.Helper()
	state, _, err := commands.Load(f.T.Context(), f.Engine, client.Decider, client.Stream(id))
	f.Ok(err)
	return state
}

func (f *family) wants(what string, id domain.ClientID, texts bool) {
	f.T.Helper()
	holds, err := f.OptOuts.Holds(f.T.Context(), f.state(id))
	f.Ok(err)
	if holds == texts {
		f.T.Errorf("%s: wants texts: %t, should be %t", what, !holds, texts)
	}
}

func (f *family) run(cmd domain.Command) (commands.Outcome, error) {
	return f.Engine.Run(f.T.Context(), f.Origin(), cmd)
}

func (f *family) out(id domain.ClientID) {
	f.T.Helper()
	_, err := f.OptOuts.Out(f.T.Context(), f.Origin(), id, f.run)
	f.Ok(err)
}

func (f *family) in(id domain.ClientID) {
	f.T.Helper()
	_, err := f.OptOuts.In(f.T.Context(), f.Origin(), id, f.run)
	f.Ok(err)
}

func (f *family) call(id domain.ClientID, phone string) {
	f.T.Helper()
	contact, err := client.NewContact(client.Form{Name: "Ana", Phone: phone, Country: "BR"})
	f.Ok(err)
	f.Do(client.ChangeContact{Client: id, Contact: contact})
}

const elsewhere = "+5527988887777"

func TestOptOutBelongsToTheNumber(t *testing.T) {
	f := newFamily(t)
	phone := f.state(f.Ana).Phone.Reveal()
	f.wants("before", f.child, true)
	f.out(f.Ana)
	f.out(f.Ana) // twice
	f.wants("the mother", f.Ana, false)
	f.wants("the child", f.child, false)

	late := domain.DeriveID[domain.ClientID]("late")
	f.Register(late, f.Account)
	f.wants("registered later", late, false)
	f.call(late, elsewhere)
	f.wants("with another number", late, true)
	f.call(late, phone)
	f.wants("with the number again", late, false)

	stranger := domain.DeriveID[domain.ClientID]("stranger")
	f.Register(stranger, domain.DeriveID[domain.AccountID]("another clinic"))
	f.wants("in another account", stranger, true)

	f.Do(client.Erase{Client: f.Ana})
	f.wants("after the mother was erased", f.child, false)

	f.in(f.child)
	f.wants("after the child opted in", f.child, true)
	f.wants("after the child opted in, another", late, true)
}

func TestOptInOfOneClientIsOneOfTheNumber(t *testing.T) {
	f := newFamily(t)
	f.out(f.Ana)
	f.in(f.child)
	f.wants("the mother", f.Ana, true)
	f.out(f.Ana)
	f.wants("the mother again", f.Ana, false)
	f.wants("the child again", f.child, false)
}

func TestOptOutStaysWithTheOldNumber(t *testing.T) {
	f := newFamily(t)
	f.out(f.Ana)
	f.call(f.Ana, elsewhere)
	f.wants("with a new number", f.Ana, true)
	f.wants("the child", f.child, false)
	f.out(f.Ana)
	f.wants("opted out again", f.Ana, false)
}

func TestClientWithoutANumberOptsOutForThemselves(t *testing.T) {
	f := newFamily(t)
	f.call(f.Ana, "")
	f.out(f.Ana)
	f.call(f.Ana, elsewhere)
	f.wants("with a first number", f.Ana, false)
	f.in(f.Ana)
	f.wants("opted in", f.Ana, true)
}

// A crash between the two appends leaves the client's own record, which counts until the number has one.
func TestOptOutHoldsAfterACrash(t *testing.T) {
	f := newFamily(t)
	number := f.OptOuts.Number(f.Account, f.state(f.Ana).Phone.Reveal())
	f.Do(client.OptOut{Client: f.Ana, Number: number})
	f.wants("after the crash", f.Ana, false)
	f.out(f.Ana) // the caller tries again
	f.wants("the child", f.child, false)
}

func TestOptOutOfAnotherAccountIsRefused(t *testing.T) {
	f := newFamily(t)
	foreign := commands.ForAccount(domain.DeriveID[domain.AccountID]("another clinic"), domain.Actor{})
	run := func(cmd domain.Command) (commands.Outcome, error) { return f.Engine.Run(t.Context(), foreign, cmd) }
	if _, err := f.OptOuts.Out(t.Context(), foreign, f.Ana, run); err == nil {
		t.Error("a client of another account was opted out")
	}
	f.wants("the mother", f.Ana, true)
}

// The log knows the number by its hash only.
func TestOptOutDoesNotRevealTheNumber(t *testing.T) {
	f := newFamily(t)
	f.out(f.Ana)
	number := f.OptOuts.Number(f.Account, f.state(f.Ana).Phone.Reveal())
	state, _, err := commands.Load(t.Context(), f.Engine, optout.Decider, optout.Stream(number))
	if err != nil || !state.OptedOut {
		t.Fatalf("the number is %+v, %v", state, err)
	}
	if other := f.OptOuts.Number(domain.DeriveID[domain.AccountID]("b"), f.state(f.Ana).Phone.Reveal()); other == number {
		t.Error("the number has the same id in two accounts")
	}
}
