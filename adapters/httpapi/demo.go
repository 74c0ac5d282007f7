package httpapi

import (
	"context"
	"time"

	"github.com/clickbook/clickbook/adapters/httpapi/api"
	"github.com/clickbook/clickbook/domain"
)

// Demo plays an outage on the simulated providers of a demo. Play refuses to play two outages at a time.
type Demo interface {
	Play(ctx context.Context) error
	Stop(ctx context.Context) error
	Outage(ctx context.Context) (DemoOutage, error)
}

// DemoOutage is the outage that a demo plays, or played last.
type DemoOutage struct {
	State    string // ready, playing, finished, stopped, failed
	Now      time.Time
	Speed    int // seconds of the demo in a second
	Plays    int
	Provider string
	Outage   domain.OutageID // zero before it is suspected
	Window   domain.WindowID // zero before it is proposed
	Chapters []DemoChapter
	Figures  DemoFigures
}

// DemoChapter is something that has happened in the play.
type DemoChapter struct {
	Name     string
	At       time.Time
	Sentence string
}

// DemoFigures are what the read models know of the play.
type DemoFigures struct {
	Texts, Lost, Calls, Emails, Accounts int
	Refunded                             int64 // micro-credits
}

var (
	errDemoOnly = domain.Refuse(domain.Unknown, "demo_only",
		"only the demo plays an outage: start one with clickbook serve --demo")
	// ErrDemoPlaying refuses to play an outage while another one is played.
	ErrDemoPlaying = domain.Refuse(domain.Disallowed, "demo_outage_playing",
		"an outage is being played; wait until it is over, or stop it")
)

func (h *handlers) ShowDemoOutage(
	ctx context.Context, _ api.ShowDemoOutageRequestObject,
) (api.ShowDemoOutageResponseObject, error) {
	shown, err := h.demoOutage(ctx)
	return api.ShowDemoOutage200JSONResponse(shown), err
}

func (h *handlers) PlayDemoOutage(
	ctx context.Context, _ api.PlayDemoOutageRequestObject,
) (api.PlayDemoOutageResponseObject, error) {
	if h.Demo == nil {
		return nil, errDemoOnly
	}
	if err := h.Demo.Play(ctx); err != nil {
		return nil, err
	}
	shown, err := h.demoOutage(ctx)
	return api.PlayDemoOutage202JSONResponse(shown), err
}

func (h *handlers) StopDemoOutage(
	ctx context.Context, _ api.StopDemoOutageRequestObject,
) (api.StopDemoOutageResponseObject, error) {
	if h.Demo == nil {
		return nil, errDemoOnly
	}
	if err := h.Demo.Stop(ctx); err != nil {
		return nil, err
	}
	shown, err := h.demoOutage(ctx)
	return api.StopDemoOutage200JSONResponse(shown), err
}

func (h *handlers) demoOutage(ctx context.Context) (api.DemoOutage, error) {
	if h.Demo == nil {
		return api.DemoOutage{}, errDemoOnly
	}
	one, err := h.Demo.Outage(ctx)
	if err != nil {
		return api.DemoOutage{}, err
	}
	shown := api.DemoOutage{
		State: api.DemoOutageState(one.State), Now: one.Now, Speed: one.Speed, Plays: one.Plays, Provider: one.Provider,
		Outage: one.Outage.UUID, Window: one.Window.UUID, Chapters: each(one.Chapters, shownChapter),
		Figures: api.DemoFigures{
			Texts: one.Figures.Texts, Lost: one.Figures.Lost, Calls: one.Figures.Calls, Emails: one.Figures.Emails,
			Accounts: one.Figures.Accounts, RefundedMicro: one.Figures.Refunded,
		},
	}
	return shown, nil
}

func shownChapter(one DemoChapter) api.DemoChapter {
	return api.DemoChapter{Chapter: api.DemoChapterChapter(one.Name), At: one.At, Sentence: one.Sentence}
}
