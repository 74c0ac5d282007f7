package page

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/clickbook/clickbook/domain"
)

// Limits of the settings.
const (
	maxSites     = 20
	maxServices  = 500
	maxQuestions = 200 // of a page
	maxAsked     = 10  // for one service
	maxChoices   = 30
	maxText      = 2000 // characters of the greeting and of the policy
)

// refuse returns the refusal of a setting.
func refuse(field, format string, args ...any) error {
	return domain.Refusef(domain.Invalid, "page_invalid", format, args...).At(field)
}

// Parse returns the settings as they are stored. It refuses the first that is malformed, by the name of its field. The
// address is checked by its own aggregate.
func (s Settings) Parse() (Settings, error) {
	s = s.clone()
	if s.Colour != "" {
		colour, err := ParseColour(s.Colour)
		if err != nil {
			return s, err
		}
		s.Colour = colour.String()
	}
	if err := s.parseSites(); err != nil {
		return s, err
	}
	slices.Sort(s.Sites)
	if n := len(s.Services); n > maxServices {
		return s, refuse("services", "a page offers at most %d services; it names %d", maxServices, n)
	}
	seen := make(map[domain.ServiceID]bool)
	for i, id := range s.Services {
		if id.IsZero() || seen[id] {
			return s, refuse(fmt.Sprintf("services.%d", i), "each service is named once by its id; remove %s", id)
		}
		seen[id] = true
	}
	if err := s.parseQuestions(); err != nil {
		return s, err
	}
	var err error
	if s.Greeting, err = parseLong("greeting", s.Greeting.Reveal()); err != nil {
		return s, err
	}
	s.Policy, err = parseLong("policy", s.Policy.Reveal())
	return s, err
}

func (s *Settings) parseSites() error {
	if n := len(s.Sites); n > maxSites {
		return refuse("sites", "at most %d sites may show the page; it names %d", maxSites, n)
	}
	for i, site := range s.Sites {
		parsed, err := ParseSite(site)
		if err != nil {
			return err
		}
		if slices.Contains(s.Sites[:i], parsed) {
			return refuse(fmt.Sprintf("sites.%d", i), "%s is named twice; remove one", parsed)
		}
		s.Sites[i] = parsed
	}
	return nil
}

var host = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$`)

// ParseSite returns the origin of a site, such as https://www.example.org. It accepts http only for this machine.
func ParseSite(text string) (string, error) {
	at, err := url.Parse(strings.TrimSpace(text))
	malformed := refuse("sites", "%.80q is not the address of a site; write it like https://www.example.org", text)
	if err != nil || at.User != nil || at.RawQuery != "" || at.Fragment != "" || strings.Trim(at.Path, "/") != "" {
		return "", malformed
	}
	name, local := strings.ToLower(at.Host), false
	switch strings.ToLower(at.Hostname()) {
	case "localhost", "127.0.0.1":
		local = true
	}
	secure := at.Scheme == "https" && (strings.Contains(name, ".") || local)
	if !host.MatchString(name) || strings.Contains(name, "..") || !secure && (at.Scheme != "http" || !local) {
		return "", malformed
	}
	return at.Scheme + "://" + name, nil
}

func parseLong(what, text string) (domain.Private, error) {
	text = strings.TrimSpace(domain.NFC(strings.ReplaceAll(text, "\r\n", "\n")))
	if !utf8.ValidString(text) {
		return domain.Private{}, refuse(what, "the %s is not valid UTF-8; write plain text", what)
	}
	if n := utf8.RuneCountInString(text); n > maxText {
		return domain.Private{}, refuse(what, "the %s has %d characters; write at most %d", what, n, maxText)
	}
	if text == "" {
		return domain.Private{}, nil
	}
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		if _, err := domain.ParseText("the "+what, line, maxText); err != nil {
			return domain.Private{}, err
		}
	}
	return domain.Secret(text), nil
}
