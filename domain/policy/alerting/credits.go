package alerting

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// micro is how many micro-credits a credit has.
const micro = 1_000_000

// Text is a text that is due: whose reminder, of which appointment, and what it will probably cost.
type Text struct {
	Due    time.Time
	Start  time.Time
	Client string
	Price  int64 // in micro-credits
}

// CreditsTitle returns the subject of the alert that credits run out.
func CreditsTitle(locale string, available int64) string {
	if available <= 0 {
		return in(locale).noCreditsTitle
	}
	return in(locale).creditsTitle
}

// AboutCredits writes how many credits are left, in micro-credits, what the texts until a time need, and which of them
// will not go. The texts are sorted by when they are due.
func AboutCredits(to Reader, available int64, until time.Time, texts []Text) Letter {
	w := in(to.Locale)
	letter := Letter{Title: CreditsTitle(to.Locale, available), Outro: []string{w.because}, colon: w.colon}
	need, left := int64(0), available
	for _, text := range texts {
		need += text.Price
		if left -= text.Price; left < 0 {
			letter.Rows = append(letter.Rows, Row{Cells: []string{to.at(text.Due), text.Client, to.at(text.Start)}})
		}
	}
	if available <= 0 {
		letter.Intro = []string{fmt.Sprintf(w.noCredits, to.at(until), w.amount(need))}
	} else {
		letter.Intro = []string{fmt.Sprintf(w.credits, w.amount(available), to.at(until), w.amount(need))}
	}
	if n := len(letter.Rows); n > 0 {
		letter.Columns, letter.Labels = w.texts[:], true
		unpaid := plural(w.unpaid, n)
		if n != 1 {
			unpaid = fmt.Sprintf(unpaid, n)
		}
		letter.Intro = append(letter.Intro, unpaid)
		letter.Rows = letter.Rows[:min(n, maxRows)]
	}
	return letter
}

// amount writes micro-credits with up to two decimals.
func (w words) amount(credits int64) string {
	text := strconv.FormatFloat(float64(credits)/micro, 'f', 2, 64)
	text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	return strings.Replace(text, ".", w.decimal, 1)
}
