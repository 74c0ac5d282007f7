package commands

import (
	"encoding/binary"
	"hash/crc32"

	"github.com/clickbook/clickbook/domain"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checkedState puts a checksum in front of the stored form of a snapshot. A folded state holds sums that no event
// contradicts, so a damaged one would decide and show wrong numbers.
func checkedState(stream domain.Stream, revision domain.Revision, state []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, stateSum(stream, revision, state)), state...)
}

// stateOf returns the state that checkedState stored. It returns false for a damaged state, one of another stream or
// revision, and one that was stored before states had checksums.
func stateOf(stream domain.Stream, revision domain.Revision, stored []byte) (state []byte, ok bool) {
	if len(stored) < 4 {
		return nil, false
	}
	state = stored[4:]
	return state, binary.BigEndian.Uint32(stored) == stateSum(stream, revision, state)
}

func stateSum(stream domain.Stream, revision domain.Revision, state []byte) uint32 {
	place := binary.BigEndian.AppendUint64([]byte(stream), uint64(revision))
	return crc32.Update(crc32.Checksum(place, castagnoli), castagnoli, state)
}
