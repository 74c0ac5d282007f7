package credit

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
)

// snapshot is the stored form of a State without its messages, which follow it in their packed form. It holds no
// personal data.
type snapshot struct {
	Paid        int64            `json:"paid"`
	HeldPaid    int64            `json:"held_paid"`
	HeldGranted int64            `json:"held_granted"`
	Added       int64            `json:"added"`
	Lots        []Lot            `json:"lots,omitempty"`
	Sources     map[string]int64 `json:"sources,omitempty"`
	Closed      string           `json:"closed,omitzero"`
	Warned      bool             `json:"warned,omitzero"`
	Words       []string         `json:"words,omitempty"`
}

// MarshalBinary returns the state for a snapshot. It is little more than a copy of the packed messages, because the
// books of a large account have millions.
func (s State) MarshalBinary() ([]byte, error) {
	head, err := json.Marshal(snapshot{
		Paid: s.paid, HeldPaid: s.heldPaid, HeldGranted: s.heldGranted, Added: s.added, Lots: s.lots,
		Sources: maps.Collect(s.sources.all()), Closed: s.closed, Warned: s.warned, Words: s.words.names,
	})
	if err != nil {
		return nil, err
	}
	data := make([]byte, 0, len(head)+s.messages.room+s.messages.room/8+16)
	data = append(binary.AppendUvarint(data, uint64(len(head))), head...)
	return s.messages.root.appendTo(data), nil
}

// UnmarshalBinary parses the result of MarshalBinary.
func (s *State) UnmarshalBinary(data []byte) error {
	length, n := binary.Uvarint(data)
	if n <= 0 || length > uint64(len(data)-n) {
		return errSnapshot
	}
	head, rest := data[n:n+int(length)], data[n+int(length):]
	var from snapshot
	if err := json.Unmarshal(head, &from); err != nil {
		return fmt.Errorf("read a snapshot of credits: %w", err)
	}
	read := State{
		paid: from.Paid, heldPaid: from.HeldPaid, heldGranted: from.HeldGranted, added: from.Added, lots: from.Lots,
		closed: from.Closed, warned: from.Warned,
	}
	for id, amount := range from.Sources {
		read.sources = read.sources.with(id, amount)
	}
	read.words.names = from.Words
	for i, name := range from.Words {
		read.words.numbers = read.words.numbers.with(name, uint64(i)+1)
	}
	pages := cursor{left: string(rest)}
	read.messages.root = pages.page(0, &read.messages)
	if pages.bad || pages.left != "" {
		return errSnapshot
	}
	*s = read
	return nil
}

var errSnapshot = errors.New("read a snapshot of credits: it is cut off or malformed")

// Size estimates the memory that the state takes, in bytes. States share memory, so it is no sum.
func (s State) Size() int {
	const roomOfPage, roomOfSource, roomOfLot = 2, 256, 128 // a page for each record, in part
	return s.messages.room + s.messages.room/8 + s.messages.size*roomOfPage +
		(s.sources.size+len(s.words.names))*roomOfSource + len(s.lots)*roomOfLot
}
