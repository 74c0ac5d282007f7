package credit

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"unique"
)

// snapshot is the stored form of a State. It holds no personal data.
type snapshot struct {
	Paid        int64             `json:"paid"`
	HeldPaid    int64             `json:"held_paid"`
	HeldGranted int64             `json:"held_granted"`
	Added       int64             `json:"added"`
	Lots        []Lot             `json:"lots,omitempty"`
	Sources     map[string]int64  `json:"sources,omitempty"`
	Messages    map[string]stored `json:"messages,omitempty"`
	Closed      string            `json:"closed,omitzero"`
	Warned      bool              `json:"warned,omitzero"`
}

type stored struct {
	Stage       Stage    `json:"stage"`
	Price       int64    `json:"price"`
	SentAt      int64    `json:"sent_at,omitzero"`
	Country     string   `json:"country"`
	Provider    string   `json:"provider,omitzero"`
	Home        string   `json:"home"`
	Lots        []part   `json:"lots,omitempty"`
	Refunded    []moved  `json:"refunded,omitempty"`
	Reversed    []moved  `json:"reversed,omitempty"`
	Keys        []string `json:"keys,omitempty"`
	Manual      int64    `json:"manual,omitzero"`
	WaivedBy    []string `json:"waived_by,omitempty"`
	NonDelivery bool     `json:"non_delivery,omitzero"`
	Goodwill    bool     `json:"goodwill,omitzero"`
	Adjustments uint32   `json:"adjustments,omitzero"`
}

// MarshalJSON returns the state for a snapshot. The same state gives the same bytes.
func (s State) MarshalJSON() ([]byte, error) {
	messages := make(map[string]stored, s.messages.size)
	for id, r := range s.messages.all() {
		at, more := r.where(), r.more()
		messages[id] = stored{
			Stage: r.stage, Price: r.price, SentAt: r.sentAt, Country: at.country, Provider: at.provider, Home: at.home,
			Lots: r.lots, Refunded: more.refunded, Reversed: more.reversed, Keys: more.keys, Manual: more.manual,
			WaivedBy: more.waivedBy, NonDelivery: r.nonDelivery, Goodwill: r.goodwill, Adjustments: r.adjustments,
		}
	}
	return json.Marshal(snapshot{
		Paid: s.paid, HeldPaid: s.heldPaid, HeldGranted: s.heldGranted, Added: s.added, Lots: s.lots,
		Sources: maps.Collect(s.sources.all()), Messages: messages, Closed: s.closed, Warned: s.warned,
	})
}

// UnmarshalJSON parses the result of MarshalJSON.
func (s *State) UnmarshalJSON(data []byte) error {
	var from snapshot
	if err := json.Unmarshal(data, &from); err != nil {
		return fmt.Errorf("read a snapshot of credits: %w", err)
	}
	*s = State{
		paid: from.Paid, heldPaid: from.HeldPaid, heldGranted: from.HeldGranted, added: from.Added, lots: from.Lots,
		closed: from.Closed, warned: from.Warned,
	}
	for id, amount := range from.Sources {
		s.sources = s.sources.with(id, amount)
	}
	for id, m := range from.Messages {
		s.messages = s.messages.with(id, m.record())
	}
	return nil
}

func (m stored) record() record {
	r := record{
		price: m.Price, sentAt: m.SentAt, place: unique.Make(place{m.Country, m.Provider, m.Home}), lots: m.Lots,
		stage: m.Stage, nonDelivery: m.NonDelivery, goodwill: m.Goodwill, adjustments: m.Adjustments,
	}
	if m.Refunded != nil || m.Reversed != nil || m.Keys != nil || m.WaivedBy != nil {
		r.extra = &extra{
			refunded: slices.Clip(m.Refunded), reversed: slices.Clip(m.Reversed), keys: slices.Clip(m.Keys),
			manual: m.Manual, waivedBy: slices.Clip(m.WaivedBy),
		}
	}
	return r
}
