package messaging_test

import (
	"testing"

	"github.com/nyaruka/phonenumbers"

	"github.com/clickbook/clickbook/commands/commandstest"
	"github.com/clickbook/clickbook/domain"
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
				w.Do(client.ChangeContact{Client: w.Ana, Contact: contact})
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
