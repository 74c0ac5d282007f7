package web

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// Every language says everything, with the same placeholders as English.
func TestLanguagesAreComplete(t *testing.T) {
	for name, in := range languages {
		if in.Language != name {
			t.Errorf("the language of %s is %s", name, in.Language)
		}
		checkWords(t, name, reflect.ValueOf(in), reflect.ValueOf(languages["en"]))
		if bookingWordsOf(name).Language != name {
			t.Errorf("the booking page does not speak %s", name)
		}
	}
	if len(bookingLanguages) != len(languages) {
		t.Errorf("the booking page speaks %d languages, the other pages %d", len(bookingLanguages), len(languages))
	}
	for _, in := range bookingLanguages {
		checkWords(t, in.Language, reflect.ValueOf(in), reflect.ValueOf(bookingLanguages[0]))
		day := time.Date(2026, 12, 7, 12, 0, 0, 0, time.UTC)
		if text := in.short(day); !strings.Contains(text, "7") || len(text) > 7 {
			t.Errorf("%s writes 7 December as %q", in.Language, text)
		}
	}
}

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

func checkWords(t *testing.T, name string, value, english reflect.Value) {
	t.Helper()
	for i := range value.NumField() {
		field := value.Type().Field(i)
		if !field.IsExported() {
			continue
		}
		text := value.Field(i).String()
		if text == "" {
			t.Errorf("%s has no %s", name, field.Name)
		}
		got, want := placeholder.FindAllString(text, -1), placeholder.FindAllString(english.Field(i).String(), -1)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %s has %v, English has %v", name, field.Name, got, want)
		}
	}
}
