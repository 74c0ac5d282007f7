// Package storedjson reads structs from the JSON that encoding/json has written for them, several times as fast as a
// reader of any JSON: the fields come in the order of the struct, without spaces, and those that may be left out are
// the only choice. It says when the JSON has another form, and a general reader must read it.
//
// It has no opinion on what is valid. What it reads, a general reader would have read with the same result.
package storedjson

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Unmarshal reads any JSON into a pointer, as encoding/json does.
type Unmarshal func(data []byte, into any) error

// Text is a type whose JSON is a string that it reads itself.
type Text interface {
	// ReadText reads the string, which has no escapes. It reports false for one that a general reader must read.
	ReadText(text []byte) bool
}

// Plan is how to read one struct type.
type Plan struct{ fields []field }

type field struct {
	prefix string // the name, quoted and with a colon
	path   []int
	read   read
}

// read reads a value into v, which can be set.
type read func(s *Scanner, general Unmarshal, v reflect.Value)

// Compile returns the plan of a struct type, or nil if encoding/json may write it in another form.
func Compile(shape reflect.Type) *Plan {
	fields, ok := fieldsOf(shape)
	if !ok {
		return nil
	}
	return &Plan{fields}
}

// Read reads data into a zero struct. It reports false if the data has another form; then the struct may be partly
// set. Values of types that the plan does not know are read by general.
func (p *Plan) Read(data []byte, general Unmarshal, into reflect.Value) bool {
	return Scan(data, func(s *Scanner) { object(s, general, p.fields, into) })
}

func object(s *Scanner, general Unmarshal, fields []field, into reflect.Value) {
	s.Expect("{")
	first := true
	for i := range fields {
		f := &fields[i]
		if !first && (len(s.rest) < 2 || s.rest[0] != ',') {
			break
		}
		rest := s.rest
		if !first {
			s.rest = s.rest[1:]
		}
		if !s.Skip(f.prefix) {
			s.rest = rest // it was left out
			continue
		}
		first = false
		v := into
		for _, n := range f.path {
			v = v.Field(n)
		}
		f.read(s, general, v)
	}
	s.Expect("}")
}

// fieldsOf returns the fields in the order in which encoding/json writes them. It reports false for structs in which
// names hide each other.
func fieldsOf(shape reflect.Type) (fields []field, ok bool) {
	seen := make(map[string]bool)
	var collect func(shape reflect.Type, path []int) bool
	collect = func(shape reflect.Type, path []int) bool {
		for i := range shape.NumField() {
			f := shape.Field(i)
			name, options, tagged := parseTag(f)
			own := append(append([]int(nil), path...), i)
			switch {
			case name == "-" && options == "":
				continue
			case f.Anonymous && !tagged && f.Type.Kind() == reflect.Struct && readOf(f.Type, false) == nil:
				if !collect(f.Type, own) {
					return false
				}
				continue
			case f.Anonymous && !tagged:
				return false
			case !f.IsExported():
				continue
			case options != "" && options != "omitzero" && options != "omitempty":
				return false
			}
			if folded := strings.ToLower(name); seen[folded] || !plain(name) {
				return false
			} else {
				seen[folded] = true
			}
			fields = append(fields, field{prefix: `"` + name + `":`, path: own, read: readOf(f.Type, true)})
		}
		return true
	}
	return fields, collect(shape, nil)
}

func parseTag(f reflect.StructField) (name, options string, tagged bool) {
	tag := f.Tag.Get("json")
	name, options, _ = strings.Cut(tag, ",")
	if name == "" {
		return f.Name, options, false
	}
	return name, options, true
}

// plain reports whether encoding/json writes a name without escapes.
func plain(name string) bool {
	for _, r := range name {
		if r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return false
		}
	}
	return name != ""
}

var (
	uuidType = reflect.TypeFor[uuid.UUID]()
	timeType = reflect.TypeFor[time.Time]()
	textType = reflect.TypeFor[Text]()
	jsonType = reflect.TypeFor[json.Unmarshaler]()
	anyText  = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// readOf returns how to read a type. Without structs it returns nil for a plain struct.
func readOf(shape reflect.Type, structs bool) read {
	pointer := reflect.PointerTo(shape)
	switch {
	case shape == uuidType:
		return readUUID
	case shape == timeType:
		return func(s *Scanner, _ Unmarshal, v reflect.Value) {
			*v.Addr().Interface().(*time.Time) = s.Time()
		}
	case pointer.Implements(textType):
		return readText
	case isID(shape):
		return func(s *Scanner, general Unmarshal, v reflect.Value) { readUUID(s, general, v.Field(0)) }
	case pointer.Implements(jsonType), pointer.Implements(anyText):
		return readGeneral
	}
	switch shape.Kind() {
	case reflect.String:
		return func(s *Scanner, _ Unmarshal, v reflect.Value) { v.SetString(s.Text()) }
	case reflect.Int, reflect.Int64:
		return func(s *Scanner, _ Unmarshal, v reflect.Value) { v.SetInt(s.Int()) }
	case reflect.Bool:
		return func(s *Scanner, _ Unmarshal, v reflect.Value) { v.SetBool(s.Bool()) }
	case reflect.Struct:
		if !structs {
			return nil
		}
		if fields, ok := fieldsOf(shape); ok {
			return func(s *Scanner, general Unmarshal, v reflect.Value) { object(s, general, fields, v) }
		}
	case reflect.Slice:
		if shape.Elem().Kind() != reflect.Uint8 {
			return readSlice(shape, readOf(shape.Elem(), true))
		}
	}
	return readGeneral
}

// isID reports whether a type is a struct of a UUID alone, which has the JSON of the UUID.
func isID(shape reflect.Type) bool {
	return shape.Kind() == reflect.Struct && shape.NumField() == 1 && shape.Field(0).Anonymous &&
		shape.Field(0).Type == uuidType
}

func readUUID(s *Scanner, _ Unmarshal, v reflect.Value) {
	*v.Addr().Interface().(*uuid.UUID) = s.UUID()
}

func readText(s *Scanner, _ Unmarshal, v reflect.Value) {
	if text := s.quoted(); !s.failed && !v.Addr().Interface().(Text).ReadText(text) {
		s.fail()
	}
}

func readGeneral(s *Scanner, general Unmarshal, v reflect.Value) {
	if value := s.value(); !s.failed && general(value, v.Addr().Interface()) != nil {
		s.fail()
	}
}

func readSlice(shape reflect.Type, element read) read {
	empty := reflect.MakeSlice(shape, 0, 0) // not nil
	return func(s *Scanner, general Unmarshal, v reflect.Value) {
		s.Expect("[")
		v.Set(empty)
		for n := 0; !s.failed && !s.Skip("]"); n++ {
			if n > 0 {
				s.Expect(",")
			}
			v.Grow(1)
			v.SetLen(n + 1)
			element(s, general, v.Index(n))
		}
	}
}
