package alerting

var spanish = words{
	outageTitle:      "Clientes a los que llamar: los SMS no llegaron",
	againTitle:       "Más clientes a los que llamar: los SMS siguen sin llegar",
	overTitle:        "Los SMS a sus clientes vuelven a llegar",
	undeliveredTitle: "Clientes que no han recibido sus mensajes",
	creditsTitle:     "Sus créditos para SMS se están agotando", noCreditsTitle: "No le quedan créditos para SMS",
	since: "Desde el %s, es posible que los SMS a sus clientes no hayan llegado.",
	causes: map[string]string{
		"blocked":       "Las redes móviles rechazan los SMS de una de las empresas que los envían por nosotros.",
		"silent":        "Una de las empresas que envían nuestros SMS los acepta, pero nada indica que lleguen.",
		"configuration": "Una de las empresas que envían nuestros SMS ya no los acepta.",
	},
	switched:    "Los SMS nuevos se envían ahora por otra empresa.",
	notSwitched: "En este momento ninguna otra empresa puede enviar estos SMS; puede que los nuevos tampoco lleguen.",
	call: [2]string{
		"Por favor, llame a este cliente o escríbale usted:",
		"Por favor, llame a estos %d clientes o escríbales usted. La cita más próxima va primero:",
	},
	more: "Hay %d más en la lista de llamadas de su cuenta.",
	over: "Desde el %s, los SMS a sus clientes vuelven a llegar.", none: "No queda nadie a quien llamar.",
	remain: [2]string{
		"Este cliente no recibió el mensaje, y nadie lo ha marcado como avisado:",
		"Estos %d clientes no recibieron el mensaje, y nadie los ha marcado como avisados:",
	},
	undelivered: [2]string{
		"Un mensaje sobre esta cita no llegó al cliente. Por favor, llame o escriba usted:",
		"Los mensajes sobre estas %d citas no llegaron a los clientes. Por favor, llame o escriba usted. " +
			"La más próxima va primero:",
	},
	addresses: "Los correos a estos clientes son devueltos. Por favor, pídales otra dirección:",
	always:    "Este correo no se puede desactivar, porque los clientes podrían faltar a sus citas.",
	because:   "Recibe este correo porque los avisos están activados en los ajustes de su cuenta.",
	credits:   "Le quedan %s créditos. Los SMS previstos hasta el %s necesitan unos %s.",
	noCredits: "No le quedan créditos. Los SMS previstos hasta el %s necesitan unos %s.",
	unpaid: [2]string{
		"Este SMS no se enviará si no compra créditos:", "Estos %d SMS no se enviarán si no compra créditos:",
	},
	decimal: ",", colon: ": ",
	columns: [5]string{"Hora", "Cliente", "Teléfono", "Cita", "Mensaje"},
	texts:   [3]string{"Previsto", "Cliente", "Cita"},
	mark:    "Marcar como avisado", contacted: "avisado el %s", noPhone: "sin teléfono", cancelled: "cancelada",
	kinds: map[string]string{
		"reminder": "Recordatorio", "confirmation": "Confirmación", "move": "Aviso del cambio",
		"cancellation": "Aviso de la cancelación", "approval": "Aprobación", "decline": "Aviso del rechazo",
		"notice": "Aviso",
	},
	states: map[string]string{
		"failed": "no se pudo enviar", "undelivered": "no entregado", "expired": "no entregado a tiempo",
		"no_receipt": "enviado, pero sin confirmar", "suppressed": "no enviado", "bounced": "el correo fue devuelto",
		"too_late": "no enviado, era demasiado tarde", "no_credit": "no enviado, no había créditos",
		"letter_refused": "no enviado, el texto es demasiado largo",
	},
	emails: map[string]string{
		"queued": "se envía un correo en su lugar", "sent": "se envió un correo en su lugar",
		"failed": "el correo en su lugar también falló", "bounced": "el correo en su lugar también fue devuelto",
	},
}

var french = words{
	outageTitle:      "Clients à appeler : des SMS ne sont pas arrivés",
	againTitle:       "D’autres clients à appeler : les SMS n’arrivent toujours pas",
	overTitle:        "Les SMS à vos clients arrivent de nouveau",
	undeliveredTitle: "Clients que vos messages n’ont pas atteints",
	creditsTitle:     "Vos crédits pour les SMS s’épuisent", noCreditsTitle: "Vous n’avez plus de crédits pour les SMS",
	since: "Depuis le %s, il se peut que les SMS à vos clients ne soient pas arrivés.",
	causes: map[string]string{
		"blocked":       "Des réseaux mobiles refusent les SMS de l’une des sociétés qui les acheminent pour nous.",
		"silent":        "L’une des sociétés qui acheminent nos SMS les accepte, mais rien n’indique qu’ils arrivent.",
		"configuration": "L’une des sociétés qui acheminent nos SMS ne les accepte plus.",
	},
	switched: "Les nouveaux SMS passent maintenant par une autre société.",
	notSwitched: "Aucune autre société ne peut acheminer ces SMS pour le moment : " +
		"les nouveaux risquent aussi de ne pas arriver.",
	call: [2]string{
		"Veuillez appeler ce client ou lui écrire vous-même :",
		"Veuillez appeler ces %d clients ou leur écrire vous-même. Le rendez-vous le plus proche est en premier :",
	},
	more: "%d autres figurent sur la liste d’appels de votre compte.",
	over: "Depuis le %s, les SMS à vos clients arrivent de nouveau.", none: "Il ne reste personne à appeler.",
	remain: [2]string{
		"Ce client n’a pas été atteint, et personne ne l’a marqué comme prévenu :",
		"Ces %d clients n’ont pas été atteints, et personne ne les a marqués comme prévenus :",
	},
	undelivered: [2]string{
		"Un message concernant ce rendez-vous n’a pas atteint le client. Veuillez appeler ou écrire vous-même :",
		"Des messages concernant ces %d rendez-vous n’ont pas atteint les clients. Veuillez appeler ou écrire " +
			"vous-même. Le plus proche est en premier :",
	},
	addresses: "Les e-mails à ces clients reviennent. Veuillez leur demander une autre adresse :",
	always:    "Cet e-mail ne peut pas être désactivé, car des clients pourraient manquer leur rendez-vous.",
	because:   "Vous recevez cet e-mail parce que les alertes sont activées dans les réglages de votre compte.",
	credits:   "Il vous reste %s crédits. Les SMS prévus jusqu’au %s en demandent environ %s.",
	noCredits: "Vous n’avez plus de crédits. Les SMS prévus jusqu’au %s en demandent environ %s.",
	unpaid: [2]string{
		"Ce SMS ne partira pas si vous n’achetez pas de crédits :",
		"Ces %d SMS ne partiront pas si vous n’achetez pas de crédits :",
	},
	decimal: ",", colon: " : ",
	columns: [5]string{"Heure", "Client", "Téléphone", "Rendez-vous", "Message"},
	texts:   [3]string{"Prévu", "Client", "Rendez-vous"},
	mark:    "Marquer comme prévenu", contacted: "prévenu le %s", noPhone: "sans téléphone", cancelled: "annulé",
	kinds: map[string]string{
		"reminder": "Rappel", "confirmation": "Confirmation", "move": "Avis de report",
		"cancellation": "Avis d’annulation", "approval": "Acceptation", "decline": "Avis de refus", "notice": "Avis",
	},
	states: map[string]string{
		"failed": "n’a pas pu être envoyé", "undelivered": "non remis", "expired": "non remis à temps",
		"no_receipt": "envoyé, mais non confirmé", "suppressed": "non envoyé", "bounced": "l’e-mail est revenu",
		"too_late": "non envoyé, il était trop tard", "no_credit": "non envoyé, il n’y avait plus de crédits",
		"letter_refused": "non envoyé, le texte est trop long",
	},
	emails: map[string]string{
		"queued": "un e-mail part à la place", "sent": "un e-mail est parti à la place",
		"failed": "l’e-mail de remplacement a échoué aussi", "bounced": "l’e-mail de remplacement est revenu aussi",
	},
}

var portuguese = words{
	outageTitle:      "Clientes para telefonar: os SMS não chegaram",
	againTitle:       "Mais clientes para telefonar: os SMS ainda não chegam",
	overTitle:        "Os SMS aos seus clientes voltaram a chegar",
	undeliveredTitle: "Clientes que não receberam as suas mensagens",
	creditsTitle:     "Os seus créditos para SMS estão acabando", noCreditsTitle: "Os seus créditos para SMS acabaram",
	since: "Desde %s, é possível que os SMS aos seus clientes não tenham chegado.",
	causes: map[string]string{
		"blocked":       "As redes móveis recusam os SMS de uma das empresas que os enviam por nós.",
		"silent":        "Uma das empresas que enviam os nossos SMS os aceita, mas nada indica que eles chegam.",
		"configuration": "Uma das empresas que enviam os nossos SMS deixou de aceitá-los.",
	},
	switched:    "Os novos SMS são agora enviados por outra empresa.",
	notSwitched: "Neste momento nenhuma outra empresa pode enviar estes SMS; os novos também podem não chegar.",
	call: [2]string{
		"Por favor, telefone para este cliente ou escreva você mesmo:",
		"Por favor, telefone para estes %d clientes ou escreva você mesmo. O compromisso mais próximo vem primeiro:",
	},
	more: "Há mais %d na lista de chamadas da sua conta.",
	over: "Desde %s, os SMS aos seus clientes voltaram a chegar.", none: "Não resta ninguém para telefonar.",
	remain: [2]string{
		"Este cliente não foi avisado, e ninguém o marcou como contatado:",
		"Estes %d clientes não foram avisados, e ninguém os marcou como contatados:",
	},
	undelivered: [2]string{
		"Uma mensagem sobre este compromisso não chegou ao cliente. Por favor, telefone ou escreva você mesmo:",
		"Mensagens sobre estes %d compromissos não chegaram aos clientes. Por favor, telefone ou escreva você mesmo. " +
			"O mais próximo vem primeiro:",
	},
	addresses: "Os e-mails para estes clientes são devolvidos. Por favor, peça outro endereço:",
	always:    "Este e-mail não pode ser desativado, porque clientes podem faltar aos seus compromissos.",
	because:   "Você recebe este e-mail porque os alertas estão ativados nas configurações da sua conta.",
	credits:   "Restam %s créditos. Os SMS previstos até %s precisam de cerca de %s.",
	noCredits: "Não restam créditos. Os SMS previstos até %s precisam de cerca de %s.",
	unpaid: [2]string{
		"Este SMS não será enviado se você não comprar créditos:",
		"Estes %d SMS não serão enviados se você não comprar créditos:",
	},
	decimal: ",", colon: ": ",
	columns: [5]string{"Hora", "Cliente", "Telefone", "Compromisso", "Mensagem"},
	texts:   [3]string{"Previsto", "Cliente", "Compromisso"},
	mark:    "Marcar como contatado", contacted: "contatado em %s", noPhone: "sem telefone", cancelled: "cancelado",
	kinds: map[string]string{
		"reminder": "Lembrete", "confirmation": "Confirmação", "move": "Aviso da mudança",
		"cancellation": "Aviso do cancelamento", "approval": "Aprovação", "decline": "Aviso da recusa", "notice": "Aviso",
	},
	states: map[string]string{
		"failed": "não pôde ser enviado", "undelivered": "não entregue", "expired": "não entregue a tempo",
		"no_receipt": "enviado, mas sem confirmação", "suppressed": "não enviado", "bounced": "o e-mail foi devolvido",
		"too_late": "não enviado, era tarde demais", "no_credit": "não enviado, não havia créditos",
		"letter_refused": "não enviado, o texto é longo demais",
	},
	emails: map[string]string{
		"queued": "um e-mail é enviado em seu lugar", "sent": "um e-mail foi enviado em seu lugar",
		"failed": "o e-mail em seu lugar também falhou", "bounced": "o e-mail em seu lugar também foi devolvido",
	},
}
