package domain_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/domain"
)

func TestParseText(t *testing.T) {
	for _, c := range []struct{ text, want, code string }{
		{" Ana Souza ", "Ana Souza", ""},
		{"ãçéßñ日本語ab", "ãçéßñ日本語ab", ""}, // ten characters, more bytes
		{"  ", "", "text_missing"},
		{"elevenchars", "", "text_too_long"},
		{"a\nb", "", "text_malformed"},
		{"a\xffb", "", "text_malformed"},
	} {
		got, err := domain.ParseText("the name", c.text, 10)
		if got != c.want || refusalCode(err) != c.code {
			t.Errorf("ParseText(%q) = %q, %v; want %q, %q", c.text, got, err, c.want, c.code)
		}
	}
}

func TestParseEmail(t *testing.T) {
	for _, good := range []string{"ann@example.com", "ann.lee+x@mail.example.co.uk", "josé@exemplo.com.br"} {
		if got, err := domain.ParseEmail(" " + good); err != nil || got != good {
			t.Errorf("ParseEmail(%q) = %q, %v", good, got, err)
		}
	}
	for _, bad := range []string{
		"", "ann", "ann@", "@example.com", "ann@example", "Ann <ann@example.com>", "a@example.com,b@example.com",
		"ann@example.com\nBcc: x@example.com", strings.Repeat("a", 250) + "@example.com",
	} {
		if got, err := domain.ParseEmail(bad); refusalCode(err) != "email_malformed" {
			t.Errorf("ParseEmail(%q) = %q, %v", bad, got, err)
		}
	}
}

func TestParseLocale(t *testing.T) {
	for _, good := range []string{"en", "en-US", "pt-BR", "zh-Hant-TW", "es-419"} {
		if got, err := domain.ParseLocale(good); err != nil || got != good {
			t.Errorf("ParseLocale(%q) = %q, %v", good, got, err)
		}
	}
	for _, bad := range []string{"", "english", "en_US", "EN-us", "pt-BR "} {
		if got, err := domain.ParseLocale(bad); refusalCode(err) != "locale_malformed" {
			t.Errorf("ParseLocale(%q) = %q, %v", bad, got, err)
		}
	}
}

func refusalCode(err error) string {
	var refusal *domain.Refusal
	if errors.As(err, &refusal) {
		return refusal.Code
	}
	return ""
}
