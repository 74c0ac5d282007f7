// Package esdbtest is an in-process server that speaks EventStoreDB's protocol, for tests of those who speak to a
// real one. It is built on the protocol definitions that the official client exports, keeps its log in memory and
// nowhere else, listens on the loopback address only, without encryption and without users, and can be told to
// fail: to lose a reply, to answer that another node leads, to break off in the middle of a read, to lose an
// election.
//
// What it honours, as a node of version 24.10 does: appends with every kind of expected revision, and their
// repetition; reads of streams and of $all in both directions; subscriptions with filters, checkpoints and the
// caught-up message; soft deletion, tombstones and stream metadata ($maxAge, $maxCount, $tb); links; gossip and the
// list of features. The client's own test files are run against it, see TestClientSuite.
//
// What it refuses to be: a database. There is no disk, no scavenging, no access control, no persistent
// subscription, no projection, no batch append. A regular expression in a filter is Go's, not .NET's.
package esdbtest
