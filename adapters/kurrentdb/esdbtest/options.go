package esdbtest

import "time"

// Limits of a real node. The first can be set there (MaxAppendSize). The second bounds one record of the log, and so
// one message of a call.
const (
	defaultAppendSize = 1 << 20
	maxMessage        = 16<<20 - 10_000
)

// Option is an option of a node.
type Option func(*settings)

type settings struct {
	port             int
	now              func() time.Time
	maxAppend        int
	recentSize       int
	statsEvery       int
	version          string
	checkpointsAhead bool
	events           []Recorded
}

func defaults() settings {
	return settings{now: time.Now, maxAppend: defaultAppendSize, recentSize: 8 << 20, version: "24.10.0"}
}

// WithPort sets the port to listen on. The default is a free one.
func WithPort(port int) Option { return func(s *settings) { s.port = port } }

// WithClock sets the clock for the creation times of events and for $maxAge.
func WithClock(now func() time.Time) Option { return func(s *settings) { s.now = now } }

// WithMaxAppendSize sets how many bytes one append may hold: the types, data and metadata of its events. The default
// is 1 MiB, as on a real node.
func WithMaxAppendSize(bytes int) Option { return func(s *settings) { s.maxAppend = bytes } }

// WithRecentIDs sets the size in bytes of the memory of recent event ids, which recognises repeated appends that
// expect no particular revision. The default is 8 MiB, as on a real node. With 0 none are recognised.
func WithRecentIDs(bytes int) Option { return func(s *settings) { s.recentSize = bytes } }

// WithStatsEvery makes the node write one of its own events after each n appends. A real node writes its statistics
// every thirty seconds. Readers of $all then meet such events between those of the test.
func WithStatsEvery(n int) Option { return func(s *settings) { s.statsEvery = n } }

// WithEvents sets the first events of the log, in place of those a new node writes. They must be in the order of
// their positions. They keep their revisions, which may begin after 0 and have gaps.
func WithEvents(events ...Recorded) Option { return func(s *settings) { s.events = events } }

// WithVersion sets the version that the node reports. The default is 24.10.0.
func WithVersion(version string) Option { return func(s *settings) { s.version = version } }

// WithCheckpointsAhead makes a filtered subscription send, when it goes live, the checkpoint of some releases of
// 24.10 and 25.0 (KurrentDB issue 4970). Its commit position is that of the next event, and its prepare position is
// 0. A client that resumes from both misses nothing. A client that uses the commit position for both misses that
// event.
func WithCheckpointsAhead() Option { return func(s *settings) { s.checkpointsAhead = true } }
