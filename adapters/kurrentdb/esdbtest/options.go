package esdbtest

import "time"

// Limits of a real node. The first is documented and can be set there (MaxAppendSize); the second is what one record
// of the log may hold, and bounds one message of a call.
const (
	defaultAppendSize = 1 << 20
	maxMessage        = 16<<20 - 10_000
)

// Option changes how a node is made.
type Option func(*settings)

type settings struct {
	port       int
	now        func() time.Time
	maxAppend  int
	recentSize int
	statsEvery int
	version    string
	ahead      bool
	events     []Recorded
}

func defaults() settings {
	return settings{now: time.Now, maxAppend: defaultAppendSize, recentSize: 8 << 20, version: "24.10.0"}
}

// WithPort sets the port to listen on, for a node that a client knows from before. Without it, a free one is taken.
func WithPort(port int) Option { return func(s *settings) { s.port = port } }

// WithClock sets what gives events their creation time, and what $maxAge is measured by.
func WithClock(now func() time.Time) Option { return func(s *settings) { s.now = now } }

// WithMaxAppendSize sets how many bytes one append may hold, counting type, data and metadata of its events. It is
// 1 MiB otherwise, as on a real node whose MaxAppendSize nobody has set.
func WithMaxAppendSize(bytes int) Option { return func(s *settings) { s.maxAppend = bytes } }

// WithRecentIDs sets the bytes that the memory of recent event ids may take, by which appends that expect no
// certain revision are recognised when they come again. It is 8 MiB otherwise, as on a real node; 0 remembers none.
func WithRecentIDs(bytes int) Option { return func(s *settings) { s.recentSize = bytes } }

// WithStatsEvery lets the node write an event of its own, as a real one writes its statistics every thirty seconds,
// after each n appends: so that readers of $all meet events that are not theirs between those that are.
func WithStatsEvery(n int) Option { return func(s *settings) { s.statsEvery = n } }

// WithEvents lets the log begin with these events instead of those a fresh node writes of its own accord. They stand
// in the order of their positions, and keep their revisions, which need not begin at 0 nor follow each other.
func WithEvents(events ...Recorded) Option { return func(s *settings) { s.events = events } }

// WithVersion sets the version the node calls itself by, 24.10.0 otherwise.
func WithVersion(version string) Option { return func(s *settings) { s.version = version } }

// WithCheckpointsAhead lets a subscription with a filter, when it goes live, send the checkpoint that some releases of
// 24.10 and 25.0 sent (KurrentDB issue 4970): its commit position is that of the event to come, its prepare position
// is 0. Who begins there again misses nothing; who keeps the commit position alone, and takes it for both, misses that
// event.
func WithCheckpointsAhead() Option { return func(s *settings) { s.ahead = true } }
