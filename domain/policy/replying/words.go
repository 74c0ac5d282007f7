// Package replying reads what a client replies to a text, and decides what follows. It refuses to guess: what is not
// exactly one of the words below goes to the owner of the account.
package replying

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clickbook/clickbook/domain"
)

// Meaning is what a reply asks for. Its text is stored in message.ReplyReceived.
type Meaning string

// The meanings of replies.
const (
	Stop   Meaning = "stop"   // no more texts
	Start  Meaning = "start"  // texts again
	Help   Meaning = "help"   // who writes this
	Yes    Meaning = "yes"    // the client will come
	No     Meaning = "no"     // the client will not come
	Cancel Meaning = "cancel" // no more texts, or no appointment: the word means both
	Other  Meaning = "other"
)

// StopsTexts reports whether a reply with the meaning opts out.
func (m Meaning) StopsTexts() bool { return m == Stop || m == Cancel }

// everywhere are the words that count in every language. Those that stop texts do, because a client must be able to say
// it in the language that they speak and not only in that of the business. CANCEL is one of them by law (47 CFR
// 64.1200(a)(10)).
var everywhere = map[Meaning]string{
	Stop: "stop,stopall,stop all,unsubscribe,end,quit,revoke,optout,opt out," + // English
		"stopp,abmelden,abbestellen,keine sms," + // German
		"alto,baja,parar,no mas," + // Spanish
		"arret,arreter,desabonner,stop sms," + // French
		"sair,pare,descadastrar", // Portuguese
	Start:  "start,unstop,subscribe,anmelden,alta,reprendre,voltar",
	Help:   "help,info,hilfe,ayuda,aide,ajuda",
	Yes:    "c,y,yes,ok,okay,confirm,confirmed,👍",
	No:     "x,n,no",
	Cancel: "cancel",
}

// inLanguage are the words that count in one language only: each is short, or means something else in another.
var inLanguage = map[string]map[Meaning]string{
	"de": {Stop: "ende", Yes: "j,ja,bestatigt,bestatigen,ich komme", No: "nein,absagen,absage,storno,stornieren"},
	"es": {Stop: "fin", Yes: "s,si,confirmo,confirmar", No: "cancelar,anular"},
	"fr": {Stop: "fin", Yes: "o,oui,je confirme,confirmer", No: "non,annuler"},
	"pt": {Stop: "fim", Yes: "s,sim,confirmo,confirmar", No: "nao,cancelar,desmarcar"},
}

// maxWord is the longest text that can be one of the words, in bytes, with punctuation around it.
const maxWord = 60

// Read returns what a text asks for, in the language of a locale. The whole text must be one of the words. Case,
// accents, punctuation and spaces do not matter.
func Read(text, locale string) Meaning {
	if len(text) > maxWord || !utf8.ValidString(text) {
		return Other
	}
	word := plain(text)
	tag, _, _ := strings.Cut(locale, "-")
	for _, words := range []map[Meaning]string{inLanguage[tag], everywhere} {
		for meaning, list := range words {
			for known := range strings.SplitSeq(list, ",") {
				if known == word {
					return meaning
				}
			}
		}
	}
	return Other
}

// plain returns the letters, digits and thumbs of a text, its words separated by one space.
func plain(text string) string {
	words := strings.FieldsFunc(domain.Unaccented(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '👍'
	})
	return strings.Join(words, " ")
}
