package ledger_test

import (
	"strings"
	"testing"

	"github.com/clickbook/clickbook/adapters/audit/ledger"
)

const refundReceipts = `{"dlr": {"undelivered": "refund", "expired": "refund"}}`

// ruleStories are the edge cases of the rules of docs/credits.md. The expected books were worked out by hand.
var ruleStories = []struct {
	name, policy, facts string
	from                string // the first fact whose lines are compared
	want                string
}{
	{
		name: "R2 a window for some providers does not prevent a hold; R4 it waives when its provider accepts",
		facts: `
			03-01 00 open A1 UTC
			03-01 00 buy A1 P1 5
			03-02 00 declare W1 03-18 04-01 providers=prov-a
			03-20 10 queue M1 A1 AU 1 1
			03-20 10 queue M2 A1 AU 1 1
			03-20 11 sent M1 1 prov-a
			03-20 11 sent M2 1 prov-b`,
		from: "e4",
		want: `
			e4 hold|M1 A1:paid > A1:held:paid 1
			e5 hold|M2 A1:paid > A1:held:paid 1
			e6 release|M1 A1:held:paid > A1:paid 1
			e7 capture|M2 A1:held:paid > revenue:paid 1
			M1 waived 0-0 window:W1
			M2 captured 1-0
			A1 paid 4 granted 0 held 0`,
	},
	{
		name: "R2 one micro-credit too little blocks; R5 a text that is sent anyway is absorbed, without an item",
		facts: `
			03-01 00 open A1 UTC
			03-01 00 buy A1 P1 1.999999
			03-20 10 queue M1 A1 AU 2 1
			03-20 11 sent M1 1 prov-a
			03-20 11 report M1 1 undelivered
			03-20 12 refund M1 RF1 1
			03-21 00 declare W1 03-18 04-01`,
		policy: refundReceipts,
		want: `
			e2 purchase|P1 issued:paid > A1:paid 1.999999
			M1 absorbed 0-0
			A1 paid 1.999999 granted 0 held 0
			rejected e6 nothing_charged`,
	},
	{
		name: "R2 a debt on paid does not block what lots cover in full; it blocks anything else",
		facts: `
			03-01 00 open A1 UTC
			03-01 00 declare W1 03-18 03-19
			03-02 00 queue M1 A1 AU 1 1 @03-18T10
			03-19 00 sent M1 1 prov-a
			03-19 01 grant A1 G1 1.5 05-01
			03-19 02 queue M2 A1 AU 1 1
			03-19 03 queue M3 A1 AU 1 1`,
		want: `
			e4 capture|M1 A1:paid > revenue:paid 1
			e5 grant|G1 issued:granted > A1:granted 1.5 G1
			e6 hold|M2 A1:granted > A1:held:granted 1 G1
			M1 captured 1-0
			M2 held 0-0
			M3 blocked 0-0
			A1 paid -1 granted 0.5 held 1`,
	},
	{
		name: "R3 the first acceptance in the log charges, even if its instant is later; the others give items",
		facts: `
			03-01 00 open A1 UTC
			03-01 00 buy A1 P1 5
			03-10 10 queue M1 A1 AU 1 1
			03-10 12 sent M1 2 prov-b @03-10T12
			03-10 13 sent M1 1 prov-a @03-10T11
			03-10 13 sent M1 1 prov-a @03-10T11
			03-11 00 declare W1 03-10T11 03-10T12
			03-11 01 declare W2 03-10T12 03-10T13 providers=prov-a
			03-11 02 declare W3 03-10T12 03-10T13 providers=prov-b`,
		from: "e4",
		want: `
			e4 capture|M1 A1:held:paid > revenue:paid 1
			e9 refund|M1|1 refunds:paid > A1:paid 1 window:W3
			M1 captured 1-1 window:W3
			A1 paid 5 granted 0 held 0
			check duplicate_acceptance of M1`,
	},
	{
		name: "R4 waived is final: revocation, receipt and refund have no effect, and the reason stays",
		facts: `
			03-01 00 open A1 UTC
			03-01 00 buy A1 P1 5
			03-10 10 queue M1 A1 AU 1 1
			03-10 11 declare W1 03-10 03-11
			03-10 12 sent M1 1 prov-a
			03-11 00 revoke W1 clawback
			03-11 01 report M1 1 undelivered
			03-11 02 refund M1 RF1 1
			03-11 03 sent M1 2 prov-b`,
		policy: refundReceipts,
		from:   "e3",
		want: `
			e3 hold|M1 A1:paid > A1:held:paid 1
			e5 release|M1 A1:held:paid > A1:paid 1
			M1 waived 0-0 window:W1
			A1 paid 5 granted 0 held 0
			rejected e8 nothing_charged
			check duplicate_acceptance of M1`,
	},
	{
		name: "R5 accepted after a failure is absorbed; a failure that is not final has no effect",
		facts: `
			03-01 00 open A1 UTC
			03-01 00 buy A1 P1 5
			03-10 10 queue M1 A1 AU 1 1
			03-10 11 fail M1 1 retry
			03-10 12 fail M1 2
			03-10 13 sent M1 1 prov-a @03-10T10
			03-10 14 queue M2 A1 AU 1 1
			03-10 15 sent M2 1 prov-a
			03-10 16 fail M2 2`,
		from: "e3",
		want: `
			e3 hold|M1 A1:paid > A1:held:paid 1
			e5 release|M1 A1:held:paid > A1:paid 1
			e7 hold|M2 A1:paid > A1:held:paid 1
			e8 capture|M2 A1:held:paid > revenue:paid 1
			M1 absorbed 0-0
			M2 captured 1-0
			A1 paid 4 granted 0 held 0
			check accepted_after_final_failure of M1`,
	},
	{
		name: "R6 the lists of a window must all match, one window suffices; revoking one of two changes nothing",
		facts: `
			03-01 00 open A1 UTC
			03-01 00 buy A1 P1 5
			03-10 10 queue M1 A1 AU 1 1
			03-10 12 sent M1 1 prov-a
			03-11 00 declare W1 03-10 03-11 countries=AU,NZ providers=prov-b
			03-11 01 declare W2 03-10 03-11 countries=BR
			03-11 02 declare W3 03-10 03-11 countries=AU,NZ accounts=A1 providers=prov-a
			03-11 03 declare W4 03-10 03-11
			03-11 04 revoke W3 clawback`,
		from: "e4",
		want: `
			e4 capture|M1 A1:held:paid > revenue:paid 1
			e7 refund|M1|1 refunds:paid > A1:paid 1 window:W3
			M1 captured 1-1 window:W4
			A1 paid 5 granted 0 held 0`,
	},
	{
		name: "R8 every accepted attempt needs a receipt that refunds; once proven, that is final",
		facts: `
			03-01 00 open A1 UTC
			03-01 00 buy A1 P1 9
			03-10 10 queue M1 A1 AU 1 1
			03-10 10 sent M1 1 prov-a
			03-10 11 sent M1 2 prov-b
			03-10 12 report M1 1 undelivered
			03-10 13 report M1 2 unknown
			03-10 14 report M1 2 expired
			03-10 15 sent M1 3 prov-c
			03-10 16 report M1 3 delivered
			03-11 10 queue M2 A1 AU 1 1
			03-11 10 report M2 1 undelivered
			03-11 11 sent M2 1 prov-a
			03-11 12 report M2 1 delivered`,
		policy: refundReceipts,
		from:   "e4",
		want: `
			e4 capture|M1 A1:held:paid > revenue:paid 1
			e8 refund|M1|1 refunds:paid > A1:paid 1 dlr
			e11 hold|M2 A1:paid > A1:held:paid 1
			e13 capture|M2 A1:held:paid > revenue:paid 1
			e13 refund|M2|1 refunds:paid > A1:paid 1 dlr
			M1 captured 1-1 dlr
			M2 captured 1-1 dlr
			A1 paid 9 granted 0 held 0
			check duplicate_acceptance of M1
			check duplicate_acceptance of M1`,
	},
	{
		name: "R8 a receipt that the policy keeps prevents the refund",
		facts: `
			03-01 00 open A1 UTC
			03-01 00 buy A1 P1 9
			03-10 10 queue M1 A1 AU 1 1
			03-10 10 sent M1 1 prov-a
			03-10 11 sent M1 2 prov-b
			03-10 12 report M1 1 undelivered
			03-10 13 report M1 2 expired`,
		policy: `{"dlr": {"undelivered": "refund"}}`,
		from:   "e4",
		want: `
			e4 capture|M1 A1:held:paid > revenue:paid 1
			M1 captured 1-0
			A1 paid 8 granted 0 held 0
			check duplicate_acceptance of M1`,
	},
	{
		name: "R8 manual refunds add up by key, up to the price; R10 a clawback leaves them",
		facts: `
			03-01 00 open A1 UTC
			03-01 00 buy A1 P1 5
			03-10 10 queue M1 A1 AU 1 1
			03-10 10 refund M1 RF0 1
			03-10 11 sent M1 1 prov-a
			03-11 00 refund M1 RF1 0.25
			03-11 01 refund M1 RF1 0.75
			03-11 02 declare W1 03-10 03-11
			03-11 03 refund M1 RF2 0.5
			03-11 04 revoke W1 clawback
			03-11 05 refund M1 RF3 5`,
		from: "e5",
		want: `
			e5 capture|M1 A1:held:paid > revenue:paid 1
			e6 refund|M1|1 refunds:paid > A1:paid 0.25 manual
			e8 refund|M1|2 refunds:paid > A1:paid 0.75 window:W1
			e10 reversal|M1|3 A1:paid > refunds:paid 0.25 window:W1
			e11 refund|M1|4 refunds:paid > A1:paid 0.25 manual
			M1 captured 1-1 manual
			A1 paid 5 granted 0 held 0
			rejected e4 nothing_charged`,
	},
	{
		name: "R10 goodwill survives a later clawback; only messages that lost coverage get it",
		facts: `
			03-01 00 open A1 UTC
			03-01 00 buy A1 P1 5
			03-10 10 queue M1 A1 AU 1 1
			03-10 10 sent M1 1 prov-a
			03-20 10 queue M2 A1 AU 1 1
			03-20 10 sent M2 1 prov-a
			03-21 00 declare W1 03-10 03-11
			03-21 01 amend W1 03-20 03-21
			03-21 02 declare W2 03-10 03-21
			03-21 03 revoke W2 clawback
			03-21 04 revoke W1 clawback`,
		from: "e7",
		want: `
			e7 refund|M1|1 refunds:paid > A1:paid 1 window:W1
			e8 refund|M2|1 refunds:paid > A1:paid 1 window:W1
			e11 reversal|M2|2 A1:paid > refunds:paid 1 window:W1
			M1 captured 1-1 goodwill
			M2 captured 1-0
			A1 paid 4 granted 0 held 0`,
	},
	{
		name: "R10 a reversal may leave a debt; R11 the next refund undoes it",
		facts: `
			03-01 00 open A1 UTC
			03-01 00 buy A1 P1 1
			03-10 10 queue M1 A1 AU 1 1
			03-10 10 sent M1 1 prov-a
			03-11 00 declare W1 03-10 03-11
			03-12 10 queue M2 A1 AU 1 1
			03-12 11 revoke W1 clawback
			03-12 12 queue M3 A1 AU 1 1
			03-12 13 declare W2 03-10 03-11`,
		from: "e5",
		want: `
			e5 refund|M1|1 refunds:paid > A1:paid 1 window:W1
			e6 hold|M2 A1:paid > A1:held:paid 1
			e7 reversal|M1|2 A1:paid > refunds:paid 1 window:W1
			e9 refund|M1|3 refunds:paid > A1:paid 1 window:W2
			M1 captured 1-1 window:W2
			M2 held 0-0
			M3 blocked 0-0
			A1 paid 0 granted 0 held 1`,
	},
}

func TestReplayFollowsTheRules(t *testing.T) {
	for _, s := range append(ruleStories, lotStories...) {
		t.Run(s.name, func(t *testing.T) {
			facts := storyFacts(t, s.facts)
			if s.from == "" {
				s.from = "e1"
			}
			books := replay(t, encodeFacts(t, facts), ledger.ReplayOptions{Policy: []byte(s.policy)})
			got, want := summary(s.from, books), strings.TrimSpace(strings.ReplaceAll(s.want, "\t", ""))+"\n"
			if got != want {
				t.Errorf("books differ\n got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}
