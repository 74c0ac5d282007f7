package smpp

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/linxGnu/gosmpp/pdu"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/adapters/sms/smppcodes"
	"github.com/clickbook/clickbook/domain/message"
)

const (
	bindTimeout = 30 * time.Second
	testTimeout = 10 * time.Second // of the response to an enquire_link
	farewell    = 5 * time.Second  // for the last responses, before the link is ended
	firstPause  = time.Second      // before the link is tried again; it doubles
	longPause   = time.Minute
)

// refusedBind is the error of a bind that the SMSC refused.
type refusedBind struct {
	status smppcodes.Status
	fault  message.Fault
}

func (r refusedBind) Error() string {
	if r.fault == message.FaultConfigure {
		return fmt.Sprintf("the SMSC refused the bind with status %s: check %s, %s and %s",
			r.status.Code(), fieldSystemID, fieldPassword, fieldType)
	}
	return fmt.Sprintf("the SMSC refused the bind with status %s: try again later", r.status.Code())
}

// bind opens a link.
func (p *Provider) bind(ctx context.Context, kind pdu.BindingType) (*link, error) {
	ctx, cancel := context.WithTimeout(ctx, bindTimeout)
	defer cancel()
	conn, err := p.dial(ctx)
	if err != nil {
		return nil, err
	}
	abort := context.AfterFunc(ctx, func() { _ = conn.Close() })
	request := pdu.NewBindRequest(kind)
	request.SystemID, request.Password = p.config.Settings[fieldSystemID], p.config.Secret(fieldPassword)
	request.SystemType = p.config.Settings[fieldType]
	request.SetSequenceNumber(1)
	l := newLink(conn, p.window)
	l.seq = 1
	err = l.write(request)
	for err == nil {
		var f frame
		if f, err = readFrame(conn); err == nil && f.command&isResponse != 0 {
			if f.status != smppcodes.OK {
				err = refusedBind{f.status, p.StatusFault(f.status)}
			}
			break
		}
	}
	if !abort() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return l, nil
}

// Run implements sms.Connected. It binds again when the link ends, after a pause that grows from one second to a
// minute.
func (p *Provider) Run(ctx context.Context, sink func(context.Context, sms.Callback) error) error {
	p.set(true, nil)
	defer p.set(false, nil)
	pause := firstPause
	for ctx.Err() == nil {
		l, err := p.bind(ctx, pdu.Transceiver)
		if err == nil {
			pause = firstPause
			p.log.Info("bound to the SMSC")
			err = p.keep(ctx, l, sink)
		}
		if ctx.Err() != nil {
			break
		}
		p.log.Warn("no link to the SMSC", "error", err, "pause", pause)
		select {
		case <-ctx.Done():
		case <-time.After(pause/2 + rand.N(pause/2)): // not all at once when an SMSC starts again
		}
		pause = min(2*pause, longPause)
	}
	return nil
}

// keep uses a link until it ends or ctx does. It then waits for the responses of texts that are under way.
func (p *Provider) keep(ctx context.Context, l *link, sink func(context.Context, sms.Callback) error) error {
	receiver := &receiver{Provider: p, link: l, sink: sink, id: newLinkID(), room: make(chan struct{}, maxHandled)}
	handling, stop := context.WithCancel(context.WithoutCancel(ctx))
	l.serve = func(f frame) { receiver.take(handling, f) }
	ended := make(chan error, 1)
	go func() { ended <- l.run() }()
	p.set(true, l)
	testing, stopTesting := context.WithCancel(ctx)
	go p.test(testing, l)
	defer func() {
		p.set(true, nil)
		stopTesting()
		l.end(errClosed)
		stop()
		receiver.wait()
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	p.set(true, nil)
	p.leave(l)
	return ctx.Err()
}

// leave ends a link in good order.
func (p *Provider) leave(l *link) {
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	for {
		answered, waiting := l.nextResponse()
		if waiting == 0 {
			break
		}
		select {
		case <-answered:
			continue
		case <-l.done:
		case <-ctx.Done():
		}
		break
	}
	_, _ = l.call(ctx, pdu.NewUnbind(), nil)
	l.end(errClosed)
}

// test sends an enquire_link whenever nothing was heard for a while, and ends a link that does not respond.
func (p *Provider) test(ctx context.Context, l *link) {
	ticker := time.NewTicker(p.enquire)
	defer ticker.Stop()
	for heard := l.heard.Load(); ; heard = l.heard.Load() {
		select {
		case <-ctx.Done():
			return
		case <-l.done:
			return
		case <-ticker.C:
		}
		if l.heard.Load() != heard {
			continue
		}
		limited, cancel := context.WithTimeout(ctx, testTimeout)
		_, err := l.call(limited, pdu.NewEnquireLink(), nil)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) {
			l.end(errSilent)
		}
	}
}

// set says whether Run is at work and which link it has.
func (p *Provider) set(running bool, l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running, p.current = running, l
	close(p.changed)
	p.changed = make(chan struct{})
}

// Check implements sms.Checked. It tests the link, or binds for a moment if there is none.
func (p *Provider) Check(ctx context.Context) error {
	p.mu.Lock()
	l := p.current
	p.mu.Unlock()
	if l == nil {
		bound, err := p.bind(ctx, pdu.Transmitter)
		if err != nil {
			return err
		}
		defer p.leave(bound)
		l = bound
		go func() { _ = l.run() }()
	}
	f, err := l.call(ctx, pdu.NewEnquireLink(), nil)
	if err == nil && f.status != smppcodes.OK {
		err = fmt.Errorf("the SMSC replied with status %s to a test of the link", f.status.Code())
	}
	return err
}
