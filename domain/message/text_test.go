package message_test

import (
	"strings"
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
)

var plain = domain.Words{
	Client: "Ana", Service: "Check-up", Resource: "Centro", Date: "10/05/2016", Time: "08:30", Account: "Clinica",
}

func TestCompose(t *testing.T) {
	for _, c := range []struct{ kind, channel, locale, own, title, text string }{
		{
			"reminder", "sms", "en-US", "", "",
			"Ana, a reminder: Check-up with Centro on 10/05/2016 at 08:30. Clinica",
		},
		{"reminder", "sms", "pt-BR", "", "", "Ana, lembrete: Check-up, Centro, 10/05/2016 às 08:30. Clinica"},
		{"reminder", "sms", "pt-BR", "{client}: {time}", "", "Ana: 08:30"},
		{
			"move", "email", "pt", "", "Remarcado: Check-up, agora 10/05/2016 às 08:30",
			"Olá, Ana!\n\nO seu compromisso foi remarcado. Agora é:\n\nCheck-up, Centro\n10/05/2016 às 08:30\n\nClinica\n",
		},
		{
			"cancellation", "email", "nl-NL", "Sorry, {client}.", "Cancelled: Check-up on 10/05/2016 at 08:30", "Sorry, Ana.",
		},
	} {
		title, text, err := message.Compose(c.kind, c.channel, c.locale, message.Own{Text: c.own}, plain)
		if err != nil || title != c.title || text != c.text {
			t.Errorf("%s by %s in %s = %q, %q, %v; want %q, %q", c.kind, c.channel, c.locale, title, text, err, c.title, c.text)
		}
	}
	if _, _, err := message.Compose("poem", "sms", "en", message.Own{}, plain); err == nil {
		t.Error("a message of an unknown kind was composed")
	}
	if _, _, err := message.Compose("reminder", "sms", "en", message.Own{Text: "{muse}"}, plain); err == nil {
		t.Error("an invalid template was composed")
	}
	own := message.Own{Title: "{service}, {time}"}
	title, text, err := message.Compose("move", "email", "en", own, plain)
	if err != nil || title != "Check-up, 08:30" || !strings.HasPrefix(text, "Dear Ana,") {
		t.Errorf("with a subject of its own an email is %q, %q, %v", title, text, err)
	}
}

// Every default text exists, parses and, if it is a text message, fits one segment of the GSM alphabet with plain
// words.
func TestDefaults(t *testing.T) {
	for _, kind := range []string{"reminder", "confirmation", "move", "cancellation", "approval", "decline"} {
		for _, locale := range []string{"en", "de-AT", "es-MX", "fr", "pt-BR"} {
			_, text, err := message.Compose(kind, message.SMS, locale, message.Own{}, plain)
			if n, encoding := message.Segments(text); err != nil || n != 1 || encoding != message.GSM7 {
				t.Errorf("%s in %s takes %d segments of %s: %q, %v", kind, locale, n, encoding, text, err)
			}
			title, text, err := message.Compose(kind, message.Email, locale, message.Own{}, plain)
			if err != nil || title == "" || text == "" {
				t.Errorf("%s by email in %s = %q, %q, %v", kind, locale, title, text, err)
			}
		}
	}
}

func TestPrices(t *testing.T) {
	for country, want := range map[string]int64{"BR": 800_000, "US": 500_000, "XX": 1_000_000, "": 1_000_000} {
		if got := message.PricesInForce().UnitPrice(country); got != want {
			t.Errorf("a segment to %q costs %d, want %d", country, got, want)
		}
	}
	for i, list := range message.Prices() {
		if list.Version != i+1 || list.Elsewhere <= 0 {
			t.Errorf("price list %d has version %d and %d elsewhere", i+1, list.Version, list.Elsewhere)
		}
	}
}
