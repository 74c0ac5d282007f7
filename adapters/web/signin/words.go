package signin

import (
	"strings"
)

// words are what the pages say in one language. %s is a name or an address.
type words struct {
	Language string

	SignIn, Join, Begin        string // buttons
	signInTitle, signedAs      string
	joinTitle, invited         string
	SetUp, SetUpText           string
	Name, Email                string
	Gone, GoneAdvice, Ask      string
	Unsafe, UnsafeAdvice, Busy string
	Failed                     string
}

// SignInTitle returns the title of a page that signs in to a team.
func (w words) SignInTitle(team string) string { return strings.ReplaceAll(w.signInTitle, "%s", team) }

// JoinTitle returns the title of an invitation.
func (w words) JoinTitle(team string) string { return strings.ReplaceAll(w.joinTitle, "%s", team) }

func (w words) as(name string) string { return strings.ReplaceAll(w.signedAs, "%s", name) }

func (w words) joinText(email string) string { return strings.ReplaceAll(w.invited, "%s", email) }

// wordsOf returns the words of the first known language of a locale, or of an Accept-Language header.
func wordsOf(tags string) words {
	for tag := range strings.SplitSeq(tags, ",") {
		tag, _, _ = strings.Cut(strings.TrimSpace(tag), ";")
		tag, _, _ = strings.Cut(tag, "-")
		if found, ok := languages[strings.ToLower(tag)]; ok {
			return found
		}
	}
	return languages["en"]
}

var languages = map[string]words{
	"en": {
		Language: "en", SignIn: "Sign in", Join: "Join", Begin: "Begin",
		signInTitle: "Sign in to %s", signedAs: "You sign in as %s. The link works once.",
		joinTitle: "Join %s", invited: "You were invited as %s. Say what your colleagues call you.",
		SetUp: "Set up ClickBook", SetUpText: "You become the first admin. New links are sent to your email address.",
		Name: "Your name", Email: "Your email address",
		Gone: "This link does not work any more", GoneAdvice: "It was used, or it has expired. Ask for a new one.",
		Ask: "Get a new link", Unsafe: "This connection is not encrypted",
		UnsafeAdvice: "Signing in needs an encrypted connection. Open this page with https://, or on the server itself at " +
			"http://127.0.0.1.",
		Busy: "Too many requests: wait a minute, then try again", Failed: "This did not work. Try again in a minute.",
	},
	"de": {
		Language: "de", SignIn: "Anmelden", Join: "Beitreten", Begin: "Beginnen",
		signInTitle: "Bei %s anmelden", signedAs: "Sie melden sich als %s an. Der Link gilt einmal.",
		joinTitle: "%s beitreten", invited: "Sie wurden als %s eingeladen. Wie nennt man Sie im Team?",
		SetUp:     "ClickBook einrichten",
		SetUpText: "Sie werden der erste Administrator. Neue Links gehen an Ihre E-Mail-Adresse.",
		Name:      "Ihr Name", Email: "Ihre E-Mail-Adresse",
		Gone:       "Dieser Link gilt nicht mehr",
		GoneAdvice: "Er wurde benutzt oder ist abgelaufen. Fordern Sie einen neuen an.",
		Ask:        "Neuen Link anfordern", Unsafe: "Diese Verbindung ist nicht verschlüsselt",
		UnsafeAdvice: "Zum Anmelden muss die Verbindung verschlüsselt sein. Öffnen Sie die Seite mit https://, oder auf " +
			"dem Server selbst unter http://127.0.0.1.",
		Busy:   "Zu viele Anfragen: warten Sie eine Minute und versuchen Sie es noch einmal",
		Failed: "Das hat nicht geklappt. Versuchen Sie es in einer Minute noch einmal.",
	},
	"es": {
		Language: "es", SignIn: "Entrar", Join: "Unirme", Begin: "Empezar",
		signInTitle: "Entrar en %s", signedAs: "Va a entrar como %s. El enlace sirve una sola vez.",
		joinTitle: "Unirse a %s", invited: "Le invitaron como %s. Escriba cómo le llaman en el equipo.",
		SetUp:     "Configurar ClickBook",
		SetUpText: "Será el primer administrador. Los enlaces nuevos llegan a su correo electrónico.",
		Name:      "Su nombre", Email: "Su correo electrónico",
		Gone: "Este enlace ya no sirve", GoneAdvice: "Ya se usó o ha caducado. Pida uno nuevo.",
		Ask: "Pedir un enlace nuevo", Unsafe: "Esta conexión no está cifrada",
		UnsafeAdvice: "Para entrar hace falta una conexión cifrada. Abra esta página con https://, o en el propio servidor " +
			"en http://127.0.0.1.",
		Busy:   "Demasiadas solicitudes: espere un minuto e inténtelo de nuevo",
		Failed: "No ha funcionado. Inténtelo de nuevo en un minuto.",
	},
	"fr": {
		Language: "fr", SignIn: "Se connecter", Join: "Rejoindre", Begin: "Commencer",
		signInTitle: "Se connecter à %s", signedAs: "Vous vous connectez en tant que %s. Le lien ne sert qu’une fois.",
		joinTitle: "Rejoindre %s", invited: "Vous êtes invité avec l’adresse %s. Indiquez votre nom dans l’équipe.",
		SetUp:     "Configurer ClickBook",
		SetUpText: "Vous serez le premier administrateur. Les nouveaux liens arrivent à votre adresse e-mail.",
		Name:      "Votre nom", Email: "Votre adresse e-mail",
		Gone: "Ce lien n’est plus valable", GoneAdvice: "Il a été utilisé ou a expiré. Demandez-en un nouveau.",
		Ask: "Demander un nouveau lien", Unsafe: "Cette connexion n’est pas chiffrée",
		UnsafeAdvice: "La connexion doit être chiffrée pour se connecter. Ouvrez cette page en https://, ou sur le serveur " +
			"lui-même à http://127.0.0.1.",
		Busy:   "Trop de requêtes : attendez une minute, puis réessayez",
		Failed: "Cela n’a pas fonctionné. Réessayez dans une minute.",
	},
	"pt": {
		Language: "pt", SignIn: "Entrar", Join: "Participar", Begin: "Começar",
		signInTitle: "Entrar em %s", signedAs: "Você vai entrar como %s. O link funciona uma vez.",
		joinTitle: "Participar de %s", invited: "Você foi convidado como %s. Escreva como a equipe chama você.",
		SetUp:     "Configurar o ClickBook",
		SetUpText: "Você será o primeiro administrador. Os novos links chegam ao seu e-mail.",
		Name:      "Seu nome", Email: "Seu e-mail",
		Gone: "Este link não funciona mais", GoneAdvice: "Ele já foi usado ou expirou. Peça um novo.",
		Ask: "Pedir um novo link", Unsafe: "Esta conexão não é criptografada",
		UnsafeAdvice: "Para entrar é preciso uma conexão criptografada. Abra esta página com https://, ou no próprio " +
			"servidor em http://127.0.0.1.",
		Busy:   "Pedidos demais: espere um minuto e tente de novo",
		Failed: "Não funcionou. Tente de novo em um minuto.",
	},
}
