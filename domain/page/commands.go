package page

import (
	"encoding/base64"
	"slices"

	"github.com/clickbook/clickbook/domain"
)

// MaxLogo is how large the picture of a stored logo can be, in bytes.
const MaxLogo = 64 << 10

// ErrLogo refuses a logo that the program did not draw.
var ErrLogo = domain.Refuse(domain.Invalid, "page_logo_invalid",
	"a logo is a PNG or JPEG picture of at most 64 kB after it was drawn again; upload another picture")

// Command is a request to change a page.
//
//sumtype:decl
type Command interface {
	domain.Command
	decide(State) ([]Event, error)
}

// Decide returns the events that a command yields, none if its effect is already true, or a refusal.
func Decide(s State, c Command) ([]Event, error) { return c.decide(s) }

// Set replaces all settings except the logo.
type Set struct {
	Account  domain.AccountID
	Settings Settings
}

// SetLogo replaces the logo.
type SetLogo struct {
	Account domain.AccountID
	Logo    Logo
}

// RemoveLogo removes the logo.
type RemoveLogo struct {
	Account domain.AccountID
}

// Stream returns the stream of the page.
func (c Set) Stream() domain.Stream        { return Stream(c.Account) }
func (c SetLogo) Stream() domain.Stream    { return Stream(c.Account) }
func (c RemoveLogo) Stream() domain.Stream { return Stream(c.Account) }

func (c Set) decide(s State) ([]Event, error) {
	settings, err := c.Settings.Parse()
	if err != nil || settings.equal(s.Settings) {
		return nil, err
	}
	return []Event{PageSet{Account: c.Account, Settings: settings}}, nil
}

func (c SetLogo) decide(s State) ([]Event, error) {
	size := base64.StdEncoding.DecodedLen(len(c.Logo.Content.Reveal()))
	known := slices.Contains([]string{"image/png", "image/jpeg"}, c.Logo.Type)
	switch {
	case !known || size == 0 || size > MaxLogo+2 || c.Logo.Width < 1 || c.Logo.Height < 1 || len(c.Logo.SHA256) != 64:
		return nil, ErrLogo
	case c.Logo == s.Logo:
		return nil, nil
	}
	return []Event{PageLogoSet{Account: c.Account, Logo: c.Logo}}, nil
}

func (c RemoveLogo) decide(s State) ([]Event, error) {
	if s.Logo == (Logo{}) {
		return nil, nil
	}
	return []Event{PageLogoRemoved(c)}, nil
}
