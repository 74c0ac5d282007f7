package simulated_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clickbook/clickbook/adapters/sms/simulated"
	"github.com/clickbook/clickbook/commands/messaging"
)

var noon = time.Date(2016, 5, 10, 12, 0, 0, 0, time.UTC)

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

func text(n int) messaging.Text {
	return messaging.Text{
		Reference: fmt.Sprintf("text-%d.1", n), To: "+5527900000000", Country: "BR", Body: "oi",
		ValidUntil: noon.Add(24 * time.Hour),
	}
}

// outcomes are the results of Send by reference, and all receipts in order.
type outcomes struct {
	results  map[string]string
	receipts []messaging.Receipt
}

func send(t *testing.T, network *simulated.Network, order []int) outcomes {
	t.Helper()
	provider := network.Provider("alpha")
	out := outcomes{results: make(map[string]string)}
	for _, n := range order {
		accepted, err := provider.Send(t.Context(), text(n))
		out.results[text(n).Reference] = fmt.Sprint(accepted.ProviderID, err)
	}
	for {
		next, any := network.Next()
		if !any {
			return out
		}
		out.receipts = append(out.receipts, network.Due(next)...)
	}
}

func upTo(n int) (forwards, backwards []int) {
	for i := range n {
		forwards, backwards = append(forwards, i), append(backwards, n-1-i)
	}
	return forwards, backwards
}

func TestOutcomeDoesNotDependOnTheOrderOfSending(t *testing.T) {
	forwards, backwards := upTo(2000)
	one := send(t, simulated.NewNetwork(7, simulated.DefaultRates, at(noon)), forwards)
	other := send(t, simulated.NewNetwork(7, simulated.DefaultRates, at(noon)), backwards)
	if !reflect.DeepEqual(one, other) {
		t.Fatal("outcomes depend on the order of sending")
	}
	if reseeded := send(t, simulated.NewNetwork(8, simulated.DefaultRates, at(noon)), forwards); reflect.DeepEqual(one, reseeded) {
		t.Fatal("another seed gave the same outcomes")
	}
}

func TestOutcomesFollowTheRates(t *testing.T) {
	const n = 20_000
	forwards, _ := upTo(n)
	got := send(t, simulated.NewNetwork(7, simulated.DefaultRates, at(noon)), forwards)
	first, extra := make(map[string]string), 0
	for _, receipt := range got.receipts {
		if _, twice := first[receipt.Reference]; twice {
			extra++
			continue
		}
		first[receipt.Reference] = receipt.State
	}
	counts := make(map[string]int)
	for _, state := range first {
		counts[state]++
	}
	for _, c := range []struct {
		what     string
		got      int
		from, to float64 // of all texts
	}{
		{"delivered", counts["delivered"], 0.92, 0.96},
		{"undelivered", counts["undelivered"], 0.015, 0.03},
		{"expired", counts["expired"], 0.004, 0.012},
		{"doubled or contradicted", extra, 0.015, 0.035},
	} {
		if share := float64(c.got) / n; share < c.from || share > c.to {
			t.Errorf("%s: %.4f of all texts, want between %v and %v", c.what, share, c.from, c.to)
		}
	}
}

func TestBanAffectsOnlyItsProviderCountryAndTime(t *testing.T) {
	ban := simulated.Ban{Provider: "alpha", Country: "BR", From: noon, To: noon.Add(time.Hour)}
	delivered := func(provider, country string, now time.Time) (count int) {
		network := simulated.NewNetwork(7, simulated.DefaultRates, at(now), ban)
		for n := range 500 {
			sent := text(n)
			sent.Country, sent.ValidUntil = country, now.Add(24*time.Hour)
			_, _ = network.Provider(provider).Send(t.Context(), sent)
		}
		for next, any := network.Next(); any; next, any = network.Next() {
			for _, receipt := range network.Due(next) {
				if receipt.State == "delivered" && receipt.Code == "" {
					count++
				}
			}
		}
		return count
	}
	if got := delivered("alpha", "BR", noon); got != 0 {
		t.Errorf("%d texts were delivered during the ban", got)
	}
	for _, c := range []struct {
		provider, country string
		now               time.Time
	}{
		{"beta", "BR", noon}, {"alpha", "CA", noon}, {"alpha", "BR", noon.Add(-time.Second)}, {"alpha", "BR", noon.Add(time.Hour)},
	} {
		if got := delivered(c.provider, c.country, c.now); got < 450 {
			t.Errorf("only %d of 500 texts were delivered by %s to %s at %s", got, c.provider, c.country, c.now)
		}
	}
}

func TestStatus(t *testing.T) {
	network := simulated.NewNetwork(7, simulated.Rates{}, at(noon)) // every text is delivered
	provider := network.Provider("alpha")
	accepted, err := provider.Send(t.Context(), text(1))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := provider.Status(t.Context(), inquiry(text(1).Reference, noon)); err != nil || got.Accepted != accepted {
		t.Errorf("a text whose receipt is not due: %+v, %v", got, err)
	}
	var refused *messaging.NotAccepted
	if _, err := provider.Status(t.Context(), inquiry("never.1", noon)); !errors.As(err, &refused) {
		t.Errorf("a text that was not sent: %v", err)
	}
	if _, err := provider.Status(t.Context(), inquiry("before.1", noon.Add(-time.Second))); !errors.Is(err, messaging.ErrCannotTell) {
		t.Errorf("an attempt from before the start: %v", err)
	}
}

func TestRunPassesOnReceiptsWhenDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		network := simulated.NewNetwork(7, simulated.Rates{}, time.Now)
		came := make(chan messaging.Receipt)
		fails := 1
		go func() {
			_ = network.Run(ctx, func(_ context.Context, receipt messaging.Receipt) error {
				if fails > 0 {
					fails--
					return errors.New("not now")
				}
				came <- receipt
				return nil
			})
		}()
		synctest.Wait() // Run sleeps: there is no receipt
		if _, err := network.Provider("alpha").Send(ctx, text(1)); err != nil {
			t.Fatal(err)
		}
		receipt := <-came
		if receipt.Reference != text(1).Reference || time.Now().Before(receipt.At) {
			t.Errorf("%+v came at %s", receipt, time.Now())
		}
		stop()
		synctest.Wait()
	})
}

func inquiry(reference string, attempted time.Time) messaging.Inquiry {
	return messaging.Inquiry{Reference: reference, Attempted: attempted}
}

func TestBansCanBeReplacedAndLifted(t *testing.T) {
	network := simulated.NewNetwork(7, simulated.Rates{}, at(noon)) // every text is delivered
	provider := network.Provider("alpha")
	states := func(from, to int) (states []string) {
		for n := from; n < to; n++ {
			if _, err := provider.Send(t.Context(), text(n)); err != nil {
				t.Fatal(err)
			}
		}
		for _, receipt := range network.Due(noon.Add(24 * time.Hour)) {
			states = append(states, receipt.State)
		}
		return states
	}
	network.Ban(simulated.Ban{Provider: "alpha", From: noon, Silent: 1})
	if got := states(0, 5); len(got) != 0 {
		t.Errorf("during a silent ban without end the receipts are %v", got)
	}
	network.Ban()
	if got := states(5, 10); !reflect.DeepEqual(got, []string{"delivered", "delivered", "delivered", "delivered", "delivered"}) {
		t.Errorf("after the ban the receipts are %v", got)
	}
}

// A virtual clock is a day ahead: Deliver passes what is due by it, and keeps a receipt that the sink failed to take.
func TestDeliverPassesWhatIsDueByItsClock(t *testing.T) {
	now := noon
	network := simulated.NewNetwork(7, simulated.Rates{}, func() time.Time { return now })
	if _, err := network.Provider("alpha").Send(t.Context(), text(1)); err != nil {
		t.Fatal(err)
	}
	var got []string
	broken := true
	sink := func(_ context.Context, receipt messaging.Receipt) error {
		if broken {
			return errors.New("the disk is full")
		}
		got = append(got, receipt.Reference)
		return nil
	}
	network.Deliver(t.Context(), sink)
	now = noon.AddDate(0, 0, 1)
	network.Deliver(t.Context(), sink)
	broken = false
	now = now.Add(time.Minute)
	network.Deliver(t.Context(), sink)
	if !reflect.DeepEqual(got, []string{text(1).Reference}) {
		t.Errorf("the sink took %v", got)
	}
}

func TestTextsToAHandsetThatIsOffDoNotArrive(t *testing.T) {
	network := simulated.NewNetwork(7, simulated.Rates{}, at(noon)).In(simulated.World{Off: map[string]bool{text(1).To: true}})
	other := text(2)
	other.To = "+5527900000001"
	for _, one := range []messaging.Text{text(1), other} {
		if _, err := network.Provider("alpha").Send(t.Context(), one); err != nil {
			t.Fatal(err)
		}
	}
	got := make(map[string]string)
	for _, receipt := range network.Due(noon.AddDate(0, 0, 1)) {
		got[receipt.Reference] = receipt.State
	}
	if want := map[string]string{"text-1.1": "undelivered", "text-2.1": "delivered"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
