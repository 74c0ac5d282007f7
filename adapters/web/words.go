package web

import "strings"

// words are what the pages say in one language. {business}, {client} and {when} are replaced.
type words struct {
	Language, Direction string

	Yours, When, With, Phone, Write          string
	Booked, Confirmed, Pending, Over, Missed string
	Cancelled                                string

	Confirm, Move, Cancel, Calendar string
	CancelQuestion, YesCancel, Keep string
	Choose, MoveQuestion, YesMove   string
	Now, NoTimes, Later, First      string
	Back                            string

	ThanksConfirmed, ThanksMoved, ThanksCancelled string

	TooLate, TooLateContact, Taken, Changed string
	Gone, GoneAdvice                        string
	Failed, Busy, TooLarge, Rules           string

	ContactedQuestion, YesContacted, IsContacted string

	at string // after a time, with the space before it
}

// languages are the built-in languages. An account in another one gets English.
var languages = map[string]words{
	"en": {
		Language: "en", Direction: "ltr",
		Yours: "Your appointment", When: "When", With: "With", Phone: "Phone", Write: "Email",
		Booked: "Booked", Confirmed: "Confirmed", Pending: "Not confirmed by the business yet", Over: "Over",
		Missed: "Missed", Cancelled: "Cancelled",
		Confirm: "I will come", Move: "Choose another time", Cancel: "Cancel appointment",
		Calendar: "Add to my calendar", CancelQuestion: "Cancel this appointment?", YesCancel: "Yes, cancel",
		Keep: "No, keep it", Choose: "Choose another time", MoveQuestion: "Move your appointment to {when}?",
		YesMove: "Yes, move it", Now: "Booked now", NoTimes: "No time is free in the next four weeks.",
		Later: "Later", First: "Earliest", Back: "Back",
		ThanksConfirmed: "Thank you. {business} knows that you will come.",
		ThanksMoved:     "Your appointment was moved.", ThanksCancelled: "Your appointment was cancelled.",
		TooLate:        "It is too late to change this appointment here. Please phone {business}.",
		TooLateContact: "It is too late to change this appointment here. Please contact {business}.",
		Taken:          "This time is not free any more. Please choose another.",
		Changed:        "This appointment has changed. Please look at it again.",
		Gone:           "This link is not valid",
		GoneAdvice:     "It may have expired, or there is a newer one. Please ask the business.",
		Failed:         "That did not work. Please try again in a moment.", Busy: "Too many requests. Please wait a minute.",
		TooLarge: "The form is too large. Please write less.", Rules: "Moving and cancelling",
		ContactedQuestion: "Mark {client}, {when} as contacted?", YesContacted: "Yes, contacted",
		IsContacted: "{client}, {when}: contacted.",
	},
	"de": {
		Language: "de", Direction: "ltr",
		Yours: "Ihr Termin", When: "Wann", With: "Bei", Phone: "Telefon", Write: "E-Mail",
		Booked: "Gebucht", Confirmed: "Bestätigt", Pending: "Noch nicht vom Betrieb bestätigt", Over: "Vorbei",
		Missed: "Versäumt", Cancelled: "Abgesagt",
		Confirm: "Ich komme", Move: "Andere Zeit wählen", Cancel: "Termin absagen",
		Calendar: "In meinen Kalender", CancelQuestion: "Diesen Termin absagen?", YesCancel: "Ja, absagen",
		Keep: "Nein, behalten", Choose: "Andere Zeit wählen", MoveQuestion: "Ihren Termin auf {when} verschieben?",
		YesMove: "Ja, verschieben", Now: "Bisher gebucht", NoTimes: "In den nächsten vier Wochen ist nichts frei.",
		Later: "Später", First: "Früheste", Back: "Zurück",
		ThanksConfirmed: "Danke. {business} weiß jetzt, dass Sie kommen.",
		ThanksMoved:     "Ihr Termin wurde verschoben.", ThanksCancelled: "Ihr Termin wurde abgesagt.",
		TooLate:        "Hier kann dieser Termin nicht mehr geändert werden. Bitte rufen Sie an: {business}.",
		TooLateContact: "Hier kann dieser Termin nicht mehr geändert werden. Bitte wenden Sie sich an {business}.",
		Taken:          "Diese Zeit ist nicht mehr frei. Bitte wählen Sie eine andere.",
		Changed:        "Dieser Termin wurde geändert. Bitte sehen Sie ihn noch einmal an.",
		Gone:           "Dieser Link ist nicht gültig",
		GoneAdvice:     "Er ist vielleicht abgelaufen, oder es gibt einen neueren. Bitte fragen Sie den Betrieb.",
		Failed:         "Das hat nicht geklappt. Bitte versuchen Sie es gleich noch einmal.",
		Busy:           "Zu viele Anfragen. Bitte warten Sie eine Minute.",
		TooLarge:       "Das Formular ist zu groß. Bitte schreiben Sie weniger.", Rules: "Verschieben und absagen",

		ContactedQuestion: "{client}, {when}: als erreicht eintragen?", YesContacted: "Ja, erreicht",
		IsContacted: "{client}, {when}: erreicht.", at: " Uhr",
	},
	"es": {
		Language: "es", Direction: "ltr",
		Yours: "Su cita", When: "Cuándo", With: "Con", Phone: "Teléfono", Write: "Correo",
		Booked: "Reservada", Confirmed: "Confirmada", Pending: "Pendiente de confirmar por el negocio", Over: "Terminada",
		Missed: "No asistió", Cancelled: "Cancelada",
		Confirm: "Voy a ir", Move: "Elegir otra hora", Cancel: "Cancelar la cita",
		Calendar: "Añadir a mi calendario", CancelQuestion: "¿Cancelar esta cita?", YesCancel: "Sí, cancelar",
		Keep: "No, mantenerla", Choose: "Elegir otra hora", MoveQuestion: "¿Cambiar su cita a {when}?",
		YesMove: "Sí, cambiarla", Now: "Reservada ahora", NoTimes: "No hay horas libres en las próximas cuatro semanas.",
		Later: "Más tarde", First: "Primeras", Back: "Volver",
		ThanksConfirmed: "Gracias. {business} sabe que usted va a ir.",
		ThanksMoved:     "Su cita se ha cambiado.", ThanksCancelled: "Su cita se ha cancelado.",
		TooLate:        "Ya es tarde para cambiar esta cita aquí. Por favor, llame a {business}.",
		TooLateContact: "Ya es tarde para cambiar esta cita aquí. Por favor, póngase en contacto con {business}.",
		Taken:          "Esta hora ya no está libre. Por favor, elija otra.",
		Changed:        "Esta cita ha cambiado. Por favor, vuelva a mirarla.",
		Gone:           "Este enlace no es válido",
		GoneAdvice:     "Puede que haya caducado o que haya uno más reciente. Por favor, pregunte al negocio.",
		Failed:         "No ha funcionado. Por favor, inténtelo de nuevo dentro de poco.",
		Busy:           "Demasiadas solicitudes. Por favor, espere un minuto.",
		TooLarge:       "El formulario es demasiado grande. Por favor, escriba menos.", Rules: "Cambios y cancelaciones",

		ContactedQuestion: "¿Marcar a {client}, {when}, como contactado?", YesContacted: "Sí, contactado",
		IsContacted: "{client}, {when}: contactado.",
	},
	"fr": {
		Language: "fr", Direction: "ltr",
		Yours: "Votre rendez-vous", When: "Quand", With: "Avec", Phone: "Téléphone", Write: "E-mail",
		Booked: "Réservé", Confirmed: "Confirmé", Pending: "Pas encore confirmé par l’établissement", Over: "Terminé",
		Missed: "Manqué", Cancelled: "Annulé",
		Confirm: "Je viendrai", Move: "Choisir une autre heure", Cancel: "Annuler le rendez-vous",
		Calendar: "Ajouter à mon agenda", CancelQuestion: "Annuler ce rendez-vous\u00a0?", YesCancel: "Oui, annuler",
		Keep: "Non, le garder", Choose: "Choisir une autre heure",
		MoveQuestion: "Déplacer votre rendez-vous au {when}\u00a0?", YesMove: "Oui, déplacer", Now: "Réservé actuellement",
		NoTimes: "Aucune heure n’est libre dans les quatre prochaines semaines.",
		Later:   "Plus tard", First: "Au plus tôt", Back: "Retour",
		ThanksConfirmed: "Merci. {business} sait que vous viendrez.",
		ThanksMoved:     "Votre rendez-vous a été déplacé.", ThanksCancelled: "Votre rendez-vous a été annulé.",
		TooLate:        "Il est trop tard pour modifier ce rendez-vous ici. Veuillez appeler {business}.",
		TooLateContact: "Il est trop tard pour modifier ce rendez-vous ici. Veuillez contacter {business}.",
		Taken:          "Cette heure n’est plus libre. Veuillez en choisir une autre.",
		Changed:        "Ce rendez-vous a changé. Veuillez le regarder de nouveau.",
		Gone:           "Ce lien n’est pas valide",
		GoneAdvice:     "Il a peut-être expiré, ou il en existe un plus récent. Veuillez demander à l’établissement.",
		Failed:         "Cela n’a pas fonctionné. Veuillez réessayer dans un instant.",
		Busy:           "Trop de requêtes. Veuillez patienter une minute.",
		TooLarge:       "Le formulaire est trop grand. Veuillez écrire moins.", Rules: "Modification et annulation",

		ContactedQuestion: "Noter {client}, {when}, comme contacté\u00a0?", YesContacted: "Oui, contacté",
		IsContacted: "{client}, {when}\u00a0: contacté.",
	},
	"pt": {
		Language: "pt", Direction: "ltr",
		Yours: "O seu compromisso", When: "Quando", With: "Com", Phone: "Telefone", Write: "E-mail",
		Booked: "Marcado", Confirmed: "Confirmado", Pending: "Ainda não confirmado pela empresa", Over: "Terminado",
		Missed: "Faltou", Cancelled: "Cancelado",
		Confirm: "Eu vou", Move: "Escolher outro horário", Cancel: "Cancelar o compromisso",
		Calendar: "Adicionar ao meu calendário", CancelQuestion: "Cancelar este compromisso?", YesCancel: "Sim, cancelar",
		Keep: "Não, manter", Choose: "Escolher outro horário",
		MoveQuestion: "Mudar o seu compromisso para {when}?", YesMove: "Sim, mudar", Now: "Marcado agora",
		NoTimes: "Não há horários livres nas próximas quatro semanas.",
		Later:   "Mais tarde", First: "Primeiros", Back: "Voltar",
		ThanksConfirmed: "Obrigado. {business} sabe que você vem.",
		ThanksMoved:     "O seu compromisso foi mudado.", ThanksCancelled: "O seu compromisso foi cancelado.",
		TooLate:        "É tarde demais para mudar este compromisso aqui. Por favor, ligue para {business}.",
		TooLateContact: "É tarde demais para mudar este compromisso aqui. Por favor, entre em contato com {business}.",
		Taken:          "Este horário já não está livre. Por favor, escolha outro.",
		Changed:        "Este compromisso mudou. Por favor, veja-o de novo.",
		Gone:           "Este link não é válido",
		GoneAdvice:     "Ele pode ter expirado, ou há um mais novo. Por favor, pergunte à empresa.",
		Failed:         "Não funcionou. Por favor, tente de novo em instantes.",
		Busy:           "Pedidos demais. Por favor, espere um minuto.",
		TooLarge:       "O formulário é grande demais. Por favor, escreva menos.", Rules: "Mudanças e cancelamentos",

		ContactedQuestion: "Marcar {client}, {when}, como contatado?", YesContacted: "Sim, contatado",
		IsContacted: "{client}, {when}: contatado.",
	},
}

// wordsOf returns the words of a locale, or of the first known language that a browser accepts, else English.
func wordsOf(locale string) words {
	for tag := range strings.SplitSeq(locale, ",") {
		tag, _, _ = strings.Cut(strings.TrimSpace(tag), ";")
		tag, _, _ = strings.Cut(tag, "-")
		if found, ok := languages[strings.ToLower(tag)]; ok {
			return found
		}
	}
	return languages["en"]
}

// fill replaces a placeholder in a sentence.
func fill(sentence, business, client, when string) string {
	return strings.NewReplacer("{business}", business, "{client}", client, "{when}", when).Replace(sentence)
}
