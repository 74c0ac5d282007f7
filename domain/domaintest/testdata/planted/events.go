// Package planted holds the mistakes that the law about listed events must find. It never runs.
package planted

import "github.com/clickbook/clickbook/domain"

type (
	State int

	Listed   struct{}
	Missing  struct{}
	Renamed  struct{}
	Computed struct{}
	Nameless struct{ Listed }
)

// Types lists every event but Missing and Nameless.
var Types = domain.Types{domain.TypeOf[Listed](), domain.TypeOf[Renamed](), domain.TypeOf[Computed]()}

func (Listed) EventType() string   { return "Listed" }
func (Missing) EventType() string  { return "Missing" }
func (Renamed) EventType() string  { return "OldName" }
func (Computed) EventType() string { return "Comp" + "uted" }

func (Listed) evolve(s State) State   { return s }
func (Missing) evolve(s State) State  { return s }
func (Renamed) evolve(s State) State  { return s }
func (Computed) evolve(s State) State { return s }
func (Nameless) evolve(s State) State { return s }

// String shows that other methods do not make a type an event.
func (State) String() string { return "State" }
