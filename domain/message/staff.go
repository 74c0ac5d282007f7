package message

import (
	"strings"

	"github.com/clickbook/clickbook/domain"
)

// forStaff are the first lines of the emails to the staff, by language and kind. The details of the visit follow.
var forStaff = map[string]map[string]string{
	"en": {
		"confirmation": "A new appointment:", "move": "This appointment was moved. It is now:",
		"cancellation": "This appointment was cancelled:", "approval": "This appointment was approved:",
		"decline": "This request was declined:",
	},
	"de": {
		"confirmation": "Ein neuer Termin:", "move": "Dieser Termin wurde verschoben. Er ist jetzt:",
		"cancellation": "Dieser Termin wurde abgesagt:", "approval": "Dieser Termin wurde bestätigt:",
		"decline": "Diese Anfrage wurde abgelehnt:",
	},
	"es": {
		"confirmation": "Una cita nueva:", "move": "Esta cita ha cambiado. Ahora es:",
		"cancellation": "Esta cita se ha cancelado:", "approval": "Esta cita se ha aceptado:",
		"decline": "Esta solicitud se ha rechazado:",
	},
	"fr": {
		"confirmation": "Un nouveau rendez-vous\u00a0:", "move": "Ce rendez-vous est déplacé. Nouvelle date\u00a0:",
		"cancellation": "Ce rendez-vous a été annulé\u00a0:", "approval": "Ce rendez-vous a été accepté\u00a0:",
		"decline": "Cette demande a été refusée\u00a0:",
	},
	"pt": {
		"confirmation": "Um novo compromisso:", "move": "Este compromisso foi remarcado. Agora é:",
		"cancellation": "Este compromisso foi cancelado:", "approval": "Este compromisso foi aprovado:",
		"decline": "Este pedido foi recusado:",
	},
}

// details are the lines about a visit, by language.
var details = map[string]string{"en": enDetails, "de": deDetails, "es": esDetails, "fr": frDetails, "pt": ptDetails}

// ComposeForStaff returns the email to a member of staff about what happened to an appointment: a confirmation, move,
// cancellation, approval or decline, in the language of a locale. Phone is the client's, or "".
func ComposeForStaff(kind, locale string, words domain.Words, phone string) (title, text string, err error) {
	language := LanguageOf(locale)
	head := forStaff[language][kind]
	if head == "" {
		return "", "", refuse(ErrLetter, "there is no text for the staff about a %s", kind)
	}
	subject := strings.Replace(titles[writing{kind, Email, language}], "{service}", "{client}, {service}", 1)
	if title, err = render(subject, words); err != nil {
		return "", "", err
	}
	if phone != "" {
		words.Client += ", " + phone
	}
	text, err = render(head+"\n\n{client}"+strings.Replace(details[language], "\n\n", "\n", 1), words)
	return title, text, err
}
