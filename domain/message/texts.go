package message

// writing is a kind of message, on a channel, in a language.
type writing struct{ kind, channel, language string }

// ours are the default texts. Those for sms use only the GSM alphabet, which lacks á, í, ó, ú, ã, õ, ç and letters with
// a circumflex: one such letter would more than double the price of a long text. The values filled in may still contain
// one. A resource may be a person or a room, so most languages write it in brackets.
var ours = map[writing]string{
	{"reminder", SMS, "en"}:     "{client}, a reminder: {service} with {resource} on {date} at {time}. {account}",
	{"confirmation", SMS, "en"}: "{client}, booked: {service} with {resource} on {date} at {time}. {account}",
	{"move", SMS, "en"}:         "{client}, moved: {service} with {resource} is now on {date} at {time}. {account}",
	{"cancellation", SMS, "en"}: "{client}, cancelled: {service} with {resource} on {date} at {time}. {account}",

	{"reminder", SMS, "de"}:     "{client}, Erinnerung: {service} ({resource}) am {date} um {time} Uhr. {account}",
	{"confirmation", SMS, "de"}: "{client}, gebucht: {service} ({resource}) am {date} um {time} Uhr. {account}",
	{"move", SMS, "de"}:         "{client}, verschoben: {service} ({resource}) jetzt am {date} um {time} Uhr. {account}",
	{"cancellation", SMS, "de"}: "{client}, abgesagt: {service} ({resource}) am {date} um {time} Uhr. {account}",

	{"reminder", SMS, "es"}:     "{client}, recordatorio: {service} ({resource}), {date} a las {time}. {account}",
	{"confirmation", SMS, "es"}: "{client}, cita reservada: {service} ({resource}), {date} a las {time}. {account}",
	{"move", SMS, "es"}:         "{client}, cita cambiada: {service} ({resource}), ahora {date} a las {time}. {account}",
	{"cancellation", SMS, "es"}: "{client}, cita cancelada: {service} ({resource}), {date} a las {time}. {account}",

	{"reminder", SMS, "fr"}:     "{client}, rappel : {service} ({resource}), {date} à {time}. {account}",
	{"confirmation", SMS, "fr"}: "{client}, rendez-vous réservé : {service} ({resource}), {date} à {time}. {account}",
	{"move", SMS, "fr"}:         "{client}, rendez-vous déplacé : {service} ({resource}), {date} à {time}. {account}",
	{"cancellation", SMS, "fr"}: "{client}, rendez-vous annulé : {service} ({resource}), {date} à {time}. {account}",

	{"reminder", SMS, "pt"}:     "{client}, lembrete: {service}, {resource}, {date} às {time}. {account}",
	{"confirmation", SMS, "pt"}: "{client}, marcado: {service}, {resource}, {date} às {time}. {account}",
	{"move", SMS, "pt"}:         "{client}, remarcado: {service}, {resource}, agora {date} às {time}. {account}",
	{"cancellation", SMS, "pt"}: "{client}, cancelado: {service}, {resource}, {date} às {time}. {account}",

	{"reminder", Email, "en"}:     "Dear {client},\n\nthis is a reminder of your appointment:" + enDetails,
	{"confirmation", Email, "en"}: "Dear {client},\n\nyour appointment is booked:" + enDetails,
	{"move", Email, "en"}:         "Dear {client},\n\nyour appointment was moved. It is now:" + enDetails,
	{"cancellation", Email, "en"}: "Dear {client},\n\nthis appointment was cancelled:" + enDetails,

	{"reminder", Email, "de"}:     "Guten Tag {client},\n\nwir erinnern Sie an Ihren Termin:" + deDetails,
	{"confirmation", Email, "de"}: "Guten Tag {client},\n\nIhr Termin ist gebucht:" + deDetails,
	{"move", Email, "de"}:         "Guten Tag {client},\n\nIhr Termin wurde verschoben. Er ist jetzt:" + deDetails,
	{"cancellation", Email, "de"}: "Guten Tag {client},\n\ndieser Termin wurde abgesagt:" + deDetails,

	{"reminder", Email, "es"}:     "Hola, {client}:\n\nLe recordamos su cita:" + esDetails,
	{"confirmation", Email, "es"}: "Hola, {client}:\n\nSu cita está reservada:" + esDetails,
	{"move", Email, "es"}:         "Hola, {client}:\n\nSu cita ha cambiado. Ahora es:" + esDetails,
	{"cancellation", Email, "es"}: "Hola, {client}:\n\nEsta cita se ha cancelado:" + esDetails,

	{"reminder", Email, "fr"}:     "Bonjour {client},\n\nNous vous rappelons votre rendez-vous\u00a0:" + frDetails,
	{"confirmation", Email, "fr"}: "Bonjour {client},\n\nVotre rendez-vous est réservé\u00a0:" + frDetails,
	{"move", Email, "fr"}:         "Bonjour {client},\n\nVotre rendez-vous est déplacé. Nouvelle date\u00a0:" + frDetails,
	{"cancellation", Email, "fr"}: "Bonjour {client},\n\nCe rendez-vous a été annulé\u00a0:" + frDetails,

	{"reminder", Email, "pt"}:     "Olá, {client}!\n\nLembramos o seu compromisso:" + ptDetails,
	{"confirmation", Email, "pt"}: "Olá, {client}!\n\nO seu compromisso está marcado:" + ptDetails,
	{"move", Email, "pt"}:         "Olá, {client}!\n\nO seu compromisso foi remarcado. Agora é:" + ptDetails,
	{"cancellation", Email, "pt"}: "Olá, {client}!\n\nEste compromisso foi cancelado:" + ptDetails,
}

const (
	enDetails = "\n\n{service}, {resource}\n{date} at {time}\n\n{account}\n"
	deDetails = "\n\n{service}, {resource}\n{date}, {time} Uhr\n\n{account}\n"
	esDetails = "\n\n{service}, {resource}\n{date} a las {time}\n\n{account}\n"
	frDetails = "\n\n{service}, {resource}\n{date} à {time}\n\n{account}\n"
	ptDetails = "\n\n{service}, {resource}\n{date} às {time}\n\n{account}\n"
)

// titles are the subject lines of emails.
var titles = map[writing]string{
	{"reminder", Email, "en"}:     "Reminder: {service} on {date} at {time}",
	{"confirmation", Email, "en"}: "Booked: {service} on {date} at {time}",
	{"move", Email, "en"}:         "Moved: {service} is now on {date} at {time}",
	{"cancellation", Email, "en"}: "Cancelled: {service} on {date} at {time}",

	{"reminder", Email, "de"}:     "Erinnerung: {service} am {date} um {time} Uhr",
	{"confirmation", Email, "de"}: "Gebucht: {service} am {date} um {time} Uhr",
	{"move", Email, "de"}:         "Verschoben: {service} jetzt am {date} um {time} Uhr",
	{"cancellation", Email, "de"}: "Abgesagt: {service} am {date} um {time} Uhr",

	{"reminder", Email, "es"}:     "Recordatorio: {service}, {date} a las {time}",
	{"confirmation", Email, "es"}: "Cita reservada: {service}, {date} a las {time}",
	{"move", Email, "es"}:         "Cita cambiada: {service}, ahora {date} a las {time}",
	{"cancellation", Email, "es"}: "Cita cancelada: {service}, {date} a las {time}",

	{"reminder", Email, "fr"}:     "Rappel\u00a0: {service}, {date} à {time}",
	{"confirmation", Email, "fr"}: "Rendez-vous réservé\u00a0: {service}, {date} à {time}",
	{"move", Email, "fr"}:         "Rendez-vous déplacé\u00a0: {service}, {date} à {time}",
	{"cancellation", Email, "fr"}: "Rendez-vous annulé\u00a0: {service}, {date} à {time}",

	{"reminder", Email, "pt"}:     "Lembrete: {service}, {date} às {time}",
	{"confirmation", Email, "pt"}: "Marcado: {service}, {date} às {time}",
	{"move", Email, "pt"}:         "Remarcado: {service}, agora {date} às {time}",
	{"cancellation", Email, "pt"}: "Cancelado: {service}, {date} às {time}",
}
