package commands

import (
	"encoding"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"

	"github.com/clickbook/clickbook/domain"
)

// stateHead is what a snapshot holds beside the state.
type stateHead struct {
	Account  domain.AccountID `json:"account"`
	Position domain.Position  `json:"position"`
}

// encodeState returns a snapshot with its checksum: the length of the head, the head as JSON, and the state in its
// binary form if it has one, else as JSON. A folded state holds sums that no event contradicts, so a damaged one would
// decide and show wrong numbers.
func encodeState(stream domain.Stream, revision domain.Revision, head stateHead, state any) ([]byte, error) {
	front, err := json.Marshal(head)
	if err != nil {
		return nil, err
	}
	var body []byte
	if own, ok := state.(encoding.BinaryMarshaler); ok {
		body, err = own.MarshalBinary()
	} else {
		body, err = json.Marshal(state)
	}
	if err != nil {
		return nil, err
	}
	data := make([]byte, sumLength, sumLength+binary.MaxVarintLen32+len(front)+len(body))
	data = append(binary.AppendUvarint(data, uint64(len(front))), front...)
	data = append(data, body...)
	binary.BigEndian.PutUint32(data, stateSum(stream, revision, data[sumLength:]))
	return data, nil
}

// decodeState reads the result of encodeState into a state. It returns an error for a damaged snapshot, for one of
// another stream or revision, and for one in an older form.
func decodeState(stream domain.Stream, revision domain.Revision, data []byte, into any) (head stateHead, err error) {
	if len(data) < sumLength || binary.BigEndian.Uint32(data) != stateSum(stream, revision, data[sumLength:]) {
		return head, errDamaged
	}
	data = data[sumLength:]
	length, n := binary.Uvarint(data)
	if n <= 0 || length > uint64(len(data)-n) {
		return head, errDamaged
	}
	front, body := data[n:n+int(length)], data[n+int(length):]
	if err := json.Unmarshal(front, &head); err != nil {
		return head, err
	}
	if own, ok := into.(encoding.BinaryUnmarshaler); ok {
		return head, own.UnmarshalBinary(body)
	}
	return head, json.Unmarshal(body, into)
}

var errDamaged = errors.New("damaged snapshot")

const sumLength = 4

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func stateSum(stream domain.Stream, revision domain.Revision, state []byte) uint32 {
	place := binary.BigEndian.AppendUint64([]byte(stream), uint64(revision))
	return crc32.Update(crc32.Checksum(place, castagnoli), castagnoli, state)
}
