package account_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/account"
	"github.com/clickbook/clickbook/domain/domaintest"
)

type example = domaintest.Example[account.Command, account.Event]

var (
	id     = domain.DeriveID[domain.AccountID]("clinic")
	clinic = account.Settings{
		Name: domain.Secret("Clínica Vitória"), Email: domain.Secret("dona@clinica.example.com"),
		Phone: domain.Secret("+552733334444"), Zone: "America/Sao_Paulo", Locale: "pt-BR", Country: "BR",
	}
	moved = account.Settings{
		Name: domain.Secret("Clínica Lisboa"), Zone: "Europe/Lisbon", Locale: "pt-PT", Country: "PT",
	}
	opened    = account.AccountOpened{Account: id, Settings: clinic}
	closed    = account.AccountClosed{Account: id}
	rules     = []account.ReminderRule{{ID: "day-before", LeadMin: 1440, Channel: "sms"}}
	rulesSet  = account.ReminderRulesSet{Account: id, Rules: rules}
	text      = domain.Secret("{client}: {date} {time}")
	template  = account.TemplateSet{Account: id, Kind: "reminder", Channel: "sms", Text: text}
	titled    = account.TemplateSet{Account: id, Kind: "move", Channel: "email", Text: text, Title: text}
	untouched = account.TemplateSet{Account: id, Kind: "move", Channel: "email", Text: text}
)

func given(events ...account.Event) []account.Event { return events }

func TestAccount(t *testing.T) {
	examples := append(openAndClose(), rulesAndTemplates()...)
	domaintest.Run(t, account.Decider, append(examples, limits()...))
}

func openAndClose() []example {
	told, movedTold := clinic, moved
	told.Notices, movedTold.Notices = account.UsualNotices, account.UsualNotices
	opensTold := account.AccountOpened{Account: id, Settings: told}
	return []example{
		{Name: "opens", When: account.Open{Account: id, Settings: clinic}, Then: given(opened)},
		{
			Name:  "opened again as first asked, after a change, nothing happens",
			Given: given(opened, account.AccountSettingsChanged{Account: id, Settings: moved}),
			When:  account.Open{Account: id, Settings: clinic},
		},
		{
			Name: "opened again otherwise is refused", Given: given(opened),
			When: account.Open{Account: id, Settings: moved}, Refused: account.ErrExists,
		},
		{
			Name: "settings change as a whole", Given: given(opened),
			When: account.ChangeSettings{Account: id, Settings: moved},
			Then: given(account.AccountSettingsChanged{Account: id, Settings: moved}),
		},
		{
			Name: "the notices change", Given: given(opened),
			When: account.ChangeSettings{Account: id, Settings: told},
			Then: given(account.AccountSettingsChanged{Account: id, Settings: told}),
		},
		{
			Name: "settings of somebody who does not know of notices keep them", Given: given(opensTold),
			When: account.ChangeSettings{Account: id, Settings: moved, KeepNotices: true},
			Then: given(account.AccountSettingsChanged{Account: id, Settings: movedTold}),
		},
		{
			Name: "the notices are kept, and nothing else changes", Given: given(opensTold),
			When: account.ChangeSettings{Account: id, Settings: clinic, KeepNotices: true},
		},
		{Name: "closes", Given: given(opened), When: account.Close{Account: id}, Then: given(closed)},
		{
			Name: "a closed account does not open again", Given: given(opened, closed),
			When: account.Open{Account: id, Settings: clinic}, Refused: account.ErrClosed,
		},
		{
			Name: "a closed account does not change", Given: given(opened, closed),
			When: account.ChangeSettings{Account: id, Settings: moved}, Refused: account.ErrClosed,
		},
		{Name: "unknown cannot close", When: account.Close{Account: id}, Refused: account.ErrUnknown},
		{
			Name: "unknown cannot change", When: account.ChangeSettings{Account: id, Settings: clinic},
			Refused: account.ErrUnknown,
		},
	}
}

func rulesAndTemplates() []example {
	set := func(rules ...account.ReminderRule) account.Command {
		return account.SetReminderRules{Account: id, Rules: rules}
	}
	write := func(kind, channel, text string) account.Command {
		return account.SetTemplate{Account: id, Kind: kind, Channel: channel, Text: domain.Secret(text)}
	}
	bad := func(name string, when account.Command, refused error) example {
		return example{Name: name, Given: given(opened), When: when, Refused: refused}
	}
	return []example{
		{Name: "rules are set", Given: given(opened), When: set(rules...), Then: given(rulesSet)},
		{
			Name: "rules are taken away", Given: given(opened, rulesSet), When: set(),
			Then: given(account.ReminderRulesSet{Account: id}),
		},
		bad("a rule needs a name", set(account.ReminderRule{LeadMin: 60, Channel: "sms"}), account.ErrRule),
		bad("two rules need two names", set(rules[0], rules[0]), account.ErrRule),
		bad("a rule leads", set(account.ReminderRule{ID: "now", Channel: "sms"}), account.ErrRule),
		bad("not by years", set(account.ReminderRule{ID: "far", LeadMin: 60*24*60 + 1, Channel: "sms"}), account.ErrRule),
		bad("a rule has a channel", set(account.ReminderRule{ID: "a", LeadMin: 60, Channel: "fax"}), account.ErrRule),
		bad("not too many rules", set(make([]account.ReminderRule, 11)...), account.ErrRule),
		{Name: "unknown has no rules", When: set(rules...), Refused: account.ErrUnknown},
		{
			Name: "a template is set", Given: given(opened, untouched),
			When: write("reminder", "sms", text.Reveal()), Then: given(template),
		},
		{
			Name: "back to ours", Given: given(opened, untouched, template), When: write("reminder", "sms", ""),
			Then: given(account.TemplateSet{Account: id, Kind: "reminder", Channel: "sms"}),
		},
		{
			Name: "a subject with our text", Given: given(opened),
			When: account.SetTemplate{Account: id, Kind: "move", Channel: "email", Title: text},
			Then: given(account.TemplateSet{Account: id, Kind: "move", Channel: "email", Title: text}),
		},
		{
			Name: "a subject with a text", Given: given(opened, untouched),
			When: account.SetTemplate{Account: id, Kind: "move", Channel: "email", Title: text, Text: text},
			Then: given(titled),
		},
		{Name: "the same subject again", Given: given(opened, titled), When: account.SetTemplate(titled)},
		{
			Name: "the subject back to ours", Given: given(opened, titled), When: write("move", "email", text.Reveal()),
			Then: given(untouched),
		},
		bad("a text has no subject", account.SetTemplate{
			Account: id, Kind: "move", Channel: "sms", Text: text, Title: text,
		}, account.ErrTitle),
		bad("a subject on two lines", account.SetTemplate{
			Account: id, Kind: "move", Channel: "email", Title: domain.Secret("a\nb"),
		}, domain.Refuse(0, "template_malformed", "")),
		bad("a long subject", account.SetTemplate{
			Account: id, Kind: "move", Channel: "email", Title: domain.Secret(strings.Repeat("a", 201)),
		}, domain.Refuse(0, "template_too_long", "")),
		bad("a slip in the subject", account.SetTemplate{
			Account: id, Kind: "move", Channel: "email", Title: domain.Secret("{name}"),
		}, domain.Refuse(0, "template_unknown_place", "")),
		{Name: "ours already", Given: given(opened, untouched), When: write("reminder", "sms", "")},
		bad("a slip of the pen", write("reminder", "sms", "Hi {name}"), domain.Refuse(0, "template_unknown_place", "")),
		bad("no such kind", write("birthday", "sms", "Hi"), account.ErrTemplate),
		bad("no such channel", write("move", "fax", "Hi"), account.ErrTemplate),
		{Name: "unknown has no templates", When: write("move", "sms", "Hi"), Refused: account.ErrUnknown},
	}
}

func TestStoredAgenda(t *testing.T) {
	settings := clinic
	settings.Agenda = account.Agenda{At: "07:30", Off: true, OwnerOff: true}
	domaintest.GoldenForm(t, account.Types, account.AccountSettingsChanged{Account: id, Settings: settings}, "agenda")
}

func TestStoredNotices(t *testing.T) {
	settings := clinic
	settings.Notices = account.UsualNotices
	settings.Notices.Declined = account.Notice{SMS: true}
	domaintest.GoldenForm(t, account.Types, account.AccountSettingsChanged{Account: id, Settings: settings}, "notices")
}

func TestStoredAlerts(t *testing.T) {
	settings := clinic
	settings.Alerts = account.Alerts{
		On: true, UndeliveredOff: true, BouncedOff: true, CreditsOff: true, CreditsBelow: 5_000_000,
	}
	domaintest.GoldenForm(t, account.Types, account.AccountSettingsChanged{Account: id, Settings: settings}, "alerts")
	_, err := account.NewSettings(account.Form{Alerts: account.Alerts{CreditsBelow: -1}})
	if !errors.Is(err, account.ErrCreditsBelow) {
		t.Errorf("a negative limit gave %v", err)
	}
}

func TestStoredSubject(t *testing.T) { domaintest.GoldenForm(t, account.Types, titled, "title") }

func TestNewSettings(t *testing.T) {
	form := account.Form{
		Name: " Clínica Vitória ", Email: "dona@clinica.example.com", Phone: "(27) 3333-4444",
		Zone: "America/Sao_Paulo", Locale: "pt-BR", Country: "BR",
	}
	if got, err := account.NewSettings(form); err != nil || got != clinic {
		t.Fatalf("NewSettings = %v, %v; want %v", got, err, clinic)
	}
	for _, c := range []struct {
		spoil func(*account.Form)
		code  string
	}{
		{func(f *account.Form) { f.Name = "" }, "text_missing"},
		{func(f *account.Form) { f.Name = strings.Repeat("a", 201) }, "text_too_long"},
		{func(f *account.Form) { f.Zone = "Local" }, "unknown_zone"},
		{func(f *account.Form) { f.Agenda.At = "24:00" }, "clock_malformed"},
		{func(f *account.Form) { f.Agenda.At = "6:00" }, "clock_malformed"},
		{func(f *account.Form) { f.Locale = "Portuguese" }, "locale_malformed"},
		{func(f *account.Form) { f.Country = "Brazil" }, "unknown_country"},
		{func(f *account.Form) { f.Email = "dona" }, "email_malformed"},
		{func(f *account.Form) { f.Phone = "12" }, "phone_invalid"},
	} {
		spoiled := form
		c.spoil(&spoiled)
		refusal, ok := domain.AsRefusal(func() error { _, err := account.NewSettings(spoiled); return err }())
		if !ok || refusal.Code != c.code {
			t.Errorf("%+v: got error %v, want %s", spoiled, refusal, c.code)
		}
	}
}
