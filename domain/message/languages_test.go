package message_test

import (
	"testing"
	"time"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
)

// One reminder by each channel in each language, as a client reads it.
func TestLanguages(t *testing.T) {
	zone, err := domain.ParseZone("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 12, 7, 13, 30, 0, 0, time.UTC)
	for _, c := range []struct{ locale, text, title, mail string }{
		{
			"de-DE", "Ana, Erinnerung: Massage (Jo) am Mo., 7.12.2026 um 14:30 Uhr. Salon",
			"Erinnerung: Massage am Montag, 7. Dezember 2026 um 14:30 Uhr",
			"Guten Tag Ana,\n\nwir erinnern Sie an Ihren Termin:\n\nMassage, Jo\nMontag, 7. Dezember 2026, 14:30 Uhr\n\nSalon\n",
		},
		{
			"es", "Ana, recordatorio: Massage (Jo), lun, 7/12/2026 a las 14:30. Salon",
			"Recordatorio: Massage, lunes, 7 de diciembre de 2026 a las 14:30",
			"Hola, Ana:\n\nLe recordamos su cita:\n\nMassage, Jo\nlunes, 7 de diciembre de 2026 a las 14:30\n\nSalon\n",
		},
		{
			"fr-CA", "Ana, rappel : Massage (Jo), lun. 07/12/2026 à 14:30. Salon",
			"Rappel\u00a0: Massage, lundi 7 décembre 2026 à 14:30",
			"Bonjour Ana,\n\nNous vous rappelons votre rendez-vous\u00a0:\n\nMassage, Jo\nlundi 7 décembre 2026 à 14:30\n\nSalon\n",
		},
		{
			"pt-PT", "Ana, lembrete: Massage, Jo, seg., 07/12/2026 às 14:30. Salon",
			"Lembrete: Massage, segunda-feira, 7 de dezembro de 2026 às 14:30",
			"Olá, Ana!\n\nLembramos o seu compromisso:\n\nMassage, Jo\nsegunda-feira, 7 de dezembro de 2026 às 14:30\n\nSalon\n",
		},
		{
			"en-GB", "Ana, a reminder: Massage with Jo on 7 Dec 2026 at 14:30. Salon",
			"Reminder: Massage on 7 Dec 2026 at 14:30",
			"Dear Ana,\n\nthis is a reminder of your appointment:\n\nMassage, Jo\n7 Dec 2026 at 14:30\n\nSalon\n",
		},
		{
			"ja-JP", "Ana, a reminder: Massage with Jo on 7 Dec 2026 at 14:30. Salon",
			"Reminder: Massage on 7 Dec 2026 at 14:30",
			"Dear Ana,\n\nthis is a reminder of your appointment:\n\nMassage, Jo\n7 Dec 2026 at 14:30\n\nSalon\n",
		},
	} {
		words := func(channel string) domain.Words {
			return domain.Words{
				Client: "Ana", Service: "Massage", Resource: "Jo", Account: "Salon",
				Date: message.WriteDate(at, zone, c.locale, channel), Time: message.WriteTime(at, zone),
			}
		}
		_, text, err := message.Compose("reminder", message.SMS, c.locale, message.Own{}, words(message.SMS))
		if n, encoding := message.Segments(text); err != nil || text != c.text || n != 1 || encoding != message.GSM7 {
			t.Errorf("a text in %s takes %d of %s, %v:\n got %q\nwant %q", c.locale, n, encoding, err, text, c.text)
		}
		title, mail, err := message.Compose("reminder", message.Email, c.locale, message.Own{}, words(message.Email))
		if err != nil || title != c.title || mail != c.mail {
			t.Errorf("an email in %s, %v:\n got %q %q\nwant %q %q", c.locale, err, title, mail, c.title, c.mail)
		}
	}
}

// Every date of a year is written in the GSM alphabet in a text, and no name is left out in an email.
func TestDates(t *testing.T) {
	for _, locale := range []string{"en", "de", "es", "fr", "pt"} {
		seen := make(map[string]bool)
		for day := range 366 {
			at := time.Date(2024, 1, 1+day, 12, 0, 0, 0, time.UTC)
			text := message.WriteDate(at, time.UTC, locale, message.SMS)
			if _, encoding := message.Segments(text); encoding != message.GSM7 {
				t.Errorf("in %s the text says %q, which is not in the GSM alphabet", locale, text)
			}
			seen[message.WriteDate(at, time.UTC, locale, message.Email)] = true
		}
		if len(seen) != 366 {
			t.Errorf("in %s a year has %d dates", locale, len(seen))
		}
	}
	for _, c := range []struct{ locale, channel, date, want string }{
		{"de", message.Email, "2026-03-01", "Sonntag, 1. März 2026"},
		{"de-AT", message.SMS, "2026-03-01", "So., 1.3.2026"},
		{"fr", message.Email, "2026-08-01", "samedi 1er août 2026"},
		{"fr", message.SMS, "2026-08-02", "dim. 02/08/2026"},
		{"es", message.Email, "2026-12-12", "sábado, 12 de diciembre de 2026"},
		{"es", message.SMS, "2026-12-12", "12/12/2026"}, // sáb is not in the GSM alphabet
		{"es", message.SMS, "2026-12-09", "mié, 9/12/2026"},
		{"pt", message.Email, "2016-05-09", "segunda-feira, 9 de maio de 2016"},
		{"pt", message.SMS, "2016-05-07", "07/05/2016"},
		{"gsw", message.Email, "2016-05-07", "7 May 2016"},
	} {
		at, err := time.Parse(time.DateOnly, c.date)
		if err != nil {
			t.Fatal(err)
		}
		if got := message.WriteDate(at, time.UTC, c.locale, c.channel); got != c.want {
			t.Errorf("%s by %s in %s is %q, want %q", c.date, c.channel, c.locale, got, c.want)
		}
	}
	zone, err := domain.ParseZone("America/Sao_Paulo")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2016, 5, 10, 2, 5, 0, 0, time.UTC) // the evening before, there
	if date, clock := message.WriteDate(at, zone, "en", message.SMS), message.WriteTime(at, zone); date != "9 May 2016" ||
		clock != "23:05" {
		t.Errorf("it is %s at %s", date, clock)
	}
}

func TestAgendaLines(t *testing.T) {
	for _, c := range []struct {
		locale      string
		n           int
		title, head string
	}{
		{"en", 2, "Salon — 2026-12-07", "2026-12-07: 2"},
		{"de-DE", 1, "Salon — Montag, 7. Dezember 2026", "Montag, 7. Dezember 2026: 1 Termin"},
		{"de-DE", 0, "Salon — Montag, 7. Dezember 2026", "Montag, 7. Dezember 2026: 0 Termine"},
		{"es", 2, "Salon — lunes, 7 de diciembre de 2026", "lunes, 7 de diciembre de 2026: 2 citas"},
		{"fr", 2, "Salon — lundi 7 décembre 2026", "lundi 7 décembre 2026: 2 rendez-vous"},
		{"pt", 2, "Salon — segunda-feira, 7 de dezembro de 2026", "segunda-feira, 7 de dezembro de 2026: 2 compromissos"},
	} {
		title := message.AgendaTitle("Salon", "2026-12-07", c.locale)
		head := message.AgendaHead("2026-12-07", c.locale, c.n)
		if title != c.title || head != c.head {
			t.Errorf("in %s: %q, %q; want %q, %q", c.locale, title, head, c.title, c.head)
		}
	}
}
