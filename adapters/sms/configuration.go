package sms

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"slices"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/provider"
)

// Check returns everything that is wrong with a provider's configuration: the problems of its kind, secrets that
// cannot be read, and fields that are given in the wrong form.
func (k Kind) Check(known provider.State) []error {
	problems := k.Problems(k.configOf(known))
	for _, setting := range known.Settings {
		if field, ok := k.field(setting.Name); ok && field.Secret {
			problems = append(problems, fmt.Errorf("%s is a secret: give it as one, so that it is sealed", setting.Name))
		}
	}
	for _, secret := range known.Secrets {
		field, ok := k.field(secret.Name)
		switch {
		case !ok:
			problems = append(problems, fmt.Errorf("%s is not a secret of %s: remove it", secret.Name, k.Name))
		case !field.Secret:
			problems = append(problems, fmt.Errorf("%s is not a secret: give it as a setting", secret.Name))
		case slices.ContainsFunc(secret.Values, domain.Private.IsErased):
			problems = append(problems, fmt.Errorf("%s cannot be read any more: set it again", secret.Name))
		}
	}
	return problems
}

func (k Kind) field(name string) (Field, bool) {
	at := slices.IndexFunc(k.Fields, func(field Field) bool { return field.Name == name })
	if at < 0 {
		return Field{}, false
	}
	return k.Fields[at], true
}

// configOf returns the settings, with defaults, and the secrets of a provider.
func (k Kind) configOf(known provider.State) Config {
	config := Config{Settings: make(map[string]string), Secrets: make(map[string][]string)}
	for _, field := range k.Fields {
		if field.Default != "" {
			config.Settings[field.Name] = field.Default
		}
	}
	for _, setting := range known.Settings {
		config.Settings[setting.Name] = setting.Value
	}
	for _, secret := range known.Secrets {
		for _, value := range secret.Values {
			config.Secrets[secret.Name] = append(config.Secrets[secret.Name], value.Reveal())
		}
	}
	return config
}

// Generate returns the given secrets and those that the kind makes up.
func (k Kind) Generate(given []provider.NewSecret) []provider.NewSecret {
	for _, field := range k.Fields {
		has := slices.ContainsFunc(given, func(one provider.NewSecret) bool { return one.Name == field.Name })
		if field.Generated && !has {
			given = append(given, provider.NewSecret{Name: field.Name, Value: domain.Secret(token())})
		}
	}
	return given
}

// token returns 128 random bits in base64url, for the address of callbacks that carry no signature.
func token() string {
	bits := make([]byte, 16)
	_, _ = rand.Read(bits) // never fails
	return base64.RawURLEncoding.EncodeToString(bits)
}
