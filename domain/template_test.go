package domain_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/clickbook/clickbook/domain"
)

var words = domain.Words{
	Client: "Ana", Service: "Check-up", Resource: "Centro", Date: "29/04/2016", Time: "08:30", Account: "Clínica",
}

func TestTemplate(t *testing.T) {
	template, err := domain.ParseTemplate("{client}: {service}, {resource}, {date} {time}\n{account} {client}")
	if err != nil {
		t.Fatal(err)
	}
	want := "Ana: Check-up, Centro, 29/04/2016 08:30\nClínica Ana"
	if got := template.Render(words); got != want {
		t.Errorf("Render = %q, want %q", got, want)
	}
}

func TestTemplateValuesAreNotParsed(t *testing.T) {
	template, err := domain.ParseTemplate("Hi {client}")
	if err != nil {
		t.Fatal(err)
	}
	if got := template.Render(domain.Words{Client: "{account}", Account: "leak"}); got != "Hi {account}" {
		t.Errorf("Render = %q", got)
	}
}

func TestParseTemplateRefuses(t *testing.T) {
	for _, c := range []struct{ text, code string }{
		{" \n", "template_empty"},
		{strings.Repeat("a", 1501), "template_too_long"},
		{"Hi {name}", "template_unknown_place"},
		{"Hi {Client}", "template_unknown_place"},
		{"Hi {}", "template_unknown_place"},
		{"Hi {client", "template_malformed"},
		{"Hi client}", "template_malformed"},
		{"Hi {client}}", "template_malformed"},
		{"Hi \x00", "template_malformed"},
	} {
		if _, err := domain.ParseTemplate(c.text); refusalCode(err) != c.code {
			t.Errorf("ParseTemplate(%q) returned error %v, want %s", c.text, err, c.code)
		}
	}
}

func TestTemplateWithoutPlaceholdersIsUnchanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[^{}\pC]*[a-z][^{}\pC]*`).Draw(t, "text")
		template, err := domain.ParseTemplate(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := template.Render(words); got != text {
			t.Fatalf("Render = %q, want %q", got, text)
		}
	})
}
