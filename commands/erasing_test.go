package commands_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/message"
)

// failingKeys implements commands.Keys on a vault. Erase fails a number of times first.
type failingKeys struct {
	vault *domaintest.Vault
	fails int
}

func (f *failingKeys) Erase(_ context.Context, subject domain.Subject) error {
	if f.fails > 0 {
		f.fails--
		return errors.New("the disk is busy")
	}
	f.vault.Erase(subject)
	return nil
}

func TestEraseRemovesClientFromEveryState(t *testing.T) {
	w := commandstest.NewWorld(t)
	booked := w.Book("a", commandstest.Tuesday)
	id := w.Remind(booked)
	w.Settle()
	keys := &failingKeys{vault: w.Vault, fails: 1}
	eraser := &commands.Eraser{Engine: w.Engine, Keys: keys}
	if _, err := eraser.Erase(t.Context(), w.Origin(), w.Ana); err == nil {
		t.Fatal("Erase returned no error though the keys failed")
	}
	// The event is recorded, so the handler destroys the key.
	reactor := w.Reactor("erasing", eraser.Handler())
	if n, err := reactor.Step(t.Context()); err != nil || n != 1 {
		t.Fatalf("the reactor handled %d events, %v; want 1", n, err)
	}
	state := w.Message(id)
	who, _, err := commands.Load(t.Context(), w.Engine, client.Decider, client.Stream(w.Ana))
	w.Ok(err)
	if state.Text.Reveal() != "" || state.To.Reveal() != "" || who.Phone.Reveal() != "" || !who.Erased {
		t.Fatalf("personal text is left: %q %q %q", state.Text.Reveal(), state.To.Reveal(), who.Phone.Reveal())
	}
	if state.Status() != message.Sent {
		t.Errorf("the message is %s, want sent", state.Status())
	}
	w.Restart()
	w.Settle() // every stream can still be folded
	_, err = w.Engine.Do(t.Context(), w.Origin(), appointment.AddNote{
		Appointment: booked, Note: domain.DeriveUUID("note"), Text: domain.Secret("called"),
	})
	if !errors.Is(err, domain.ErrErased) {
		t.Errorf("AddNote returned %v, want ErrErased", err)
	}
}

// oneAppointment is a read model with one appointment on every day.
type oneAppointment struct{}

func (oneAppointment) On(_ context.Context, _ domain.AccountID, date string) ([]messaging.AgendaLine, error) {
	return []messaging.AgendaLine{{
		Local: date + "T09:00:00", Client: "Ana", Phone: "+5527900000001", Service: "Visit", Resource: "Room",
		Start: time.Date(2016, 5, 3, 12, 0, 0, 0, time.UTC),
	}}, nil
}

func (oneAppointment) Staff(context.Context, domain.AccountID) ([]messaging.AgendaPerson, error) {
	return nil, nil
}

func TestAgendaIsMailedOnceEachMorning(t *testing.T) {
	w := commandstest.NewWorld(t)
	agendas := &messaging.Agendas{Engine: w.Engine, Read: oneAppointment{}}
	w.Dispatch.Pages = messaging.Pages{"agenda": agendas.Page}
	w.Now = time.Date(2016, 5, 3, 8, 59, 0, 0, time.UTC) // 05:59 in São Paulo
	for _, want := range []string{"", "2016-05-03", "2016-05-03"} {
		date, err := agendas.Queue(t.Context(), w.Account)
		w.Ok(err)
		if date != want {
			t.Errorf("at %s Queue returned %q, want %q", w.Now, date, want)
		}
		w.Settle()
		w.Now = w.Now.Add(time.Minute)
	}
	if len(w.Mails) != 1 {
		t.Fatalf("%d emails, want 1: %v", len(w.Mails), w.Mails)
	}
	want := "2016-05-03: 1\n\n09:00  Ana  +5527900000001  Visit  Room\n"
	if mail := w.Mails[0]; mail.To != "owner@example.com" || mail.Subject != "Clinic — 2016-05-03" || mail.Body != want {
		t.Errorf("the email is %+v, want the body %q", mail, want)
	}
}
