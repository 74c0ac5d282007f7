package message

import (
	"cmp"

	"github.com/clickbook/clickbook/domain"
)

// Own are the subject line and the text of an account's own template, each "" for the default.
type Own struct{ Title, Text string }

// Compose returns the text of a reminder, confirmation, move, cancellation, approval or decline in the language of a
// locale. Own are the templates of the account. Only an email has a title.
func Compose(kind, channel, locale string, own Own, words domain.Words) (title, text string, err error) {
	which := writing{kind, channel, LanguageOf(locale)}
	own.Title, own.Text = cmp.Or(own.Title, titles[which]), cmp.Or(own.Text, ours[which])
	if own.Text == "" {
		return "", "", refuse(ErrLetter, "there is no default text for a %s by %s; give a template", kind, channel)
	}
	if text, err = render(own.Text, words); err != nil || channel != Email {
		return "", Plain(text), err
	}
	title, err = render(own.Title, words)
	return title, text, err
}

func render(text string, words domain.Words) (string, error) {
	template, err := domain.ParseTemplate(text)
	if err != nil {
		return "", err
	}
	return template.Render(words), nil
}
