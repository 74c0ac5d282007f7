// Package esdbtest is an in-process server that speaks EventStoreDB's protocol, for testing clients. It uses the
// protocol definitions that the official client exports. It keeps its log in memory and listens on the loopback
// address without encryption or users. It can inject failures: lose a reply, name another leader, break off a read,
// lose an election.
//
// It behaves like a node of version 24.10 for these calls: appends with every kind of expected revision, and repeated
// appends; reads of streams and of $all in both directions; subscriptions with filters, checkpoints and the caught-up
// message; soft deletion, tombstones and stream metadata ($maxAge, $maxCount, $tb); links; gossip and the list of
// features. TestClientSuite runs the client's own test files against it.
//
// It is not a database. It has no disk, scavenging, access control, persistent subscriptions, projections or batch
// append. Regular expressions in filters are Go's, not .NET's.
package esdbtest
