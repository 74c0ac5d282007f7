package resource

import (
	"slices"

	"github.com/clickbook/clickbook/domain"
)

// State is a resource with its hours.
type State struct {
	Profile
	Account domain.AccountID
	Zone    string // of the weekly hours; "" until they are set
	Hours   []Hours
	Blocks  []Block // not removed, in the order they were added
	Retired bool
	added   Profile          // the profile of Add, to recognise a repeated command
	removed []domain.BlockID // to recognise a repeated removal
}

// Block is a TimeBlock and its id.
type Block struct {
	ID domain.BlockID
	TimeBlock
}

// Exists reports whether the resource was ever added.
func (s State) Exists() bool { return !s.Account.IsZero() }

// Evolve returns the state after an event.
func Evolve(s State, e Event) State { return e.evolve(s) }

func (e ResourceAdded) evolve(s State) State {
	s.Account, s.Profile, s.added = e.Account, e.Profile, e.Profile
	return s
}

func (e ResourceChanged) evolve(s State) State {
	s.Profile = e.Profile
	return s
}

func (ResourceRetired) evolve(s State) State {
	s.Retired = true
	return s
}

func (ResourceReinstated) evolve(s State) State {
	s.Retired = false
	return s
}

func (e WeeklyHoursSet) evolve(s State) State {
	s.Zone, s.Hours = e.Zone, cloneHours(e.Hours)
	return s
}

func (e TimeBlockAdded) evolve(s State) State {
	s.Blocks = append(slices.Clip(s.Blocks), Block{ID: e.Block, TimeBlock: e.TimeBlock.clone()})
	return s
}

func (e TimeBlockRemoved) evolve(s State) State {
	s.Blocks = slices.DeleteFunc(slices.Clone(s.Blocks), func(b Block) bool { return b.ID == e.Block })
	s.removed = append(slices.Clip(s.removed), e.Block)
	return s
}

// block returns a block by its id.
func (s State) block(id domain.BlockID) (Block, bool) {
	at := slices.IndexFunc(s.Blocks, func(b Block) bool { return b.ID == id })
	if at < 0 {
		return Block{}, false
	}
	return s.Blocks[at], true
}

func cloneHours(hours []Hours) []Hours {
	hours = slices.Clone(hours)
	for i, h := range hours {
		hours[i].Days = slices.Clone(h.Days)
	}
	return hours
}

func (b TimeBlock) clone() TimeBlock {
	b.Services = slices.Clone(b.Services)
	return b
}

// named returns how many services the blocks name.
func (s State) named() (n int) {
	for _, block := range s.Blocks {
		n += len(block.Services)
	}
	return n
}
