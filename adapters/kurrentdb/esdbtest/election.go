package esdbtest

import "fmt"

// Isolate separates the node from the other nodes of its cluster, real or imagined. Later appends are written but not
// replicated. They cannot be read, and their callers get a timeout (ABORTED), which means that the outcome is
// unknown. A real leader sends it after two seconds, this one at once. An append that is repeated during the
// isolation gets the same reply. Rejoin or Depose ends the isolation.
func (s *Server) Isolate() {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.log.isolated = true
}

// Rejoin ends Isolate and replicates what was written meanwhile. It can be read then.
func (s *Server) Rejoin() {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.log.isolated = false
	s.log.publish()
}

// Depose ends Isolate after the other nodes have elected a new leader. It removes what was written meanwhile, which
// no client has read or seen acknowledged, and closes every connection. Later appends reuse the positions; the first
// event is one of the new leader. Depose returns how many events were lost.
func (s *Server) Depose() int {
	s.log.mu.Lock()
	lost := s.log.truncate(len(s.log.all) - s.log.visible)
	s.log.mu.Unlock()
	s.DropConnections()
	return lost
}

// Truncate removes the last events of the log, even acknowledged ones, and closes every connection. Later appends
// reuse the positions. A node that was restored from an older backup behaves like this. Truncate returns how many
// events were lost.
func (s *Server) Truncate(events int) int {
	s.log.mu.Lock()
	lost := s.log.truncate(min(events, len(s.log.all)))
	s.log.mu.Unlock()
	s.DropConnections()
	return lost
}

// truncate removes events from the end of the log and adds the event that a new leader writes. The epoch tells
// running reads that what they read is gone. The caller must hold the lock.
func (l *eventLog) truncate(events int) int {
	keep := len(l.all) - events
	for _, event := range l.all[keep:] {
		stream := l.streams[event.Stream]
		last := len(stream) - 1
		l.streams[event.Stream] = stream[:last:last] // the next append copies, so readers keep their slice
	}
	if events > 0 {
		l.next = l.all[keep].Position
	}
	l.all = l.all[:keep:keep]
	l.recent = newRecentIDs(l.recent.budget)
	for _, event := range l.all {
		l.recent.add(event)
	}
	if keep < l.visible {
		l.epoch.Add(1)
	}
	l.visible, l.isolated = keep, false
	l.elections++
	l.writeSystem("$epoch-information", "$epoch-information", fmt.Sprintf(`{"epochNumber":%d}`, l.elections))
	return events
}
