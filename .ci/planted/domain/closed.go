package domain

// Status is a closed set of values.
type Status int

// The statuses.
const (
	Open Status = iota
	Closed
)

// Forgotten has no case for Closed.
func Forgotten(s Status) bool {
	//want:exhaustive
	switch s {
	case Open:
		return true
	}
	return false
}

// Shape is a closed set of types.
//
//sumtype:decl
type Shape interface{ shape() }

// Circle and Square are the shapes.
type (
	Circle struct{}
	Square struct{}
)

func (Circle) shape() {}
func (Square) shape() {}

// Overlooked has no case for Square.
func Overlooked(s Shape) bool {
	//want:gochecksumtype
	switch s.(type) {
	case Circle:
		return true
	}
	return false
}

//want:gochecknoinits
func init() { _ = Forgotten(Open) }

//want:godot

// Dotless ends as if something followed
func Dotless() {}
