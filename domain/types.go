package domain

import (
	"fmt"
	"reflect"
	"sync"

	"github.com/clickbook/clickbook/domain/internal/storedjson"
)

// Types lists every event type of one aggregate. The codec, the documentation and the tests read it.
type Types []Type

// Upcast converts the stored data of one schema version to the next. It must be pure.
type Upcast func(data []byte) ([]byte, error)

// Type describes one event type: its stored name, how to read it, and how to upcast older schemas.
type Type struct {
	Name    string
	Schema  int // current version of the stored form, from 1
	Go      reflect.Type
	retired bool
	upcasts []Upcast // upcasts[i] reads version i+1
	private [][]int  // index paths of Private fields
	decode  func(c *Codec, data []byte) (Event, error)
	seal    func(c *Codec, event Event) (Event, error)
}

// visit is called with each private field of an event of a type and the subject it belongs to.
type visit func(c *Codec, of Subject, label string, p *Private) error

// TypeOf returns the description of event type T. Upcasts are given oldest first. It panics if T is not a struct, or
// holds private text that the codec could not seal.
func TypeOf[T Event](upcasts ...Upcast) Type {
	var zero T
	shape := reflect.TypeFor[T]()
	t := Type{Name: zero.EventType(), Schema: 1 + len(upcasts), Go: shape, upcasts: upcasts, private: privatePaths(shape)}
	if _, personal := any(zero).(Personal); len(t.private) > 0 && !personal {
		panic(fmt.Sprintf("domain: %s has private fields but no Subject method", t.Name))
	}
	plan := storedjson.Compile(shape)
	scratch := sync.Pool{New: func() any { return new(T) }}
	read := func(c *Codec, data []byte, event *T) error {
		if plan == nil || !plan.Read(data, storedjson.Unmarshal(c.unmarshal), reflect.ValueOf(event).Elem()) {
			*event = zero
			if err := c.unmarshal(data, event); err != nil {
				return err
			}
		}
		return eachPrivate(&t, event, c, (*Codec).open)
	}
	t.decode = func(c *Codec, data []byte) (event Event, err error) {
		space := scratch.Get().(*T)
		if err = read(c, data, space); err == nil {
			event = *space
		}
		*space = zero
		scratch.Put(space)
		return event, err
	}
	t.seal = func(c *Codec, event Event) (Event, error) {
		same, ok := event.(T)
		if !ok {
			return nil, fmt.Errorf("%T is not the registered %s", event, shape)
		}
		err := eachPrivate(&t, &same, c, (*Codec).seal)
		return same, err
	}
	return t
}

// Retired marks a type that no decision yields any more. Logs may hold its events, so they are still read.
func (t Type) Retired() Type {
	t.retired = true
	return t
}

// IsRetired reports whether the type is marked as Retired.
func (t Type) IsRetired() bool { return t.retired }

func eachPrivate[T Event](t *Type, event *T, c *Codec, visit visit) error {
	if len(t.private) == 0 {
		return nil
	}
	subject := any(event).(Personal).Subject()
	fields := reflect.ValueOf(event).Elem()
	for _, path := range t.private {
		if err := visit(c, subject, t.Name, fields.FieldByIndex(path).Addr().Interface().(*Private)); err != nil {
			return err
		}
	}
	return nil
}

// privatePaths returns the paths of the Private fields of an event. It panics for private text in a slice, map or
// pointer, because the number of sealed texts would depend on values.
func privatePaths(shape reflect.Type) [][]int {
	var paths [][]int
	if shape.Kind() != reflect.Struct {
		panic(fmt.Sprintf("domain: event %s must be a struct", shape))
	}
	for i := range shape.NumField() {
		field := shape.Field(i)
		switch {
		case field.Type == reflect.TypeFor[Private]():
			paths = append(paths, []int{i})
		case field.Type.Kind() == reflect.Struct:
			for _, inner := range privatePaths(field.Type) {
				paths = append(paths, append([]int{i}, inner...))
			}
		case reachesPrivate(field.Type, make(map[reflect.Type]bool)):
			panic(fmt.Sprintf("domain: %s.%s holds private text outside a plain field", shape, field.Name))
		}
	}
	return paths
}

func reachesPrivate(shape reflect.Type, seen map[reflect.Type]bool) bool {
	if shape == reflect.TypeFor[Private]() {
		return true
	}
	if seen[shape] { // a recursive type
		return false
	}
	seen[shape] = true
	switch shape.Kind() {
	case reflect.Slice, reflect.Array, reflect.Pointer:
		return reachesPrivate(shape.Elem(), seen)
	case reflect.Map:
		return reachesPrivate(shape.Key(), seen) || reachesPrivate(shape.Elem(), seen)
	case reflect.Struct:
		for i := range shape.NumField() {
			if reachesPrivate(shape.Field(i).Type, seen) {
				return true
			}
		}
	}
	return false
}

// HasPrivate reports whether events of this type carry personal data.
func (t Type) HasPrivate() bool { return len(t.private) > 0 }
