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

// oneIn is how many texts of a cell that is out are sent elsewhere for one that is sent through it. Without any, nobody
// would find out that the outage is over.
const oneIn = 50

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
	return out && (cell.Override.InForce(now) || !isTrial(text)), nil
}

// isTrial reports whether a text is one of those that try a cell that is out. The same text is one each time.
func isTrial(text message.State) bool {
	return binary.BigEndian.Uint64(text.Message.UUID[8:])%oneIn == 0
}
