package outagedetect

import "time"

// Kind is what happened to a message.
type Kind uint8

// The kinds of facts. A rejected message was refused when it was submitted; a failed one was accepted before. The two
// kinds of a poll tell only the cause of an outage: they are not final.
const (
	Submitted Kind = iota + 1
	Delivered
	Failed
	Rejected
	PolledDelivered
	PolledOpen // not delivered, or not known
)

// Class is the class of a failure or a rejection.
type Class string

// The classes. Only CAR, CNT, PRV and U count as failures of the provider or of a network. A failure of the other
// classes removes the message from the statistic, as if it had never been sent.
const (
	ClassNumber        Class = "NUM"
	ClassOptOut        Class = "OPT"
	ClassHandset       Class = "HND"
	ClassContent       Class = "CNT"
	ClassCarrier       Class = "CAR"
	ClassThrottle      Class = "THR"
	ClassProvider      Class = "PRV"
	ClassConfiguration Class = "CFG"
	ClassUnknown       Class = "U"
)

// counts reports whether a failure of the class says something about the provider or a network.
func (c Class) counts() bool {
	switch c {
	case ClassNumber, ClassOptOut, ClassHandset, ClassThrottle, ClassConfiguration:
		return false
	case ClassContent, ClassCarrier, ClassProvider, ClassUnknown:
		return true
	}
	return true // a class never heard of is unknown
}

// refusesAll reports whether a rejection of the class is evidence against the provider's API.
func (c Class) refusesAll() bool { return c == ClassProvider || c == ClassUnknown || c == "" }

// Fact is one thing that happened to one message at one provider.
type Fact struct {
	At       time.Time
	Message  string // unique at the provider; of the receipt or poll, that of the submit
	Kind     Kind
	Provider string
	Country  string // ISO 3166-1 alpha-2
	Network  string // MCC-MNC; empty if unknown. A receipt may tell it first
	Account  string
	To       string // keyed hash of the number
	Class    Class  // of Failed and Rejected
	Limited  bool   // the provider's code concerns this country only
}
