package alerting

import "strings"

// words are what alerts say in one language. %s and %d stand for a time or a number.
type words struct {
	outageTitle, againTitle, overTitle, undeliveredTitle string
	creditsTitle, noCreditsTitle                         string

	since       string // when it began
	causes      map[string]string
	switched    string
	notSwitched string
	call        [2]string // one client, several
	more        string    // how many others there are
	over        string    // since when texts arrive again
	none        string
	remain      [2]string // one client, several
	undelivered [2]string
	addresses   string
	always      string // why it cannot be turned off
	because     string // why somebody gets it

	credits   string // how many are left, and how many the texts until a date need
	noCredits string
	unpaid    [2]string // one text, several
	decimal   string
	colon     string // between a label and what it labels

	columns   [5]string // of a call sheet
	texts     [3]string // columns of texts that will not go
	mark      string    // the link that marks a client as contacted
	contacted string    // when
	noPhone   string
	cancelled string

	kinds  map[string]string
	states map[string]string // of messages, and reasons of those that were suppressed
	emails map[string]string // what became of the email instead
}

// in returns the words of the language of a locale, English for others.
func in(locale string) words {
	tag, _, _ := strings.Cut(locale, "-")
	if found, ok := languages[tag]; ok {
		return found
	}
	return languages["en"]
}

var languages = map[string]words{"en": english, "de": german, "es": spanish, "fr": french, "pt": portuguese}

func plural(forms [2]string, n int) string {
	if n == 1 {
		return forms[0]
	}
	return forms[1]
}
