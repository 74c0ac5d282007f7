package message_test

import (
	"strings"
	"time"

	"github.com/clickbook/clickbook/domain/message"
)

func mails() []example {
	took := message.MailSent{Message: id, Account: account, SentAt: due}
	refused := message.MailFailed{Message: id, Account: account, Code: "550"}
	mailed := message.Mailed{Message: id, At: due}
	fail := message.FailMail{Message: id, Code: "550"}
	none := message.MessageSuppressed{Message: id, Account: account, Channel: message.Email, Reason: "erased"}
	return append([]example{
		{Name: "is mailed", Given: given(mailing), When: mailed, Then: given(took)},
		{Name: "mailed after its end", Given: given(mailing, refused), When: mailed, Refused: message.ErrOver},
		{Name: "a text is not mailed", Given: given(queued), When: mailed, Refused: message.ErrChannel},
		{Name: "unknown is not mailed", When: mailed, Refused: message.ErrUnknown},

		{Name: "the mail server refuses it", Given: given(mailing), When: fail, Then: given(refused)},
		{Name: "after delays too", Given: given(mailing, delayed(1)), When: fail, Then: given(refused)},
		{
			Name: "a reply that is no code is cut off", Given: given(mailing),
			When: message.FailMail{Message: id, Code: "550 5.1.1\r\nana@example.com"},
			Then: given(message.MailFailed{Message: id, Account: account, Code: "550 5.1.1"}),
		},
		{
			Name: "a code that is too long is cut off", Given: given(mailing),
			When: message.FailMail{Message: id, Code: strings.Repeat("5", 50)},
			Then: given(message.MailFailed{Message: id, Account: account, Code: strings.Repeat("5", 40)}),
		},
		{Name: "refused after it was sent", Given: given(mailing, took), When: fail, Refused: message.ErrOver},
		{Name: "refused after it was suppressed", Given: given(mailing, none), When: fail, Refused: message.ErrOver},
		{Name: "a text is not refused so", Given: given(queued), When: fail, Refused: message.ErrChannel},
	}, append(delays(), bounces()...)...)
}

func delayed(n int) message.MailDelayed {
	until := due.Add(time.Duration(n) * time.Minute)
	return message.MailDelayed{Message: id, Account: account, Attempt: n, Code: "451 4.3.0", Until: until}
}

func delays() []example {
	delay := func(n int) message.DelayMail {
		return message.DelayMail{Message: id, Attempt: n, Code: "451 4.3.0", Until: delayed(n).Until}
	}
	late := delay(1)
	late.Until = start
	took := message.MailSent{Message: id, Account: account, SentAt: due}
	return []example{
		{Name: "is delayed", Given: given(mailing), When: delay(1), Then: given(delayed(1))},
		{Name: "and again", Given: given(mailing, delayed(1)), When: delay(2), Then: given(delayed(2))},
		{Name: "the same delay again", Given: given(mailing, delayed(1), delayed(2)), When: delay(1)},
		{Name: "a delay that skips one", Given: given(mailing), When: delay(2), Refused: message.ErrNumber},
		{Name: "until it is useless", Given: given(mailing), When: late, Refused: message.ErrTooLate},
		{Name: "delayed after it was sent", Given: given(mailing, took), When: delay(1), Refused: message.ErrOver},
		{Name: "a text is not delayed so", Given: given(queued), When: delay(1), Refused: message.ErrChannel},
		{
			Name: "mailed after a delay", Given: given(mailing, delayed(1)),
			When: message.Mailed{Message: id, At: due}, Then: given(took),
		},
	}
}

func bounces() []example {
	took := message.MailSent{Message: id, Account: account, SentAt: due}
	back := message.MailBounced{Message: id, Account: account, Permanent: true, Code: "5.1.1", At: due.Add(time.Hour)}
	full := message.MailBounced{Message: id, Account: account, Code: "4.2.2", At: due.Add(time.Hour)}
	bounce := message.Bounce{Message: id, Permanent: true, Code: "5.1.1", At: back.At}
	proof := took
	proof.SentAt = back.At
	refused := message.MailFailed{Message: id, Account: account, Code: "550"}
	return []example{
		{Name: "bounces", Given: given(mailing, took), When: bounce, Then: given(back)},
		{
			Name: "does not arrive, though the address is good", Given: given(mailing, took),
			When: message.Bounce{Message: id, Code: "4.2.2", At: full.At}, Then: given(full),
		},
		{Name: "the first report counts", Given: given(mailing, took, full), When: bounce},
		{Name: "was sent, as its bounce proves", Given: given(mailing), When: bounce, Then: given(proof, back)},
		{Name: "bounces after it failed", Given: given(mailing, refused), When: bounce},
		{Name: "not sent again after it bounced", Given: given(mailing, took, back), When: message.Mailed{Message: id, At: due}},
		{
			Name: "not refused after it bounced", Given: given(mailing, took, back),
			When: message.FailMail{Message: id, Code: "550"}, Refused: message.ErrOver,
		},
		{Name: "a text does not bounce", Given: given(queued), When: bounce, Refused: message.ErrChannel},
		{Name: "unknown does not bounce", When: bounce, Refused: message.ErrUnknown},
	}
}
