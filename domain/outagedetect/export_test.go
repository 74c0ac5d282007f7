package outagedetect

import (
	"maps"
	"slices"
	"unsafe"
)

// CellSize is the memory of one cell without its names.
const CellSize = unsafe.Sizeof(cell{})

// Clone returns a copy that shares nothing with d.
func (d *Detector) Clone() *Detector {
	c := *d
	c.providers = slices.Clone(d.providers)
	for i := range c.providers {
		c.providers[i].cells = slices.Clone(c.providers[i].cells)
	}
	c.byName, c.byCell = maps.Clone(d.byName), maps.Clone(d.byCell)
	c.chains, c.byRef = maps.Clone(d.chains), maps.Clone(d.byRef)
	c.cells, c.flights, c.free = slices.Clone(d.cells), slices.Clone(d.flights), slices.Clone(d.free)
	for k := range c.queues {
		c.queues[k].slots = slices.Clone(c.queues[k].slots)
	}
	c.signals, c.polls = slices.Clone(d.signals), slices.Clone(d.polls)
	return &c
}

// Threshold returns the nats for confirmed at the first provider.
func (d *Detector) Threshold() float64 { return d.threshold(&d.providers[0]) }
