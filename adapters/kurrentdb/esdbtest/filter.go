package esdbtest

import (
	"regexp"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
)

// defaultWindow is how many events a real node considers at a time if the client sets no limit.
const defaultWindow = 32

// filter selects the events of a subscription to $all. A nil filter passes everything and has no checkpoints.
type filter struct {
	byStream   bool // otherwise by type
	prefixes   []string
	pattern    *regexp.Regexp
	interval   int // events considered between checkpoints
	considered int
}

func newFilter(options *streams.ReadReq_Options_FilterOptions) (*filter, error) {
	if options == nil {
		return nil, nil
	}
	window := int(options.GetMax())
	if options.GetCount() != nil {
		window = defaultWindow
	}
	f := &filter{interval: window * int(options.GetCheckpointIntervalMultiplier())}
	if f.interval <= 0 {
		return nil, invalid("the filter's window and its checkpoint interval must be positive")
	}
	expression := options.GetEventType()
	if options.GetStreamIdentifier() != nil {
		f.byStream, expression = true, options.GetStreamIdentifier()
	}
	f.prefixes = expression.GetPrefix()
	if len(f.prefixes) > 0 {
		return f, nil
	}
	var err error
	if f.pattern, err = regexp.Compile(expression.GetRegex()); err != nil {
		return nil, invalid("the filter's regular expression is invalid: " + err.Error())
	}
	return f, nil
}

func (f *filter) passes(event *Recorded) bool {
	if f == nil {
		return true
	}
	name := event.Type
	if f.byStream {
		name = event.Stream
	}
	for _, prefix := range f.prefixes {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return f.pattern != nil && f.pattern.MatchString(name)
}

// due counts one more event and reports whether a checkpoint follows it.
func (f *filter) due() bool {
	if f == nil {
		return false
	}
	f.considered++
	return f.considered%f.interval == 0
}
