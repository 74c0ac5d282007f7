package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/clickbook/clickbook/commands/openings"
	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/access"
)

// Print prints what is needed to try the demo. The keys are new at each start.
func (d *Demo) Print(ctx context.Context, out io.Writer, url string) error {
	clinic := d.plan.clinic
	owner, err := d.in.Issue(ctx, clinic.account, access.Owner, "demo")
	if err != nil {
		return err
	}
	staff, err := d.in.Issue(ctx, clinic.account, access.Staff, "demo")
	if err != nil {
		return err
	}
	start, err := d.start(ctx)
	if err != nil {
		return err
	}
	if err := d.printLinks(ctx, out); err != nil {
		return err
	}
	fmt.Fprintln(out, "\nwhat clients see")
	for _, p := range d.plan.places() {
		fmt.Fprintf(out, "  %-24s %s/book/%s\n", p.form.Name, url, p.page.Address)
	}
	fmt.Fprintf(out, "\nto try it, set these in another terminal:\n")
	for _, line := range [][2]string{
		{"URL", url},
		{"ACCOUNT", clinic.account.String()},
		{"KEY", owner},
		{"STAFF_KEY", staff},
		{"SERVICE", clinic.service.String()},
		{"THERAPIST", clinic.resource(clinic.staff[0].name).String()},
		{"CLIENT", clinic.client(0).String()},
		{"OTHER", clinic.client(1).String()},
		{"DAY", start.Format(time.DateOnly)},
		{"NEXT", start.AddDate(0, 0, 1).Format(time.DateOnly)},
		{"START", start.Format("2006-01-02T15:04")},
	} {
		fmt.Fprintf(out, "  %s=%s\n", line[0], line[1])
	}
	return nil
}

// start returns a start of the first therapist in the second week that another therapist has free too.
func (d *Demo) start(ctx context.Context) (time.Time, error) {
	clinic, now := d.plan.clinic, d.in.Engine.Now()
	zone, err := domain.ParseZone(clinic.form.Zone)
	if err != nil {
		return time.Time{}, err
	}
	second := domain.Interval{Start: now.AddDate(0, 0, 8), End: now.AddDate(0, 0, 15)}
	free := make([]map[time.Time]bool, len(clinic.staff))
	for n, one := range clinic.staff {
		starts, err := d.in.Openings.Between(ctx, openings.Question{
			Account: clinic.account, Service: clinic.service, Resource: clinic.resource(one.name), Now: now,
		}, second)
		if err != nil {
			return time.Time{}, err
		}
		free[n] = make(map[time.Time]bool)
		for _, start := range starts {
			if free[n][start.At] = true; n > 0 && free[0][start.At] {
				return start.At.In(zone), nil
			}
		}
	}
	return time.Time{}, errors.New("the demo has no start in its second week that two therapists have free")
}

// How often the demo looks what is due.
const (
	often   = 100 * time.Millisecond
	lifeGap = 20 * time.Second // between two things that clients do by themselves
	markGap = 10 * time.Second // between two looks at who has come
)

// Run lets the clock run, clients live and outages be played, until ctx ends.
func (d *Demo) Run(ctx context.Context) {
	d.Clock.Run(1)
	ticker := time.NewTicker(often)
	defer ticker.Stop()
	var lived, marked time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			err := d.step(ctx)
			if d.Clock.Speed() > 1 {
				d.in.Network.Deliver(ctx, d.in.Receive)
			}
			if now.Sub(marked) >= markGap && (d.options.Life || d.playing()) {
				marked = now
				err = errors.Join(err, d.traffic.mark(ctx))
			}
			if now.Sub(lived) >= lifeGap && d.options.Life && !d.playing() {
				lived = now
				err = errors.Join(err, d.live(ctx))
			}
			if err != nil && ctx.Err() == nil {
				d.options.Log.Error("the demo does not go on as planned", "error", err)
			}
		}
	}
}

// live lets a client do one thing.
func (d *Demo) live(ctx context.Context) (err error) {
	if d.traffic.random.IntN(3) == 0 {
		_, err = d.traffic.confirm(ctx)
	} else {
		_, err = d.traffic.change(ctx)
	}
	return err
}
