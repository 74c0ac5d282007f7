package postgres

import (
	"context"
	"time"
)

// tellEvery limits how often other processes are notified. A notification takes a lock that all notifying
// transactions of the server share until they commit. So it runs in a separate transaction, which never waits, and
// not in the one that appends.
const tellEvery = 5 * time.Millisecond

// tell notifies other processes. A lost notification delays them until their next poll.
func (s *Store) tell() {
	for {
		select {
		case <-s.news:
		case <-s.ended.Done():
			return
		}
		ctx, cancel := context.WithTimeout(s.ended, pollEvery)
		_, _ = s.schema.Pool().Exec(ctx, "SELECT pg_notify($1, $2)", s.channel(), s.id)
		cancel()
		if pause(s.ended, tellEvery) != nil {
			return
		}
	}
}

func (s *Store) channel() string { return "clickbook_" + s.schema.Name() }

// listen starts listening to other processes, once somebody follows the log.
func (s *Store) listen() {
	s.listening.Do(func() {
		s.writer.mu.RLock() // so that Close waits for the goroutine
		defer s.writer.mu.RUnlock()
		if !s.writer.closing {
			s.running.Go(s.hear)
		}
	})
}

// hear wakes subscriptions when a notification arrives, and whenever one may have been lost.
func (s *Store) hear() {
	wait := pauses(firstPause, longestPause)
	for {
		if s.hearOnce(wait.Reset); pause(s.ended, wait.NextBackOff()) != nil {
			return
		}
	}
}

func (s *Store) hearOnce(begun func()) {
	conn, err := s.schema.Conn(s.ended)
	if err != nil {
		return
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = conn.Close(ctx)
	}()
	if _, err := conn.Exec(s.ended, "LISTEN "+s.channel()); err != nil {
		return
	}
	begun()
	for {
		s.grown.Raise()
		for {
			said, err := conn.WaitForNotification(s.ended)
			if err != nil {
				return
			}
			if said.Payload != s.id {
				break
			}
		}
	}
}
