package messaging_test

import (
	"testing"

	"github.com/nyaruka/phonenumbers"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/client"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/route"
	"github.com/clickbook/clickbook/domain/window"
)

// A number that takes no texts gets the email that is on file. Without one, the reminder is suppressed with the kind
// of the number as its reason. Nothing is sent to the number, and nothing is charged.
func TestOnlyNumbersThatTakeTextsAreTexted(t *testing.T) {
	for number, reason := range map[string]string{
		"+5527999998888":  "",
		"+16045550101":    "", // a landline or a mobile
		"+449098790123":   "premium_rate",
		"+442079460958":   "landline",
		"+18005550199":    "toll_free",
		"+33884012345":    "shared_cost",
		"+881612345678":   "satellite",
		"+41860123456789": "voicemail",
	} {
		for _, email := range []string{"", "ana@example.com"} {
			t.Run(number+" "+email, func(t *testing.T) {
				w := commandstest.NewWorld(t)
				w.Operate(route.Set{Country: route.Elsewhere, Providers: []string{"alpha"}})
				contact, err := client.NewContact(client.Form{Name: "Ana", Phone: number, Email: email})
				w.Ok(err)
				w.Do(client.ChangeContact{Client: w.Ana, Contact: contact}, account.SetTextLimits{
					Account: w.Account, Limits: account.TextLimits{Countries: []string{"BR", "CA"}},
				})
				id := w.Remind(w.Book("a", commandstest.Tuesday))
				w.Settle()
				texts, mails := len(w.Alpha.Sent), len(w.Mails)
				if state := w.Message(id); state.Reason != reason {
					t.Errorf("the text is %s (%s), want the reason %q", state.Status(), state.Reason, reason)
				}
				if wanted := reason == ""; (texts == 1) != wanted || wanted != (w.Owned() < commandstest.Balance) {
					t.Errorf("%d texts were sent and %d is left", texts, w.Owned())
				}
				if wanted := reason != "" && email != ""; (mails == 1) != wanted {
					t.Errorf("%d emails were sent", mails)
				}
			})
		}
	}
}

// Wherever a number can be, it can be routed, priced and covered by a refund window.
func TestEveryCountryOfANumberIsADestination(t *testing.T) {
	countries := []string{domain.NonGeographic}
	for region := range phonenumbers.GetSupportedRegions() {
		countries = append(countries, region)
	}
	w := commandstest.NewWorld(t)
	for _, country := range countries {
		w.Operate(route.Set{Country: country, Providers: []string{"alpha"}})
		if price := message.PricesInForce().UnitPrice(country); price <= 0 {
			t.Errorf("a segment to %s costs %d", country, price)
		}
		letter := message.Letter{
			Account: w.Account, Channel: message.SMS, To: domain.Secret("+1"), Country: country, Text: domain.Secret("Hi"),
			ScheduledFor: w.Now, UsefulUntil: commandstest.Tuesday,
		}
		id := domain.DeriveID[domain.MessageID](country)
		w.Do(message.QueueReminder{Message: id, Letter: letter, Rule: "day-before"})
	}
	w.Operate(window.Declare{
		Window: "everywhere",
		Terms: window.Terms{
			Bounds: window.Bounds{Kind: window.Instants, Start: w.Now, End: commandstest.Tuesday},
			Scope:  window.Scope{Countries: countries},
		},
		Signed: window.Signed{By: "ann"},
	})
}

// What was planned while the client was opted out is planned again when it is due.
func TestOptOutIsCheckedWhenTheReminderIsDueAndWhenItIsSent(t *testing.T) {
	child := domain.DeriveID[domain.ClientID]("child")
	for _, c := range []struct {
		name    string
		planned string // why the read model planned not to send
		due     func(*family)
		sent    func(*family)
		reason  string
	}{
		{"the child's number is the mother's", "", func(f *family) { f.out(child) }, nil, "opted_out"},
		{"between queue and send", "", nil, func(f *family) { f.out(child) }, "opted_out"},
		{"opted in again", "opted_out", func(f *family) { f.out(f.Ana); f.in(child) }, nil, ""},
		{"still opted out", "opted_out", func(f *family) { f.out(child) }, nil, "opted_out"},
		{"booked late", "booked_late", nil, nil, "booked_late"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := &family{commandstest.NewWorld(t)}
			f.Register(child, f.Account)
			booked := f.Book("a", commandstest.Tuesday)
			if c.due != nil {
				c.due(f)
			}
			id := f.RemindPlanned(booked, c.planned)
			if c.sent != nil {
				c.sent(f)
			}
			f.Settle()
			if state := f.Message(id); state.Reason != c.reason || len(f.Alpha.Sent) == 1 != (c.reason == "") {
				t.Errorf("the text is %s (%q) after %d texts", state.Status(), state.Reason, len(f.Alpha.Sent))
			}
			if instead := c.reason == "opted_out"; (len(f.Mails) == 1) != instead {
				t.Errorf("%d emails were sent instead", len(f.Mails))
			}
		})
	}
}

type family struct{ *commandstest.World }

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
