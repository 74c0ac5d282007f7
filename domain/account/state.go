package account

import (
	"slices"

	"github.com/clickbook/clickbook/domain"
)

// State is what decisions and senders need to know about an account.
type State struct {
	Settings
	Rules     []ReminderRule
	Templates []Template
	Limits    TextLimits
	Open      bool // opened and not closed
	Closed    bool
	opened    Settings // the settings of Open, to recognise a repeated command
}

// Template is the account's own text for one kind of message on one channel.
type Template struct {
	Kind    string
	Channel string
	Text    domain.Private // empty for the default
	Title   domain.Private // of an email; empty for the default
}

// Evolve returns the state after an event.
func Evolve(s State, e Event) State { return e.evolve(s) }

func (e AccountOpened) evolve(s State) State {
	s.Open, s.Settings, s.opened = true, e.Settings, e.Settings
	return s
}

func (e AccountSettingsChanged) evolve(s State) State {
	s.Settings = e.Settings
	return s
}

func (e ReminderRulesSet) evolve(s State) State {
	s.Rules = slices.Clone(e.Rules)
	return s
}

func (e TemplateSet) evolve(s State) State {
	s.Templates = slices.DeleteFunc(slices.Clone(s.Templates), func(t Template) bool {
		return t.Kind == e.Kind && t.Channel == e.Channel
	})
	if !e.Text.IsZero() || !e.Title.IsZero() {
		s.Templates = append(s.Templates, Template{Kind: e.Kind, Channel: e.Channel, Text: e.Text, Title: e.Title})
	}
	return s
}

func (AccountClosed) evolve(s State) State {
	s.Open, s.Closed = false, true
	return s
}

// Template returns the account's own subject line and text for a kind of message on a channel, "" for the default.
func (s State) Template(kind, channel string) (title, text string) {
	for _, t := range s.Templates {
		if t.Kind == kind && t.Channel == channel {
			return t.Title.Reveal(), t.Text.Reveal()
		}
	}
	return "", ""
}
