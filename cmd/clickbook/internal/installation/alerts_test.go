package installation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clickbook/clickbook/adapters/sqlite/views"
	"github.com/clickbook/clickbook/commands/alerts"
	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/projections"
	"github.com/clickbook/clickbook/projections/directory"
	"github.com/clickbook/clickbook/projections/projector"
)

var inBrazil = outage.Cell{Provider: "alpha", Country: "BR"}

// alertWorld is a clinic with read models and alerts in virtual time.
type alertWorld struct {
	*commandstest.World
	views  *views.Scratch
	models *projector.Projector
	alerts *alerts.Alerts
	read   projections.Reader
	seen   int // emails that were looked at
}

func newAlertWorld(t *testing.T, change ...func(*account.Form)) *alertWorld {
	w := &alertWorld{World: commandstest.NewWorld(t)}
	db, err := views.NewScratch()
	w.Ok(err)
	t.Cleanup(func() { w.Ok(db.Close()) })
	w.views = db
	form := account.Form{
		Name: "Clinic", Email: "owner@example.com", Zone: "America/Sao_Paulo", Locale: "en", Country: "BR",
		Alerts: account.Alerts{On: true},
	}
	for _, f := range change {
		f(&form)
	}
	settings, err := account.NewSettings(form)
	w.Ok(err)
	w.Do(account.ChangeSettings{Account: w.Account, Settings: settings})
	w.wire()
	return w
}

// wire makes everything but the log and the read models new, as a restart does.
func (w *alertWorld) wire() {
	w.models = projector.New(w.Log, w.Codec, w.views, projections.All()...)
	w.read = projections.NewReader(w.views)
	rows := alertRows{w.read}
	w.alerts = &alerts.Alerts{
		Engine: w.Engine, Outages: rows, Sheets: rows, Credits: rows, Links: noLinks{},
		Staff:     StaffRows{directory.Resources{DB: w.views}},
		Operators: alerts.Operators{Email: "operator@example.com", Mailer: w.World},
	}
	w.Dispatch.Pages = messaging.Pages{"alert": w.alerts.Page}
}

// noLinks makes links that show their message.
type noLinks struct{}

func (noLinks) Contacted(_ context.Context, id domain.MessageID) (string, error) {
	return "https://book.example.com/" + id.String()[:8], nil
}

func (w *alertWorld) catchUp() {
	w.T.Helper()
	_, err := w.models.CatchUp(w.T.Context())
	w.Ok(err)
}

// tick lets time pass and does what a server does then. It returns the new emails, as recipient and subject.
func (w *alertWorld) tick(pass time.Duration) (mails []string) {
	w.T.Helper()
	w.Now = w.Now.Add(pass)
	reactor := w.Reactor("alerts", w.alerts.Handlers()...)
	settle := func() {
		for n := 1; n > 0; {
			w.Settle()
			w.catchUp()
			var err error
			n, err = reactor.Step(w.T.Context())
			w.Ok(err)
		}
	}
	settle()
	w.Ok(w.alerts.QueueOutages(w.T.Context()))
	w.Ok(w.alerts.QueueDigest(w.T.Context(), w.Account))
	w.Ok(w.alerts.WarnOfCredits(w.T.Context(), []domain.AccountID{w.Account}))
	settle()
	for _, mail := range w.Mails[w.seen:] {
		mails = append(mails, mail.To+": "+mail.Subject)
	}
	w.seen = len(w.Mails)
	return mails
}

func (w *alertWorld) wantMails(when string, got []string, want ...string) {
	w.T.Helper()
	if !slices.Equal(got, want) {
		w.T.Errorf("%s: the emails are %q, want %q", when, got, want)
	}
}

// lastMail returns the newest email.
func (w *alertWorld) lastMail() messaging.Mail { return w.Mails[len(w.Mails)-1] }

// text books the n-th appointment of tomorrow and sends its reminder.
func (w *alertWorld) text(n int) domain.MessageID {
	w.T.Helper()
	id := w.Remind(w.Book(fmt.Sprint("visit", n), commandstest.Tuesday))
	w.Settle()
	return id
}

func (w *alertWorld) detect(cell outage.Cell, cause outage.Cause) {
	w.T.Helper()
	w.Operate(outage.Detect{Cell: cell, ChangePoint: commandstest.Monday, At: w.Now, Cause: cause})
}

func (w *alertWorld) receipt(id domain.MessageID, state string) {
	w.T.Helper()
	_, err := messaging.Receive(w.T.Context(), w.Engine, messaging.Receipt{
		Reference: messaging.ReferenceOf(id, 1), State: state, At: w.Now,
	})
	w.Ok(err)
}

// rows counts the rows of an email by their links.
func rows(mail messaging.Mail) int { return strings.Count(mail.Body, "https://book.example.com/") }

const (
	toOwner  = "owner@example.com: "
	firstOne = toOwner + "Clients to call: texts did not arrive"
	another  = toOwner + "More clients to call: texts still do not arrive"
	allClear = toOwner + "Texts to your clients arrive again"
	toStaff  = "maria@example.com: Clients to call: texts did not arrive"
	report   = "operator@example.com: Outage of alpha in BR"
	over     = "operator@example.com: End of the outage of alpha in BR"
)

func TestOutageIsToldOnceWithEachRow(t *testing.T) {
	w := newAlertWorld(t)
	first, second := w.text(1), w.text(2)
	w.wantMails("before the outage", w.tick(10*time.Minute))
	w.detect(inBrazil, outage.Silent)
	w.wantMails("5 s after it was found", w.tick(5*time.Second), report, firstOne)
	mail := w.lastMail()
	for _, text := range []string{
		"Since 2 May 2016, 12:00, texts", "accepts them, but nothing shows that they arrive", "go through another company",
		"these 2 clients", "3 May 2016, 12:00\nAna\n+5527900000001\nVisit\nReminder: sent, but not confirmed\n",
		first.String()[:8], second.String()[:8],
	} {
		if !strings.Contains(mail.Body, text) {
			t.Errorf("the email does not say %q: %s", text, mail.Body)
		}
	}
	if n := rows(mail); n != 2 || !mail.Urgent {
		t.Errorf("the email has %d rows, urgent: %v", n, mail.Urgent)
	}
	if !strings.Contains(mail.HTML, `<a href="tel:+5527900000001">`) || !strings.Contains(mail.HTML, "Mark as contacted</a>") {
		t.Errorf("the HTML has no links: %s", mail.HTML)
	}
	w.wantMails("nothing new", w.tick(11*time.Minute))
	third := w.text(3)
	w.wantMails("a new row", w.tick(5*time.Second), another)
	if n := rows(w.lastMail()); n != 3 || !strings.Contains(w.lastMail().Body, third.String()[:8]) {
		t.Errorf("the second email has %d rows: %s", n, w.lastMail().Body)
	}
	fourth := w.text(4)
	w.wantMails("another one too soon", w.tick(9*time.Minute))
	w.wantMails("ten minutes after the second", w.tick(time.Minute), another)
	w.receipt(fourth, "delivered")
	w.receipt(first, "delivered")
	w.Do(message.MarkContacted{Message: second, By: message.ByStaff, At: w.Now})
	w.Operate(outage.Clear{Cell: inBrazil, At: w.Now})
	w.wantMails("the end", w.tick(5*time.Second), over, allClear)
	if n := rows(w.lastMail()); n != 1 {
		t.Errorf("%d rows remain, want 1: %s", n, w.lastMail().Body)
	}
	w.wantMails("after the end", w.tick(time.Hour))
}

func TestOutageOfReceiptsIsForOperatorsOnly(t *testing.T) {
	w := newAlertWorld(t)
	w.text(1)
	w.detect(inBrazil, outage.ReceiptsOnly)
	w.wantMails("only receipts are lost", w.tick(5*time.Second), report)
	w.wantMails("later", w.tick(time.Hour))
}

func TestRestartAndReplayTellNothingTwice(t *testing.T) {
	w := newAlertWorld(t)
	w.text(1)
	w.detect(inBrazil, outage.Silent)
	w.wantMails("before", w.tick(5*time.Second), report, firstOne)
	w.Restart()
	db, err := views.NewScratch() // the read models are built again too
	w.Ok(err)
	t.Cleanup(func() { w.Ok(db.Close()) })
	w.views = db
	w.wire()
	delete(w.Saved, "alerts") // and the reactor sees all events again
	w.Operators().Email = ""  // its email to the operators has the id of the event: the mail system sends it once
	w.wantMails("after a restart", w.tick(time.Minute))
	w.wantMails("and later", w.tick(time.Hour))
}

func (w *alertWorld) Operators() *alerts.Operators { return &w.alerts.Operators }

func TestLostAlertIsTakenToTheOperators(t *testing.T) {
	w := newAlertWorld(t)
	w.text(1)
	w.detect(inBrazil, outage.Silent)
	w.tick(5 * time.Second)
	id, err := domain.ParseID[domain.MessageID](w.lastMail().Reference)
	w.Ok(err)
	w.Do(message.Bounce{Message: id, Permanent: true, Code: "5.1.1", At: w.Now})
	w.wantMails("an alert came back", w.tick(time.Second), "operator@example.com: An alert did not reach its account")
	for _, text := range []string{"Clinic", "owner@example.com", "about: outage", "5.1.1"} {
		if !strings.Contains(w.lastMail().Body, text) {
			t.Errorf("the email does not say %q: %s", text, w.lastMail().Body)
		}
	}
	lost, err := w.read.Alerts.Lost(t.Context(), w.Now.Add(-lostAlerts))
	if err != nil || len(lost) != 1 {
		t.Errorf("%d alerts are lost, %v", len(lost), err)
	}
	id, err = domain.ParseID[domain.MessageID](w.lastMail().Reference)
	w.Ok(err)
	w.Do(message.Bounce{Message: id, Permanent: true, Code: "5.1.1", At: w.Now})
	w.wantMails("that came back too", w.tick(time.Second))
}

const digest = toOwner + "Clients whom your messages did not reach"

func TestUndeliveredAreToldOnceADay(t *testing.T) {
	w := newAlertWorld(t)
	w.Ok(w.alerts.QueueDigest(t.Context(), w.Account))
	first := w.text(1)
	w.receipt(first, "undelivered")
	w.wantMails("at noon", w.tick(time.Minute), "ana@example.com: Reminder: Visit on 3 May 2016 at 12:00")
	w.Now = commandstest.Monday.Add(18 * time.Hour) // six in the morning
	w.wantMails("at six", w.tick(0), digest)
	if n := rows(w.lastMail()); n != 1 || !strings.Contains(w.lastMail().Body, "an email went instead") {
		t.Errorf("the digest has %d rows: %s", n, w.lastMail().Body)
	}
	w.wantMails("a minute later", w.tick(time.Minute))
	w.wantMails("the next day without anything new", w.tick(24*time.Hour))
	off := newAlertWorld(t, func(f *account.Form) { f.Alerts.UndeliveredOff = true })
	off.receipt(off.text(1), "undelivered")
	off.tick(time.Minute)
	off.Now = commandstest.Monday.Add(18 * time.Hour)
	off.wantMails("turned off", off.tick(0))
}

func TestLowCreditsAreToldOnce(t *testing.T) {
	w := newAlertWorld(t, func(f *account.Form) { f.Alerts.CreditsBelow = 2 * commandstest.Balance })
	const low = toOwner + "Your credits for texts are running out"
	w.wantMails("low", w.tick(time.Minute), low)
	if !strings.Contains(w.lastMail().Body, "You have 10 credits left.") {
		t.Errorf("the email says %s", w.lastMail().Body)
	}
	w.wantMails("still low", w.tick(time.Hour))
}
