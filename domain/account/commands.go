package account

import (
	"slices"

	"github.com/clickbook/clickbook/domain"
)

// Refusals of commands about an account.
var (
	ErrUnknown = domain.Refuse(domain.Unknown, "account_unknown", "there is no such account; check its id")
	ErrExists  = domain.Refuse(domain.Disallowed, "account_exists", "this account is already open with other settings")
	ErrClosed  = domain.Refuse(domain.Disallowed, "account_closed", "this account is closed; open another one")
	ErrRule    = domain.Refuse(domain.Invalid, "reminder_rule_invalid", "this reminder rule cannot be kept")
	ErrTitle   = domain.Refuse(domain.Invalid, "template_subject_invalid",
		"only an email has a subject; leave it out for a text")
	ErrCreditsBelow = domain.Refuse(domain.Invalid, "credits_below_invalid",
		"credits to be warned below must not be negative; leave them out for what the texts of three days need")
	ErrTemplate = domain.Refuse(domain.Invalid, "template_kind_invalid",
		"a template is for a reminder, confirmation, move, cancellation, approval or decline, by sms or email")
)

// Command is a request to change an account.
//
//sumtype:decl
type Command interface {
	domain.Command
	decide(State) ([]Event, error)
}

// Decide returns the events that a command yields, none if its effect is already true, or a refusal.
func Decide(s State, c Command) ([]Event, error) { return c.decide(s) }

// Open opens an account.
type Open struct {
	Account  domain.AccountID
	Settings Settings
}

// ChangeSettings replaces all settings, or all but the notices or the alerts.
type ChangeSettings struct {
	Account     domain.AccountID
	Settings    Settings
	KeepNotices bool // those in Settings are ignored
	KeepAlerts  bool
}

// SetReminderRules replaces all reminder rules. Without rules there are no reminders.
type SetReminderRules struct {
	Account domain.AccountID
	Rules   []ReminderRule
}

// SetTemplate replaces one text, and the subject line of an email. An empty text or title restores the default.
type SetTemplate struct {
	Account domain.AccountID
	Kind    string
	Channel string
	Text    domain.Private
	Title   domain.Private // of an email
}

// Close closes the account.
type Close struct{ Account domain.AccountID }

// Stream returns the stream of the account.
func (c Open) Stream() domain.Stream             { return Stream(c.Account) }
func (c ChangeSettings) Stream() domain.Stream   { return Stream(c.Account) }
func (c SetReminderRules) Stream() domain.Stream { return Stream(c.Account) }
func (c SetTemplate) Stream() domain.Stream      { return Stream(c.Account) }
func (c Close) Stream() domain.Stream            { return Stream(c.Account) }

func (c Open) decide(s State) ([]Event, error) {
	switch {
	case s.Closed:
		return nil, ErrClosed
	case s.Open && c.Settings != s.Settings && c.Settings != s.opened:
		return nil, ErrExists
	case s.Open:
		return nil, nil
	}
	return []Event{AccountOpened{Account: c.Account, Settings: c.Settings}}, nil
}

func (c ChangeSettings) decide(s State) ([]Event, error) {
	if c.KeepNotices {
		c.Settings.Notices = s.Notices
	}
	if c.KeepAlerts {
		c.Settings.Alerts = s.Alerts
	}
	if err := s.mustBeOpen(); err != nil || c.Settings == s.Settings {
		return nil, err
	}
	return []Event{AccountSettingsChanged{Account: c.Account, Settings: c.Settings}}, nil
}

func (c SetReminderRules) decide(s State) ([]Event, error) {
	if err := s.mustBeOpen(); err != nil {
		return nil, err
	}
	if err := checkRules(c.Rules); err != nil || slices.Equal(c.Rules, s.Rules) {
		return nil, err
	}
	return []Event{ReminderRulesSet{Account: c.Account, Rules: slices.Clone(c.Rules)}}, nil
}

func (c SetTemplate) decide(s State) ([]Event, error) {
	if err := s.mustBeOpen(); err != nil {
		return nil, err
	}
	if !slices.Contains(kinds, c.Kind) || !slices.Contains(channels, c.Channel) {
		return nil, ErrTemplate
	}
	if !c.Text.IsZero() {
		if _, err := domain.ParseTemplate(c.Text.Reveal()); err != nil {
			return nil, err
		}
	}
	if !c.Title.IsZero() {
		if c.Channel != "email" {
			return nil, ErrTitle
		}
		if _, err := domain.ParseTitle(c.Title.Reveal()); err != nil {
			return nil, err
		}
	}
	if title, text := s.Template(c.Kind, c.Channel); title == c.Title.Reveal() && text == c.Text.Reveal() {
		return nil, nil
	}
	return []Event{TemplateSet(c)}, nil
}

func (c Close) decide(s State) ([]Event, error) {
	if s.Closed {
		return nil, nil
	}
	if err := s.mustBeOpen(); err != nil {
		return nil, err
	}
	return []Event{AccountClosed(c)}, nil
}

func (s State) mustBeOpen() error {
	switch {
	case s.Closed:
		return ErrClosed
	case !s.Open:
		return ErrUnknown
	}
	return nil
}

var (
	kinds    = []string{"reminder", "confirmation", "move", "cancellation", "approval", "decline"}
	channels = []string{"sms", "email"}
)

// Limits of reminder rules: how many there are, and how long before an appointment they may be due.
const (
	maxRules   = 10
	maxLeadMin = 60 * 24 * 60 // sixty days
)

func checkRules(rules []ReminderRule) error {
	if len(rules) > maxRules {
		return ruleRefused("an account has at most %d reminder rules; leave some out", maxRules)
	}
	seen := make(map[string]bool, len(rules))
	for _, rule := range rules {
		switch {
		case !domain.IsShortName(rule.ID):
			return ruleRefused("%q cannot name a reminder rule; use small letters, digits and dashes, up to 40", rule.ID)
		case seen[rule.ID]:
			return ruleRefused("two reminder rules are called %s; give each its own name", rule.ID)
		case !slices.Contains(channels, rule.Channel):
			return ruleRefused("reminder rule %s names no channel; use sms or email", rule.ID)
		case rule.LeadMin < 1 || rule.LeadMin > maxLeadMin:
			return ruleRefused("reminder rule %s must lead by 1 to %d minutes", rule.ID, maxLeadMin)
		}
		seen[rule.ID] = true
	}
	return nil
}

func ruleRefused(format string, args ...any) error {
	return domain.Refusef(ErrRule.Reason, ErrRule.Code, format, args...)
}
