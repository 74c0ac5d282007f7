package smpp

import (
	"unicode/utf16"

	"github.com/linxGnu/gosmpp/data"

	"github.com/clickbook/clickbook/domain/message"
)

// Octets of a text in one message, and in each part of a longer one. GSM characters take an octet each in SMPP.
const (
	gsmSingle, gsmPart = 160, 153
	ucsSingle, ucsPart = 140, 134
	payloadLongest     = 2000 // octets that are sent as message_payload
)

// encode returns the octets of a text in parts, as they are priced, and their encoding: the GSM alphabet, or UTF-16 if
// a character is not in it. A character is never split.
func encode(text string) ([][]byte, data.Encoding, error) {
	encoding, single, part := data.GSM7BIT, gsmSingle, gsmPart
	octets := func(r rune) ([]byte, error) { return data.GSM7BIT.Encode(string(r)) }
	if _, name := message.Segments(text); name == message.UCS2 {
		encoding, single, part = data.UCS2, ucsSingle, ucsPart
		octets = func(r rune) ([]byte, error) {
			var units []byte
			for _, unit := range utf16.Encode([]rune{r}) {
				units = append(units, byte(unit>>8), byte(unit))
			}
			return units, nil
		}
	}
	var whole []byte
	parts := [][]byte{nil}
	for _, r := range text {
		next, err := octets(r)
		if err != nil {
			return nil, nil, err
		}
		whole = append(whole, next...)
		if last := len(parts) - 1; len(parts[last])+len(next) > part {
			parts = append(parts, next)
		} else {
			parts[last] = append(parts[last], next...)
		}
	}
	if len(whole) <= single {
		return [][]byte{whole}, encoding, nil
	}
	return parts, encoding, nil
}

// header returns the user data header of a part (3GPP TS 23.040, 9.2.3.24.1).
func header(text uint8, part, parts int) []byte {
	return []byte{5, 0, 3, text, byte(parts), byte(part)}
}

// decode returns the text in the octets of an inbound message, false if they are not text.
func decode(octets []byte, coding byte) (string, bool) {
	switch coding {
	case 0:
		if text, err := data.GSM7BIT.Decode(octets); err == nil {
			return text, true
		}
		return latin1(octets), true // an SMSC whose default alphabet is not GSM
	case 1, 3:
		return latin1(octets), true
	case 8:
		units := make([]uint16, len(octets)/2)
		for i := range units {
			units[i] = uint16(octets[2*i])<<8 | uint16(octets[2*i+1])
		}
		return string(utf16.Decode(units)), len(octets)%2 == 0
	}
	return "", false
}

func latin1(octets []byte) string {
	runes := make([]rune, len(octets))
	for i, octet := range octets {
		runes[i] = rune(octet)
	}
	return string(runes)
}
