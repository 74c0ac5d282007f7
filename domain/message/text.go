package message

import (
	"cmp"
	"strings"
	"time"

	"github.com/clickbook/clickbook/domain"
)

// writing is a kind of message, on a channel, in a language.
type writing struct{ kind, channel, language string }

// ours are the default texts. Those for sms use only the GSM alphabet, which lacks ã, õ, ç, á, í, ó and ú: one such
// letter would more than double the price of a long text. The values filled in may still contain one.
var ours = map[writing]string{
	{"reminder", SMS, "en"}:     "{client}, a reminder: {service} with {resource} on {date} at {time}. {account}",
	{"confirmation", SMS, "en"}: "{client}, booked: {service} with {resource} on {date} at {time}. {account}",
	{"move", SMS, "en"}:         "{client}, moved: {service} with {resource} is now on {date} at {time}. {account}",
	{"cancellation", SMS, "en"}: "{client}, cancelled: {service} with {resource} on {date} at {time}. {account}",
	{"reminder", SMS, "pt"}:     "{client}, lembrete: {service}, {resource}, {date} às {time}. {account}",
	{"confirmation", SMS, "pt"}: "{client}, marcado: {service}, {resource}, {date} às {time}. {account}",
	{"move", SMS, "pt"}:         "{client}, remarcado: {service}, {resource}, agora {date} às {time}. {account}",
	{"cancellation", SMS, "pt"}: "{client}, cancelado: {service}, {resource}, {date} às {time}. {account}",

	{"reminder", Email, "en"}:     "Dear {client},\n\nthis is a reminder of your appointment:" + enDetails,
	{"confirmation", Email, "en"}: "Dear {client},\n\nyour appointment is booked:" + enDetails,
	{"move", Email, "en"}:         "Dear {client},\n\nyour appointment was moved. It is now:" + enDetails,
	{"cancellation", Email, "en"}: "Dear {client},\n\nthis appointment was cancelled:" + enDetails,
	{"reminder", Email, "pt"}:     "Olá, {client}!\n\nLembramos o seu compromisso:" + ptDetails,
	{"confirmation", Email, "pt"}: "Olá, {client}!\n\nO seu compromisso está marcado:" + ptDetails,
	{"move", Email, "pt"}:         "Olá, {client}!\n\nO seu compromisso foi remarcado. Agora é:" + ptDetails,
	{"cancellation", Email, "pt"}: "Olá, {client}!\n\nEste compromisso foi cancelado:" + ptDetails,
}

const (
	enDetails = "\n\n{service}, {resource}\n{date} at {time}\n\n{account}\n"
	ptDetails = "\n\n{service}, {resource}\n{date} às {time}\n\n{account}\n"
)

// titles are the subject lines of emails.
var titles = map[writing]string{
	{"reminder", Email, "en"}:     "Reminder: {service} on {date} at {time}",
	{"confirmation", Email, "en"}: "Booked: {service} on {date} at {time}",
	{"move", Email, "en"}:         "Moved: {service} is now on {date} at {time}",
	{"cancellation", Email, "en"}: "Cancelled: {service} on {date} at {time}",
	{"reminder", Email, "pt"}:     "Lembrete: {service} em {date} às {time}",
	{"confirmation", Email, "pt"}: "Marcado: {service} em {date} às {time}",
	{"move", Email, "pt"}:         "Remarcado: {service} agora em {date} às {time}",
	{"cancellation", Email, "pt"}: "Cancelado: {service} em {date} às {time}",
}

// Own are the subject line and the text of an account's own template, each "" for the default.
type Own struct{ Title, Text string }

// Compose returns the text of a reminder, confirmation, move or cancellation in the language of a locale: Portuguese
// for pt and pt-*, else English. Own are the templates of the account. Only an email has a title.
func Compose(kind, channel, locale string, own Own, words domain.Words) (title, text string, err error) {
	which := writing{kind, channel, language(locale)}
	own.Title, own.Text = cmp.Or(own.Title, titles[which]), cmp.Or(own.Text, ours[which])
	if own.Text == "" {
		return "", "", refuse(ErrLetter, "there is no default text for a %s by %s; give a template", kind, channel)
	}
	if text, err = render(own.Text, words); err != nil || channel != Email {
		return "", Plain(text), err
	}
	title, err = render(own.Title, words)
	return title, text, err
}

func render(text string, words domain.Words) (string, error) {
	template, err := domain.ParseTemplate(text)
	if err != nil {
		return "", err
	}
	return template.Render(words), nil
}

func language(locale string) string {
	if tag, _, _ := strings.Cut(locale, "-"); tag == "pt" {
		return "pt"
	}
	return "en"
}

// WriteDate returns the local date of an instant as people of the locale write it: 29/04/2016, 29 Apr 2016.
func WriteDate(at time.Time, zone *time.Location, locale string) string {
	if language(locale) == "pt" {
		return at.In(zone).Format("02/01/2006")
	}
	return at.In(zone).Format("2 Jan 2006")
}

// WriteTime returns the local time of an instant on the 24-hour clock: 08:30.
func WriteTime(at time.Time, zone *time.Location) string { return at.In(zone).Format("15:04") }
