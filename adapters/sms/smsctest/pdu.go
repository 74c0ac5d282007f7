package smsctest

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// Optional parameters (SMPP 3.4, 5.3.2).
const (
	TagReceiptedID    = 0x001E
	TagMessagePayload = 0x0424
	TagNetworkError   = 0x0423
	TagMessageState   = 0x0427
)

// TLV returns the bytes of an optional parameter.
func TLV(tag uint16, value []byte) []byte {
	tlv := binary.BigEndian.AppendUint16(nil, tag)
	return append(binary.BigEndian.AppendUint16(tlv, uint16(len(value))), value...)
}

// parseSubmit reads the body of a submit_sm (4.4.1). What is cut off is left empty.
func parseSubmit(body []byte) Submit {
	var s Submit
	body = append(body, make([]byte, 16)...) // so that a short body can be read to its end
	_, rest := text(body)
	s.FromTON, s.FromNPI = rest[0], rest[1]
	s.From, rest = text(rest[2:])
	s.ToTON, s.ToNPI = rest[0], rest[1]
	s.To, rest = text(rest[2:])
	s.Class = rest[0]
	_, rest = text(rest[3:])
	s.Validity, rest = text(rest)
	s.Registered, s.Coding = rest[0], rest[2]
	length := min(int(rest[4]), len(rest)-5)
	s.Text, rest = rest[5:5+length], rest[5+length:]
	for rest = rest[:max(0, len(rest)-16)]; len(rest) >= 4; {
		tag, n := binary.BigEndian.Uint16(rest), int(binary.BigEndian.Uint16(rest[2:]))
		n = min(n, len(rest)-4)
		if tag == TagMessagePayload {
			s.Text, s.Payload = rest[4:4+n], true
		}
		rest = rest[4+n:]
	}
	return s
}

// body returns the body of the deliver_sm (4.6.1) of a receipt.
func (r Receipt) body(handset, sender, id string) []byte {
	if r.ID != "" {
		id = r.ID
	}
	said := r.Text
	if said == "" && r.Stat != "" {
		delivered := "000"
		if r.Stat == "DELIVRD" {
			delivered = "001"
		}
		said = fmt.Sprintf("id:%s sub:001 dlvrd:%s submit date:2611281450 done date:2611281451 stat:%s err:%s text:",
			id, delivered, r.Stat, r.Err)
	}
	const receipt = 0x04
	body := deliver(handset, sender, receipt, 0, []byte(said))
	if r.State != 0 {
		body = append(body, TLV(TagReceiptedID, terminated(id))...)
		body = append(body, TLV(TagMessageState, []byte{r.State})...)
		body = append(body, TLV(TagNetworkError, r.Error[:])...)
	}
	return body
}

func deliver(from, to string, class, coding byte, text []byte) []byte {
	if len(text) > 254 {
		text = text[:254]
	}
	body := append([]byte{0, 1, 1}, terminated(from)...)
	body = append(append(body, 1, 1), terminated(to)...)
	body = append(body, class, 0, 0, 0, 0, 0, 0, coding, 0, byte(len(text)))
	return append(body, text...)
}

// Receipt sends a receipt for a text of a handset, over any link that receives. It returns where the status of the
// response arrives.
func (s *SMSC) Receipt(handset, sender string, receipt Receipt) <-chan uint32 {
	s.t.Helper()
	return s.deliver(receipt.body(handset, sender, ""))
}

// Inbound sends a text from a handset.
func (s *SMSC) Inbound(handset, sender string, coding byte, text []byte, parameters ...[]byte) <-chan uint32 {
	s.t.Helper()
	body := deliver(handset, sender, 0, coding, text)
	for _, parameter := range parameters {
		body = append(body, parameter...)
	}
	return s.deliver(body)
}

func (s *SMSC) deliver(body []byte) <-chan uint32 {
	s.t.Helper()
	links := s.connected(true)
	if len(links) == 0 {
		s.t.Fatal("no link receives")
	}
	return links[0].request(deliverSM, body)
}

// Raw writes bytes to every link that receives.
func (s *SMSC) Raw(bytes []byte) {
	for _, l := range s.connected(true) {
		l.mu.Lock()
		_, _ = l.conn.Write(bytes)
		l.mu.Unlock()
	}
}

// ByLastDigits is the script that the last two digits of the number choose: 11 to 14 refuse the text (invalid number,
// throttled, queue full, system error), 21 to 27 end it otherwise, 31 brings no receipt, and any other delivers it.
func ByLastDigits(submit Submit) Reply {
	last := submit.To[max(0, len(submit.To)-2):]
	refusals := map[string]uint32{"11": 0x0B, "12": 0x58, "13": 0x14, "14": 0x08}
	if status, ok := refusals[last]; ok {
		return Reply{Status: status}
	}
	if last == "31" || submit.Registered&3 == 0 {
		return Reply{}
	}
	ends := map[string]Receipt{
		"21": {Stat: "UNDELIV", Err: "001", State: 5}, "22": {Stat: "EXPIRED", Err: "002", State: 3},
		"23": {Stat: "REJECTD", Err: "003", State: 8}, "24": {Stat: "UNKNOWN", Err: "004", State: 7},
		"25": {Stat: "DELETED", Err: "005", State: 4}, "26": {Stat: "ENROUTE", Err: "000", State: 1},
		"27": {Stat: "ACCEPTD", Err: "000", State: 6},
	}
	end, ok := ends[last]
	if !ok {
		end = Receipt{Stat: "DELIVRD", Err: "000", State: 2}
	}
	return Reply{Receipts: []Receipt{end}}
}

// Digits returns a number with the last two digits.
func Digits(last string) string { return "+1415555" + strings.Repeat("0", 4-len(last)) + last }
