package domain

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
)

// ErrDamaged is returned for a stored event whose content does not match its checksum.
var ErrDamaged = errors.New("damaged")

// checksumMark begins the last field of the metadata of an event with a checksum. Eight hexadecimal digits and
// checksumEnd follow.
const (
	checksumMark = `,"crc32c":"`
	checksumEnd  = `"}`
	checksumSize = len(checksumMark) + 8 + len(checksumEnd)
)

// castagnoli is the polynomial of CRC-32C (RFC 3720, appendix B.4), for which processors have an instruction.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// WithChecksum returns the event with a checksum as the last field of its metadata, which Encode made. It covers the
// whole entry except its position, so an event that is moved to another stream, revision or append does not match. The
// position is the store's: a copy in another store has other ones.
func (e Entry) WithChecksum() Stored {
	stored := e.Stored
	open := e.Meta[:len(e.Meta)-1] // without the brace
	meta := make([]byte, 0, len(open)+checksumSize)
	meta = append(append(meta, open...), checksumMark...)
	sum := digits(e.checksum(open))
	stored.Meta = append(append(meta, sum[:]...), checksumEnd...)
	return stored
}

// Check compares the entry with its checksum and returns ErrDamaged if they differ. An event that was stored before
// events had checksums has none: then checked is false.
func (e Entry) Check() (checked bool, err error) {
	open, said, found := cutChecksum(e.Meta)
	if !found {
		return false, nil
	}
	if sum := digits(e.checksum(open)); string(sum[:]) != string(said) {
		return true, fmt.Errorf("%s at position %s, revision %d of %s, is %w: its checksum is %q and its content has %q; "+
			"run `clickbook verify`", e.Type, e.Position, e.Revision, e.Stream, ErrDamaged, string(said), string(sum[:]))
	}
	return true, nil
}

// digits returns a checksum in hexadecimal.
func digits(sum uint32) (text [8]byte) {
	var raw [4]byte
	binary.BigEndian.PutUint32(raw[:], sum)
	hex.Encode(text[:], raw[:])
	return text
}

// cutChecksum returns the metadata before the checksum, and the checksum.
func cutChecksum(meta []byte) (open, sum []byte, found bool) {
	at := len(meta) - checksumSize
	if at < 1 || string(meta[at:at+len(checksumMark)]) != checksumMark ||
		string(meta[len(meta)-len(checksumEnd):]) != checksumEnd {
		return meta, nil, false
	}
	return meta[:at], meta[at+len(checksumMark) : len(meta)-len(checksumEnd)], true
}

// checksum computes the checksum with the metadata up to the checksum. Lengths separate the texts, so that no two
// entries have the same bytes.
func (e Entry) checksum(meta []byte) uint32 {
	space := spaces.Get().(*[]byte)
	defer spaces.Put(space)
	place := binary.BigEndian.AppendUint64((*space)[:0], uint64(e.Revision))
	for _, n := range [...]int{e.Rest, len(e.Stream), len(e.Type), len(e.Data)} {
		place = binary.BigEndian.AppendUint32(place, uint32(n))
	}
	place = append(append(append(place, e.ID[:]...), e.Stream...), e.Type...)
	*space = place
	sum := crc32.Update(0, castagnoli, place)
	sum = crc32.Update(sum, castagnoli, e.Data)
	return crc32.Update(sum, castagnoli, meta)
}
