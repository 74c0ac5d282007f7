// Package domaintest holds an aggregate's examples to the laws of the house: exact events in order, no earlier
// state touched, asked again nothing more, every event reads back equal, every event type has an example that
// yields it, and the stored form of each is pinned by a golden file. It refuses matchers that accept a part.
package domaintest

import (
	"errors"
	"reflect"
	"testing"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
)

// Example is one line of an aggregate's story: given what happened, when somebody wishes, then this happens
// (Then, nothing when nil) or the wish is refused (Refused).
type Example[C domain.Command, E domain.Event] struct {
	Name    string
	Given   []E
	When    C
	Then    []E
	Refused error
}

// Run holds every example to the laws.
func Run[S any, C domain.Command, E domain.Event](
	t *testing.T, decider domain.Decider[S, C, E], examples []Example[C, E],
) {
	t.Helper()
	yielded := make(map[string]E)
	for _, example := range examples {
		t.Run(example.Name, func(t *testing.T) { holdToLaws(t, decider, example) })
		for _, event := range example.Then {
			if _, seen := yielded[event.EventType()]; !seen {
				yielded[event.EventType()] = event
			}
		}
	}
	for _, eventType := range decider.Types {
		event, ok := yielded[eventType.Name]
		if !ok {
			t.Errorf("no example yields %s", eventType.Name)
			continue
		}
		golden(t, decider.Types, event)
	}
}

func holdToLaws[S any, C domain.Command, E domain.Event](
	t *testing.T, decider domain.Decider[S, C, E], example Example[C, E],
) {
	t.Helper()
	given := decider.Fold(example.Given...)
	got, err := decider.Decide(given, example.When)
	if example.Refused != nil {
		if _, isRefusal := domain.AsRefusal(err); !errors.Is(err, example.Refused) || !isRefusal {
			t.Fatalf("%T was answered %v, not refused with %v", example.When, err, example.Refused)
		}
		if len(got) > 0 {
			t.Fatalf("a refused wish yielded %v", got)
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
		readsBackEqual(t, decider.Types, event)
	}
	untouched(t, decider, example, states)
	if again, err := decider.Decide(states[len(states)-1], example.When); err != nil || len(again) > 0 {
		t.Fatalf("asked again, it answered %v and %v instead of nothing", again, err)
	}
}

// untouched folds everything anew and compares with the states kept on the way: an Evolve or Decide that wrote
// into an earlier state shows as a difference.
func untouched[S any, C domain.Command, E domain.Event](
	t *testing.T, decider domain.Decider[S, C, E], example Example[C, E], kept []S,
) {
	t.Helper()
	fresh := decider.Fold(example.Given...)
	for i, state := range kept {
		if i > 0 {
			fresh = decider.Evolve(fresh, example.Then[i-1])
		}
		alone := decider.Fold(append(append([]E{}, example.Given...), example.Then[:i]...)...)
		if !reflect.DeepEqual(state, alone) || !reflect.DeepEqual(fresh, alone) {
			t.Fatalf("the state after %d events was changed later\n kept: %+v\nanew: %+v", i, state, alone)
		}
	}
}

func sameEvents[E domain.Event](got, want []E) bool {
	return len(got) == 0 && len(want) == 0 || reflect.DeepEqual(got, want)
}

func readsBackEqual[E domain.Event](t *testing.T, types domain.Types, event E) {
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
