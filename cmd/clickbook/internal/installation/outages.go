package installation

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/commands/outages"
	"github.com/clickbook/clickbook/domain/outagedetect"
)

// outageInterval is how often the detector reads the log and moves its clock. Its blocks are 30 seconds long.
const outageInterval = 2 * time.Second

// wireOutages puts together what detects outages and what avoids providers because of them.
func (in *Installation) wireOutages() {
	in.Proposals = &outages.Proposals{
		Engine: in.Engine, Preview: in.Bookkeeper.Preview, Automatic: in.options.AutoRefund,
	}
	if !in.options.Outages {
		return
	}
	in.Watch = &outages.Watch{
		Engine: in.Engine, Log: in.Events, Numbers: in.OptOuts, Providers: in.Dispatcher.Providers,
		Slog: in.options.Log,
	}
	in.Dispatcher.Cells = outages.Cells{Engine: in.Engine, Watch: in.Watch}
}

// cellHealth returns what the detector knows of every cell, nil if outages are not detected.
func (in *Installation) cellHealth() func() []outagedetect.Health {
	if in.Watch == nil {
		return nil
	}
	return in.Watch.Health
}

// watchOutages runs the detector until ctx ends.
func (in *Installation) watchOutages(ctx context.Context) {
	if in.Watch != nil {
		in.repeat(ctx, outageInterval, "outages", in.Watch.Step)
	}
}
