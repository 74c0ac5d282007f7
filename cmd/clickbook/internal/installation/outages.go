package installation

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/commands/outages"
)

// outageInterval is how often the detector reads the log and moves its clock. Its blocks are 30 seconds long.
const outageInterval = 2 * time.Second

// wireOutages puts together what detects outages and what avoids providers because of them.
func (in *Installation) wireOutages() {
	if !in.options.Outages {
		return
	}
	in.Watch = &outages.Watch{
		Engine: in.Engine, Log: in.Events, Numbers: in.OptOuts, Providers: in.Dispatcher.Providers,
		Slog: in.options.Log,
	}
	in.Dispatcher.Cells = outages.Cells{Engine: in.Engine, Watch: in.Watch}
}

// watchOutages runs the detector until ctx ends.
func (in *Installation) watchOutages(ctx context.Context) {
	if in.Watch != nil {
		in.repeat(ctx, outageInterval, "outages", in.Watch.Step)
	}
}
