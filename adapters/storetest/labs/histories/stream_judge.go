package histories

import (
	"errors"

	"github.com/anishathalye/porcupine"

	"github.com/clickbook/clickbook/domain"
)

// judgeStreams looks at one stream after the other. An append whose answer was lost and whose events nobody has seen
// can be thought of as coming after all else, whatever becomes of it then, so it is left out. A read of the log may
// show an earlier moment than its own, see judgeLog: as far as the stream is concerned it may stand anywhere between
// the append of the last event that it knows of and its answer.
func judgeStreams(all []*streamClient) error {
	found, err := places(all)
	if err != nil {
		return err
	}
	for i := range streams {
		var calls []porcupine.Operation
		for _, c := range all {
			for _, call := range c.calls[i] {
				if wish, ok := call.Input.(appending); ok && call.Output == seenLater {
					if _, stands := found.told[wish.events[len(wish.events)-1].ID]; !stands {
						continue
					}
				}
				if read, ok := call.Input.(reading); ok && read.way == inLog {
					last := read.from + domain.Revision(len(call.Output.(ids))) - 1
					call.Call = min(call.Call, found.asked[found.at[i][last]])
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
