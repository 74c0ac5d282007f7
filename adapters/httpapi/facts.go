package httpapi

import (
	"reflect"
	"strings"

	"github.com/clickbook/clickbook/domain"
)

// factsOf writes an event as the log has it, but with its private texts readable: "" once they were erased.
func factsOf(event domain.Event) map[string]any { return members(reflect.ValueOf(event)) }

func members(of reflect.Value) map[string]any {
	facts := make(map[string]any)
	for i := range of.NumField() {
		field, value := of.Type().Field(i), of.Field(i)
		named, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Anonymous && named == "" {
			for inner, fact := range members(value) {
				facts[inner] = fact
			}
			continue
		}
		if strings.HasPrefix(options, "omit") && value.IsZero() {
			continue
		}
		facts[named] = fact(value)
	}
	return facts
}

func fact(value reflect.Value) any {
	if private, ok := value.Interface().(domain.Private); ok {
		return private.Reveal()
	}
	if value.Kind() == reflect.Struct && holdsPrivate(value.Type()) {
		return members(value)
	}
	return value.Interface()
}

func holdsPrivate(shape reflect.Type) bool {
	for i := range shape.NumField() {
		field := shape.Field(i).Type
		if field == reflect.TypeFor[domain.Private]() || field.Kind() == reflect.Struct && holdsPrivate(field) {
			return true
		}
	}
	return false
}
