package esdbtest

import "fmt"

// Isolate cuts the node off from the other nodes of its cluster, of which there are as many as a test imagines. What
// is appended now is written, but it is not replicated: nobody can read it, and who appends is told that the time was
// up and the outcome is unknown (ABORTED), as after two seconds on a real leader, only at once. An append that comes
// again while the node is isolated gets the same answer. Rejoin or Depose decides what becomes of it.
func (s *Server) Isolate() {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.log.isolated = true
}

// Rejoin ends Isolate well: what was written meanwhile reaches the other nodes, and can be read.
func (s *Server) Rejoin() {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.log.isolated = false
	s.log.publish()
}

// Depose ends Isolate badly: the other nodes have elected a new leader. What was written meanwhile is cut off the log
// and was never read or acknowledged by anybody, every connection is closed, and what is appended later takes the
// positions over, an event of the new leader first. It returns how many events vanished.
func (s *Server) Depose() int {
	s.log.mu.Lock()
	lost := s.log.truncate(len(s.log.all) - s.log.visible)
	s.log.mu.Unlock()
	s.DropConnections()
	return lost
}

// Truncate cuts the last events off the log, those that were acknowledged and read too, closes every connection, and
// lets later appends take the positions over. A cluster that is run as it should be never does that; a node that was
// restored from an older backup does. It returns how many events vanished.
func (s *Server) Truncate(events int) int {
	s.log.mu.Lock()
	lost := s.log.truncate(min(events, len(s.log.all)))
	s.log.mu.Unlock()
	s.DropConnections()
	return lost
}

// truncate cuts events off the end of the log and adds one that a new leader writes; under the lock. Whoever is in the
// middle of reading what vanished learns it from the epoch.
func (l *eventLog) truncate(events int) int {
	keep := len(l.all) - events
	for _, event := range l.all[keep:] {
		stream := l.streams[event.Stream]
		last := len(stream) - 1
		l.streams[event.Stream] = stream[:last:last] // the next append copies: readers keep what they were given
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
	l.writeOwn("$epoch-information", "$epoch-information", fmt.Sprintf(`{"epochNumber":%d}`, l.elections))
	return events
}
