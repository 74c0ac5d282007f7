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

func TestTemplateWithoutLink(t *testing.T) {
	for _, c := range []struct{ template, with, without string }{
		{"Hi {client}. Change: {manage}", "Hi Ana. Change: https://x", "Hi Ana."},
		{"See {manage}! Hi {client}", "See https://x! Hi Ana", "Hi Ana"},
		{"a\n\nSee: {manage}\n\nb\n", "a\n\nSee: https://x\n\nb\n", "a\n\nb\n"},
		{"a\nSee: {manage}\nb", "a\nSee: https://x\nb", "a\nb"},
		{"{manage}", "https://x", ""},
		{"a\n\n{manage}", "a\n\nhttps://x", "a\n"},
		{"{manage}\n{manage}\nb", "https://x\nhttps://x\nb", "b"},
		{"No link? No {manage}. Yes", "No link? No https://x. Yes", "No link? Yes"},
	} {
		template, err := domain.ParseTemplate(c.template)
		if err != nil {
			t.Fatal(err)
		}
		linked := words
		linked.Manage = "https://x"
		if with, without := template.Render(linked), template.Render(words); with != c.with || without != c.without {
			t.Errorf("%q is %q with a link and %q without, want %q and %q", c.template, with, without, c.with, c.without)
		}
	}
}

func TestTitleHasNoLink(t *testing.T) {
	if _, err := domain.ParseTitle("{service}: {manage}"); refusalCode(err) != "template_unknown_place" {
		t.Errorf("a subject with a link returned %v", err)
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
