package message

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// language is how a language writes dates. Names and orders are those of CLDR, as Unicode publishes them for the
// language without a region.
type language struct {
	weekdays [7]string  // from Sunday
	short    [7]string  // "" for one that the GSM alphabet cannot write: it would more than double the price of a text
	months   [12]string // as they stand after a day
	// text and mail write a date in a text and in an email. W is the weekday and M the month; the rest is a layout of
	// package time.
	text, mail string
	visits     [2]string // one appointment, several
	columns    [5]string // of an agenda
}

// english is the language of a locale whose language is not listed. It has no names here, because its dates are as
// they were before other languages came.
const english = "en"

var languages = map[string]language{
	"de": {
		weekdays: [7]string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"},
		short:    [7]string{"So.", "Mo.", "Di.", "Mi.", "Do.", "Fr.", "Sa."},
		months: [12]string{
			"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
			"Dezember",
		},
		text: "W, 2.1.2006", mail: "W, 2. M 2006", visits: [2]string{"Termin", "Termine"},
		columns: [5]string{"Zeit", "Name", "Telefon", "Leistung", "Bei"},
	},
	"es": {
		weekdays: [7]string{"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"},
		short:    [7]string{"dom", "lun", "mar", "mié", "jue", "vie", ""},
		months: [12]string{
			"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
			"noviembre", "diciembre",
		},
		text: "W, 2/1/2006", mail: "W, 2 de M de 2006", visits: [2]string{"cita", "citas"},
		columns: [5]string{"Hora", "Cliente", "Teléfono", "Servicio", "Con"},
	},
	"fr": {
		weekdays: [7]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
		short:    [7]string{"dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."},
		months: [12]string{
			"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
			"décembre",
		},
		text: "W 02/01/2006", mail: "W 2 M 2006", visits: [2]string{"rendez-vous", "rendez-vous"},
		columns: [5]string{"Heure", "Client", "Téléphone", "Service", "Avec"},
	},
	"pt": {
		weekdays: [7]string{
			"domingo", "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado",
		},
		short: [7]string{"dom.", "seg.", "ter.", "qua.", "qui.", "sex.", ""},
		months: [12]string{
			"janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro",
			"novembro", "dezembro",
		},
		text: "W, 02/01/2006", mail: "W, 2 de M de 2006", visits: [2]string{"compromisso", "compromissos"},
		columns: [5]string{"Hora", "Cliente", "Telefone", "Serviço", "Com"},
	},
}

// LanguageOf returns the language of a locale: that of its first part if there are texts in it, else English.
func LanguageOf(locale string) string {
	tag, _, _ := strings.Cut(locale, "-")
	if _, listed := languages[tag]; listed {
		return tag
	}
	return english
}

// WriteDate returns the local date of an instant as people of the locale write it on a channel: "Mo., 7.12.2026" in a
// text, "Montag, 7. Dezember 2026" in an email, "7 Dec 2026" in English.
func WriteDate(at time.Time, zone *time.Location, locale, channel string) string {
	local := at.In(zone)
	name := LanguageOf(locale)
	if name == english {
		return local.Format("2 Jan 2006")
	}
	in := languages[name]
	layout, weekday := in.mail, in.weekdays[local.Weekday()]
	if channel == SMS {
		layout, weekday = in.text, in.short[local.Weekday()]
	}
	if weekday == "" {
		layout = strings.TrimLeft(layout, "W, ")
	}
	if name == "fr" && channel == Email && local.Day() == 1 {
		layout = strings.Replace(layout, "2", "2er", 1)
	}
	return fill(layout, local, weekday, in.months[local.Month()-1])
}

// fill writes a date by a layout. The names are put in last, because package time would read letters of them.
func fill(layout string, local time.Time, weekday, month string) string {
	parts := strings.Split(layout, " ")
	for i, part := range parts {
		switch strings.TrimSuffix(part, ",") {
		case "W":
			parts[i] = strings.Replace(part, "W", weekday, 1)
		case "M":
			parts[i] = month
		case "de": // between day, month and year
		default:
			parts[i] = local.Format(part)
		}
	}
	return strings.Join(parts, " ")
}

// WriteTime returns the local time of an instant on the 24-hour clock: 08:30. A template adds "Uhr" where its language
// wants it.
func WriteTime(at time.Time, zone *time.Location) string { return at.In(zone).Format("15:04") }

// AgendaTitle returns the subject line of the agenda of a local date such as "2016-04-29".
func AgendaTitle(account, date, locale string) string {
	return fmt.Sprintf("%s — %s", account, agendaDate(date, locale))
}

// AgendaHead returns the first line of an agenda of n appointments.
func AgendaHead(date, locale string, n int) string {
	head := agendaDate(date, locale) + ": " + strconv.Itoa(n)
	in, listed := languages[LanguageOf(locale)]
	switch {
	case !listed:
		return head
	case n == 1:
		return head + " " + in.visits[0]
	}
	return head + " " + in.visits[1]
}

// AgendaColumns returns the heads of the columns of an agenda: time, client, phone, service and resource.
func AgendaColumns(locale string) []string {
	if in, listed := languages[LanguageOf(locale)]; listed {
		return in.columns[:]
	}
	return []string{"Time", "Client", "Phone", "Service", "With"}
}

func agendaDate(date, locale string) string {
	day, err := time.Parse(time.DateOnly, date)
	if err != nil || LanguageOf(locale) == english {
		return date
	}
	return WriteDate(day, time.UTC, locale, Email)
}
