package histories

import (
	"errors"

	"github.com/anishathalye/porcupine"

	"github.com/clickbook/clickbook/domain"
)

// judgeStreams judges one stream after another. It leaves out appends with a lost result whose events nobody has
// seen: they can be ordered after everything else, whatever becomes of them. A read of the log may show an earlier
// moment than its own, see judgeLog. For the stream it may be ordered anywhere between the append of the last event
// that it knows and its return.
func judgeStreams(all []*streamClient) error {
	found, err := places(all)
	if err != nil {
		return err
	}
	for i := range streams {
		var calls []porcupine.Operation
		for _, c := range all {
			for _, call := range c.calls[i] {
				if request, ok := call.Input.(appending); ok && call.Output == seenLater {
					if _, seen := found.seen[request.events[len(request.events)-1].ID]; !seen {
						continue
					}
				}
				if read, ok := call.Input.(reading); ok && read.way == inLog {
					last := read.from + domain.Revision(len(call.Output.(ids))) - 1
					call.Call = min(call.Call, found.started[found.at[i][last]])
				}
				calls = append(calls, call)
			}
		}
		if err := judge("stream "+string(all[0].names[i]), streamModel, calls); err != nil {
			return err
		}
	}
	return errors.Join(found.judgeOrder(), found.judgeLog(all))
}
