package sms

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/clickbook/clickbook/adapters/internal/loopback"
)

// BaseURL returns the field base_url with the provider's public address as its default.
func BaseURL(public string) Field {
	return Field{
		Name: "base_url", Help: "the address of the provider's API", Optional: true, Default: public,
		Check: func(value string) error { _, err := ParseBaseURL(value); return err },
	}
}

// PerSecond returns the field per_second with a default.
func PerSecond(texts int) Field {
	return Field{
		Name: "per_second", Help: "how many texts a second are submitted at most, as agreed with the provider",
		Optional: true, Default: strconv.Itoa(texts),
		Check: func(value string) error { _, err := parsePace(value); return err },
	}
}

// ParseBaseURL parses the address of an API. It must use https, except on this machine, and hold neither credentials
// nor a query.
func ParseBaseURL(value string) (*url.URL, error) {
	base, err := url.Parse(value)
	switch {
	case err != nil || base.Host == "":
		return nil, fmt.Errorf("invalid base_url %q: write an address such as https://api.example.com", Redact(value))
	case base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return nil, fmt.Errorf("invalid base_url: leave credentials, query and fragment out")
	case base.Scheme == "https", base.Scheme == "http" && loopback.Is(base.Hostname()):
		return base, nil
	}
	return nil, fmt.Errorf("invalid base_url %q: it must start with https://", value)
}

// Problems returns what is wrong with the fields of a configuration, all at once, nil if nothing is.
func (k Kind) Problems(config Config) []error {
	var problems []error
	known := make(map[string]bool)
	for _, field := range k.Fields {
		known[field.Name] = true
		values := config.Secrets[field.Name]
		if !field.Secret {
			values = nil
			if value := config.Settings[field.Name]; value != "" {
				values = []string{value}
			}
		}
		if len(values) == 0 && !field.Optional {
			problems = append(problems, fmt.Errorf("%s is missing: set %s", field.Name, field.Help))
		}
		for _, value := range values {
			if err := field.problem(value); err != nil {
				problems = append(problems, err)
			}
		}
	}
	for name := range config.Settings {
		if !known[name] {
			problems = append(problems, fmt.Errorf("%s is not a setting of %s: remove it", name, k.Name))
		}
	}
	return problems
}

// problem returns what is wrong with a value. It does not show a secret.
func (f Field) problem(value string) error {
	err := error(nil)
	switch {
	case value == "", strings.TrimSpace(value) != value && !strings.HasPrefix(value, "-----BEGIN "): // a PEM ends a line
		err = fmt.Errorf("invalid %s: it is empty or begins or ends with a space", f.Name)
	case f.Check != nil:
		err = f.Check(value)
	}
	if err != nil && f.Secret {
		return fmt.Errorf("%s", Redact(err.Error(), value))
	}
	return err
}
