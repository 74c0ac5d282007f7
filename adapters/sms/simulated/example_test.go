package simulated_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/clickbook/clickbook/adapters/sms/simulated"
	"github.com/clickbook/clickbook/commands/messaging"
)

// A provider accepts a text at once and reports on it later. With a virtual clock nothing has to wait for that.
func ExampleProvider_Send() {
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	network := simulated.NewNetwork(1, simulated.Rates{}, func() time.Time { return now })

	accepted, err := network.Provider("alpha").Send(context.Background(), messaging.Text{
		Reference: "reminder-1.1", To: "+5527999998888", Country: "BR", Body: "Corte, 2/12 10:00",
		ValidUntil: now.Add(24 * time.Hour),
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	fmt.Println("accepted:", accepted.ProviderID)

	now, _ = network.Next()
	for _, receipt := range network.Due(now) {
		fmt.Println(receipt.Reference, receipt.State)
	}
	// Output:
	// accepted: alpha-b5236c8386193a05
	// reminder-1.1 delivered
}

// During a ban a provider still accepts texts, but they do not arrive. Other providers are not affected.
func ExampleBan() {
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	ban := simulated.Ban{Provider: "alpha", Country: "BR", From: now, To: now.AddDate(0, 0, 14)}
	network := simulated.NewNetwork(1, simulated.Rates{}, func() time.Time { return now }, ban)

	for _, provider := range []string{"alpha", "beta"} {
		_, err := network.Provider(provider).Send(context.Background(), messaging.Text{
			Reference: provider, To: "+5527999998888", Country: "BR", ValidUntil: now.Add(24 * time.Hour),
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return
		}
	}
	for _, receipt := range network.Due(now.AddDate(0, 0, 1)) {
		fmt.Println(receipt.Reference, receipt.State, receipt.Code)
	}
	// Unordered output:
	// alpha undelivered carrier_blocked
	// beta delivered
}
