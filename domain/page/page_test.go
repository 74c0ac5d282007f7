package page_test

import (
	"encoding/base64"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/domaintest"
	"github.com/clickbook/clickbook/domain/page"
)

type example = domaintest.Example[page.Command, page.Event]

var (
	account  = domain.DeriveID[domain.AccountID]("clinic")
	massage  = domain.DeriveID[domain.ServiceID]("massage")
	settings = page.Settings{
		On: true, Address: "anna-schmidt", Colour: "#0b5f58", Sites: []string{"https://www.example.org"},
		Services: []domain.ServiceID{massage}, Questions: []page.Question{
			{ID: "reason", Text: "What brings you here?", Kind: page.Long, Required: true},
			{ID: "side", Service: massage, Text: "Which side?", Kind: page.Choice, Choices: []string{"Left", "Right"}},
		},
		Greeting: domain.Secret("Welcome to Anna's practice."), Policy: domain.Secret("Please cancel a day before."),
	}
	set  = page.PageSet{Account: account, Settings: settings}
	logo = page.Logo{
		Type: "image/png", Width: 2, Height: 1, SHA256: strings.Repeat("0a", 32),
		Content: domain.Secret(base64.StdEncoding.EncodeToString([]byte("picture"))),
	}
	logoSet = page.PageLogoSet{Account: account, Logo: logo}
	removed = page.PageLogoRemoved{Account: account}
)

func given(events ...page.Event) []page.Event { return events }

func TestPage(t *testing.T) {
	written := settings
	written.Colour, written.Sites = "#0B5F58", []string{"HTTPS://WWW.Example.org/"}
	large := logo
	large.Content = domain.Secret(base64.StdEncoding.EncodeToString(make([]byte, page.MaxLogo+3)))
	svg := logo
	svg.Type = "image/svg+xml"
	domaintest.Run(t, page.Decider, []example{
		{Name: "is set", When: page.Set{Account: account, Settings: settings}, Then: given(set)},
		{Name: "is set as written", When: page.Set{Account: account, Settings: written}, Then: given(set)},
		{Name: "is set twice", Given: given(set), When: page.Set{Account: account, Settings: settings}},
		{
			Name: "is switched off", Given: given(set), When: page.Set{Account: account},
			Then: given(page.PageSet{Account: account}),
		},
		{
			Name: "a setting is malformed", When: page.Set{Account: account, Settings: page.Settings{Colour: "red"}},
			Refused: domain.Refuse(domain.Invalid, "page_invalid", ""),
		},
		{Name: "gets a logo", When: page.SetLogo{Account: account, Logo: logo}, Then: given(logoSet)},
		{Name: "has the logo", Given: given(logoSet), When: page.SetLogo{Account: account, Logo: logo}},
		{Name: "a logo that is too large", When: page.SetLogo{Account: account, Logo: large}, Refused: page.ErrLogo},
		{Name: "a logo that is no picture", When: page.SetLogo{Account: account, Logo: svg}, Refused: page.ErrLogo},
		{Name: "loses its logo", Given: given(logoSet), When: page.RemoveLogo{Account: account}, Then: given(removed)},
		{Name: "has no logo", When: page.RemoveLogo{Account: account}},
		{
			Name: "keeps its logo when it is set", Given: given(logoSet, set),
			When: page.SetLogo{Account: account, Logo: logo},
		},
	})
	domaintest.GoldenForm(t, page.Types, page.PageSet{Account: account, Settings: page.Settings{
		On: true, ConfirmEmail: true, Approval: true,
	}}, "confirmed")
}

func TestSettingsThatCannotWorkAreRefused(t *testing.T) {
	question := func(change func(*page.Question)) page.Settings {
		q := page.Question{ID: "side", Text: "Which side?", Kind: page.Choice, Choices: []string{"Left", "Right"}}
		change(&q)
		return page.Settings{Questions: []page.Question{q}}
	}
	many := make([]page.Question, 11)
	for i := range many {
		many[i] = page.Question{ID: "q" + string(rune('a'+i)), Text: "Why?", Kind: page.Short}
	}
	many[10].Service = massage
	for name, c := range map[string]struct {
		settings page.Settings
		says     string
	}{
		"a colour with transparency": {page.Settings{Colour: "#0b5f5880"}, "opaque"},
		"a colour by name":           {page.Settings{Colour: "green"}, "six digits"},
		"a site without a scheme":    {page.Settings{Sites: []string{"example.org"}}, "https://www.example.org"},
		"a site without TLS":         {page.Settings{Sites: []string{"http://example.org"}}, "https://"},
		"a site with a path":         {page.Settings{Sites: []string{"https://example.org/a"}}, "address of a site"},
		"a site with a wildcard":     {page.Settings{Sites: []string{"https://*.example.org"}}, "address of a site"},
		"a site that ends the rule":  {page.Settings{Sites: []string{"https://a.org; script-src *"}}, "address of a site"},
		"a site twice": {
			page.Settings{Sites: []string{"https://a.org", "https://A.org/"}}, "twice",
		},
		"a service twice":         {page.Settings{Services: []domain.ServiceID{massage, massage}}, "once"},
		"a service without an id": {page.Settings{Services: []domain.ServiceID{{}}}, "once"},
		"a question without text": {question(func(q *page.Question) { q.Text = " " }), "missing"},
		"a question of no kind":   {question(func(q *page.Question) { q.Kind = "date" }), "short, long"},
		"a bad question id":       {question(func(q *page.Question) { q.ID = "A b" }), "small letters"},
		"one choice":              {question(func(q *page.Question) { q.Choices = q.Choices[:1] }), "2 to 30"},
		"a choice twice":          {question(func(q *page.Question) { q.Choices[1] = "Left" }), "twice"},
		"choices of a yes or no":  {question(func(q *page.Question) { q.Kind = page.YesNo }), "only a question"},
		"two questions of one id": {
			page.Settings{Questions: []page.Question{many[0], many[0]}}, "its own",
		},
		"eleven questions for a service": {page.Settings{Questions: many}, "at most 10"},
		"a greeting of a novel":          {page.Settings{Greeting: domain.Secret(strings.Repeat("a", 2001))}, "at most 2000"},
		"a policy that turns the text":   {page.Settings{Policy: domain.Secret("a\u202eb")}, "invisible"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := c.settings.Parse(); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("Parse returned %v, want a refusal that says %q", err, c.says)
			}
		})
	}
}

func TestSitesAreOrigins(t *testing.T) {
	for given, want := range map[string]string{
		"https://Example.ORG/": "https://example.org", "https://a.example:8443": "https://a.example:8443",
		"http://localhost:3000": "http://localhost:3000", " https://a.example ": "https://a.example",
	} {
		if got, err := page.ParseSite(given); err != nil || got != want {
			t.Errorf("ParseSite(%q) = %q, %v; want %q", given, got, err, want)
		}
	}
}

// Every colour has an ink of at least 4.5:1. The grid has every 15th value of each channel.
func TestInkCanAlwaysBeRead(t *testing.T) {
	for r := 0; r < 256; r += 15 {
		for g := 0; g < 256; g += 15 {
			for b := 0; b < 256; b += 15 {
				c := page.Colour{R: uint8(r), G: uint8(g), B: uint8(b)}
				if got := c.Contrast(c.Ink()); got < 4.5 {
					t.Errorf("%s has a contrast of %.2f with its ink", c, got)
				}
			}
		}
	}
	black, white := page.Colour{}, page.Colour{R: 255, G: 255, B: 255}
	if got := black.Contrast(white); math.Abs(got-21) > 1e-9 {
		t.Errorf("black on white has a contrast of %v, want 21", got)
	}
	grey := page.Colour{R: 0x76, G: 0x76, B: 0x76} // the lightest grey that WCAG allows on white
	if got := grey.Contrast(white); math.Abs(got-4.54) > 0.005 {
		t.Errorf("#767676 on white has a contrast of %.3f, want 4.54", got)
	}
}

func TestResponses(t *testing.T) {
	state := page.State{Settings: page.Settings{Questions: []page.Question{
		{ID: "name", Text: "Name of the child?", Kind: page.Short, Required: true},
		{ID: "why", Text: "Why?", Kind: page.Long},
		{ID: "side", Service: massage, Text: "Which side?", Kind: page.Choice, Choices: []string{"Left", "Right"}},
		{ID: "first", Text: "First visit?", Kind: page.YesNo},
	}}}
	good := map[string]string{
		"name": " Zoé 👧 ", "why": "Back.\r\n\r\nAnd neck.", "side": "Left", "first": "yes", "other": "ignored",
	}
	got, err := state.ParseResponses(massage, good)
	want := []page.Response{
		{"name", "Name of the child?", "Zoé 👧"},
		{"why", "Why?", "Back.\n\nAnd neck."},
		{"side", "Which side?", "Left"},
		{"first", "First visit?", "yes"},
	}
	if err != nil || len(got) != len(want) {
		t.Fatalf("ParseResponses returned %v, %v", got, err)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("response %d is %v, want %v", i, got[i], want[i])
		}
	}
	for id, bad := range map[string]string{
		"name": "", "why": strings.Repeat("a", 2001), "side": "Middle", "first": "maybe",
	} {
		given := map[string]string{"name": "Zoé"}
		given[id] = bad
		_, err := state.ParseResponses(massage, given)
		var refusal *domain.Refusal
		if !errors.As(err, &refusal) || refusal.Field != "responses."+id {
			t.Errorf("%s = %.20q returned %v, want a refusal of the field", id, bad, err)
		}
	}
	if got, err := state.ParseResponses(domain.ServiceID{}, map[string]string{"name": "a\nb"}); err == nil {
		t.Errorf("two lines in a short reply returned %v", got)
	}
}
