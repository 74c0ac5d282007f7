package alerting

var english = words{
	outageTitle: "Clients to call: texts did not arrive", againTitle: "More clients to call: texts still do not arrive",
	overTitle: "Texts to your clients arrive again", undeliveredTitle: "Clients whom your messages did not reach",
	creditsTitle: "Your credits for texts are running out", noCreditsTitle: "You have no credits for texts left",
	since: "Since %s, texts to your clients may not have arrived.",
	causes: map[string]string{
		"blocked":       "Mobile networks refuse the texts of one of the companies that carry them for us.",
		"silent":        "One of the companies that carry our texts accepts them, but nothing shows that they arrive.",
		"configuration": "One of the companies that carry our texts no longer accepts them.",
	},
	switched:    "New texts now go through another company.",
	notSwitched: "No other company can carry these texts at the moment, so new texts may not arrive either.",
	call: [2]string{
		"Please call this client, or write to them yourself:",
		"Please call these %d clients, or write to them yourself. The soonest appointment is first:",
	},
	more: "%d more are on the call sheet of your account.",
	over: "Since %s, texts to your clients arrive again.", none: "There is nobody left to call.",
	remain: [2]string{
		"This client was not reached, and nobody has marked them as contacted:",
		"These %d clients were not reached, and nobody has marked them as contacted:",
	},
	undelivered: [2]string{
		"A message about this appointment did not reach the client. Please call, or write yourself:",
		"Messages about these %d appointments did not reach the clients. Please call, or write yourself. " +
			"The soonest is first:",
	},
	addresses: "Emails to these clients come back. Please ask them for another address:",
	always:    "This email cannot be turned off, because clients may miss their appointments.",
	because:   "You get this email because alerts are on in the settings of your account.",
	credits:   "You have %s credits left. The texts due until %s need about %s.",
	noCredits: "You have no credits left. The texts due until %s need about %s.",
	unpaid: [2]string{
		"This text will not be sent unless you buy credits:",
		"These %d texts will not be sent unless you buy credits:",
	},
	decimal: ".", colon: ": ",
	columns: [5]string{"Time", "Client", "Phone", "Appointment", "Message"},
	texts:   [3]string{"Due", "Client", "Appointment"},
	mark:    "Mark as contacted", contacted: "contacted on %s", noPhone: "no phone number",
	cancelled: "cancelled",
	kinds: map[string]string{
		"reminder": "Reminder", "confirmation": "Confirmation", "move": "Notice of the move",
		"cancellation": "Notice of the cancellation", "approval": "Approval", "decline": "Notice that it was declined",
		"notice": "Notice",
	},
	states: map[string]string{
		"failed": "could not be sent", "undelivered": "not delivered", "expired": "not delivered in time",
		"no_receipt": "sent, but not confirmed", "suppressed": "not sent", "bounced": "the email came back",
		"too_late": "not sent, it was too late", "no_credit": "not sent, there were no credits",
		"letter_refused": "not sent, the text is too long",
	},
	emails: map[string]string{
		"queued": "an email goes instead", "sent": "an email went instead",
		"failed": "the email instead failed too", "bounced": "the email instead came back too",
	},
}

var german = words{
	outageTitle:      "Kunden anrufen: SMS sind nicht angekommen",
	againTitle:       "Weitere Kunden anrufen: SMS kommen noch nicht an",
	overTitle:        "SMS an Ihre Kunden kommen wieder an",
	undeliveredTitle: "Kunden, die Ihre Nachrichten nicht erreicht haben",
	creditsTitle:     "Ihr Guthaben für SMS geht zu Ende", noCreditsTitle: "Ihr Guthaben für SMS ist aufgebraucht",
	since: "Seit %s kommen SMS an Ihre Kunden möglicherweise nicht an.",
	causes: map[string]string{
		"blocked":       "Mobilfunknetze weisen die SMS eines der Unternehmen ab, die sie für uns versenden.",
		"silent":        "Eines der Unternehmen, die unsere SMS versenden, nimmt sie an; nichts zeigt, dass sie ankommen.",
		"configuration": "Eines der Unternehmen, die unsere SMS versenden, nimmt sie nicht mehr an.",
	},
	switched:    "Neue SMS gehen jetzt über ein anderes Unternehmen.",
	notSwitched: "Zurzeit kann kein anderes Unternehmen diese SMS versenden. Auch neue SMS kommen vielleicht nicht an.",
	call: [2]string{
		"Bitte rufen Sie diesen Kunden an, oder schreiben Sie ihm selbst:",
		"Bitte rufen Sie diese %d Kunden an, oder schreiben Sie ihnen selbst. Der nächste Termin steht oben:",
	},
	more: "%d weitere stehen auf der Anrufliste Ihres Kontos.",
	over: "Seit %s kommen SMS an Ihre Kunden wieder an.", none: "Es ist niemand mehr anzurufen.",
	remain: [2]string{
		"Dieser Kunde wurde nicht erreicht, und niemand hat ihn als benachrichtigt markiert:",
		"Diese %d Kunden wurden nicht erreicht, und niemand hat sie als benachrichtigt markiert:",
	},
	undelivered: [2]string{
		"Eine Nachricht zu diesem Termin hat den Kunden nicht erreicht. Bitte rufen Sie an, oder schreiben Sie selbst:",
		"Nachrichten zu diesen %d Terminen haben die Kunden nicht erreicht. Bitte rufen Sie an, oder schreiben Sie selbst. " +
			"Der nächste Termin steht oben:",
	},
	addresses: "E-Mails an diese Kunden kommen zurück. Bitte fragen Sie nach einer anderen Adresse:",
	always:    "Diese E-Mail kann nicht abgestellt werden, weil Kunden sonst ihre Termine versäumen können.",
	because:   "Sie erhalten diese E-Mail, weil Warnungen in den Einstellungen Ihres Kontos eingeschaltet sind.",
	credits:   "Sie haben noch %s Credits. Die bis %s fälligen SMS brauchen etwa %s.",
	noCredits: "Sie haben keine Credits mehr. Die bis %s fälligen SMS brauchen etwa %s.",
	unpaid: [2]string{
		"Diese SMS wird nicht gesendet, wenn Sie keine Credits kaufen:",
		"Diese %d SMS werden nicht gesendet, wenn Sie keine Credits kaufen:",
	},
	decimal: ",", colon: ": ",
	columns: [5]string{"Zeit", "Name", "Telefon", "Termin", "Nachricht"},
	texts:   [3]string{"Fällig", "Name", "Termin"},
	mark:    "Als benachrichtigt markieren", contacted: "benachrichtigt am %s", noPhone: "keine Telefonnummer",
	cancelled: "abgesagt",
	kinds: map[string]string{
		"reminder": "Erinnerung", "confirmation": "Bestätigung", "move": "Mitteilung der Verschiebung",
		"cancellation": "Mitteilung der Absage", "approval": "Zusage", "decline": "Mitteilung der Ablehnung",
		"notice": "Mitteilung",
	},
	states: map[string]string{
		"failed": "konnte nicht gesendet werden", "undelivered": "nicht zugestellt",
		"expired": "nicht rechtzeitig zugestellt", "no_receipt": "gesendet, aber nicht bestätigt",
		"suppressed": "nicht gesendet", "bounced": "die E-Mail kam zurück", "too_late": "nicht gesendet, es war zu spät",
		"no_credit": "nicht gesendet, das Guthaben reichte nicht", "letter_refused": "nicht gesendet, der Text ist zu lang",
	},
	emails: map[string]string{
		"queued": "stattdessen geht eine E-Mail", "sent": "stattdessen ging eine E-Mail",
		"failed": "auch die E-Mail stattdessen schlug fehl", "bounced": "auch die E-Mail stattdessen kam zurück",
	},
}
