package message_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/clickbook/clickbook/domain"
	"github.com/clickbook/clickbook/domain/message"
)

func replies() []example {
	reply := func(provider, inbound, words string) message.RecordReply {
		return message.RecordReply{Message: id, Reply: message.Reply{
			Provider: provider, Inbound: inbound, Text: domain.Secret(words), Meaning: "other", At: due,
		}}
	}
	replied := func(provider, inbound, words string) message.ReplyReceived {
		return message.ReplyReceived{
			Message: id, Account: account, Client: ana, Provider: provider, Inbound: inbound, Text: domain.Secret(words),
			Meaning: "other", At: due,
		}
	}
	one := replied("alpha", "in-1", "I am late")
	sent := given(queued, first, sent(first, "a1", due))
	full := sent
	for n := range 100 {
		full = append(full, replied("alpha", strconv.Itoa(n), "again"))
	}
	return []example{
		{Name: "a reply", Given: sent, When: reply("alpha", "in-1", "I am late"), Then: given(one)},
		{Name: "the reply repeated", Given: append(sent, one), When: reply("alpha", "in-1", "I am late")},
		{
			Name: "another provider with the same id", Given: append(sent, one), When: reply("beta", "in-1", "hello"),
			Then: given(replied("beta", "in-1", "hello")),
		},
		{
			Name: "a reply that is too long", Given: sent, When: reply("alpha", "in-1", strings.Repeat("é", 2000)),
			Then: given(replied("alpha", "in-1", strings.Repeat("é", 1000))),
		},
		{
			Name: "a reply that is not UTF-8", Given: sent, When: reply("alpha", "in-1", "a\xff"),
			Then: given(replied("alpha", "in-1", "a\ufffd")),
		},
		{Name: "too many replies", Given: full, When: reply("alpha", "in-1", "again"), Refused: message.ErrReplies},
		{Name: "a reply to an email", Given: given(mailing), When: reply("alpha", "in-1", "hi"), Refused: message.ErrChannel},
		{Name: "a reply to nothing", When: reply("alpha", "in-1", "hi"), Refused: message.ErrUnknown},
	}
}

func TestReplyOf(t *testing.T) {
	state := message.Decider.Fold(queued, message.ReplyReceived{
		Message: id, Provider: "alpha", Inbound: "in-1", Text: domain.Secret("yes"), Meaning: "yes", At: due,
	})
	if found, ok := state.ReplyOf("alpha", "in-1"); !ok || found.Text.Reveal() != "yes" {
		t.Errorf("the reply is %+v, %t", found, ok)
	}
	if found, ok := state.ReplyOf("beta", "in-1"); ok {
		t.Errorf("another provider's reply is %+v", found)
	}
}
