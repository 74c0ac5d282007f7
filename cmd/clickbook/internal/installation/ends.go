package installation

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/clickbook/clickbook/adapters/sqlite"
	"github.com/clickbook/clickbook/domain"
)

// endEvents is how many events at each end of the log a start reads.
const endEvents = 64

// checkEnds reads the first events of the log and, where positions are numbers, the last, with their checksums and
// their sealed texts. clickbook verify reads everything.
func (in *Installation) checkEnds(ctx context.Context) error {
	if err := in.checkPages(); err != nil {
		return err
	}
	if err := in.checkAfter(ctx, domain.Position{}); err != nil {
		return err
	}
	if _, numbered := in.Events.(*sqlite.Store); !numbered {
		return nil
	}
	head, err := in.Events.Head(ctx)
	if err != nil {
		return err
	}
	if n, _ := head.Pair(); n > 2*endEvents {
		return in.checkAfter(ctx, domain.NewPosition(n-endEvents, 0))
	}
	return nil
}

// maxPages is the size up to which a start reads the keys and state.db: 64 MiB take about a tenth of a second.
const maxPages = 64 << 20

// checkPages looks for damaged pages of the two small files.
func (in *Installation) checkPages() error {
	for name, check := range map[string]func() error{"keys.db": in.Keys.CheckPages, "state.db": in.State.Verify} {
		info, err := os.Stat(filepath.Join(in.at.Data, name))
		if err != nil || info.Size() > maxPages {
			continue
		}
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (in *Installation) checkAfter(ctx context.Context, after domain.Position) error {
	n := 0
	for entry, err := range in.Events.ReadAll(ctx, after, domain.Filter{}) {
		if err == nil {
			_, err = in.Codec.Decode(entry)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", in.at.logName(), err)
		}
		if n++; n == 2*endEvents {
			break
		}
	}
	return nil
}
