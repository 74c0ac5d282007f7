package replying

import "strings"

// sentences are the texts that follow a reply, and the email to the owner. The texts use only the GSM alphabet.
type sentences struct {
	stopped string // to the client, once
	explain string // to the client who asks who writes; {phone} may be empty
	late    string // to the client who wants to cancel too late

	title, wrote, about, stop, failed string // the email
}

var spoken = map[string]sentences{
	"en": {
		stopped: "{account}: you will get no more texts from us. Reply START to get them again.",
		explain: "{account} sends texts about your appointments. {phone} Reply STOP to end them.",
		late:    "{account}: it is too late to cancel by text. Please phone us. {phone}",
		title:   "A client replied to a text", wrote: "{client}, {phone}, replied to a text:",
		about: "It was about: {about}", stop: "{client} gets no more texts now, because the reply can mean that too.",
		failed: "ClickBook did nothing about it. Please get in touch with the client.",
	},
	"de": {
		stopped: "{account}: Sie erhalten keine SMS mehr von uns. Mit START erhalten Sie sie wieder.",
		explain: "{account} sendet SMS zu Ihren Terminen. {phone} Antworten Sie STOP, um sie zu beenden.",
		late:    "{account}: Per SMS kann nicht mehr abgesagt werden. Bitte rufen Sie uns an. {phone}",
		title:   "Antwort auf eine SMS", wrote: "{client}, {phone}, hat auf eine SMS geantwortet:",
		about: "Es ging um: {about}", stop: "{client} erhält jetzt keine SMS mehr, weil die Antwort auch das heißen kann.",
		failed: "ClickBook hat nichts unternommen. Bitte melden Sie sich bei der Person.",
	},
	"es": {
		stopped: "{account}: fin de los SMS. Responda START para volver a recibirlos.",
		explain: "{account} manda SMS sobre sus citas. {phone} Responda STOP para no recibirlos.",
		late:    "{account}: ya es tarde para cancelar por SMS. Por favor, llame. {phone}",
		title:   "Respuesta a un SMS", wrote: "{client}, {phone}, respondió a un SMS:",
		about: "Se trataba de: {about}", stop: "{client} ya no recibe SMS, porque la respuesta también puede significar eso.",
		failed: "ClickBook no ha hecho nada. Por favor, póngase en contacto con la persona.",
	},
	"fr": {
		stopped: "{account} : vous ne recevrez plus de SMS de notre part. Répondez START pour en recevoir.",
		explain: "{account} envoie des SMS sur vos rendez-vous. {phone} Répondez STOP pour ne plus en recevoir.",
		late:    "{account} : il est trop tard pour annuler par SMS. Merci de nous appeler. {phone}",
		title:   "Réponse à un SMS", wrote: "{client}, {phone}, a répondu à un SMS\u00a0:",
		about:  "Il s’agissait de\u00a0: {about}",
		stop:   "{client} ne reçoit plus de SMS, car la réponse peut aussi vouloir dire cela.",
		failed: "ClickBook n’a rien fait. Veuillez contacter la personne.",
	},
	"pt": {
		stopped: "{account}: SMS encerrados. Responda START para receber de novo.",
		explain: "{account} envia SMS sobre os seus compromissos. {phone} Responda STOP para encerrar.",
		late:    "{account}: passou o prazo para cancelar por SMS. Por favor, ligue. {phone}",
		title:   "Resposta a um SMS", wrote: "{client}, {phone}, respondeu a um SMS:",
		about: "Era sobre: {about}", stop: "{client} não recebe mais SMS, porque a resposta também pode querer dizer isso.",
		failed: "O ClickBook não fez nada. Por favor, entre em contato com a pessoa.",
	},
}

func in(locale string) sentences {
	tag, _, _ := strings.Cut(locale, "-")
	if found, ok := spoken[tag]; ok {
		return found
	}
	return spoken["en"]
}

// Business is who writes to the client.
type Business struct{ Name, Phone, Locale string }

func (b Business) fill(sentence string) string {
	text := strings.NewReplacer("{account}", b.Name, "{phone}", b.Phone).Replace(sentence)
	return strings.Join(strings.Fields(text), " ") // without a phone number there are two spaces
}

// Stopped returns the one text that a client gets who wants no more.
func (b Business) Stopped() string { return b.fill(in(b.Locale).stopped) }

// Explained returns the text that a client gets who asks who writes.
func (b Business) Explained() string { return b.fill(in(b.Locale).explain) }

// TooLate returns the text that a client gets who wants to cancel after the cut-off.
func (b Business) TooLate() string { return b.fill(in(b.Locale).late) }

// Forwarded is a reply that the owner is told about.
type Forwarded struct {
	Client, Phone, Text string
	About               string // service, date and time; "" if the text was about no appointment
	Meaning             Meaning
}

// ForwardTitle returns the subject of the email. It names nobody.
func ForwardTitle(locale string) string { return in(locale).title }

// Forward returns the email to the owner.
func Forward(locale string, reply Forwarded) string {
	words := in(locale)
	fill := strings.NewReplacer("{client}", reply.Client, "{phone}", reply.Phone, "{about}", reply.About).Replace
	text := fill(words.wrote) + "\n\n" + reply.Text + "\n"
	if reply.About != "" {
		text += "\n" + fill(words.about) + "\n"
	}
	if reply.Meaning == Cancel {
		text += "\n" + fill(words.stop) + "\n"
	}
	return text + "\n" + words.failed + "\n"
}
