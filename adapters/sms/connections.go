package sms

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/clickbook/clickbook/commands"
	"github.com/clickbook/clickbook/domain/provider"
)

// Connections keeps the connections of providers that report over one, such as SMPP.
type Connections struct {
	Receiver *Receiver
	Names    func(context.Context) ([]string, error) // the registered providers
	Log      *slog.Logger

	running map[string]connection
}

// connection is the run of one provider.
type connection struct {
	provider Connected
	stop     context.CancelFunc
	done     chan struct{}
}

const (
	connectionTick  = time.Second     // how soon a changed configuration is in force
	connectionPause = 5 * time.Second // after a connection failed
)

// Run keeps a connection for each provider until ctx ends. A provider whose configuration changed is connected again,
// and a disabled one stays connected: receipts of its texts are still due.
func (c *Connections) Run(ctx context.Context) error {
	c.running = make(map[string]connection)
	ticker := time.NewTicker(connectionTick)
	defer ticker.Stop()
	defer c.stopAll()
	for {
		if err := c.adjust(ctx); err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// adjust starts, restarts and stops connections.
func (c *Connections) adjust(ctx context.Context) error {
	names, err := c.Names(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		known, _, err := commands.Load(ctx, c.Receiver.Engine, provider.Decider, provider.Stream(name))
		if err != nil {
			return err
		}
		wanted, _ := c.Receiver.Find(name, known).(Connected)
		now, runs := c.running[name]
		if runs && now.provider == wanted {
			continue
		}
		if runs {
			now.end()
			delete(c.running, name)
		}
		if wanted != nil {
			c.running[name] = c.start(ctx, name, wanted)
		}
	}
	return nil
}

func (c *Connections) start(ctx context.Context, name string, wanted Connected) connection {
	ctx, stop := context.WithCancel(ctx)
	run := connection{provider: wanted, stop: stop, done: make(chan struct{})}
	go func() {
		defer close(run.done)
		for ctx.Err() == nil {
			err := wanted.Run(ctx, func(ctx context.Context, said Callback) error { return c.Receiver.Record(ctx, name, said) })
			if err == nil || ctx.Err() != nil {
				return
			}
			if c.Log != nil {
				c.Log.Error("the connection to a provider failed and will be tried again", "provider", name, "error", err)
			}
			select {
			case <-ctx.Done():
			case <-time.After(connectionPause):
			}
		}
	}()
	return run
}

func (c connection) end() {
	c.stop()
	<-c.done
}

func (c *Connections) stopAll() {
	var ending sync.WaitGroup
	for _, one := range c.running {
		ending.Go(one.end)
	}
	ending.Wait()
}
