package domain_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/domain"
)

const name = "Ana Souza"

// contact is a struct with private text, some of it where reflection cannot call its methods.
type contact struct {
	Name   domain.Private
	before domain.Private
	Past   []domain.Private
	ByKey  map[string]domain.Private
	At     *domain.Private
}

func newContact() contact {
	p := domain.Secret(name)
	return contact{Name: p, before: p, Past: []domain.Private{p}, ByKey: map[string]domain.Private{"a": p}, At: &p}
}

func TestPrivateNeverPrints(t *testing.T) {
	c := newContact()
	for _, value := range []any{c, &c, c.Name, &c.Name, c.Past, c.ByKey, []any{c}, c.before} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%c", "%U", "% x", "%20s"} {
			hidden(t, verb, fmt.Sprintf(verb, value))
		}
		hidden(t, "Print", fmt.Sprint(value))
		hidden(t, "an error", fmt.Errorf("client %v: %w", value, errors.ErrUnsupported).Error())
		for _, handler := range []func(*bytes.Buffer) slog.Handler{
			func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
			func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
		} {
			var log bytes.Buffer
			slog.New(handler(&log)).Info("client", "contact", value, slog.Group("g", "value", value))
			hidden(t, "a log line", log.String())
		}
	}
}

func hidden(t *testing.T, how, text string) {
	t.Helper()
	for _, form := range []string{"%s", "%.3s", "%x", "%X", "% x"} {
		if strings.Contains(text, fmt.Sprintf(form, name)) {
			t.Errorf("%s prints the name: %s", how, text)
		}
	}
}

func TestPrivateMarshalsOnlySealed(t *testing.T) {
	for _, value := range []any{domain.Secret(name), newContact(), &contact{Name: domain.Secret(name)}} {
		if data, err := json.Marshal(value); err == nil || bytes.Contains(data, []byte("Ana")) {
			t.Errorf("unsealed text was marshalled as %s", data)
		} else {
			hidden(t, "the refusal", err.Error())
		}
	}
	if data, err := json.Marshal(domain.Private{}); err != nil || string(data) != `""` {
		t.Errorf("empty text is marshalled as %s, %v", data, err)
	}
}

func TestPrivate(t *testing.T) {
	ana := domain.Secret(name)
	if ana.Reveal() != name || ana.IsZero() || ana.IsErased() || ana.String() != "•••" {
		t.Errorf("a secret reveals %q, prints %q", ana.Reveal(), ana)
	}
	if ana != domain.Secret(strings.Clone(name)) || ana == domain.Secret("Bia") {
		t.Error("secrets with equal texts are not equal, or the opposite")
	}
	none := domain.Secret("")
	if !none.IsZero() || none != (domain.Private{}) || none.Reveal() != "" || none.String() != "" {
		t.Errorf("the zero Private is %#v", none)
	}
}
