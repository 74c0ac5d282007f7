package smpp

import (
	"strings"
	"time"

	"github.com/linxGnu/gosmpp/data"
	"github.com/linxGnu/gosmpp/pdu"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/commands/messaging"
	"github.com/clickbook/clickbook/domain/message"
)

const (
	longestValidity  = 7 * 24 * time.Hour // more is refused by some SMSCs
	shortestValidity = 5 * time.Second
)

// requests returns the submit_sm of each part.
func (p *Provider) requests(text messaging.Text) ([]pdu.PDU, error) {
	left, err := sms.Validity(p.now(), text.ValidUntil, time.Second, shortestValidity, longestValidity)
	if err != nil {
		return nil, err
	}
	parts, encoding, err := encode(text.Body)
	if err != nil {
		return nil, messaging.Reject(message.FaultContent, "encoding")
	}
	whole := p.config.Settings[fieldLong] == "payload"
	if whole && len(parts) > 1 {
		parts = [][]byte{join(parts)}
	}
	if len(parts) > 255 || whole && len(parts[0]) > payloadLongest {
		return nil, messaging.Reject(message.FaultContent, "too_long")
	}
	number := uint8(p.parts.Add(1))
	var requests []pdu.PDU
	for i, octets := range parts {
		request := pdu.NewSubmitSM().(*pdu.SubmitSM)
		request.SourceAddr, request.DestAddr = p.source(text.From), address(1, 1, digits(text.To))
		request.ValidityPeriod = absolute(p.now().Add(time.Duration(left) * time.Second))
		if i == len(parts)-1 {
			request.RegisteredDelivery = 1
		}
		if len(parts) > 1 {
			request.EsmClass = data.SM_UDH_GSM
			octets = append(header(number, i+1, len(parts)), octets...)
		}
		if whole && len(octets) > 254 {
			request.RegisterOptionalParam(pdu.Field{Tag: pdu.TagMessagePayload, Data: octets})
			octets = nil
		}
		if err := request.Message.SetMessageDataWithEncoding(octets, encoding); err != nil {
			return nil, messaging.Reject(message.FaultContent, "too_long")
		}
		requests = append(requests, request)
	}
	return requests, nil
}

func join(parts [][]byte) []byte {
	var whole []byte
	for _, part := range parts {
		whole = append(whole, part...)
	}
	return whole
}

// absolute returns a time as SMPP writes it, in UTC (SMPP 3.4, 7.1.1).
func absolute(t time.Time) string { return t.UTC().Format("060102150405") + "000+" }

// source returns a sender with the type of its number.
func (p *Provider) source(from string) pdu.Address {
	if from == "" {
		from = p.config.Settings[fieldSender]
	}
	number := digits(from)
	switch {
	case from == "":
		return address(0, 0, "")
	case strings.Trim(number, "0123456789") != "":
		return address(5, 0, from) // letters
	case len(number) <= 8 && number == from:
		return address(3, 0, number) // a short code
	}
	return address(1, 1, number)
}

// address returns an address with its type of number and its numbering plan (SMPP 3.4, 5.2.5 and 5.2.6).
func address(ton, npi byte, number string) pdu.Address {
	a := pdu.NewAddress()
	a.SetTon(ton)
	a.SetNpi(npi)
	_ = a.SetAddress(number) // it fails for 21 characters and more, which no number or sender has
	return a
}
