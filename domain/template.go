package domain

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Template is the text of a message with placeholders: "{client}, {service} on {date} at {time}".
type Template struct{ parts []part }

// part is literal text, or a placeholder if blank is set.
type part struct {
	literal string
	blank   func(Words) string
}

// Words are the values of the placeholders, already formatted for the recipient.
type Words struct {
	Client   string
	Service  string
	Resource string
	Date     string
	Time     string
	Account  string
	Manage   string // the link by which the client sees, moves or cancels the visit; "" if there is none
}

var blanks = map[string]func(Words) string{
	"client":   func(w Words) string { return w.Client },
	"service":  func(w Words) string { return w.Service },
	"resource": func(w Words) string { return w.Resource },
	"date":     func(w Words) string { return w.Date },
	"time":     func(w Words) string { return w.Time },
	"account":  func(w Words) string { return w.Account },
	manage:     func(w Words) string { return cmp.Or(w.Manage, noLink) },
}

// manage is the placeholder of the link, and noLink is filled in when there is none. No text holds it, because it is a
// control character.
const (
	manage = "manage"
	noLink = "\x00"
)

// maxTemplate is the limit in characters: ten segments of a text message, and enough for a short email.
const maxTemplate = 1500

// ParseTemplate parses a template. It refuses an empty one and unknown placeholders, so a typing error shows here and
// not in a text on a client's phone.
func ParseTemplate(text string) (Template, error) {
	switch {
	case strings.TrimSpace(text) == "":
		return Template{}, Refuse(Invalid, "template_empty", "the template is empty; write the text to send")
	case utf8.RuneCountInString(text) > maxTemplate:
		return Template{}, Refusef(Invalid, "template_too_long",
			"the template is too long; write at most %d characters", maxTemplate)
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unprintable):
		return Template{}, Refuse(Invalid, "template_malformed",
			"the template holds characters that cannot be printed; write plain text")
	}
	var template Template
	for text != "" {
		literal, rest, opened := strings.Cut(text, "{")
		if strings.Contains(literal, "}") {
			return Template{}, Refuse(Invalid, "template_malformed", "the template has a } without its {; write {client}")
		}
		if literal != "" {
			template.parts = append(template.parts, part{literal: literal})
		}
		if !opened {
			break
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			return Template{}, Refuse(Invalid, "template_malformed", "the template has a { without its }; write {client}")
		}
		blank, known := blanks[name]
		if !known {
			return Template{}, Refusef(Invalid, "template_unknown_place", "{%s} cannot be filled in; "+
				"use {client}, {service}, {resource}, {date}, {time}, {account} or {manage}", clip(name))
		}
		template.parts = append(template.parts, part{blank: blank})
		text = after
	}
	return template, nil
}

// maxTitle is the limit of a subject line in characters.
const maxTitle = 200

// ParseTitle parses the template of an email's subject line: a template on one line, without the link, which lets
// anybody who reads it change the visit.
func ParseTitle(text string) (Template, error) {
	switch {
	case strings.ContainsAny(text, "\r\n"):
		return Template{}, Refuse(Invalid, "template_malformed", "the subject has a line break; write it on one line")
	case utf8.RuneCountInString(text) > maxTitle:
		return Template{}, Refusef(Invalid, "template_too_long",
			"the subject is too long; write at most %d characters", maxTitle)
	case strings.Contains(text, "{"+manage+"}"):
		return Template{}, Refuse(Invalid, "template_unknown_place",
			"the subject cannot have {manage}, because a link belongs in the text; leave it out")
	}
	return ParseTemplate(text)
}

func unprintable(r rune) bool { return unicode.IsControl(r) && r != '\n' }

// Render returns the text with its placeholders filled in. The values are not parsed as templates. Without a link the
// sentences with {manage} are left out.
func (t Template) Render(words Words) string {
	var text strings.Builder
	for _, part := range t.parts {
		if part.blank != nil {
			text.WriteString(part.blank(words))
			continue
		}
		text.WriteString(part.literal)
	}
	if w := text.String(); strings.Contains(w, noLink) {
		return withoutLinks(w)
	}
	return text.String()
}
