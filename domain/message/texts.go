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
	{"approval", SMS, "en"}:     "{client}, approved: {service} with {resource} on {date} at {time}. {account}",
	{"decline", SMS, "en"}: "{client}, we cannot offer this: {service} on {date} at {time}. " +
		"Please choose another time. {account}",

	{"reminder", SMS, "de"}:     "{client}, Erinnerung: {service} ({resource}) am {date} um {time} Uhr. {account}",
	{"confirmation", SMS, "de"}: "{client}, gebucht: {service} ({resource}) am {date} um {time} Uhr. {account}",
	{"move", SMS, "de"}:         "{client}, verschoben: {service} ({resource}) jetzt am {date} um {time} Uhr. {account}",
	{"cancellation", SMS, "de"}: "{client}, abgesagt: {service} ({resource}) am {date} um {time} Uhr. {account}",
	{"approval", SMS, "de"}:     "{client}, bestätigt: {service} ({resource}) am {date} um {time} Uhr. {account}",
	{"decline", SMS, "de"}: "{client}, leider nicht möglich: {service} am {date} um {time} Uhr. " +
		"Bitte wählen Sie eine andere Zeit. {account}",

	{"reminder", SMS, "es"}:     "{client}, recordatorio: {service} ({resource}), {date} a las {time}. {account}",
	{"confirmation", SMS, "es"}: "{client}, cita reservada: {service} ({resource}), {date} a las {time}. {account}",
	{"move", SMS, "es"}:         "{client}, cita cambiada: {service} ({resource}), ahora {date} a las {time}. {account}",
	{"cancellation", SMS, "es"}: "{client}, cita cancelada: {service} ({resource}), {date} a las {time}. {account}",
	{"approval", SMS, "es"}:     "{client}, cita aceptada: {service} ({resource}), {date} a las {time}. {account}",
	{"decline", SMS, "es"}: "{client}, no es posible: {service}, {date} a las {time}. " +
		"Por favor, elija otra hora. {account}",

	{"reminder", SMS, "fr"}:     "{client}, rappel : {service} ({resource}), {date} à {time}. {account}",
	{"confirmation", SMS, "fr"}: "{client}, rendez-vous réservé : {service} ({resource}), {date} à {time}. {account}",
	{"move", SMS, "fr"}:         "{client}, rendez-vous déplacé : {service} ({resource}), {date} à {time}. {account}",
	{"cancellation", SMS, "fr"}: "{client}, rendez-vous annulé : {service} ({resource}), {date} à {time}. {account}",
	{"approval", SMS, "fr"}:     "{client}, rendez-vous accepté : {service} ({resource}), {date} à {time}. {account}",
	{"decline", SMS, "fr"}: "{client}, rendez-vous impossible : {service}, {date} à {time}. " +
		"Merci de choisir un autre horaire. {account}",

	{"reminder", SMS, "pt"}:     "{client}, lembrete: {service}, {resource}, {date} às {time}. {account}",
	{"confirmation", SMS, "pt"}: "{client}, marcado: {service}, {resource}, {date} às {time}. {account}",
	{"move", SMS, "pt"}:         "{client}, remarcado: {service}, {resource}, agora {date} às {time}. {account}",
	{"cancellation", SMS, "pt"}: "{client}, cancelado: {service}, {resource}, {date} às {time}. {account}",
	{"approval", SMS, "pt"}:     "{client}, aprovado: {service}, {resource}, {date} às {time}. {account}",
	{"decline", SMS, "pt"}: "{client}, sem vaga: {service}, {date} às {time}. " +
		"Por favor, escolha outra hora. {account}",

	{"reminder", Email, "en"}:     "Dear {client},\n\nthis is a reminder of your appointment:" + enManaged,
	{"confirmation", Email, "en"}: "Dear {client},\n\nyour appointment is booked:" + enManaged,
	{"move", Email, "en"}:         "Dear {client},\n\nyour appointment was moved. It is now:" + enManaged,
	{"cancellation", Email, "en"}: "Dear {client},\n\nthis appointment was cancelled:" + enDetails,
	{"approval", Email, "en"}:     "Dear {client},\n\nyour request is approved. Your appointment:" + enManaged,
	{"decline", Email, "en"}: "Dear {client},\n\nwe are sorry: we cannot offer this appointment. " +
		"Please choose another time." +
		enDetails,

	{"reminder", Email, "de"}:     "Guten Tag {client},\n\nwir erinnern Sie an Ihren Termin:" + deManaged,
	{"confirmation", Email, "de"}: "Guten Tag {client},\n\nIhr Termin ist gebucht:" + deManaged,
	{"move", Email, "de"}:         "Guten Tag {client},\n\nIhr Termin wurde verschoben. Er ist jetzt:" + deManaged,
	{"cancellation", Email, "de"}: "Guten Tag {client},\n\ndieser Termin wurde abgesagt:" + deDetails,
	{"approval", Email, "de"}:     "Guten Tag {client},\n\nwir haben Ihre Anfrage bestätigt. Ihr Termin:" + deManaged,
	{"decline", Email, "de"}: "Guten Tag {client},\n\nleider können wir diesen Termin nicht anbieten. " +
		"Bitte wählen Sie eine andere Zeit." +
		deDetails,

	{"reminder", Email, "es"}:     "Hola, {client}:\n\nLe recordamos su cita:" + esManaged,
	{"confirmation", Email, "es"}: "Hola, {client}:\n\nSu cita está reservada:" + esManaged,
	{"move", Email, "es"}:         "Hola, {client}:\n\nSu cita ha cambiado. Ahora es:" + esManaged,
	{"cancellation", Email, "es"}: "Hola, {client}:\n\nEsta cita se ha cancelado:" + esDetails,
	{"approval", Email, "es"}:     "Hola, {client}:\n\nHemos aceptado su solicitud. Su cita:" + esManaged,
	{"decline", Email, "es"}: "Hola, {client}:\n\nLo sentimos, no podemos ofrecerle esta cita. " +
		"Por favor, elija otra hora." +
		esDetails,

	{"reminder", Email, "fr"}:     "Bonjour {client},\n\nNous vous rappelons votre rendez-vous\u00a0:" + frManaged,
	{"confirmation", Email, "fr"}: "Bonjour {client},\n\nVotre rendez-vous est réservé\u00a0:" + frManaged,
	{"move", Email, "fr"}:         "Bonjour {client},\n\nVotre rendez-vous est déplacé. Nouvelle date\u00a0:" + frManaged,
	{"cancellation", Email, "fr"}: "Bonjour {client},\n\nCe rendez-vous a été annulé\u00a0:" + frDetails,
	{"approval", Email, "fr"}:     "Bonjour {client},\n\nVotre demande est acceptée. Votre rendez-vous\u00a0:" + frManaged,
	{"decline", Email, "fr"}: "Bonjour {client},\n\nNous ne pouvons malheureusement pas vous proposer ce rendez-vous. " +
		"Merci de choisir un autre horaire." + frDetails,

	{"reminder", Email, "pt"}:     "Olá, {client}!\n\nLembramos o seu compromisso:" + ptManaged,
	{"confirmation", Email, "pt"}: "Olá, {client}!\n\nO seu compromisso está marcado:" + ptManaged,
	{"move", Email, "pt"}:         "Olá, {client}!\n\nO seu compromisso foi remarcado. Agora é:" + ptManaged,
	{"cancellation", Email, "pt"}: "Olá, {client}!\n\nEste compromisso foi cancelado:" + ptDetails,
	{"approval", Email, "pt"}:     "Olá, {client}!\n\nO seu pedido foi aprovado. O seu compromisso:" + ptManaged,
	{"decline", Email, "pt"}: "Olá, {client}!\n\nLamentamos, mas não podemos oferecer este horário. " +
		"Por favor, escolha outro." +
		ptDetails,
}

const (
	enDetails = "\n\n{service}, {resource}\n{date} at {time}\n\n{account}\n"
	enManaged = "\n\n{service}, {resource}\n{date} at {time}\n\nSee, move or cancel it: {manage}\n\n{account}\n"
	deDetails = "\n\n{service}, {resource}\n{date}, {time} Uhr\n\n{account}\n"
	deManaged = "\n\n{service}, {resource}\n{date}, {time} Uhr" +
		"\n\nAnsehen, verschieben oder absagen: {manage}\n\n{account}\n"
	esDetails = "\n\n{service}, {resource}\n{date} a las {time}\n\n{account}\n"
	esManaged = "\n\n{service}, {resource}\n{date} a las {time}\n\nVer, cambiar o cancelar: {manage}\n\n{account}\n"
	frDetails = "\n\n{service}, {resource}\n{date} à {time}\n\n{account}\n"
	frManaged = "\n\n{service}, {resource}\n{date} à {time}\n\nVoir, déplacer ou annuler\u00a0: {manage}\n\n{account}\n"
	ptDetails = "\n\n{service}, {resource}\n{date} às {time}\n\n{account}\n"
	ptManaged = "\n\n{service}, {resource}\n{date} às {time}\n\nVer, remarcar ou cancelar: {manage}\n\n{account}\n"
)

// titles are the subject lines of emails.
var titles = map[writing]string{
	{"reminder", Email, "en"}:     "Reminder: {service} on {date} at {time}",
	{"confirmation", Email, "en"}: "Booked: {service} on {date} at {time}",
	{"move", Email, "en"}:         "Moved: {service} is now on {date} at {time}",
	{"cancellation", Email, "en"}: "Cancelled: {service} on {date} at {time}",
	{"approval", Email, "en"}:     "Approved: {service} on {date} at {time}",
	{"decline", Email, "en"}:      "Not possible: {service} on {date} at {time}",

	{"reminder", Email, "de"}:     "Erinnerung: {service} am {date} um {time} Uhr",
	{"confirmation", Email, "de"}: "Gebucht: {service} am {date} um {time} Uhr",
	{"move", Email, "de"}:         "Verschoben: {service} jetzt am {date} um {time} Uhr",
	{"cancellation", Email, "de"}: "Abgesagt: {service} am {date} um {time} Uhr",
	{"approval", Email, "de"}:     "Bestätigt: {service} am {date} um {time} Uhr",
	{"decline", Email, "de"}:      "Leider nicht möglich: {service} am {date} um {time} Uhr",

	{"reminder", Email, "es"}:     "Recordatorio: {service}, {date} a las {time}",
	{"confirmation", Email, "es"}: "Cita reservada: {service}, {date} a las {time}",
	{"move", Email, "es"}:         "Cita cambiada: {service}, ahora {date} a las {time}",
	{"cancellation", Email, "es"}: "Cita cancelada: {service}, {date} a las {time}",
	{"approval", Email, "es"}:     "Cita aceptada: {service}, {date} a las {time}",
	{"decline", Email, "es"}:      "No es posible: {service}, {date} a las {time}",

	{"reminder", Email, "fr"}:     "Rappel\u00a0: {service}, {date} à {time}",
	{"confirmation", Email, "fr"}: "Rendez-vous réservé\u00a0: {service}, {date} à {time}",
	{"move", Email, "fr"}:         "Rendez-vous déplacé\u00a0: {service}, {date} à {time}",
	{"cancellation", Email, "fr"}: "Rendez-vous annulé\u00a0: {service}, {date} à {time}",
	{"approval", Email, "fr"}:     "Rendez-vous accepté\u00a0: {service}, {date} à {time}",
	{"decline", Email, "fr"}:      "Rendez-vous impossible\u00a0: {service}, {date} à {time}",

	{"reminder", Email, "pt"}:     "Lembrete: {service}, {date} às {time}",
	{"confirmation", Email, "pt"}: "Marcado: {service}, {date} às {time}",
	{"move", Email, "pt"}:         "Remarcado: {service}, agora {date} às {time}",
	{"cancellation", Email, "pt"}: "Cancelado: {service}, {date} às {time}",
	{"approval", Email, "pt"}:     "Aprovado: {service}, {date} às {time}",
	{"decline", Email, "pt"}:      "Sem vaga: {service}, {date} às {time}",
}
