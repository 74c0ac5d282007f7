package domain

import (
	"fmt"
	"reflect"
)

// Types lists every event that the streams of one aggregate may hold. The codec, docs and tests read it.
type Types []Type

// Upcast turns the stored data of one schema version into the next. It is pure.
type Upcast func(data []byte) ([]byte, error)

// Type is one event type: its stored name, how to read it, and how older shapes become the present one.
type Type struct {
	Name    string
	Schema  int // present version of the stored form, from 1
	Go      reflect.Type
	upcasts []Upcast // upcasts[i] reads version i+1
	private [][]int  // index paths of Private fields
	decode  func(unmarshal Unmarshal, data []byte, open visit) (Event, error)
	seal    func(event Event, seal visit) (Event, error)
}

// visit is called with each private field of an event and whose it is.
type visit func(Subject, *Private) error

// TypeOf describes event type T; older shapes are given oldest first.
func TypeOf[T Event](upcasts ...Upcast) Type {
	var zero T
	shape := reflect.TypeFor[T]()
	t := Type{Name: zero.EventType(), Schema: 1 + len(upcasts), Go: shape, upcasts: upcasts, private: privatePaths(shape)}
	if _, personal := any(zero).(Personal); len(t.private) > 0 && !personal {
		panic(fmt.Sprintf("domain: %s has private fields but no Subject method", t.Name))
	}
	t.decode = func(unmarshal Unmarshal, data []byte, open visit) (Event, error) {
		var event T
		if err := unmarshal(data, &event); err != nil {
			return nil, err
		}
		err := eachPrivate(t.private, &event, open)
		return event, err
	}
	t.seal = func(event Event, seal visit) (Event, error) {
		same, ok := event.(T)
		if !ok {
			return nil, fmt.Errorf("%T is not the registered %s", event, shape)
		}
		err := eachPrivate(t.private, &same, seal)
		return same, err
	}
	return t
}

func eachPrivate[T Event](paths [][]int, event *T, visit visit) error {
	if len(paths) == 0 {
		return nil
	}
	subject := any(*event).(Personal).Subject()
	fields := reflect.ValueOf(event).Elem()
	for _, path := range paths {
		if err := visit(subject, fields.FieldByIndex(path).Addr().Interface().(*Private)); err != nil {
			return err
		}
	}
	return nil
}

// privatePaths finds the Private fields of an event. They stand in structs only: a slice or map of private
// text would make sealing depend on values, so it is refused when the program starts.
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
		case field.Type.Kind() == reflect.Slice && field.Type.Elem().Kind() == reflect.Struct:
			if len(privatePaths(field.Type.Elem())) > 0 {
				panic(fmt.Sprintf("domain: %s.%s holds private text in a slice", shape, field.Name))
			}
		}
	}
	return paths
}

// HasPrivate reports whether events of this type carry personal data.
func (t Type) HasPrivate() bool { return len(t.private) > 0 }
