package ledger_test

// lotStories are the edge cases of lots: expiry during a hold, refunds into an expired lot, and reversals.
var lotStories = []struct{ name, policy, facts, from, want string }{
	{
		name: "R2 the lot that expires first is used first, then the one granted first",
		facts: `
			03-01 00 open A1 UTC
			03-01 00 grant A1 G3 1 05-01
			03-01 01 grant A1 G1 1 04-01
			03-01 02 grant A1 G2 1 05-01
			03-01 03 buy A1 P1 5
			03-10 10 queue M1 A1 AU 7 0.5`,
		from: "e6",
		want: `
			e6 hold|M1 A1:granted > A1:held:granted 1 G1
			e6 hold|M1 A1:granted > A1:held:granted 1 G3
			e6 hold|M1 A1:granted > A1:held:granted 1 G2
			e6 hold|M1 A1:paid > A1:held:paid 0.5
			M1 held 0-0
			A1 paid 4.5 granted 0 held 3.5`,
	},
	{
		name: "R11 a lot expires during its holds: one is captured, one is released into a new lot that expires too",
		facts: `
			03-01 00 open A1 UTC
			03-01 00 grant A1 G1 3 03-11
			03-10 10 queue M1 A1 AU 1 1
			03-10 10 queue M2 A1 AU 1 1
			03-11 00 expire G1
			03-11 00 expire G1
			03-12 00 sent M1 1 prov-a
			03-13 00 fail M2 1
			03-14 00 declare W1 03-12 03-13
			04-12 00 expire G1+h|M2
			04-13 00 expire G9`,
		from: "e5",
		want: `
			e5 expire|G1 A1:granted > expired 1 G1
			e7 capture|M1 A1:held:granted > revenue:granted 1 G1
			e8 release|M2 A1:held:granted > A1:granted 1 G1+h|M2 04-12
			e9 refund|M1|1 refunds:granted > A1:granted 1 G1+r1|M1 04-13 window:W1
			e10 expire|G1+h|M2 A1:granted > expired 1 G1+h|M2
			M1 captured 1-1 window:W1
			M2 failed 0-0
			A1 paid 0 granted 1 held 0
			rejected e11 unknown_grant`,
	},
	{
		name:   "R11 a waiver also releases into a new lot; the policy sets the days of grace",
		policy: `{"expired_lot_grace_days": 2}`,
		facts: `
			03-01 00 open A1 UTC
			03-01 00 grant A1 G1 1 03-11
			03-01 00 buy A1 P1 1
			03-10 10 queue M1 A1 AU 1 1.5
			03-11 00 expire G1
			03-11 00 declare W1 03-11 03-13
			03-12 00 sent M1 1 prov-a @03-11T12`,
		from: "e5",
		want: `
			e7 release|M1 A1:held:granted > A1:granted 1 G1+h|M1 03-14
			e7 release|M1 A1:held:paid > A1:paid 0.5
			M1 waived 0-0 window:W1
			A1 paid 1 granted 1 held 0`,
	},
	{
		name: "R11 a reversal takes what is left in the lot and the rest from paid; the next refund undoes that",
		facts: `
			03-01 00 open A1 UTC
			03-01 00 grant A1 G1 2 06-01
			03-01 00 buy A1 P1 1
			03-10 10 queue M1 A1 AU 3 1
			03-10 10 sent M1 1 prov-a
			03-11 00 declare W1 03-10 03-11
			03-12 10 queue M2 A1 AU 1 1.5
			03-13 00 revoke W1 clawback
			03-14 00 refund M1 RF1 1.25
			03-15 00 declare W2 03-10 03-11`,
		from: "e6",
		want: `
			e6 refund|M1|1 refunds:paid > A1:paid 1 window:W1
			e6 refund|M1|1 refunds:granted > A1:granted 2 G1 window:W1
			e7 hold|M2 A1:granted > A1:held:granted 1.5 G1
			e8 reversal|M1|2 A1:granted > refunds:granted 0.5 G1 window:W1
			e8 reversal|M1|2 A1:paid > refunds:granted 1.5 window:W1
			e8 reversal|M1|2 A1:paid > refunds:paid 1 window:W1
			e9 refund|M1|3 refunds:paid > A1:paid 1 manual
			e9 refund|M1|3 refunds:granted > A1:paid 0.25 manual
			e10 refund|M1|4 refunds:granted > A1:paid 1.25 window:W2
			e10 refund|M1|4 refunds:granted > A1:granted 0.5 G1 window:W2
			M1 captured 3-3 window:W2 manual
			M2 held 0-0
			A1 paid 1 granted 0.5 held 1.5`,
	},
	{
		name: "R11 a reversal of a refund whose lot has expired comes from paid, and is undone to paid",
		facts: `
			03-01 00 open A1 UTC
			03-01 00 grant A1 G1 1 04-01
			03-10 10 queue M1 A1 AU 1 1
			03-10 10 sent M1 1 prov-a
			03-11 00 declare W1 03-10 03-11
			04-01 00 expire G1
			04-02 00 amend W1 03-20 03-21 clawback
			04-03 00 amend W1 03-10 03-21`,
		from: "e5",
		want: `
			e5 refund|M1|1 refunds:granted > A1:granted 1 G1 window:W1
			e6 expire|G1 A1:granted > expired 1 G1
			e7 reversal|M1|2 A1:paid > refunds:granted 1 window:W1
			e8 refund|M1|3 refunds:granted > A1:paid 1 window:W1
			M1 captured 1-1 window:W1
			A1 paid 0 granted 0 held 0`,
	},
	{
		name: "R11 undoing a reversal pays the lot it took from, or a new lot if that one has expired",
		facts: `
			03-01 00 open A1 UTC
			03-01 00 grant A1 G1 1 04-01
			03-10 10 queue M1 A1 AU 1 1
			03-10 10 sent M1 1 prov-a
			03-11 00 declare W1 03-10 03-11
			03-12 00 revoke W1 clawback
			04-01 00 expire G1
			04-02 00 declare W2 03-10 03-11
			04-03 00 revoke W2 clawback
			04-04 00 declare W3 03-10 03-11
			05-02 00 expire G1+r3|M1
			05-03 00 revoke W3 clawback
			05-04 00 declare W4 03-10 03-11`,
		from: "e5",
		want: `
			e5 refund|M1|1 refunds:granted > A1:granted 1 G1 window:W1
			e6 reversal|M1|2 A1:granted > refunds:granted 1 G1 window:W1
			e8 refund|M1|3 refunds:granted > A1:granted 1 G1+r3|M1 05-02 window:W2
			e9 reversal|M1|4 A1:granted > refunds:granted 1 G1+r3|M1 window:W2
			e10 refund|M1|5 refunds:granted > A1:granted 1 G1+r3|M1 window:W3
			e11 expire|G1+r3|M1 A1:granted > expired 1 G1+r3|M1
			e12 reversal|M1|6 A1:paid > refunds:granted 1 window:W3
			e13 refund|M1|7 refunds:granted > A1:paid 1 window:W4
			M1 captured 1-1 window:W4
			A1 paid 0 granted 0 held 0`,
	},
	{
		name: "R13 a window adjusts in order of account, charge instant and message: the first gets the lot",
		facts: `
			03-01 00 open B1 UTC
			03-01 00 open A1 UTC
			03-01 00 buy B1 PB 5
			03-01 00 buy A1 PA 5
			03-01 00 grant A1 G1 2 06-01
			03-10 10 queue M2 A1 AU 1 1
			03-10 10 queue M1 A1 AU 1 1
			03-10 10 queue M3 B1 AU 1 1
			03-10 11 queue M0 A1 AU 1 1
			03-10 13 sent M3 1 prov-a
			03-10 13 sent M2 1 prov-a @03-10T12
			03-10 13 sent M1 1 prov-a @03-10T12
			03-10 13 sent M0 1 prov-a @03-10T12:30
			03-11 00 declare W1 03-10 03-11
			03-12 00 queue M9 A1 AU 1 1.5
			03-13 00 revoke W1 clawback`,
		from: "e14",
		want: `
			e14 refund|M1|1 refunds:granted > A1:granted 1 G1 window:W1
			e14 refund|M2|1 refunds:granted > A1:granted 1 G1 window:W1
			e14 refund|M0|1 refunds:paid > A1:paid 1 window:W1
			e14 refund|M3|1 refunds:paid > B1:paid 1 window:W1
			e15 hold|M9 A1:granted > A1:held:granted 1.5 G1
			e16 reversal|M1|2 A1:granted > refunds:granted 0.5 G1 window:W1
			e16 reversal|M1|2 A1:paid > refunds:granted 0.5 window:W1
			e16 reversal|M2|2 A1:paid > refunds:granted 1 window:W1
			e16 reversal|M0|2 A1:paid > refunds:paid 1 window:W1
			e16 reversal|M3|2 B1:paid > refunds:paid 1 window:W1
			M0 captured 1-0
			M1 captured 1-0
			M2 captured 1-0
			M3 captured 1-0
			M9 held 0-0
			A1 paid 2.5 granted 0 held 1.5
			B1 paid 4 granted 0 held 0`,
	},
}
