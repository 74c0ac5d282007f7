package web

import (
	"reflect"
	"strings"
	"testing"
)

// Every language says everything, with the same placeholders as English.
func TestLanguagesAreComplete(t *testing.T) {
	english := reflect.ValueOf(languages["en"])
	for name, in := range languages {
		if in.Language != name {
			t.Errorf("the language of %s is %s", name, in.Language)
		}
		value := reflect.ValueOf(in)
		for i := range value.NumField() {
			field := value.Type().Field(i)
			if !field.IsExported() {
				continue
			}
			text, want := value.Field(i).String(), english.Field(i).String()
			if text == "" {
				t.Errorf("%s has no %s", name, field.Name)
			}
			for _, placeholder := range []string{"{business}", "{client}", "{when}"} {
				if strings.Contains(text, placeholder) != strings.Contains(want, placeholder) {
					t.Errorf("%s: %s differs from English in %s", name, field.Name, placeholder)
				}
			}
		}
	}
}
