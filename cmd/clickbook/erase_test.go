package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/cmd/clickbook/internal/installation"
	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/appointment"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/credit"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
	"github.com/clickbook/clickbook/projections/readmodel"
)

// TestErasedClientLeavesNothing books a client, reminds them by text, adds a note, erases them, and then reads every
// byte of the data directory. It also looks for the number of another client, to show that the search works.
func TestErasedClientLeavesNothing(t *testing.T) {
	now := time.Now().Truncate(24 * time.Hour) // 90 hours later it is three in the afternoon in São Paulo
	start := now.Add(96 * time.Hour).UTC().Format(time.RFC3339)
	s := newStudio(t, "client,phone,email,start,duration\n"+
		"Grace Hopper,27 99999-0001,grace@example.com,"+start+",30\n"+
		"Rui Melo,27 99999-0002,rui@example.com,"+start+",30\n", "--units", "2")
	h := openManual(t, installation.Location{Data: s.dir}, now)
	ctx, origin := t.Context(), commands.ForAccount(s.id(), domain.Actor{})
	h.settle(t.Context())
	h.ok(h.AddSimulatedProviders(t.Context()))
	cmds := []domain.Command{
		account.SetReminderRules{Account: s.id(), Rules: []account.ReminderRule{
			{ID: "day-before", LeadMin: 24 * 60, Channel: message.SMS},
		}},
		credit.Purchase{
			Because: credit.Because{Account: s.account, Cause: "bought", RecordedAt: now}, Purchase: "p", Amount: 50_000_000,
		},
	}
	for _, cmd := range cmds {
		_, err := h.Engine.Do(ctx, origin, cmd)
		h.ok(err)
	}
	h.settle(t.Context())
	grace := s.known(h, "grace")
	visits, err := projections.Calendar{DB: h.Views}.Find(ctx, s.id(), projections.Selection{Client: grace.ID})
	h.ok(err)
	_, err = h.Engine.Do(ctx, origin, appointment.AddNote{
		Appointment: visits[0].ID, Note: domain.DeriveUUID("note"), Text: domain.Secret("prefers the window seat"),
	})
	h.ok(err)
	h.clock.at = now.Add(90 * time.Hour)
	h.settle(t.Context())
	sent, err := projections.Messages{DB: h.Views}.Find(ctx, s.id(), projections.MessageFilter{Client: grace.ID, Limit: 9})
	h.ok(err)
	if len(sent) != 1 || sent[0].Attempts == 0 || sent[0].Text == "" {
		t.Fatalf("she was not reminded: %+v", sent)
	}
	words := sent[0].Text
	_, err = h.Engine.Do(ctx, origin, appointment.Cancel{
		Appointment: visits[0].ID, By: appointment.Staff, Reason: domain.Secret("broken ankle"), At: now.Add(90 * time.Hour),
	})
	h.ok(err)
	h.settle(t.Context())
	h.close()
	secrets := []string{"Grace", "grace", "5527999990001", "broken ankle", words}
	for _, secret := range secrets {
		if !bytes.Contains(rawBytes(filepath.Join(s.dir, "views.db")), []byte(secret)) {
			t.Fatalf("before the erasure, %q is in no read model", secret)
		}
	}

	secrets = append(secrets, "window seat") // notes are in no read model
	must(t, "client", "erase", "--data", s.dir, grace.ID.String())
	s.hides(secrets...)
	if raw := rawBytes(s.dir); !bytes.Contains(raw, []byte("5527999990002")) {
		t.Error("the files do not hold the number of the other client")
	}
	must(t, "rebuild", "--data", s.dir)
	s.hides(secrets...)

	h = openManual(t, installation.Location{Data: s.dir}, now.Add(91*time.Hour))
	defer h.close()
	h.settle(t.Context())
	for _, words := range []string{"grace", "+5527999990001"} {
		if found, err := (directory.Clients{DB: h.Views}).Find(ctx, s.id(), words, readmodel.NameCursor{}, 9); err != nil ||
			len(found) > 0 {
			t.Errorf("searching %s finds %v, %v", words, found, err)
		}
	}
	folded, _, err := commands.Load(ctx, h.Engine, client.Decider, client.Stream(grace.ID))
	if h.ok(err); !folded.Erased || folded.Name.Reveal() != "" {
		t.Errorf("the client is %+v", folded)
	}
}

// TestLogWithoutKeysNamesNobody copies the log without the keys, as a separate backup does.
func TestLogWithoutKeysNamesNobody(t *testing.T) {
	s := newStudio(t, "client,phone,email,resource,start,duration\n"+
		"Grace Hopper,27 99999-0001,grace@example.com,Doutora Bia,2016-05-02 08:00,30\n")
	backup := filepath.Join(t.TempDir(), "backup")
	if err := os.CopyFS(backup, os.DirFS(s.dir)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"keys.db", "installation.key", "views.db", "state.db"} {
		if err := os.Remove(filepath.Join(backup, name)); err != nil {
			t.Fatal(err)
		}
	}
	raw := rawBytes(backup)
	if !bytes.Contains(raw, []byte("ClientRegistered")) {
		t.Fatal("the backup holds no log")
	}
	for _, secret := range []string{"Grace", "Hopper", "5527999990001", "grace@example.com", "Doutora", "Studio"} {
		if bytes.Contains(raw, []byte(secret)) {
			t.Errorf("%q is in the log", secret)
		}
	}
	got := call(t, "", "export", "appointments", "--data", backup, "--account", s.account)
	if got.code != exitFault || got.out != "" || !strings.Contains(got.err, "keys.db is missing: put it back") {
		t.Errorf("without its keys the log was exported: %s%s", got.out, got.err)
	}
}

// hides checks that no file of the data directory holds the texts.
func (s *studio) hides(secrets ...string) {
	s.t.Helper()
	raw := rawBytes(s.dir)
	for _, secret := range secrets {
		if bytes.Contains(raw, []byte(secret)) {
			s.t.Errorf("%q is in a file of %s", secret, s.dir)
		}
	}
}

// known returns the only client that a search finds.
func (s *studio) known(h *manual, words string) directory.Client {
	s.t.Helper()
	found, err := directory.Clients{DB: h.Views}.Find(s.t.Context(), s.id(), words, readmodel.NameCursor{}, 9)
	if err != nil || len(found) != 1 {
		s.t.Fatalf("searching %s finds %v, %v", words, found, err)
	}
	return found[0]
}
