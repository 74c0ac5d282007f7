// Package domaintest checks an aggregate's examples against the laws that every aggregate must obey:
//
//   - a decision returns exactly the expected events, in order;
//   - neither Decide nor Evolve changes an earlier state;
//   - the same command again returns no more events;
//   - every event reads back equal from its stored form, which a golden file pins;
//   - every type in Types has an example that yields it, unless it is retired, and every event of the package is in
//     Types.
//
// It refuses matchers that accept a subset of the events.
package domaintest

import (
	"errors"
	"reflect"
	"testing"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// Example is one test case of an aggregate. After the events in Given, the command When must return exactly Then, or
// the refusal Refused. A nil Then expects no events.
type Example[C domain.Command, E domain.Event] struct {
	Name    string
	Given   []E
	When    C
	Then    []E
	Refused error
}

// Run checks every example against the laws. It needs the examples of all types of the aggregate, and must be called
// from a test in the aggregate's folder: it reads the source and the golden files there.
func Run[S any, C domain.Command, E domain.Event](
	t *testing.T, decider domain.Decider[S, C, E], examples []Example[C, E],
) {
	t.Helper()
	faults, err := checkListed(".", decider.Types)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range faults {
		t.Error(fault)
	}
	yielded := make(map[string]E)
	for _, example := range examples {
		t.Run(example.Name, func(t *testing.T) { checkExample(t, decider, example) })
		for _, event := range example.Then {
			if _, seen := yielded[event.EventType()]; !seen {
				yielded[event.EventType()] = event
			}
		}
	}
	for _, eventType := range decider.Types {
		event, ok := yielded[eventType.Name]
		if fault := exampleFault(eventType, ok); fault != "" {
			t.Error(fault)
			continue
		}
		if eventType.IsRetired() {
			checkRetired(t, eventType)
			continue
		}
		checkGolden(t, decider.Types, event)
	}
}

// exampleFault returns what is wrong with the examples of a type, or "".
func exampleFault(eventType domain.Type, yielded bool) string {
	switch {
	case eventType.IsRetired() && yielded:
		return "an example yields " + eventType.Name + ", which is retired"
	case !eventType.IsRetired() && !yielded:
		return "no example yields " + eventType.Name
	}
	return ""
}

func checkExample[S any, C domain.Command, E domain.Event](
	t *testing.T, decider domain.Decider[S, C, E], example Example[C, E],
) {
	t.Helper()
	given := decider.Fold(example.Given...)
	got, err := decider.Decide(given, example.When)
	if example.Refused != nil {
		if _, isRefusal := domain.AsRefusal(err); !errors.Is(err, example.Refused) || !isRefusal {
			t.Fatalf("%T returned error %v, want refusal %v", example.When, err, example.Refused)
		}
		if len(got) > 0 {
			t.Fatalf("%T was refused but returned events %v", example.When, got)
		}
		return
	}
	if err != nil {
		t.Fatalf("%T was refused: %v", example.When, err)
	}
	if !sameEvents(got, example.Then) {
		t.Fatalf("events differ\n got: %+v\nwant: %+v", got, example.Then)
	}
	states := []S{given}
	for _, event := range got {
		states = append(states, decider.Evolve(states[len(states)-1], event))
		checkReadsBack(t, decider.Types, event)
	}
	checkStatesKept(t, decider, example, states)
	if again, err := decider.Decide(states[len(states)-1], example.When); err != nil || len(again) > 0 {
		t.Fatalf("the same command again returned %v and error %v, want neither", again, err)
	}
}

// checkStatesKept compares the states kept along the way with states folded again. They differ when Evolve or Decide
// wrote into an earlier state.
func checkStatesKept[S any, C domain.Command, E domain.Event](
	t *testing.T, decider domain.Decider[S, C, E], example Example[C, E], kept []S,
) {
	t.Helper()
	again := decider.Fold(example.Given...)
	for i, state := range kept {
		if i > 0 {
			again = decider.Evolve(again, example.Then[i-1])
		}
		alone := decider.Fold(append(append([]E{}, example.Given...), example.Then[:i]...)...)
		if !reflect.DeepEqual(state, alone) || !reflect.DeepEqual(again, alone) {
			t.Fatalf("a later event or decision changed the state after %d events\n kept: %+v\nagain: %+v", i, state, alone)
		}
	}
}

func sameEvents[E domain.Event](got, want []E) bool {
	return len(got) == 0 && len(want) == 0 || reflect.DeepEqual(got, want)
}

func checkReadsBack[E domain.Event](t *testing.T, types domain.Types, event E) {
	t.Helper()
	codec, err := domain.NewCodec(NewVault(), types)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := codec.Encode(uuid.Nil, event, domain.Metadata{})
	if err != nil {
		t.Fatal(err)
	}
	back, err := codec.Decode(domain.Entry{Stored: stored})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(back.Event, domain.Event(event)) {
		t.Fatalf("%s reads back different\n got: %#v\nwant: %#v", event.EventType(), back.Event, event)
	}
}
