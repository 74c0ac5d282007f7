package outages

import (
	"context"
	"encoding/binary"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain/message"
	"github.com/clickbook/clickbook/domain/outage"
	"github.com/clickbook/clickbook/domain/outagedetect"
)

// Cells says which cells are out. It implements messaging.Cells.
type Cells struct {
	Engine *commands.Engine
	Watch  *Watch // knows the networks of numbers; nil means that none is known
}

// Of the texts of a cell that is out, one in so many is sent through it. Without any, nobody would find out that the
// outage is over. When the latest ones arrived, more follow, so that the proof does not take days.
const (
	oneIn           = 50
	oneInRecovering = 4
)

// Out reports whether a text must avoid a provider now. It reads the stream of the provider's outages, so a decision
// of any node holds for the next text.
func (c Cells) Out(ctx context.Context, provider string, text message.State) (bool, error) {
	state, err := commands.LoadCurrent(ctx, c.Engine, outage.Decider, outage.Stream(provider))
	if err != nil {
		return false, err
	}
	network := ""
	if c.Watch != nil {
		network = c.Watch.networkOf(text)
	}
	now := c.Engine.Now()
	cell, out := state.Out(cellOf(outagedetect.CellOf(provider, text.Country, network)), now)
	if !out && network == "" { // the number may be on a network that is out
		cell, out = state.NetworkOut(text.Country, now)
	}
	return out && (cell.Override.InForce(now) || !c.isTrial(cell, text)), nil
}

// isTrial reports whether a text is one of those that try a cell that is out. It depends on the id of the text, so that
// the same text is one each time.
func (c Cells) isTrial(cell outage.CellState, text message.State) bool {
	share := uint64(oneIn)
	if c.Watch != nil && c.Watch.recovering(cell, c.Engine.Now()) {
		share = oneInRecovering
	}
	return binary.BigEndian.Uint64(text.Message.UUID[8:])%share == 0
}
