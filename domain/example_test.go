package domain_test

import (
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/domaintest"
)

// A door is the smallest aggregate: it is locked or not, and only an unlocked door can be locked.
type (
	doorLocked   struct{}
	doorUnlocked struct{}
	lock         struct{ door string }
)

func (doorLocked) EventType() string   { return "DoorLocked" }
func (doorUnlocked) EventType() string { return "DoorUnlocked" }
func (c lock) Stream() domain.Stream   { return domain.StreamOf("door", c.door) }

var errBroken = domain.Refuse(domain.Disallowed, "door_broken", "this door is broken; call the locksmith")

// A decider holds an aggregate's decisions and its fold. Decide returns events and changes nothing; Evolve makes the
// next state from an event. The same command again yields nothing more.
func ExampleDecider() {
	type state struct{ locked, broken bool }
	door := domain.Decider[state, lock, domain.Event]{
		Category: "door",
		Types:    domain.Types{domain.TypeOf[doorLocked](), domain.TypeOf[doorUnlocked]()},
		Decide: func(s state, _ lock) ([]domain.Event, error) {
			switch {
			case s.broken:
				return nil, errBroken
			case s.locked:
				return nil, nil
			}
			return []domain.Event{doorLocked{}}, nil
		},
		Evolve: func(s state, e domain.Event) state {
			_, s.locked = e.(doorLocked)
			return s
		},
	}
	unlocked := door.Fold(doorLocked{}, doorUnlocked{})
	events, err := door.Decide(unlocked, lock{"front"})
	fmt.Println(len(events), events[0].EventType(), err)

	locked := door.Evolve(unlocked, events[0])
	again, err := door.Decide(locked, lock{"front"})
	fmt.Println(len(again), err)

	_, err = door.Decide(state{broken: true}, lock{"front"})
	refusal, _ := domain.AsRefusal(err)
	fmt.Println(refusal.Code+":", refusal)
	// Output:
	// 1 DoorLocked <nil>
	// 0 <nil>
	// door_broken: this door is broken; call the locksmith
}

// A codec seals private text when it encodes an event. Without the key of its subject, the event still decodes, and
// the text is marked as erased.
func ExampleCodec() {
	vault := domaintest.NewVault()
	codec, err := domain.NewCodec(vault, domain.Types{domain.TypeOf[noteWritten](minutesToSeconds, textIntoBody)})
	if err != nil {
		fmt.Println(err)
		return
	}
	note := noteWritten{Account: owner, Seconds: 60, Body: body{domain.Secret("call back at noon")}}
	stored, err := codec.Encode(uuid.New(), note, domain.Metadata{})
	fmt.Println(strings.Contains(string(stored.Data), "noon"), err)

	read, err := codec.Decode(domain.Entry{Stored: stored})
	fmt.Println(read.Event.(noteWritten).Body.Text.Reveal(), err)

	vault.Erase(note.Subject())
	read, err = codec.Decode(domain.Entry{Stored: stored})
	after := read.Event.(noteWritten)
	fmt.Printf("%d s, %q, erased %v, %v\n", after.Seconds, after.Body.Text.Reveal(), after.Body.Text.IsErased(), err)
	// Output:
	// false <nil>
	// call back at noon <nil>
	// 60 s, "", erased true, <nil>
}
