package message

import "slices"

// Fault says why a provider did not accept or did not deliver a text, in terms that do not depend on the provider. The
// table of each provider maps its codes to faults; a code that is not in the table is FaultUnknown.
type Fault string

// The faults. What follows from each is in Class, and in the detection of outages.
const (
	FaultNumber    Fault = "NUM" // the number does not exist or takes no texts: nobody can deliver it
	FaultOptedOut  Fault = "OPT" // the client or the carrier bars texts to the number
	FaultHandset   Fault = "HND" // the handset is off or out of reach for now
	FaultContent   Fault = "CNT" // the text or its sender was filtered; a surge means a ban by carriers
	FaultCarrier   Fault = "CAR" // the carrier or the network failed
	FaultThrottle  Fault = "THR" // the provider asks for a slower pace
	FaultProvider  Fault = "PRV" // the provider has internal trouble
	FaultConfigure Fault = "CFG" // our account with the provider: credentials, funds, sender, address
	FaultUnknown   Fault = "U"   // anything else
)

// Faults lists every fault.
func Faults() []Fault {
	return []Fault{
		FaultNumber, FaultOptedOut, FaultHandset, FaultContent, FaultCarrier, FaultThrottle, FaultProvider,
		FaultConfigure, FaultUnknown,
	}
}

// The classes of failed attempts, which decide what follows.
const (
	Permanent   = "permanent" // no provider can deliver it: the text fails
	Transient   = "transient" // the same provider may accept it later
	ByProvider  = "provider"  // another provider may accept it now
	Unexplained = "unknown"   // the provider did not accept it and gave no known reason: another may accept it
)

// Class returns what follows when an attempt fails with the fault before a provider accepted it.
func (f Fault) Class() string {
	switch f {
	case FaultNumber, FaultOptedOut:
		return Permanent
	case FaultHandset, FaultThrottle, FaultProvider:
		return Transient
	case FaultContent, FaultCarrier, FaultConfigure:
		return ByProvider
	case FaultUnknown:
	}
	return Unexplained
}

// valid reports whether a stored fault may be f. Absent is valid.
func (f Fault) valid() bool { return f == "" || slices.Contains(Faults(), f) }
