package smpp

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/linxGnu/gosmpp/pdu"

	"github.com/clickbook/clickbook/adapters/sms"
	"github.com/clickbook/clickbook/adapters/sms/smppcodes"
	"github.com/clickbook/clickbook/commands/messaging"
)

const (
	maxHandled   = 1000             // receipts and inbound texts that are handled at once
	matchTimeout = 10 * time.Second // how long a receipt waits for the response that tells its id
	matchPause   = 2 * time.Second  // before the log is asked again
)

// The bits of esm_class that say what a deliver_sm is (SMPP 3.4, 5.2.12).
const (
	kindMask     = 0x3C
	kindText     = 0x00
	kindReceipt  = 0x04
	kindProgress = 0x20
)

// receiver handles what arrives over one link.
type receiver struct {
	*Provider
	link *link
	sink func(context.Context, sms.Callback) error
	id   string        // of the link, random
	room chan struct{} // holds one element for each deliver_sm that is handled
	busy sync.WaitGroup
}

func newLinkID() string {
	bits := make([]byte, 8)
	_, _ = rand.Read(bits) // never fails
	return hex.EncodeToString(bits)
}

// take handles a deliver_sm and acknowledges it when it is recorded. It does not block: the response that a receipt
// waits for may be next.
func (r *receiver) take(ctx context.Context, f frame) {
	select {
	case r.room <- struct{}{}:
	default:
		r.link.reply(f, statusTemporary)
		return
	}
	r.busy.Go(func() {
		defer func() { <-r.room }()
		r.link.reply(f, r.handle(ctx, f))
	})
}

func (r *receiver) wait() { r.busy.Wait() }

// handle returns the status of the response.
func (r *receiver) handle(ctx context.Context, f frame) smppcodes.Status {
	delivered, ok := f.body.(*pdu.DeliverSM)
	if !ok {
		r.log.Warn("a deliver_sm cannot be read")
		return statusPermanent
	}
	var callback sms.Callback
	switch delivered.EsmClass & kindMask {
	case kindReceipt, kindProgress:
		receipt, ok := r.receipt(ctx, delivered)
		if !ok {
			r.log.Warn("a receipt without an id was dropped")
			return smppcodes.OK
		}
		callback.Receipts = []messaging.Receipt{receipt}
	case kindText:
		inbound, ok := r.inbound(delivered, f.seq)
		if !ok {
			r.log.Warn("an inbound message that is not a text was dropped", "data_coding", coding(delivered))
			return smppcodes.OK
		}
		callback.Inbound = []messaging.Inbound{inbound}
	default:
		return smppcodes.OK // an acknowledgement of the handset, of which we ask for none
	}
	if ctx.Err() != nil {
		return statusTemporary
	}
	if err := r.sink(ctx, callback); err != nil {
		r.log.Warn("what the SMSC sent was not recorded", "error", err)
		return statusTemporary
	}
	return smppcodes.OK
}

// receipt returns what a receipt says. The optional parameters win over the text.
func (r *receiver) receipt(ctx context.Context, d *pdu.DeliverSM) (messaging.Receipt, bool) {
	text, _ := decode(octets(d), 1)
	told := smppcodes.ParseReceipt(text)
	if id, ok := d.OptionalParameters[pdu.TagReceiptedMessageID]; ok {
		if id := strings.TrimRight(id.String(), "\x00"); id != "" {
			told.ID = id
		}
	}
	if state, ok := d.OptionalParameters[pdu.TagMessageStateOption]; ok && len(state.Data) == 1 {
		told.Stat = smppcodes.Stat(state.Data[0])
	}
	if code, ok := d.OptionalParameters[pdu.TagNetworkErrorCode]; ok && len(code.Data) == 3 {
		if n := int(code.Data[1])<<8 | int(code.Data[2]); n != 0 {
			told.Err = fmt.Sprintf("%03d", n)
		}
	}
	if told.ID == "" || told.Stat == "" {
		return messaging.Receipt{}, false
	}
	outcome := r.Outcome(told)
	return r.book.report(messaging.Receipt{
		Reference: r.match(ctx, told.ID, d.SourceAddr.Address()), State: outcome.State, Code: outcome.Code,
		Fault: outcome.Fault, At: r.now(), ProviderID: canonical(sms.Clip(told.ID)),
	}), true
}

// match returns the reference of the text that a receipt is about, or the id of the receipt if no text has it. A
// receipt may come before the response that tells the id, or before another node has recorded it.
func (r *receiver) match(ctx context.Context, id, handset string) string {
	limit := time.After(matchTimeout)
	for {
		answered, _ := r.link.nextResponse()
		if reference, ok := r.book.find(id, handset); ok {
			return reference
		}
		if reference, ok := r.lookup(ctx, id); ok {
			return reference
		}
		select {
		case <-answered:
		case <-time.After(matchPause):
		case <-limit:
			return sms.Clip(id)
		case <-ctx.Done():
			return sms.Clip(id)
		}
	}
}

func (r *receiver) lookup(ctx context.Context, id string) (string, bool) {
	if r.config.Lookup == nil {
		return "", false
	}
	for _, form := range r.book.candidates(id) {
		if reference, ok := r.config.Lookup(ctx, form); ok {
			return reference, true
		}
	}
	return "", false
}

// inbound returns a text that somebody sent us. A part of a longer text is a text of its own.
func (r *receiver) inbound(d *pdu.DeliverSM, seq int32) (messaging.Inbound, bool) {
	text, ok := decode(octets(d), coding(d))
	from := d.SourceAddr.Address()
	if !ok || from == "" {
		return messaging.Inbound{}, false
	}
	return messaging.Inbound{
		Provider: r.config.Provider, ID: fmt.Sprintf("%s-%d", r.id, seq), From: sms.International(from),
		To: d.DestAddr.Address(), Text: text, At: r.now(),
	}, true
}

// octets returns the message without a header, which the library takes off.
func octets(d *pdu.DeliverSM) []byte {
	if message, err := d.Message.GetMessageData(); err == nil && len(message) > 0 {
		return message
	}
	return d.OptionalParameters[pdu.TagMessagePayload].Data
}

func coding(d *pdu.DeliverSM) byte {
	if encoding := d.Message.Encoding(); encoding != nil {
		return encoding.DataCoding()
	}
	return 0xFF // one that the library does not know
}
