package messaging

import (
	"context"

	"github.com/clickbook/clickbook/domain/message"
)

// Cells says which providers a text must avoid because of an outage, or because an operator decided so.
type Cells interface {
	Out(ctx context.Context, provider string, text message.State) (bool, error)
}

// inServiceFirst moves the providers that a text must avoid to the end of the order. They are tried when no other one
// takes the text: it may not arrive, but waiting would make it late for certain.
func (d *Dispatcher) inServiceFirst(ctx context.Context, order []string, text message.State) ([]string, error) {
	if d.Cells == nil || len(order) < 2 {
		return order, nil
	}
	var first, last []string
	for _, name := range order {
		out, err := d.Cells.Out(ctx, name, text)
		switch {
		case err != nil:
			return nil, err
		case out:
			last = append(last, name)
		default:
			first = append(first, name)
		}
	}
	return append(first, last...), nil
}
